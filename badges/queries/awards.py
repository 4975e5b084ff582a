"""Named reads of awards: what issuing needs, what pages show, one's own badges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import Organisation, User
from badges.models import Award, StatusList
from submissions.models import Outcome, Submission

# Long texts of a version that no page of this room shows.
UNREAD = ("rationale", "research", "resources", "who_benefits", "examples", "method_components", "figures")
ROW_VERSIONS = """
SELECT award.xmin::text, award.ctid::text, list.xmin::text, list.ctid::text, issuer.xmin::text, issuer.ctid::text
FROM badges_award award
JOIN badges_statuslist list ON list.id = award.status_list_id
JOIN accounts_organisation issuer ON issuer.id = award.issuer_id
WHERE award.id = %s
"""


def to_award(submission: Submission) -> Submission:
    """The submission with everything its badge says, and with its award if there is one, in one query."""
    rows = Submission.objects.select_related(
        "award", "enrolment__earner", "enrolment__version__micro_credential__issuer"
    )
    return rows.get(pk=submission.pk)


def earned_without_award() -> QuerySet[Submission]:
    """What a lost task left behind, oldest first."""
    return Submission.objects.filter(state=Submission.State.EARNED, award=None, anchor=False).order_by(
        "decided_at", "pk"
    )


def levels_reached(submission: Submission) -> dict[str, int]:
    """Criterion id → the level the decision gave it."""
    rows = Outcome.objects.filter(submission=submission).values_list("criterion_id", "level")
    return {str(criterion): level for criterion, level in rows}


def newest_list(issuer: Organisation, purpose: str = StatusList.Purpose.REVOCATION) -> StatusList | None:
    """The list that new awards go to."""
    rows = StatusList.objects.filter(issuer=issuer, purpose=purpose).defer("credential")
    return rows.order_by("-created", "-pk").first()


def lock_list(status_list: StatusList) -> StatusList:
    """The list with its issuer, kept from others until the transaction ends."""
    rows = StatusList.objects.select_related("issuer").select_for_update(of=("self",))
    return rows.get(pk=status_list.pk)


def revoked_indexes(status_list: StatusList) -> list[int]:
    """The bits to set: of what is revoked, and in a list of what may pause also of what does."""
    ended = [Award.State.REVOKED]
    if status_list.purpose == StatusList.Purpose.SUSPENSION:
        ended.append(Award.State.SUSPENDED)
    revoked = Award.objects.filter(status_list=status_list, state__in=ended)
    return list(revoked.values_list("status_index", flat=True))


def for_page(awards: QuerySet[Award]) -> QuerySet[Award]:
    """Awards with all that a badge page shows, in one query."""
    rows = awards.select_related("issuer", "micro_credential", "version", "stack", "status_list")
    return rows.defer(*(f"version__{name}" for name in UNREAD), "micro_credential__search")


def row_versions(pk: UUID) -> str | None:
    """Which versions of the award's row, its list's and its issuer's stand in the database: any update makes others.

    Written as SQL, because composing it anew would cost more than all the rest of a page that is remembered.
    """
    with connection.cursor() as cursor:
        cursor.execute(ROW_VERSIONS, [pk])
        row = cursor.fetchone()
    return " ".join(row) if row else None


def for_list(awards: QuerySet[Award]) -> QuerySet[Award]:
    """Awards as a list names them, without their documents."""
    rows = awards.select_related("issuer", "micro_credential", "stack", "submission")
    return rows.only(
        *(
            "id",
            "state",
            "visibility",
            "name_shown",
            "awarded_at",
            "revoked_at",
            "revocation_reason",
            "created",
        ),
        *("earner", "issuer", "micro_credential", "stack", "submission", "status_list"),
        *("issuer__name", "issuer__slug", "issuer__demo", "issuer__colour"),
        *("micro_credential__title", "micro_credential__slug", "micro_credential__glyph", "submission__code"),
        *("stack__certificate", "stack__slug"),
    )


def older_than(awards: QuerySet[Award], moment: datetime | None, pk: UUID | None) -> QuerySet[Award]:
    """Newest first, from a place in the list on."""
    if moment is not None and pk is not None:
        awards = awards.filter(Q(awarded_at__lt=moment) | Q(awarded_at=moment, pk__lt=pk))
    return awards.order_by("-awarded_at", "-pk")


@dataclass(frozen=True)
class BadgeCard:
    """One badge in a list of one's own."""

    id: UUID
    title: str
    issuer: str
    colour: str
    glyph: str
    url: str
    image_url: str
    visibility: str
    state: str
    awarded_at: datetime
    demo: bool


def awards_of(user: User) -> list[BadgeCard]:
    """A person's badges, newest first, in one query."""
    rows = for_list(Award.objects.filter(earner=user)).order_by("-awarded_at", "-pk")
    return [_card(row) for row in rows]


def _card(award: Award) -> BadgeCard:
    return BadgeCard(
        id=award.pk,
        title=award.listed_title,
        issuer=award.issuer.name,
        colour=award.issuer.colour,
        glyph=award.glyph,
        url=reverse("badge", args=[award.pk]),
        image_url=reverse("badge-image", args=[award.pk]),
        visibility=award.visibility,
        state=award.state,
        awarded_at=award.awarded_at,
        demo=award.issuer.demo,
    )


@dataclass(frozen=True)
class Reached:
    """The level an earner reached on one criterion, among the levels there are."""

    criterion: str
    level: str
    description: str
    place: int
    count: int

    @property
    def steps(self) -> list[str]:
        """One mark a level, for the row of small bars."""
        return ["done"] * self.place + ["todo"] * (self.count - self.place)


def reached(award: Award) -> list[Reached]:
    """What the signed credential says about the rubric, criterion by criterion."""
    subject = award.credential["credentialSubject"]
    criteria = {item["id"]: item for item in subject["achievement"].get("resultDescription", [])}
    return [
        _reached(criteria[result["resultDescription"]], result["achievedLevel"])
        for result in subject.get("result", [])
    ]


def _reached(criterion: dict[str, Any], level_id: str) -> Reached:
    levels = criterion["rubricCriterionLevel"]
    place = next(number for number, level in enumerate(levels, start=1) if level["id"] == level_id)
    level = levels[place - 1]
    return Reached(criterion["name"], level["name"], level.get("description", ""), place, len(levels))
