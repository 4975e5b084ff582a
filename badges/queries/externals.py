"""Badges from elsewhere: one's own, those due for another check, and what people ask to be counted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Length
from django.utils import timezone

from accounts.models import User
from badges.models import ExternalAward, Recognition
from badges.queries.stacks import counting_externals
from catalog.models import Stack

AGAIN = timedelta(hours=20)  # between two checks of one badge by the nightly sweep


def externals_listed(rows: QuerySet[ExternalAward]) -> QuerySet[ExternalAward]:
    """Newest first, without the bytes."""
    return rows.defer("content", "document").order_by("-created", "-pk")


def externals_kept(user: User) -> tuple[int, int]:
    """How many she keeps, and how many bytes."""
    found = ExternalAward.objects.filter(owner=user).aggregate(n=Count("pk"), size=Sum(Length("content")))
    return found["n"], found["size"] or 0


def holds(external: ExternalAward) -> bool:
    """Whether it may count for something: verified, hers, not expired."""
    return counting_externals(timezone.now()).filter(pk=external.pk).exists()


def externals_to_count(user: User) -> QuerySet[ExternalAward]:
    """What she may ask an issuer to count."""
    return externals_listed(counting_externals(timezone.now()).filter(owner=user))


def due_for_check() -> QuerySet[ExternalAward]:
    """Those longest without a check first; what failed for good and counts for nothing is left in peace."""
    before = timezone.now() - AGAIN
    rows = ExternalAward.objects.filter(Q(checked_at=None) | Q(checked_at__lt=before))
    counts = Q(recognitions__state=Recognition.State.ACCEPTED)
    rows = rows.filter(~Q(outcome=ExternalAward.Outcome.FAILED) | counts).distinct()
    return rows.order_by(F("checked_at").asc(nulls_first=True), "pk")


def recognised_stacks(external: ExternalAward) -> QuerySet[Stack]:
    """The stacks it counts for."""
    items = Recognition.objects.filter(external=external, state=Recognition.State.ACCEPTED)
    return Stack.objects.filter(pk__in=items.values("item__group__stack")).select_related("issuer")


def recognitions_listed(rows: QuerySet[Recognition]) -> QuerySet[Recognition]:
    """Questions with what a list says about them, without bytes and documents."""
    rows = rows.select_related("external", "item__micro_credential", "item__group__stack__issuer")
    return rows.defer("external__content", "external__document", "item__micro_credential__search")


def stacks_by_id(ids: Collection[str]) -> QuerySet[Stack]:
    """Those of them that are still there."""
    return Stack.objects.filter(pk__in=ids).select_related("issuer")
