"""Named reads of the procedures to revoke: lists, their page, and what waits for whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from badges.models import Award, Revocation
from journal.models import Entry

Step = Revocation.State
AGAIN = timedelta(days=7)  # between two reminders to those who decide
# Of a row: what waits stands above what is settled.
RANK = Case(
    When(state=Step.APPEALED, then=Value(0)),
    When(state=Step.OPEN, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def revocations_listed(rows: QuerySet[Revocation]) -> QuerySet[Revocation]:
    """As pages show them, without the documents of their awards."""
    related = (
        *("award__issuer", "award__earner", "award__micro_credential", "award__version"),
        *("award__stack", "award__submission", "award__status_list"),
    )
    return rows.select_related(*related).defer(
        "award__credential", "award__seal", "award__status_list__credential", "award__version__template"
    )


def revocations_page(rows: QuerySet[Revocation], after: Any, size: int) -> list[Revocation]:
    """One page and one more, by key: appeals, then what is open, by its day; the settled after that."""
    ranked = rows.annotate(rank=RANK)
    if after is not None and (stop := ranked.filter(pk=after).first()):
        later = Q(answer_until__gt=stop.answer_until) | Q(answer_until=stop.answer_until, pk__gt=stop.pk)
        ranked = ranked.filter(Q(rank__gt=stop.rank) | Q(later, rank=stop.rank))
    return list(revocations_listed(ranked.order_by("rank", "answer_until", "pk"))[: size + 1])


def latest_revocation(award: Award) -> Revocation | None:
    """The newest procedure about an award."""
    return Revocation.objects.filter(award=award).order_by("-opened_at", "-pk").first()


def waiting_for_decision(limit: int) -> list[Revocation]:
    """Open procedures whose time to answer is over, and appeals, those that wait longest first."""
    over = Q(state=Step.OPEN, answer_until__lte=timezone.now())
    rows = Revocation.objects.filter(over | Q(state=Step.APPEALED)).select_related("award")
    return list(rows.defer("award__credential", "award__seal").order_by("answer_until", "pk")[:limit])


def decision_reminder_due(row: Revocation) -> bool:
    """Whether nobody was told for a week that this waits."""
    if row.state not in (Step.OPEN, Step.APPEALED):
        return False
    kinds = ["badges.revocation_waits", "badges.revocation_answered", "badges.revocation_appealed"]
    told = Entry.objects.filter(
        subject_kind="badges.revocation",
        subject_id=str(row.pk),
        kind__in=kinds,
        created__gt=timezone.now() - AGAIN,
    )
    return not told.exists()
