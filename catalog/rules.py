"""Who may read which micro-credential."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import Membership, Organisation
from accounts.rules import Person, organisations_of
from catalog.models import MicroCredential

WORKS_ON_DRAFTS = (Membership.Role.AUTHOR, Membership.Role.VETTER, Membership.Role.APPROVER)
NOT_A_DRAFT = ~Q(state=MicroCredential.State.DRAFT)


def visible_to(user: Person) -> QuerySet[MicroCredential]:
    """What is or was published, for everybody; drafts for those who write and vet at their issuer.

    Retired ones stay readable because badges and contracts point to them; the explorer leaves them out.
    """
    mine = organisations_of(user, WORKS_ON_DRAFTS)
    return MicroCredential.objects.filter(NOT_A_DRAFT | Q(issuer__in=mine) if mine else NOT_A_DRAFT)


def public() -> QuerySet[MicroCredential]:
    """What everybody may read."""
    return MicroCredential.objects.filter(NOT_A_DRAFT)


def explorable() -> QuerySet[MicroCredential]:
    """What lists show, the same to everybody: what can be enrolled in now."""
    return MicroCredential.objects.filter(state=MicroCredential.State.PUBLISHED)


def issuers() -> QuerySet[Organisation]:
    """Organisations that may publish: their profile is public."""
    return Organisation.objects.filter(issues=True)
