"""What an issuer's badges look like: the design that holds for a badge, and all that can be designed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from accounts.models import Organisation
from badges.models import BadgeDesign
from catalog.models import MicroCredential, Stack, StackItem


def design_for(
    issuer: UUID, *, micro_credential: UUID | None = None, stack: int | None = None
) -> BadgeDesign | None:
    """The design of this very thing, else the issuer's for all its badges, else none: then its palette holds."""
    general = Q(issuer=issuer, micro_credential=None, stack=None)
    own = Q(micro_credential=micro_credential) if micro_credential else Q(stack=stack) if stack else general
    rows = BadgeDesign.objects.filter(general | own)
    return rows.order_by(F("micro_credential").asc(nulls_last=True), F("stack").asc(nulls_last=True)).first()


def counts_for_a_stack(micro_credential: UUID) -> bool:
    """Whether a badge of it is a part of a certificate."""
    return StackItem.objects.filter(micro_credential=micro_credential).exists()


@dataclass(frozen=True)
class Designable:
    """One thing of an issuer's whose badge can be designed; `design` is its own, if it has one."""

    of: str  # issuer, micro-credential or stack
    slug: str
    title: str
    design: BadgeDesign | None


def designables(issuer: Organisation) -> list[Designable]:
    """The issuer itself first, then its stacks and what it has published or prepares, by title; in three queries."""
    designs = list(BadgeDesign.objects.filter(issuer=issuer).defer("upload"))
    own: dict[Any, BadgeDesign] = {
        row.micro_credential_id or row.stack_id or issuer.pk: row for row in designs
    }
    units: QuerySet[MicroCredential] = MicroCredential.objects.filter(issuer=issuer).order_by("title", "pk")
    stacks = Stack.objects.filter(issuer=issuer).order_by("certificate", "pk")
    return [
        Designable("issuer", issuer.slug, issuer.name, own.get(issuer.pk)),
        *(Designable("stack", row.slug, row.certificate, own.get(row.pk)) for row in stacks),
        *(
            Designable("micro-credential", row.slug, row.title, own.get(row.pk))
            for row in units.only("slug", "title", "issuer")
        ),
    ]
