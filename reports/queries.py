"""A district's figures, counted in two queries and protected before anybody sees them.

`report()` is the only way to them; page, CSV and API show what it returns. What is counted: awards that are valid and
that their earners share with the district now; enrolments its educators have not left; and how many of those were
handed in at least once. Attempts are not counted: more attempts than enrolments would betray a *not yet*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypedDict

from django.db import connection
from django.db.models import Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Greatest, TruncMonth
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from badges.models import Award, Share
from badges.queries.stacks import lasting
from reports.suppression import Tally, protect
from submissions.models import Enrolment, Submission

MONTHS = 12


class Cell(TypedDict):
    """One row of a table. `value` is `None` where it is withheld; `short` is the label under a column."""

    key: str
    label: str
    value: int | None
    short: str


@dataclass(frozen=True)
class Report:
    """All figures a district may see, as of `as_of`. `None` is withheld."""

    district: Organisation
    as_of: datetime
    awards: int | None
    enrolments: int | None
    submitted: int | None
    by_month: list[Cell]
    by_school: list[Cell]
    by_micro_credential: list[Cell]

    @property
    def empty(self) -> bool:
        return self.awards == 0

    @property
    def withholds(self) -> bool:
        """Whether anything at all is withheld, which then needs a word of explanation."""
        cells = [*self.by_month, *self.by_school, *self.by_micro_credential]
        return None in (self.awards, self.enrolments, self.submitted, *(cell["value"] for cell in cells))


class Row(NamedTuple):
    """A breakdown's row before protection."""

    key: str
    label: str
    tally: Tally
    short: str = ""


@dataclass
class Shared:
    """The shared awards, broken down three ways."""

    total: Tally
    months: dict[datetime, Tally]
    schools: list[Row]
    micro_credentials: list[Row]


def report(district: Organisation) -> Report:
    """Count, protect, arrange."""
    now = timezone.now()
    shared = _shared(district, _first_month(now))
    tables = [_month_rows(now, shared.months), shared.schools, shared.micro_credentials]
    shown = protect(shared.total, [[row.tally for row in rows] for rows in tables])
    months, schools, micro_credentials = (
        [_cell(row, value) for row, value in zip(rows, values, strict=True)]
        for rows, values in zip(tables, shown.tables, strict=True)
    )
    enrolments, submitted = _activity(district)
    return Report(
        district=district,
        as_of=now,
        awards=shown.total,
        enrolments=enrolments,
        submitted=submitted,
        by_month=months,
        by_school=_arranged(schools),
        by_micro_credential=_arranged(micro_credentials),
    )


def _cell(row: Row, value: int | None) -> Cell:
    return Cell(key=row.key, label=row.label, value=value, short=row.short)


def _arranged(cells: list[Cell]) -> list[Cell]:
    """Largest first; withheld ones last and by name, so that their order tells nothing."""
    return sorted(
        cells, key=lambda cell: (cell["value"] is None, -(cell["value"] or 0), cell["label"], cell["key"])
    )


def _members(district: Organisation) -> QuerySet[Membership]:
    """The places people have in the district or one of its schools now."""
    here = Q(organisation=district) | Q(organisation__parent=district)
    return Membership.objects.filter(here, state=Membership.State.ACTIVE)


def _shares(district: Organisation, earlier: datetime) -> QuerySet[Share, Any]:
    """What is shared by those who belong here: leaving a district ends its view, and removes nothing."""
    month = TruncMonth("award__awarded_at", tzinfo=UTC)
    counting = Share.objects.filter(
        lasting(timezone.now(), "award__valid_until"),
        organisation=district,
        state=Share.State.ACTIVE,
        award__state=Award.State.ACTIVE,
        award__stack=None,  # a certificate stands for badges that are counted by themselves
    )
    # What was renewed in good time is valid beside its renewal; it is one thing she can do, and counts once.
    renewed = counting.filter(award__renews=OuterRef("award"))
    here = counting.filter(award__earner__in=_members(district).values("user"))
    return here.exclude(Exists(renewed)).values(
        month=Greatest(month, Value(earlier, output_field=DateTimeField())),
        school_slug=F("school__slug"),
        school_name=F("school__name"),
        slug=F("award__micro_credential__slug"),
        title=F("award__micro_credential__title"),
        earner=F("award__earner"),
    )


def _shared(district: Organisation, first: datetime) -> Shared:
    """One pass over the shares for the total and the three breakdowns, each with its distinct people."""
    inner, params = _shares(district, _month_before(first)).query.sql_with_params()
    statement = f"""
        SELECT GROUPING(month, school_slug, slug), month, school_slug, school_name, slug, title,
               count(*), count(DISTINCT earner)
        FROM ({inner}) AS shared
        GROUP BY GROUPING SETS ((), (month), (school_slug, school_name), (slug, title))
        """  # noqa: S608 (the inner query is the ORM's own, its parameters stay parameters)
    found = Shared(Tally(), {}, [], [])
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for grouping, month, school, school_name, slug, title, count, people in cursor:
            tally = Tally(count, people)
            if grouping == 0b011:
                found.months[month] = tally
            elif grouping == 0b101:
                found.schools.append(Row(school or "", school_name or _("No school"), tally))
            elif grouping == 0b110:
                found.micro_credentials.append(Row(slug, title, tally))
            else:
                found.total = tally
    return found


def _activity(district: Organisation) -> tuple[int | None, int | None]:
    """Enrolments, and those handed in; what is left between the two is a figure too, and protected like one."""
    educators = _members(district).filter(role=Membership.Role.EDUCATOR)
    sent = Submission.objects.filter(enrolment=OuterRef("pk"), submitted_at__isnull=False)
    counted = (
        Enrolment.objects.filter(earner__in=educators.values("user"))
        .exclude(state=Enrolment.State.LEFT)
        .annotate(handed_in=Exists(sent))
        .aggregate(
            all=Count("pk"),
            all_people=Count("earner", distinct=True),
            sent=Count("pk", filter=Q(handed_in=True)),
            sent_people=Count("earner", filter=Q(handed_in=True), distinct=True),
            open_people=Count("earner", filter=Q(handed_in=False), distinct=True),
        )
    )
    total = Tally(counted["all"], counted["all_people"])
    submitted = Tally(counted["sent"], counted["sent_people"])
    rest = Tally(total.count - submitted.count, counted["open_people"])
    shown = protect(total, [[submitted, rest]])
    return shown.total, shown.tables[0][0]


def _month_rows(now: datetime, tallies: dict[datetime, Tally]) -> list[Row]:
    """The last twelve months, empty ones too, after a row for all that is older, if anything is."""
    months = list(_months(now))
    rows = [
        Row(
            month.strftime("%Y-%m"),
            date_format(month, "M Y"),
            tallies.get(month, Tally()),
            date_format(month, "M"),
        )
        for month in months
    ]
    older = tallies.get(_month_before(months[0]))
    return [Row("earlier", _("Earlier"), older, _("Earlier")), *rows] if older else rows


def _months(now: datetime) -> Iterator[datetime]:
    last = now.year * 12 + now.month - 1
    for number in range(last - MONTHS + 1, last + 1):
        yield datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def _first_month(now: datetime) -> datetime:
    return next(_months(now))


def _month_before(month: datetime) -> datetime:
    number = month.year * 12 + month.month - 2
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
