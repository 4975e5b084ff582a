"""Named reads of awards: what issuing needs, what pages show, one's own badges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from badges.models import Award, Endorsement, Revocation, StatusList
from badges.terms import RENEWABLE
from catalog.models import MicroCredential
from journal.models import Entry
from submissions.models import Outcome, Submission

# Long texts of a version that no page of this room shows.
UNREAD = ("rationale", "research", "resources", "who_benefits", "examples", "method_components")


def to_award(submission: Submission) -> Submission:
    """The submission with everything its badge says, and with its award if there is one, in one query.

    `renews` is the award that it would renew, if she has one that ends.
    """
    rows = Submission.objects.select_related(
        "award", "enrolment__earner", "enrolment__version__micro_credential__issuer"
    )
    mine = Q(earner=OuterRef("enrolment__earner"), micro_credential=OuterRef("enrolment__micro_credential"))
    return rows.annotate(renews=Subquery(renewable(mine).values("pk")[:1])).get(pk=submission.pk)


def renewable(mine: Q) -> QuerySet[Award]:
    """Awards that end and have no successor yet, the newest first."""
    rows = Award.objects.filter(mine, valid_until__isnull=False, renewals=None)
    return rows.exclude(state=Award.State.REVOKED).order_by("-awarded_at", "-pk")


def renewed_by(earner: User, micro_credential: MicroCredential) -> Award | None:
    """The award of hers that a new one of the same micro-credential renews."""
    return renewable(Q(earner=earner, micro_credential=micro_credential)).first()


def earned_without_award() -> QuerySet[Submission]:
    """What a lost task left behind, oldest first."""
    return Submission.objects.filter(state=Submission.State.EARNED, award=None, anchor=False).order_by(
        "decided_at", "pk"
    )


def renewal_of(award: Award, reader: User | AnonymousUser) -> Award | None:
    """The award that goes on where this one ends, if this reader may see it."""
    if award.valid_until is None:
        return None
    shown = Q(visibility__in=[Award.Visibility.UNLISTED, Award.Visibility.PUBLIC]) & Q(
        visibility=award.visibility
    )
    mine = Q(earner=reader.pk) if reader.pk else Q(pk=None)
    return Award.objects.filter(shown | mine, renews=award).only("id").first()


def ending_within(after: timedelta, notice: timedelta) -> QuerySet[Award]:
    """Valid badges that end so soon, are not renewed, and whose holder was not told of it with this notice."""
    now = timezone.now()
    told = Entry.objects.filter(
        subject_kind="badges.award",
        subject_id=Cast(OuterRef("pk"), CharField()),
        kind="badges.ends_soon",
        data__days=notice.days,
    )
    rows = Award.objects.filter(
        ~Exists(told), ~Exists(Award.objects.filter(renews=OuterRef("pk"))),
        state=Award.State.ACTIVE, stack=None, earner__closed_at=None,
        valid_until__gt=now + after, valid_until__lte=now + notice,
    )  # fmt: skip
    return rows.defer("credential", "seal").order_by("valid_until", "pk")


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


def set_indexes(status_list: StatusList) -> set[int]:
    """The bits to set: of awards that are revoked and endorsements withdrawn, and where a bit may pause also of what does.

    A bit of a revocation is never cleared: what was restored has another place, and its old one stays set.
    """
    ended = [Award.State.REVOKED]
    if status_list.purpose == StatusList.Purpose.SUSPENSION:
        ended.append(Award.State.SUSPENDED)
    awards = Award.objects.filter(status_list=status_list, state__in=ended).values_list(
        "status_index", flat=True
    )
    withdrawn = Endorsement.objects.filter(status_list=status_list, state=Endorsement.State.WITHDRAWN)
    places = withdrawn.order_by().values_list("status_index", flat=True)
    return set(awards.order_by().union(places)) | spent_places(status_list)


def spent_places(status_list: StatusList) -> set[int]:
    """Where awards stood that were revoked and restored since: the journal says it, which forgets nothing."""
    restored = Revocation.objects.filter(state=Revocation.State.RESTORED, award__issuer=status_list.issuer_id)
    awards = [str(pk) for pk in restored.order_by().values_list("award", flat=True)]
    if not awards:
        return set()
    entries = Entry.objects.filter(
        subject_kind="badges.award",
        subject_id__in=awards,
        kind="badges.restored",
        data__list=str(status_list.pk),
    )
    return {int(data["index"]) for data in entries.values_list("data", flat=True)}


def for_page(awards: QuerySet[Award]) -> QuerySet[Award]:
    """Awards with all that a badge page shows, in one query."""
    rows = awards.select_related("issuer", "micro_credential", "version", "stack", "status_list")
    return rows.defer(*(f"version__{name}" for name in UNREAD), "micro_credential__search")


def for_list(awards: QuerySet[Award]) -> QuerySet[Award]:
    """Awards as a list names them, without their documents."""
    rows = awards.select_related("issuer", "micro_credential", "stack", "submission")
    return rows.only(
        *(
            "id",
            "origin",
            "state",
            "visibility",
            "name_shown",
            "awarded_at",
            "revoked_at",
            "revocation_reason",
            "valid_until",
            "created",
        ),
        *("earner", "issuer", "micro_credential", "stack", "submission", "status_list"),
        *("issuer__name", "issuer__slug", "issuer__demo", "issuer__colour"),
        *("micro_credential__title", "micro_credential__slug", "micro_credential__glyph", "submission__code"),
        *("stack__certificate", "stack__slug"),
    ).annotate(successor=Subquery(Award.objects.filter(renews=OuterRef("pk")).values("pk")[:1]))


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
    valid_until: datetime | None
    expired: bool
    ends_soon: bool  # or has ended, and nothing goes on in its place
    question: bool  # a procedure about it waits for her
    demo: bool


def awards_of(user: User) -> list[BadgeCard]:
    """A person's badges, newest first, in one query."""
    now = timezone.now()
    open_ = Q(state=Revocation.State.OPEN, answered_at=None) | Q(
        state=Revocation.State.REVOKED, appeal_until__gt=now
    )
    asked = Exists(Revocation.objects.filter(open_, award=OuterRef("pk")))
    rows = for_list(Award.objects.filter(earner=user)).annotate(question=asked)
    return [_card(row) for row in rows.order_by("-awarded_at", "-pk")]


def _ends_soon(award: Award) -> bool:
    if award.valid_until is None or award.state != Award.State.ACTIVE or award.micro_credential is None:
        return False
    return award.successor is None and award.valid_until - RENEWABLE <= timezone.now()  # type: ignore[attr-defined]


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
        valid_until=award.valid_until,
        expired=award.expired,
        ends_soon=_ends_soon(award),
        question=award.question,  # type: ignore[attr-defined]
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
