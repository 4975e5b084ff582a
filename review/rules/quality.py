"""Who may see how well a micro-credential is scored."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from accounts.rules import Person, Role, organisations_of
from catalog.models import Version

READERS = (Role.APPROVER, Role.ADMIN, Role.AUTHOR)
NAMING = (Role.APPROVER, Role.ADMIN)


def reads_figures(user: Person) -> bool:
    """Whether there is an issuer whose figures are for her."""
    return bool(organisations_of(user, READERS))


def figures_visible_to(user: Person) -> QuerySet[Version]:
    """Published versions of the issuers she writes, approves or administers for."""
    issuers = organisations_of(user, READERS)
    return Version.objects.filter(micro_credential__issuer__in=issuers, state=Version.State.PUBLISHED)


def may_name_assessors(user: Person, issuer_id: UUID) -> bool:
    """Approvers and admins talk with assessors about their figures; nobody else sees them by name."""
    return issuer_id in organisations_of(user, NAMING)
