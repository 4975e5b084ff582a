"""A likeness is looked at by a person; a doubt becomes a case: passage and reason, her answer, a decision in writing.

Nothing else follows by itself: reviews go on, and whatever is found, people talk to each other.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError, Transitions
from review import rules
from review.models import Case
from review.workflow.drafting import LONGEST
from submissions.models import Likeness

State, Doubt = Case.State, Likeness.State
TRANSITIONS: Transitions = {
    "dismiss": (frozenset({Doubt.OPEN}), Doubt.DISMISSED, "review.likeness_dismissed"),
    "raise": (frozenset({Doubt.OPEN, Doubt.DISMISSED}), Doubt.CASE, "review.likeness_raised"),
    "answer": (frozenset({State.OPEN}), State.ANSWERED, "review.case_answered"),
    "decide": (frozenset({State.ANSWERED}), State.DECIDED, "review.case_decided"),
    "decide_unanswered": (frozenset({State.OPEN}), State.DECIDED, "review.case_decided"),
}
PATIENCE = timedelta(days=7)  # the least time to answer
LATEST = timedelta(days=90)


def dismiss(likeness: Likeness, user: User, note: str) -> Likeness:
    """Nothing to it, and why, for whoever looks next."""
    _may_look(likeness, user)
    _check_texts(note=note)
    words = _("Somebody has settled this already.")
    _change("dismiss", likeness, user, words, note=note.strip())
    return likeness


def open_case(likeness: Likeness, user: User, *, passage: str, reason: str, answer_by: date) -> Case:
    """Ask the educator in writing. She has at least a week, and until it is decided nothing is denied or revoked."""
    _may_look(likeness, user)
    _check_texts(passage=passage, reason=reason)
    _check_day(answer_by)
    submission = likeness.newer.submission
    try:
        with transaction.atomic():
            _change("raise", likeness, user, _("A case was opened about this already."))
            case = Case.objects.create(
                submission=submission, opened_by=user, passage=passage.strip(), reason=reason.strip(), answer_by=answer_by
            )  # fmt: skip
            journal.record("review.case_opened", case, actor=user, organisation_id=_issuer(likeness))
    except IntegrityError:
        raise TransitionError(
            _("A case about this submission is open already. Wait until it is decided."),
            state=State.OPEN,
        ) from None
    return case


def answer_case(case: Case, user: User, text: str) -> Case:
    """The educator's own words, once; also after the day, as long as nobody has decided."""
    if case.submission.enrolment.earner_id != user.pk:
        raise PermissionDenied
    _check_texts(answer=text)
    words = _("This case was answered or decided already.")
    _change("answer", case, user, words, answer=text.strip(), answered_at=timezone.now())
    return case


def decide_case(case: Case, user: User, *, finding: str, text: str) -> Case:
    """What an uninvolved approver found, in writing. Whatever it is, nothing happens by itself."""
    if not rules.may_decide(user, case):
        raise GuardError(_("Somebody who is not involved has to decide this."), state=case.state)
    if finding not in Case.Finding.values:
        words = _("Choose what you found.")
        raise GuardError(words, {"finding": [words]}, state=case.state)
    _check_texts(decision=text)
    verb = "decide" if case.state == State.ANSWERED else "decide_unanswered"
    if not decidable(case):
        words = _("The educator has until %s to answer.") % case.answer_by.isoformat()
        raise GuardError(words, state=case.state)
    words = _("This case has changed in the meantime. Read it once more.")
    _change(
        verb, case, user, words, finding=finding, decision=text.strip(), decided_by=user, decided_at=timezone.now()
    )  # fmt: skip
    return case


def decidable(case: Case) -> bool:
    """Whether she has answered, or had the time to."""
    late = case.state == State.OPEN and case.answer_by < timezone.localdate()
    return late or case.state == State.ANSWERED


def _may_look(likeness: Likeness, user: User) -> None:
    if not rules.likenesses_visible_to(user).filter(pk=likeness.pk).exists():
        raise PermissionDenied


def _check_texts(**texts: str) -> None:
    errors: dict[str, list[Any]] = {}
    for name, text in texts.items():
        if not text.strip():
            errors[name] = [_("Write this in a sentence or two.")]
        elif len(text) > LONGEST or "\x00" in text:
            errors[name] = [_("Please keep this under %(n)s ordinary characters.") % {"n": f"{LONGEST:,}"}]
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors)


def _check_day(day: date) -> None:
    today = timezone.localdate()
    if not today + PATIENCE <= day <= today + LATEST:
        words = _("Give at least 7 and at most 90 days to answer.")
        raise GuardError(words, {"answer_by": [words]})


def _issuer(thing: Likeness | Case) -> Any:
    submission = thing.submission if isinstance(thing, Case) else thing.newer.submission
    return submission.enrolment.micro_credential.issuer_id


def _change(verb: str, thing: Likeness | Case, user: User, words: Any, **fields: Any) -> None:
    frm, to, kind = TRANSITIONS[verb]
    try:
        journal.change(thing, kind, frm=frm, to=to, actor=user, organisation_id=_issuer(thing), **fields)
    except TransitionError as error:
        raise TransitionError(words, state=error.state) from error


def let_go_of_person(user: User) -> int:
    """She closed her account: what was quoted from her and what she answered go; that it was decided, and why, stays."""
    mine = Case.objects.filter(submission__enrolment__earner=user)
    return mine.filter(state=State.DECIDED).update(passage="", answer="")
