"""Endorsements as pages list them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT

from accounts.models import Organisation
from badges.models import Award, Endorsement
from catalog.models import MicroCredential

MOST_CARRIED = 5
ACTIVE = Endorsement.State.ACTIVE


def endorsements_of(award: Award) -> list[Endorsement]:
    """What stands behind an award: endorsements of it, of its micro-credential and of its issuer, in one query."""
    about = Q(award=award.pk) | Q(issuer=award.issuer_id)
    if award.micro_credential_id:
        about |= Q(micro_credential=award.micro_credential_id)
    return _listed(Endorsement.objects.filter(about))


def endorsements_about(unit: MicroCredential) -> list[Endorsement]:
    """What stands behind a micro-credential: endorsements of it and of its issuer."""
    return _listed(Endorsement.objects.filter(Q(micro_credential=unit.pk) | Q(issuer=unit.issuer_id)))


def endorsements_about_issuer(issuer: Organisation) -> list[Endorsement]:
    """What stands behind an issuer."""
    return _listed(Endorsement.objects.filter(issuer=issuer))


def carried_by(award: Award) -> list[dict[str, Any]]:
    """The signed documents of the newest endorsements of an award, as its own document carries them."""
    rows = Endorsement.objects.filter(award=award, state=ACTIVE).order_by("-created")
    return list(rows.values_list("credential", flat=True)[:MOST_CARRIED])


def carried_about(subject: str, **of: Any) -> list[dict[str, Any]]:
    """The same of a micro-credential or an issuer, of those documents that are about this very version or DID."""
    rows = Endorsement.objects.filter(state=ACTIVE, credential__credentialSubject__id=subject, **of)
    return list(rows.order_by("-created").values_list("credential", flat=True)[:MOST_CARRIED])


def to_endorse_anew(kind: str, subject: str) -> QuerySet[Endorsement]:
    """Endorsements in force whose document is not right any more: its key was in other hands, or who gave it has another name."""
    rows = Endorsement.objects.filter(state=ACTIVE)
    return (
        rows.filter(key=UUID(subject))
        if kind == "badges.key_revoked"
        else rows.filter(endorser=UUID(subject))
    )


def _listed(rows: QuerySet[Endorsement]) -> list[Endorsement]:
    rows = rows.filter(state=ACTIVE).select_related("endorser", "issuer", "micro_credential")
    rows = rows.annotate(about=KT("credential__credentialSubject__id"))
    return list(rows.defer("credential", "micro_credential__search").order_by("-created")[:20])


def given_before(
    rows: QuerySet[Endorsement], moment: datetime | None, pk: UUID | None
) -> QuerySet[Endorsement]:
    """Newest first, from a place in the list on, without their documents."""
    if moment is not None and pk is not None:
        rows = rows.filter(Q(created__lt=moment) | Q(created=moment, pk__lt=pk))
    return rows.defer("credential").order_by("-created", "-pk")
