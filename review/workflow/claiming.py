"""What can happen to a claim: taken, drafted, given back, completed. The decision goes to the submissions room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.models import Criterion
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError, Transitions
from review import rules
from review.models import Assignment, Score
from review.queries import Line, rubric
from submissions import workflow as submissions
from submissions.models import Submission

State = Assignment.State
HELD = frozenset({State.CLAIMED.value})
# verb → (from states, to state, journal kind)
TRANSITIONS: Transitions = {
    "release": (HELD, State.RELEASED, "review.released"),
    "recuse": (HELD, State.RECUSED, "review.recused"),
    "complete": (HELD, State.COMPLETED, "review.completed"),
    "lapse": (HELD, State.LAPSED, "review.lapsed"),
}
ENDED = {
    State.RELEASED: gettext_lazy("You gave this submission back to the queue. Your draft is kept."),
    State.RECUSED: gettext_lazy("You stepped back from this submission."),
    State.LAPSED: gettext_lazy(
        "Your claim lapsed and the submission returned to the queue. Your draft is kept."
    ),
    State.COMPLETED: gettext_lazy("This review is complete; its decision has been sent."),
}
DAYS = 5  # business days from claim to due
REMIND = timedelta(days=1)
LOCK = timedelta(minutes=10)
LONGEST = 10_000
OVERALL = ("strength", "next_step", "private_note")


class StaleDraft(TransitionError):
    """A save on top of an older draft: carries the revision and the texts that stand now, so that none is lost."""

    def __init__(self, assignment: Assignment) -> None:
        message = _(
            "This review was changed in another window since you opened it here. Both texts are kept."
        )
        super().__init__(message, state=assignment.state, code="stale")
        self.revision = assignment.revision
        self.current = draft(assignment)


class EditedElsewhere(StaleDraft):
    """Another tab holds the editing lock; the same texts come along."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(assignment)
        self.message = _(
            "You are working on this review in another tab. Choose “Continue here” to write in this one."
        )
        self.code = "locked"


def due_after(moment: datetime, days: int = DAYS) -> datetime:
    """The same time `days` business days later; Saturdays and Sundays do not count."""
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < 5
    return moment


def claim(submission: Submission, assessor: User) -> Assignment:
    """Take a submission for oneself until the due date. Of two who try at once one wins; her earlier draft returns."""
    if not rules.may_assess(assessor, submission):
        raise GuardError(_("This submission is not yours to assess."))
    with transaction.atomic():
        _begin(submission, assessor)
        assignment = Assignment(submission=submission, assessor=assessor, due=due_after(timezone.now()))
        earlier = (
            Assignment.objects.filter(submission=submission, assessor=assessor)
            .order_by("-claimed_at")
            .first()
        )
        if earlier:
            for name in OVERALL:
                setattr(assignment, name, getattr(earlier, name))
        assignment.save()
        if earlier:
            _copy_scores(earlier, assignment)
        _record("review.claimed", assignment, assessor)
    return assignment


def _begin(submission: Submission, assessor: User) -> None:
    """Begin the review, with words for an assessor where somebody was quicker."""
    try:
        submissions.begin_review(submission, assessor)
    except TransitionError as error:
        words = _("Another assessor has just claimed this submission.")
        if error.state != Submission.State.IN_REVIEW:
            words = _("This submission is no longer waiting for a review.")
        raise TransitionError(words, state=error.state) from error


def _copy_scores(earlier: Assignment, assignment: Assignment) -> None:
    """A draft stays its author's: what she had written before she gave the claim back or it lapsed."""
    Score.objects.bulk_create(
        Score(assignment=assignment, criterion_id=row.criterion_id, level=row.level, feedback=row.feedback)
        for row in earlier.scores.all()
    )


def save(
    assignment: Assignment,
    assessor: User,
    *,
    revision: int,
    scores: Mapping[str, Mapping[str, Any]] | None = None,
    editor: str = "",
    **texts: str,
) -> Assignment:
    """Keep a draft: only what is given changes. `scores` maps criterion key → {level, feedback}.

    `texts` are strength, next_step and private_note. A save renews the editing lock of the tab `editor`.
    """
    scores = scores or {}
    with transaction.atomic():
        row = _held(assignment, assessor)
        _guard_lock(row, editor)
        if row.revision != revision:
            raise StaleDraft(row)
        criteria = _guard_draft(row, scores, texts)
        for key, given in scores.items():
            Score.objects.update_or_create(assignment=row, criterion=criteria[key], defaults=dict(given))
        row.revision += 1
        row.saved_at = timezone.now()
        _take_lock(row, editor)
        for name, text in texts.items():
            setattr(row, name, text)
        row.save(update_fields=["revision", "saved_at", "editor", "edited_until", *texts])
    return row


def continue_here(assignment: Assignment, assessor: User, editor: str) -> Assignment:
    """Take the editing lock over for this tab; the other one gets a clear conflict at its next save."""
    with transaction.atomic():
        row = _held(assignment, assessor)
        _take_lock(row, editor)
        row.save(update_fields=["editor", "edited_until"])
    return row


def locked_for(assignment: Assignment, editor: str) -> bool:
    """Whether another tab than `editor` is writing now."""
    until = assignment.edited_until
    return (
        bool(assignment.editor)
        and assignment.editor != editor
        and until is not None
        and until > timezone.now()
    )


def draft(assignment: Assignment) -> dict[str, Any]:
    """The texts of an assignment as they stand, by the names the desk's form uses."""
    fields: dict[str, Any] = {name: getattr(assignment, name) for name in OVERALL}
    for score in assignment.scores.select_related("criterion"):
        fields[f"level-{score.criterion.key}"] = "" if score.level is None else str(score.level)
        fields[f"feedback-{score.criterion.key}"] = score.feedback
    return fields


def _held(assignment: Assignment, assessor: User) -> Assignment:
    """The locked row, when it is `assessor`'s claim and she may still assess it."""
    row = (
        Assignment.objects.select_for_update(of=["self"])
        .select_related("submission__enrolment")
        .get(pk=assignment.pk)
    )
    if row.assessor_id != assessor.pk:
        raise GuardError(_("This review is somebody else's."), state=row.state)
    if row.state != State.CLAIMED:
        raise TransitionError(ENDED[State(row.state)], state=row.state)
    if not rules.may_assess(assessor, row.submission):
        raise GuardError(
            _("You may no longer assess this submission. Please step back from it."), state=row.state
        )
    return row


def _guard_lock(row: Assignment, editor: str) -> None:
    if locked_for(row, editor):
        raise EditedElsewhere(row)


def _take_lock(row: Assignment, editor: str) -> None:
    row.editor, row.edited_until = editor, timezone.now() + LOCK


def _guard_draft(
    row: Assignment, scores: Mapping[str, Mapping[str, Any]], texts: Mapping[str, str]
) -> dict[str, Criterion]:
    """A draft may be incomplete but not wrong: known criteria, levels of theirs, texts a database can hold."""
    criteria = {
        criterion.key: criterion
        for criterion in Criterion.objects.filter(
            version=row.submission.enrolment.version_id
        ).prefetch_related("levels")
    }
    errors: dict[str, list[Any]] = {}
    for name, text in texts.items():
        _check_text(errors, name, text, known=name in OVERALL)
    for key, given in scores.items():
        if key not in criteria:
            errors[f"level-{key}"] = [_("There is no such criterion.")]
            continue
        levels = {level.order for level in criteria[key].levels.all()} | {None}
        if given.get("level") not in levels:
            errors[f"level-{key}"] = [_("Choose one of this criterion's levels.")]
        _check_text(
            errors, f"feedback-{key}", given.get("feedback", ""), known=not set(given) - {"level", "feedback"}
        )
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors, state=row.state)
    return criteria


def _check_text(errors: dict[str, list[Any]], name: str, text: Any, *, known: bool) -> None:
    if not known:
        errors[name] = [_("There is no such field.")]
    elif not isinstance(text, str) or "\x00" in text:
        errors[name] = [_("This text holds characters that cannot be stored.")]
    elif len(text) > LONGEST:
        errors[name] = [_("Please keep this under %(n)s characters.") % {"n": f"{LONGEST:,}"}]


def release(assignment: Assignment, user: User) -> Assignment:
    """Give a claim back to the queue; the draft stays its author's."""
    return _give_back("release", assignment, user)


def recuse(assignment: Assignment, user: User, reason: str) -> Assignment:
    """Step back for a reason: the item returns to the queue, nothing is counted, she is not offered it again."""
    if reason not in Assignment.Reason.values:
        raise GuardError(_("Choose a reason."), {"reason": [_("Choose a reason.")]}, state=assignment.state)
    return _give_back("recuse", assignment, user, reason=reason)


def lapse(assignment: Assignment) -> Assignment:
    """End a claim that is past due; the submission returns to the queue."""
    if assignment.due > timezone.now():
        raise GuardError(_("This claim is not due yet."), state=assignment.state)
    return _give_back("lapse", assignment, None)


def _give_back(verb: str, assignment: Assignment, user: User | None, **fields: str) -> Assignment:
    if user is not None and assignment.assessor_id != user.pk:
        raise GuardError(_("This review is somebody else's."), state=assignment.state)
    with transaction.atomic():
        _change(verb, assignment, user, **fields)
        submissions.return_to_queue(assignment.submission, user)
    return assignment


def remind(assignment: Assignment) -> bool:
    """Say once, a day before, that a claim is about to lapse. False when that was said already."""
    now = timezone.now()
    with transaction.atomic():
        due = Assignment.objects.filter(pk=assignment.pk, state=State.CLAIMED, reminded_at=None, due__gt=now)
        if not due.filter(due__lte=now + REMIND).update(reminded_at=now):
            return False
        assignment.reminded_at = now
        _record("review.claim_due", assignment, None)
    return True


def complete(assignment: Assignment, user: User, revision: int | None = None) -> Assignment:
    """Send the decision: earned when every criterion reaches its passing level, else not yet; never an average.

    With `revision` it sends only what was previewed: a draft that changed since is refused.
    """
    with transaction.atomic():
        row = _held(assignment, user)
        if revision is not None and row.revision != revision:
            raise StaleDraft(row)
        outcomes = _outcomes(row)
        _change("complete", row, user)
        submissions.decide(
            row.submission,
            user,
            outcomes=outcomes,
            strength=row.strength.strip(),
            next_step=row.next_step.strip(),
        )
    return row


def missing(assignment: Assignment, lines: list[Line]) -> dict[str, list[Any]]:
    """What stands between this draft and its decision: field of the desk → what to do about it."""
    errors: dict[str, list[Any]] = {}
    for line in lines:
        if line.level is None:
            errors[f"level-{line.key}"] = [_("Choose a level for “%(title)s”.") % {"title": line.title}]
        elif not line.passed and not line.feedback.strip():
            message = _("Say what is missing for “%(title)s”: feedback is required below the passing level.")
            errors[f"feedback-{line.key}"] = [message % {"title": line.title}]
    if not assignment.strength.strip():
        errors["strength"] = [_("Name one strength you saw.")]
    if not assignment.next_step.strip():
        errors["next_step"] = [_("Name one next step.")]
    return errors


def _outcomes(row: Assignment) -> list[submissions.OutcomeData]:
    """The scores as the educator will read them; refuses a review that is not finished."""
    lines = rubric(row)
    if errors := missing(row, lines):
        raise GuardError(_("This review is not finished yet."), errors, state=row.state)
    return [
        submissions.OutcomeData(line.pk, line.level, bool(line.passed), line.feedback.strip())
        for line in lines
        if line.level is not None
    ]


def _change(verb: str, assignment: Assignment, user: User | None, **fields: str) -> None:
    """One row of the table, with words for people when it is not possible."""
    frm, to, kind = TRANSITIONS[verb]
    data = {"submission": str(assignment.submission_id)}
    issuer = _issuer_id(assignment)
    try:
        journal.change(
            assignment,
            kind,
            frm=frm,
            to=to,
            actor=user,
            organisation_id=issuer,
            data=data,
            ended_at=timezone.now(),
            **fields,
        )
    except TransitionError as error:
        raise TransitionError(ENDED[State(error.state)], state=error.state) from error


def _record(kind: str, assignment: Assignment, user: User | None) -> None:
    data = {"submission": str(assignment.submission_id)}
    journal.record(kind, assignment, actor=user, organisation_id=_issuer_id(assignment), data=data)


def _issuer_id(assignment: Assignment) -> Any:
    return assignment.submission.enrolment.micro_credential.issuer_id


def available(assignment: Assignment, user: User) -> set[str]:
    """The verbs `user` may use now; feeds the buttons."""
    if assignment.assessor_id != user.pk or assignment.state != State.CLAIMED:
        return set()
    return {"save", *TRANSITIONS} - {"lapse"}
