"""The conversation that comes before yet another attempt: asked for, taken by a coach, written, closed by either.

It is a gate before submitting, never a wall: where nobody coaches, or nobody answers in time, it does not apply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError, Transitions
from submissions import rules
from submissions.calendars import calendar_of
from submissions.checklist import text_problem
from submissions.models import Conversation, Submission, Utterance
from submissions.workflow.table import check_earner, lock_enrolment

State = Conversation.State
CONVERSATION: Transitions = {
    "take": (frozenset({State.ASKED}), State.OPEN, "submissions.coach_taken"),
    "close": (frozenset({State.OPEN}), State.DONE, "submissions.coach_done"),
}
PATIENCE = 10  # business days without an answer, after which she goes on
TEXT_MAX = 5_000
WORDS = {
    State.ASKED: gettext_lazy("This conversation still waits for a coach."),
    State.OPEN: gettext_lazy("Another coach has taken this conversation."),
    State.DONE: gettext_lazy("This conversation is closed. It stays here to read."),
}


@dataclass(frozen=True)
class Gate:
    """Whether a conversation has to come before an attempt is submitted. `why`: ask, waiting, open, done, nobody, late."""

    why: str
    conversation: Conversation | None = None

    @property
    def closed(self) -> bool:
        """Whether it still stands before submitting."""
        return self.why in {"ask", "waiting", "open"}


def gate_of(submission: Submission) -> Gate | None:
    """The gate before this draft; None where the issuer wants none yet."""
    if submission.attempt == 1:
        return None
    limit = rules.policy_of(submission.enrolment.micro_credential.issuer).coach_after
    if not limit or submission.attempt <= limit:
        return None
    tried = Submission.objects.filter(
        enrolment=submission.enrolment_id, state=Submission.State.NOT_YET, attempt__lt=submission.attempt
    )
    if tried.count() < limit:
        return None
    after = tried.order_by("-attempt").values_list("attempt", flat=True)[0]
    rows = Conversation.objects.filter(enrolment=submission.enrolment_id, after=after).select_related("coach")
    return Gate(*_standing(submission, rows.first()))


def _standing(submission: Submission, found: Conversation | None) -> tuple[str, Conversation | None]:
    if found is not None and found.state == State.DONE:
        return "done", found
    if found is not None and _unanswered(submission, found):
        return "late", found
    if found is not None and found.state == State.OPEN:
        return "open", found
    if not rules.coaches_of(submission.enrolment).exists():
        return "nobody", found
    return ("waiting" if found else "ask"), found


def _unanswered(submission: Submission, found: Conversation) -> bool:
    """Whether her last words have waited too long for a coach's."""
    last = found.utterances.order_by("-created", "-pk").first()
    if last is not None and last.author_id != submission.enrolment.earner_id:
        return False
    calendar = calendar_of(submission.enrolment.micro_credential.issuer_id)
    return calendar.add(last.created if last else found.created, PATIENCE) < timezone.now()


def check_gate(submission: Submission) -> None:
    """Refuse to submit while the conversation has not been held."""
    gate = gate_of(submission)
    if gate and gate.closed:
        words = _(
            "Talk with a coach first: your issuer asks for that before this attempt. Your work is saved."
        )
        raise GuardError(words, {"coach": [words]}, state=submission.state)


def ask(submission: Submission, user: User, text: str) -> Conversation:
    """She asks for the conversation that comes before this draft, in her own words."""
    check_earner(submission, user)
    gate = gate_of(submission)
    if gate is None or gate.why == "nobody":
        raise GuardError(
            _("No conversation with a coach is needed for this attempt."), state=submission.state
        )
    _check(text)
    try:
        with transaction.atomic():
            lock_enrolment(submission.enrolment)
            last = Submission.objects.filter(
                enrolment=submission.enrolment_id, state=Submission.State.NOT_YET
            ).order_by("-attempt")
            row = Conversation.objects.create(enrolment=submission.enrolment, after=last[0].attempt)
            Utterance.objects.create(conversation=row, author=user, text=text.strip())
            _record("submissions.coach_asked", row, user)
    except IntegrityError:
        raise TransitionError(_("You have asked for this conversation already.")) from None
    return row


def take(conversation: Conversation, user: User) -> Conversation:
    """A coach takes it. From now on she never assesses this educator's work."""
    if not rules.coaches_of(conversation.enrolment).filter(pk=user.pk).exists():
        raise PermissionDenied
    _change("take", conversation, user, coach=user)
    return conversation


def write(conversation: Conversation, user: User, text: str) -> Utterance:
    """What one of the two says."""
    _check_side(conversation, user)
    _check(text)
    with transaction.atomic():
        row = Conversation.objects.select_for_update().get(pk=conversation.pk)
        if row.state != State.OPEN:
            raise TransitionError(WORDS[State(row.state)], state=row.state)
        said = Utterance.objects.create(conversation=row, author=user, text=text.strip())
        _record("submissions.coach_wrote", row, user)
    return said


def close(conversation: Conversation, user: User) -> Conversation:
    """Either ends it, once both have written; then she may submit."""
    _check_side(conversation, user)
    if conversation.state == State.OPEN and not both_wrote(conversation):
        raise GuardError(_("Both of you write at least once before it is closed."), state=conversation.state)
    _change("close", conversation, user, done_at=timezone.now())
    return conversation


def both_wrote(conversation: Conversation) -> bool:
    """Whether each of the two has said something."""
    authors = set(conversation.utterances.values_list("author", flat=True))
    return {conversation.coach_id, conversation.enrolment.earner_id} <= authors


def _change(verb: str, conversation: Conversation, user: User, **fields: Any) -> None:
    frm, to, kind = CONVERSATION[verb]
    issuer = conversation.enrolment.micro_credential.issuer_id
    try:
        journal.change(conversation, kind, frm=frm, to=to, actor=user, organisation_id=issuer, **fields)
    except TransitionError as error:
        raise TransitionError(WORDS[State(error.state)], state=error.state) from error


def _record(kind: str, conversation: Conversation, user: User) -> None:
    issuer = conversation.enrolment.micro_credential.issuer_id
    journal.record(kind, conversation, actor=user, organisation_id=issuer)


def _check_side(conversation: Conversation, user: User) -> None:
    if user.pk not in {conversation.coach_id, conversation.enrolment.earner_id}:
        raise PermissionDenied


def _check(text: str) -> None:
    words = text_problem(text, TEXT_MAX) or ("" if text.strip() else _("Write a few words first."))
    if words:
        raise GuardError(words, {"text": [words]})
