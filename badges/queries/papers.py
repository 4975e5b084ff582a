"""What stands on paper beside the award itself: its parts and the hours of work."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet, Sum

from accounts.models import User
from badges.models import Award, CertificatePart
from badges.queries.awards import for_page


def parts_on_paper(award: Award) -> QuerySet[CertificatePart]:
    """What a certificate was earned with, in its order."""
    return CertificatePart.objects.filter(certificate=award).order_by("order", "pk")


def hours_of(awards: Iterable[Award]) -> dict[UUID, int]:
    """The hours of work by award: its version's, of a certificate the sum of those of its parts; in one query."""
    given = list(awards)
    hours = {award.pk: award.version.hours_high for award in given if award.version is not None}
    certificates = [award.pk for award in given if award.version is None]
    if certificates:
        parts = CertificatePart.objects.filter(certificate__in=certificates).values("certificate")
        sums = parts.annotate(hours=Sum("part__version__hours_high", default=0))
        hours |= dict(sums.values_list("certificate", "hours"))
    return hours


def awards_for_letter(user: User) -> QuerySet[Award]:
    """A person's awards with all that the letter says of them, newest first."""
    return for_page(Award.objects.filter(earner=user)).order_by("-awarded_at", "-pk")
