"""One appeal against a decision: opened by the educator, answered in writing by an approver who was not involved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError, Transitions
from review import rules
from review.models import Appeal
from review.queries import policy_of
from review.workflow.drafting import LONGEST
from review.workflow.recording import APPEALED, record_decision
from submissions import workflow as submissions
from submissions.calendars import calendar_of
from submissions.models import Outcome, Submission

State, Finding = Appeal.State, Appeal.Finding
WAITING = frozenset({State.OPEN.value})
APPEAL: Transitions = {
    "answer": (WAITING, State.ANSWERED, "review.appeal_answered"),
    "withdraw": (WAITING, State.WITHDRAWN, "review.appeal_withdrawn"),
}
ANSWER_DAYS = 10  # business days in which an appeal is answered
LEAST = 40  # characters of a reason that can be answered


def appeal_until(submission: Submission) -> date:
    """The last day of the period, by the issuer's calendar."""
    issuer = submission.enrolment.micro_credential.issuer_id
    calendar = calendar_of(issuer)
    decided = submission.decided_at or timezone.now()
    return calendar.add(decided, policy_of(issuer).appeal_days).date()


def appeal_problem(submission: Submission) -> str:
    """Why no appeal is possible, in words for the educator; nothing where one is."""
    if submission.appealed:
        return _("There is one appeal against a decision, and you have made it.")
    if submission.state == Submission.State.EARNED:
        return _("You earned this: there is nothing to appeal against.")
    if not submissions.appealable(submission):
        return _("You can appeal against the latest decision only, before you send the next attempt.")
    issuer = submission.enrolment.micro_credential.issuer_id
    if calendar_of(issuer).day_of(timezone.now()) > appeal_until(submission):
        return _("The time to appeal is over.")
    return ""


def open_appeal(submission: Submission, user: User, reason: str) -> Appeal:
    """Ask that somebody who was not involved looks at the decision. Once, in time, and with a reason."""
    if submission.enrolment.earner_id != user.pk:
        raise PermissionDenied
    submission.refresh_from_db(fields=["state", "appealed", "decided_at"])
    if problem := appeal_problem(submission):
        raise TransitionError(problem, state=submission.state)
    if wrong := _wrong(reason, LEAST):
        raise GuardError(wrong, {"reason": [wrong]}, state=submission.state)
    issuer = submission.enrolment.micro_credential.issuer_id
    by = calendar_of(issuer).add(timezone.now(), ANSWER_DAYS).date()
    try:
        with transaction.atomic():
            submissions.begin_appeal(submission, user)
            appeal = Appeal.objects.create(submission=submission, reason=reason.strip(), answer_by=by)
            data = {"submission": str(submission.pk)}
            journal.record("review.appeal_opened", appeal, actor=user, organisation_id=issuer, data=data)
    except IntegrityError:
        raise TransitionError(
            _("There is one appeal against a decision, and you have made it."), state=submission.state
        ) from None
    return appeal


def withdraw_appeal(appeal: Appeal, user: User) -> Appeal:
    """She takes it back; there is no second one."""
    if appeal.submission.enrolment.earner_id != user.pk:
        raise PermissionDenied
    with transaction.atomic():
        _change("withdraw", appeal, user)
        submissions.end_appeal(appeal.submission)
    return appeal


def failing(submission: Submission) -> list[Outcome]:
    """The criteria an appeal can change."""
    rows = Outcome.objects.filter(submission=submission, passed=False).select_related("criterion")
    return list(
        rows.prefetch_related("criterion__levels").order_by(
            "criterion__part", "criterion__order", "criterion_id"
        )
    )


def answer_appeal(
    appeal: Appeal,
    user: User,
    *,
    finding: str,
    text: str,
    levels: Mapping[str, tuple[int | None, str]] | None = None,
) -> Appeal:
    """The decision stands, or it is changed: then each criterion below its passing level gets its level and text anew.

    `levels` maps criterion key → (level, text). Never worse than before; earned once every criterion passes.
    """
    if not rules.may_answer(user, appeal):
        raise GuardError(_("Somebody who was not involved has to answer this."), state=appeal.state)
    errors: dict[str, list[Any]] = {}
    if finding not in Finding.values:
        errors["finding"] = [_("Choose what you found.")]
    if wrong := _wrong(text, LEAST):
        errors["answer"] = [wrong]
    rows = failing(appeal.submission) if finding == Finding.CHANGED else []
    errors |= _wrong_levels(rows, levels or {})
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors, state=appeal.state)
    with transaction.atomic():
        said = {"finding": finding, "answer": text.strip(), "decided_by": user, "answered_at": timezone.now()}
        _change("answer", appeal, user, **said)
        submissions.end_appeal(appeal.submission)
        if rows:
            submissions.amend(appeal.submission, user, outcomes=_outcomes(rows, levels or {}))
            record_decision(appeal.submission, APPEALED, user)
    return appeal


def _wrong_levels(rows: list[Outcome], levels: Mapping[str, tuple[int | None, str]]) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    for row in rows:
        key = row.criterion.key
        level, text = levels.get(key, (None, ""))
        known = {one.order for one in row.criterion.levels.all()}
        if level not in known or level < row.level:
            errors[f"level-{key}"] = [_("Choose a level; never a lower one than before.")]
        if wrong := _wrong(text, 1):
            errors[f"feedback-{key}"] = [wrong]
    if rows and not errors and all(levels[row.criterion.key][0] == row.level for row in rows):
        errors["finding"] = [_("Raise at least one level, or let the decision stand.")]
    return errors


def _outcomes(
    rows: list[Outcome], levels: Mapping[str, tuple[int | None, str]]
) -> list[submissions.OutcomeData]:
    given = [(row, levels[row.criterion.key]) for row in rows]
    return [
        submissions.OutcomeData(
            row.criterion_id, level or 0, (level or 0) >= row.criterion.passing, text,
            next_step="" if (level or 0) >= row.criterion.passing else row.next_step,
        )
        for row, (level, text) in given
    ]  # fmt: skip


def _wrong(text: str, least: int) -> str:
    if len(text.strip()) < least:
        return _("Write this in a sentence or two.")
    if len(text) > LONGEST or "\x00" in text:
        return _("Please keep this under %(n)s ordinary characters.") % {"n": f"{LONGEST:,}"}
    return ""


def _change(verb: str, appeal: Appeal, user: User | None, **fields: Any) -> None:
    frm, to, kind = APPEAL[verb]
    issuer = appeal.submission.enrolment.micro_credential.issuer_id
    data = {"submission": str(appeal.submission_id)}
    try:
        journal.change(appeal, kind, frm=frm, to=to, actor=user, organisation_id=issuer, data=data, **fields)
    except TransitionError as error:
        raise TransitionError(
            _("This appeal was answered or taken back already."), state=error.state
        ) from error


def let_go_of_appeals(user: User) -> int:
    """She closed her account: what she wrote goes, an open appeal is over; that it was decided, and how, stays."""
    mine = Appeal.objects.filter(submission__enrolment__earner=user)
    for appeal in mine.filter(state=State.OPEN).select_related("submission__enrolment__micro_credential"):
        with transaction.atomic():
            _change("withdraw", appeal, None)
            submissions.end_appeal(appeal.submission)
    return mine.update(reason="")
