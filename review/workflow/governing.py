"""How an issuer assesses, and what its approvers do when work finds nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError
from review.models import Absence, Assessment, AssessmentPolicy, Assignment
from review.queries import policy_of
from review.rules import anybody_for, eligible_for, may_set_policy, staffing
from review.workflow.drafting import LONGEST
from review.workflow.settling import settle
from review.workflow.table import State, Whole
from submissions.calendars import calendar_of

Reserved = Assessment.Reserved
KINDS = {Reserved.ASSIGNED: "review.assigned", Reserved.OFFERED: "review.offered"}
CHECKS = 12  # lines of a completeness checklist
LONGEST_LINE = 200
REASON = 10  # characters: a reason says something
SWEEP = 200
LONGEST_AWAY = timedelta(days=366)


def set_policy(
    organisation: Organisation, user: User | None, fields: Mapping[str, Any], *, anyway: bool = False
) -> AssessmentPolicy:
    """Set the rules for what enters the queue from now on; what is being assessed keeps the readings it was drawn.

    Refused where the people there cannot keep it, unless `anyway`: they may be about to be invited.
    """
    if user is not None and not may_set_policy(user, organisation):
        raise PermissionDenied
    policy = policy_of(organisation.pk)
    for name, value in fields.items():
        setattr(policy, name, value)
    policy.checklist = _checklist(policy.checklist)
    try:
        policy.full_clean(exclude=["organisation"])
    except ValidationError as error:
        raise GuardError(_("Some of this cannot be kept."), dict(error.message_dict)) from error
    check = staffing(organisation, policy)
    if not (check.enough or anyway):
        words = _("This needs %(need)d different people; you have %(have)d.")
        raise GuardError(
            words % {"need": check.need, "have": check.have},
            {"anyway": [words % {"need": check.need, "have": check.have}]},
        )
    with transaction.atomic():
        policy.save()
        data = {name: value for name, value in fields.items() if name != "checklist"}
        journal.record(
            "review.policy_set", organisation, actor=user, organisation_id=organisation.pk, data=data
        )
    return policy


def _checklist(rows: Any) -> list[dict[str, str]]:
    """[{key, text}] as it is kept; refuses what is too much to ask before every reading."""
    kept = [
        {"key": str(row["key"]), "text": str(row["text"]).strip()} for row in rows if str(row["text"]).strip()
    ]
    errors = []
    if len(kept) > CHECKS:
        errors.append(_("At most %(n)d lines: it is a short check.") % {"n": CHECKS})
    if any(len(row["text"]) > LONGEST_LINE for row in kept):
        errors.append(_("Keep each line under %(n)d characters.") % {"n": LONGEST_LINE})
    if errors:
        raise GuardError(errors[0], {"checklist": errors})
    return kept


def checklist_of(text: str) -> list[dict[str, str]]:
    """A line each, as typed, with a key that stays while its words stay."""
    rows: dict[str, dict[str, str]] = {}
    for at, line in enumerate(line.strip() for line in text.splitlines() if line.strip()):
        key = re.sub(r"\W+", "-", line.lower()).strip("-")[:40] or f"line-{at}"
        key = f"{key}-{at}" if key in rows else key  # two lines may begin alike
        rows[key] = {"key": key, "text": line}
    return list(rows.values())


# --- giving work out --------------------------------------------------------------------------------------


def assign(assessment: Assessment, assessor: User, approver: User) -> Assessment:
    """An approver gives a reading to an assessor who may take it: it is kept for her as long as a claim lasts."""
    if assessor not in list(eligible_for(assessment)):
        words = _("This person cannot take it: a conflict, no calibration, or she has read it already.")
        raise GuardError(words, {"assessor": [words]})
    days = policy_of(assessment.issuer_id).claim_days
    return _reserve(assessment, assessor, approver, Reserved.ASSIGNED, days)


def offer(assessment: Assessment) -> Assessment | None:
    """Offer a reading to whoever is there, may take it and has least to do; None where there is nobody.

    Not to the one it was last kept for: she let it pass.
    """
    people = [one for one in eligible_for(assessment, present=True) if one.pk != assessment.reserved_for_id]
    if not people:
        return None
    load = _load(assessment, people)
    chosen = min(people, key=lambda one: (load[one.pk], str(one.pk)))
    days = policy_of(assessment.issuer_id).offer_days
    return _reserve(assessment, chosen, None, Reserved.OFFERED, days)


def _load(assessment: Assessment, people: list[User]) -> dict[Any, int]:
    """How much each of them holds or is kept for."""
    held = Assignment.objects.filter(assessor__in=people, state=State.CLAIMED).values_list(
        "assessor", flat=True
    )
    kept = Assessment.objects.filter(
        reserved_for__in=people, reserved_until__gt=timezone.now(), state=Whole.OPEN
    ).exclude(pk=assessment.pk)
    load = {one.pk: 0 for one in people}
    for pk in [*held, *kept.values_list("reserved_for", flat=True)]:
        load[pk] += 1
    return load


def _reserve(
    assessment: Assessment, assessor: User, actor: User | None, why: Assessment.Reserved, days: int
) -> Assessment:
    until = calendar_of(assessment.issuer_id).add(timezone.now(), days)
    with transaction.atomic():
        row = Assessment.objects.select_for_update().get(pk=assessment.pk)
        if row.state != Whole.OPEN or not row.places:
            raise TransitionError(_("This submission is no longer waiting for a review."), state=row.state)
        row.reserved_for, row.reserved_until, row.reserved_why = assessor, until, why
        row.nobody_at = None
        row.save(update_fields=["reserved_for", "reserved_until", "reserved_why", "nobody_at"])
        data = {"submission": str(row.submission_id), "assessor": str(assessor.pk)}
        journal.record(KINDS[why], row, actor=actor, organisation_id=row.issuer_id, data=data)
    return row


def decline(assessment: Assessment, user: User) -> Assessment:
    """Let an offer pass: others may take it, nothing is counted."""
    with transaction.atomic():
        row = Assessment.objects.select_for_update().get(pk=assessment.pk)
        if row.reserved_for_id != user.pk:
            raise GuardError(_("This is not kept for you any more."), state=row.state)
        row.reserved_until = timezone.now()
        row.save(update_fields=["reserved_until"])
        data = {"submission": str(row.submission_id)}
        journal.record("review.declined", row, actor=user, organisation_id=row.issuer_id, data=data)
    return row


def set_away(user: User, until: date | None) -> Absence | None:
    """Away until and including a day: nothing is offered or kept for her meanwhile. None: she is back."""
    today = timezone.localdate()
    if until is not None and not today <= until <= today + LONGEST_AWAY:
        words = _("Choose a day from today on, within a year.")
        raise GuardError(words, {"until": [words]})
    with transaction.atomic():
        if until is None:
            Absence.objects.filter(user=user).delete()
            journal.record("review.back", user, actor=user)
            return None
        row, _made = Absence.objects.update_or_create(user=user, defaults={"until": until})
        journal.record("review.away", user, actor=user, data={"until": until.isoformat()})
        kept = Assessment.objects.filter(reserved_for=user, reserved_until__gt=timezone.now())
        kept.update(reserved_until=timezone.now())
    return row


# --- when nobody is left ----------------------------------------------------------------------------------


def look_for_readers(assessment: Assessment) -> bool:
    """Whether somebody may take this reading; where nobody may, the approvers are told once, the same day."""
    with transaction.atomic():
        row = Assessment.objects.select_for_update().get(pk=assessment.pk)
        if row.state != Whole.OPEN or not row.places or row.anchor_id:
            return True
        there = anybody_for(row)
        if there == (row.nobody_at is None):
            return there
        row.nobody_at = None if there else timezone.now()
        row.save(update_fields=["nobody_at"])
        if not there:
            data = {"submission": str(row.submission_id)}
            journal.record("review.nobody_left", row, organisation_id=row.issuer_id, data=data)
    return there


def find_reader(submission_id: Any) -> bool:
    """Somebody for the reading that waits: by an offer where the issuer wants offers, else by the queue."""
    row = Assessment.objects.filter(submission=submission_id, state=Whole.OPEN, places__gt=0).first()
    if row is None or not look_for_readers(row):
        return False
    offering = policy_of(row.issuer_id).mode == AssessmentPolicy.Mode.OFFER
    if offering and not (row.reserved_until and row.reserved_until > timezone.now()):
        return offer(row) is not None
    return True


def find_readers() -> int:
    """What an offer ran out on or what found nobody before; returns how many there are. A page of each at a time."""
    waiting = Assessment.objects.filter(state=Whole.OPEN, places__gt=0, anchor=None)
    offers = waiting.filter(
        issuer__in=AssessmentPolicy.objects.filter(mode=AssessmentPolicy.Mode.OFFER).values("organisation")
    )
    stale = offers.exclude(reserved_until__gt=timezone.now()).order_by("due")
    nobody = waiting.exclude(nobody_at=None).order_by("nobody_at")
    ids = [
        *stale.values_list("submission", flat=True)[:SWEEP],
        *nobody.values_list("submission", flat=True)[:SWEEP],
    ]
    for submission_id in ids:
        find_reader(submission_id)
    return len(ids)


def let_one_decide(assessment: Assessment, approver: User, reason: str) -> Assessment:
    """A second reading finds nobody: an approver lets the one that is there decide, and says why."""
    if not REASON <= len(reason.strip()) <= LONGEST or "\x00" in reason:
        words = _("Say in a sentence why one reading is enough here.")
        raise GuardError(words, {"reason": [words]})
    with transaction.atomic():
        row = Assessment.objects.select_for_update().get(pk=assessment.pk)
        if row.state != Whole.OPEN or row.wanted != 2 or row.places != 1:
            raise TransitionError(_("This is not possible any more."), state=row.state)
        if anybody_for(row):
            raise GuardError(_("Somebody can still give the second reading: assign it."), state=row.state)
        row.wanted, row.places, row.nobody_at = 1, 0, None
        row.draw = {**row.draw, "why": "one reading by an approver", "readings": 1}
        row.save(update_fields=["wanted", "places", "nobody_at", "draw"])
        data = {"submission": str(row.submission_id), "reason": reason.strip()}
        journal.record("review.one_decides", row, actor=approver, organisation_id=row.issuer_id, data=data)
        settle(row, approver)
    return row
