"""What can happen to a comment of the bank: kept, changed, offered to the issuer, shared, taken out, used, and counted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import Role, organisations_of
from catalog.models import Criterion
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError, Transitions
from review import rules
from review.models import Assessment, Assignment, Comment, CommentUse
from review.workflow.drafting import held
from submissions.models import Outcome

LONGEST_COMMENT = 2000
MOST_COMMENTS = 500  # one's own at an issuer
Bank = Comment.State
COMMENT: Transitions = {
    "propose": (frozenset({Bank.OWN}), Bank.PROPOSED, "review.comment_proposed"),
    "approve": (frozenset({Bank.PROPOSED}), Bank.SHARED, "review.comment_shared"),
    "decline": (frozenset({Bank.PROPOSED}), Bank.OWN, "review.comment_declined"),
    "retire": (frozenset({Bank.OWN, Bank.PROPOSED, Bank.SHARED}), Bank.RETIRED, "review.comment_retired"),
}


def keep_comment(
    user: User, issuer: UUID, text: str, assignment: Assignment | None = None, key: str = ""
) -> Comment:
    """Put a text into one's own bank, for the criterion it was written on. What is there already is not put in twice."""
    text = _checked(text)
    if issuer not in organisations_of(user, [Role.ASSESSOR, Role.APPROVER]):
        raise GuardError(_("You do not assess for this issuer."))
    mine = Comment.objects.filter(owner=user, issuer=issuer).exclude(state=Bank.RETIRED)
    if found := mine.filter(text=text).first():
        return found
    if mine.count() >= MOST_COMMENTS:
        raise GuardError(_("Your bank is full. Take out what you no longer use."))
    unit = assignment.submission.enrolment.micro_credential if assignment else None
    key = _criterion(assignment, key).key if assignment and key else ""
    return Comment.objects.create(
        owner=user, issuer_id=issuer, micro_credential=unit, criterion_key=key, text=text
    )


def change_comment(comment: Comment, user: User, text: str) -> Comment:
    """Change the words of one's own comment. What is offered or shared was read by others and stays as they read it."""
    text = _checked(text)
    if comment.owner_id != user.pk:
        raise GuardError(_("This comment is somebody else's."), state=comment.state)
    if not Comment.objects.filter(pk=comment.pk, state=Bank.OWN).update(text=text):
        raise TransitionError(
            _("This comment was offered or shared: keep a new one instead."), state=comment.state
        )
    comment.text = text
    return comment


def propose(comment: Comment, user: User) -> Comment:
    """Offer one's own comment to the issuer."""
    if comment.owner_id != user.pk:
        raise GuardError(_("This comment is somebody else's."), state=comment.state)
    return _move("propose", comment, user)


def approve_comment(comment: Comment, user: User) -> Comment:
    """Let every assessor of the issuer use it."""
    return _decide("approve", comment, user)


def decline_comment(comment: Comment, user: User) -> Comment:
    """It stays its author's own."""
    return _decide("decline", comment, user)


def retire(comment: Comment, user: User) -> Comment:
    """Take it out of the bank; what was written with it stays."""
    if not rules.may_retire(user, comment):
        raise GuardError(_("This comment is not yours to take out."), state=comment.state)
    return _move("retire", comment, user)


def _decide(verb: str, comment: Comment, user: User) -> Comment:
    if not rules.may_decide_comment(user, comment):
        raise GuardError(_("An approver who did not write it decides about this."), state=comment.state)
    return _move(verb, comment, user, decided_by=user)


def _move(verb: str, comment: Comment, user: User, **fields: Any) -> Comment:
    frm, to, kind = COMMENT[verb]
    try:
        journal.change(comment, kind, frm=frm, to=to, actor=user, organisation_id=comment.issuer_id, **fields)
    except TransitionError as error:
        raise TransitionError(
            _("This comment is no longer where it was. Look again."), state=error.state
        ) from error
    return comment


def use(comment: Comment, assignment: Assignment, user: User, key: str) -> CommentUse:
    """Remember that a comment was used on a criterion of one's claim; once, however often it is put in."""
    with transaction.atomic():
        row = held(assignment, user)
        issuer = row.submission.enrolment.micro_credential.issuer_id
        if comment.issuer_id != issuer or not rules.comments_visible_to(user).filter(pk=comment.pk).exists():
            raise GuardError(_("This comment is not in your bank for this issuer."), state=row.state)
        made, new = CommentUse.objects.get_or_create(
            comment=comment, assignment=row, criterion=_criterion(row, key)
        )
        if new:
            Comment.objects.filter(pk=comment.pk).update(used=F("used") + 1)
    return made


def count_comments(assessment: Assessment) -> int:
    """After a decision: what came of the comments used on the attempts before. Each use counts once.

    A criterion that had passed already was not scored again: its comments count for nothing.
    """
    submission = assessment.submission
    with transaction.atomic():
        uses = list(
            CommentUse.objects.select_for_update(of=["self"]).filter(
                counted_at=None,
                assignment__state=Assignment.State.COMPLETED,
                assignment__submission__enrolment=submission.enrolment_id,
                assignment__submission__attempt__lt=submission.attempt,
            )
        )
        scored = Outcome.objects.filter(submission=submission, carried_from=None)
        passed = dict(scored.values_list("criterion", "passed"))
        for one in uses:
            if one.criterion_id in passed:
                better = {"passed": F("passed") + 1} if passed[one.criterion_id] else {}
                Comment.objects.filter(pk=one.comment_id).update(followed=F("followed") + 1, **better)
        _count(uses)
    return len(uses)


def _count(uses: Iterable[CommentUse]) -> None:
    CommentUse.objects.filter(pk__in=[one.pk for one in uses]).update(counted_at=timezone.now())


def _criterion(assignment: Assignment, key: str) -> Criterion:
    version = assignment.submission.enrolment.version_id
    found = Criterion.objects.filter(version=version, key=key).first() if "\x00" not in key else None
    if found is None:
        raise GuardError(_("There is no such criterion."), {"criterion": [_("There is no such criterion.")]})
    return found


def _checked(text: str) -> str:
    text = text.strip()
    words = ""
    if not text or "\x00" in text:
        words = _("Write the comment first; then it can be kept.")
    elif len(text) > LONGEST_COMMENT:
        words = _("Please keep a comment under %(n)s characters.") % {"n": f"{LONGEST_COMMENT:,}"}
    if words:
        raise GuardError(words, {"text": [words]})
    return text
