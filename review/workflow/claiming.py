"""What can happen to a claim: taken, given back, reminded of, lapsed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError, TransitionError
from review import rules
from review.models import Assessment, Assignment, Note, Score
from review.queries import clock_of, policy_of
from review.workflow.entering import enter
from review.workflow.table import OVERALL, State, Whole, change, issuer_of, lock_assessment, record
from submissions import workflow as submissions
from submissions.calendars import calendar_of
from submissions.models import Submission

REMIND = timedelta(days=1)


def claim(submission: Submission, assessor: User) -> Assignment:
    """Take a submission for oneself until the due date. Of those who try at once only as many win as readings are wanted.

    Her earlier draft returns. Whoever's licence is paused gets a second reader beside her.
    """
    guard_unread(submission.pk, assessor)
    if not rules.may_assess(assessor, submission):
        raise GuardError(_("This submission is not yours to assess."))
    with transaction.atomic():
        return take(lock_assessment(submission) or _entered(submission), submission, assessor)


def guard_unread(submission_id: UUID, assessor: User) -> None:
    """What she holds or has read is not hers to claim again. Asked before anything else: the same words whatever became of
    it, or they would tell whether it was a check, waits for a second reading, or is decided."""
    latest = (
        Assessment.objects.filter(submission=submission_id).order_by("-entered_at", "-pk").values("pk")[:1]
    )
    own = Assignment.objects.filter(
        assessment=Subquery(latest), assessor=assessor, state__in=[State.CLAIMED, State.COMPLETED]
    )
    if own.exists():
        raise TransitionError(_("You have claimed or read this submission already."))


def take(assessment: Assessment, submission: Submission, assessor: User) -> Assignment:
    """Give one of the readings that are left to her; `assessment` is locked, and she may read it."""
    _guard_place(assessment, assessor)
    _take_place(assessment, assessor)
    _begin(submission, assessor)
    policy = policy_of(assessment.issuer_id)
    due = calendar_of(assessment.issuer_id).add(timezone.now(), policy.claim_days)
    assignment = Assignment(submission=submission, assessment=assessment, assessor=assessor, due=due)
    earlier = (
        Assignment.objects.filter(submission=submission, assessor=assessor).order_by("-claimed_at").first()
    )
    if earlier:
        for name in OVERALL:
            setattr(assignment, name, getattr(earlier, name))
    assignment.save()
    if earlier:
        _copy_draft(earlier, assignment)
    record("review.claimed", assignment, assessor)
    return assignment


def _entered(submission: Submission) -> Assessment:
    """What was submitted a moment ago may not have entered the queue yet."""
    return Assessment.objects.select_for_update().get(pk=enter(submission).pk)


def _guard_place(assessment: Assessment, assessor: User) -> None:
    """There is a reading left to give, and it is not kept for somebody else."""
    if assessment.state != Whole.OPEN:
        raise TransitionError(_("This submission is no longer waiting for a review."), state=assessment.state)
    mine = Assignment.objects.filter(
        assessment=assessment, assessor=assessor, state__in=[State.CLAIMED, State.COMPLETED]
    )
    if mine.exists():
        raise TransitionError(_("You have claimed or read this submission already."), state=assessment.state)
    if not rules.has_fresh_eyes(assessor, assessment):
        words = _("You read an earlier attempt of this. The issuer wants somebody who has not.")
        raise GuardError(words, state=assessment.state)
    if not assessment.places:
        raise TransitionError(
            _("Another assessor has just claimed this submission."), state=assessment.submission.state
        )
    until = assessment.reserved_until
    if assessment.reserved_for_id not in (None, assessor.pk) and until and until > timezone.now():
        raise GuardError(_("This submission is kept for another assessor for now."), state=assessment.state)


def _take_place(assessment: Assessment, assessor: User) -> None:
    assessment.places -= 1
    if (
        assessment.wanted == 1
        and not assessment.anchor_id
        and rules.is_paused(assessor, assessment.version_id)
    ):
        want_second(assessment)
    if assessment.reserved_for_id == assessor.pk:
        assessment.reserved_for, assessment.reserved_until, assessment.reserved_why = None, None, ""
    assessment.save()


def want_second(assessment: Assessment) -> None:
    """From now on this assessment takes two readings; the record says why. The caller saves."""
    assessment.wanted, assessment.places = 2, assessment.places + 1
    assessment.draw = {**assessment.draw, "why": "paused", "readings": 2}


def _begin(submission: Submission, assessor: User) -> None:
    """The first who reads begins the review; a second one joins it."""
    current = Submission.objects.values_list("state", flat=True).get(pk=submission.pk)
    if current == Submission.State.IN_REVIEW:
        submission.state = current
        return
    try:
        submissions.begin_review(submission, assessor)
    except TransitionError as error:
        raise TransitionError(
            _("This submission is no longer waiting for a review."), state=error.state
        ) from error


def _copy_draft(earlier: Assignment, assignment: Assignment) -> None:
    """A draft stays its author's: what she had written before she gave the claim back or it lapsed."""
    Score.objects.bulk_create(
        Score(
            assignment=assignment, criterion_id=row.criterion_id, level=row.level, feedback=row.feedback,
            where=row.where, next_step=row.next_step,
        )
        for row in earlier.scores.all()
    )  # fmt: skip
    notes = Note.objects.filter(assignment=earlier)
    if earlier.state == State.COMPLETED:  # that reading keeps its own
        Note.objects.bulk_create(_copied(note, assignment) for note in notes)
    else:
        notes.update(assignment=assignment)


def _copied(note: Note, assignment: Assignment) -> Note:
    """The same note on another claim."""
    names = ("artifact_id", "question", "criterion_id", "kind", "place", "text", "shared", "cited")
    return Note(assignment=assignment, **{name: getattr(note, name) for name in names})


def release(assignment: Assignment, user: User) -> Assignment:
    """Give a claim back to the queue; the draft stays its author's."""
    return _give_back("release", assignment, user)


def recuse(assignment: Assignment, user: User, reason: str) -> Assignment:
    """Step back for a reason: the item returns to the queue, nothing is counted, she is not offered it again."""
    if reason not in Assignment.Reason.values:
        raise GuardError(_("Choose a reason."), {"reason": [_("Choose a reason.")]}, state=assignment.state)
    return _give_back("recuse", assignment, user, reason=reason)


def lapse(assignment: Assignment) -> Assignment:
    """End a claim that is past due, or on which nothing was saved for days; the submission returns to the queue."""
    with transaction.atomic():
        row = Assignment.objects.select_for_update().get(pk=assignment.pk)
        if clock_of(issuer_of(assignment)).ends(row) > timezone.now():
            raise GuardError(_("This claim is not due yet."), state=row.state)
        return _give_back("lapse", assignment, None)


def _give_back(verb: str, assignment: Assignment, user: User | None, **fields: str) -> Assignment:
    if user is not None and assignment.assessor_id != user.pk:
        raise GuardError(_("This review is somebody else's."), state=assignment.state)
    if assignment.role == Assignment.Role.CALIBRATION:
        raise GuardError(
            _("Anchors are not given back. You can stop the whole calibration."), state=assignment.state
        )
    with transaction.atomic():
        change(verb, assignment, user, **fields)
        if assignment.role == Assignment.Role.READING:
            free_place(assignment, user)
    return assignment


def free_place(assignment: Assignment, user: User | None) -> None:
    """The reading waits again; where nobody else reads or has read, so does the submission."""
    assessment = lock_assessment(assignment.submission)
    if assessment is None:
        return
    assessment.places += 1
    assessment.save(update_fields=["places"])
    others = Assignment.objects.filter(assessment=assessment, state__in=[State.CLAIMED, State.COMPLETED])
    if not others.exists():
        submissions.return_to_queue(assignment.submission, user)


def remind(assignment: Assignment) -> bool:
    """Say once, a day before, that a claim is about to go back; again only where she has worked on it since."""
    now = timezone.now()
    with transaction.atomic():
        row = Assignment.objects.select_for_update().filter(pk=assignment.pk, state=State.CLAIMED).first()
        if row is None:
            return False
        ends = clock_of(issuer_of(assignment)).ends(row)
        said = row.reminded_at is not None and row.reminded_at > ends - REMIND
        if said or not now < ends <= now + REMIND:
            return False
        Assignment.objects.filter(pk=row.pk).update(reminded_at=now)
        assignment.reminded_at = now
        record("review.claim_due", assignment, None)
    return True
