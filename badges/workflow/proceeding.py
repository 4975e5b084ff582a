"""The procedure before a badge is revoked: announced with a reason, answered, decided in writing by somebody uninvolved, one appeal.

Until it is decided the badge is valid. Locks are taken in one order: the award, then the procedure, then the status list.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.texts import LINES, control_in, refused
from badges import queries, rules
from badges.models import Award, Revocation
from badges.workflow.revoking import Ground, give_back, lock_award, take_back
from badges.workflow.table import PROCEDURE, State, Step, move
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError
from review.models import Case
from submissions.calendars import calendar_of

LONGEST_REASON = 2_000
ANSWER_DAYS = 10  # business days by the issuer's calendar, to answer and to appeal
RELATED = ("award__issuer", "award__earner", "award__version", "award__stack", "award__submission")


def open_revocation(award: Award, user: User, reason: str, ground: str = Ground.REASON) -> Revocation:
    """Announce that a badge may be revoked, and why. Nothing changes until it is answered, or the time for that is over."""
    if not rules.may_revoke(user, award):
        raise PermissionDenied
    _check_may_open(user, award)
    reason = _text("reason", reason, _("Say why. The person who earned the badge reads this."))
    _check_ground(award, ground)
    try:
        with transaction.atomic():
            award = lock_award(award)
            if award.state == State.REVOKED:
                raise TransitionError(_("This badge is already revoked."), state=award.state)
            until = end_of_days(award.issuer_id, ANSWER_DAYS)
            row = Revocation.objects.create(
                award=award, ground=ground, reason=reason, opened_by=user, answer_until=until
            )
            _record("badges.revocation_opened", row, user)
    except IntegrityError:
        words = _("A procedure about this badge is open already.")
        raise TransitionError(words, state=award.state) from None
    return row


def end_of_days(issuer: UUID, days: int) -> datetime:
    """The end of the day so many business days from now, by the issuer's calendar."""
    return calendar_of(issuer).add(timezone.now(), days).replace(hour=23, minute=59, second=59, microsecond=0)


def answer_revocation(revocation: Revocation, user: User, text: str) -> Revocation:
    """The holder's own words, once; after the day too, as long as nobody has decided."""
    _check_holder(revocation, user)
    text = _text("answer", text, _("Write your answer in a sentence or two."))
    with _locked(revocation) as row:
        if row.state == Step.OPEN and row.answered_at:
            raise TransitionError(_("You have answered this already."), state=row.state)
        _change("answer", row, user, answer=text, answered_at=timezone.now())
    return row


def decide_revocation(
    revocation: Revocation, user: User, *, revoke: bool, text: str, answered: bool
) -> Revocation:
    """Revoke or keep, in writing. `answered` says whether the decider has read an answer: one that came since is read first."""
    _check_settler(revocation, user, "decided_by")
    text = _text("text", text, _("Say why. The holder reads this."))
    with _locked(revocation) as row:
        if row.state == Step.OPEN:
            _check_decidable(row, answered)
        said = {"decision": text, "decided_by": user, "decided_at": timezone.now()}
        if not revoke:
            _change("keep", row, user, **said)
            return row
        if _case_open(row.award):
            raise GuardError(_("A case about this work is open. Nothing is revoked before it is decided."))
        until = end_of_days(row.award.issuer_id, ANSWER_DAYS)
        _change("revoke", row, user, appeal_until=until, **said)
        take_back(row.award, user, row.reason, row.ground)
    return row


def appeal_revocation(revocation: Revocation, user: User, text: str) -> Revocation:
    """Once, in time, in her own words; the badge stays revoked until somebody else has decided."""
    _check_holder(revocation, user)
    text = _text("appeal", text, _("Say what was overlooked, in a sentence or two."))
    with _locked(revocation) as row:
        if row.state == Step.REVOKED and not appealable(row):
            raise TransitionError(_("The time to appeal is over."), state=row.state)
        _change("appeal", row, user, appeal=text, appealed_at=timezone.now())
    return row


def decide_appeal(revocation: Revocation, user: User, *, restore: bool, text: str) -> Revocation:
    """A third person decides: it stays revoked, or it is valid again as if it never had been."""
    _check_settler(revocation, user, "appeal_decided_by")
    text = _text("text", text, _("Say why. The holder reads this."))
    with _locked(revocation) as row:
        said = {"appeal_decision": text, "appeal_decided_by": user, "appeal_decided_at": timezone.now()}
        _change("restore" if restore else "uphold", row, user, **said)
        if restore:
            give_back(row.award, user)
    return row


# --- what is possible now ---------------------------------------------------------------------------------------


def decidable(row: Revocation) -> bool:
    """Whether she has answered, or had the time to."""
    return row.state == Step.OPEN and (row.answered_at is not None or row.answer_until <= timezone.now())


def appealable(row: Revocation) -> bool:
    """A stolen key and a part that was revoked are settled elsewhere: no time to appeal is set for those."""
    open_until = row.appeal_until
    return row.state == Step.REVOKED and open_until is not None and timezone.now() <= open_until


def procedure_verbs(row: Revocation, user: User) -> set[str]:
    """The verbs this person has now; feeds the forms."""
    if rules.is_earner(user, row.award):
        answers = row.state == Step.OPEN and row.answered_at is None
        return ({"answer"} if answers else set()) | ({"appeal"} if appealable(row) else set())
    verb = "decide" if decidable(row) else "decide_appeal" if row.state == Step.APPEALED else ""
    return {verb} if verb and rules.may_settle(user, row) else set()


def case_found(award: Award) -> Case | None:
    """A case about the work that ended with a concern: it may be what a revocation rests on."""
    if award.submission_id is None:
        return None
    decided = Case.objects.filter(submission=award.submission_id, state=Case.State.DECIDED)
    return decided.filter(finding=Case.Finding.CONCERN).first()


def forget_holder(user: User) -> int:
    """She closed her account: what she wrote goes; that it was decided, and why, stays."""
    return Revocation.objects.filter(award__earner=user).update(answer="", appeal="")


# --- guards -------------------------------------------------------------------------------------------------------


def _check_may_open(user: User, award: Award) -> None:
    words = ""
    if rules.stands_close(user, award):
        words = _("You stand close to this person, so somebody else at your organisation has to decide.")
    elif _case_open(award):
        words = _("A case about this work is open. Nothing is revoked before it is decided.")
    if words:
        raise GuardError(words, {"reason": [words]})


def _check_ground(award: Award, ground: str) -> None:
    if ground == Ground.REASON or (ground == Ground.CASE and case_found(award)):
        return
    words = _("Only a case that ended with a concern can be what this rests on.")
    raise GuardError(words, {"ground": [words]})


def _case_open(award: Award) -> bool:
    cases = Case.objects.filter(submission=award.submission_id).exclude(state=Case.State.DECIDED)
    return award.submission_id is not None and cases.exists()


def _check_holder(revocation: Revocation, user: User) -> None:
    if not rules.is_earner(user, revocation.award):
        raise PermissionDenied


def _check_settler(revocation: Revocation, user: User, decider: str) -> None:
    """Who pressed twice is told that it is done, not that she may not."""
    if rules.may_settle(user, revocation):
        return
    if Revocation.objects.filter(pk=revocation.pk, **{decider: user}).exists():
        raise TransitionError(_("You have decided this already."), state=revocation.state)
    raise GuardError(_("Somebody who was not involved has to decide this."), state=revocation.state)


def _check_decidable(row: Revocation, answered: bool) -> None:
    words = ""
    if not decidable(row):
        day = timezone.localtime(row.answer_until).date().isoformat()
        words = _("The holder has until %s to answer.") % day
    elif row.answered_at and not answered:
        words = _("The holder has answered in the meantime. Read the answer, then decide.")
    if words:
        raise TransitionError(words, state=row.state)


def _text(name: str, text: str, missing: str) -> str:
    text, words = text.strip(), ""
    if not text:
        words = missing
    elif found := control_in(text, LINES):
        words = refused(found)
    elif len(text) > LONGEST_REASON:
        words = _("Please keep this under 2,000 characters.")
    if words:
        raise GuardError(words, {name: [words]})
    return text


@contextmanager
def _locked(revocation: Revocation) -> Iterator[Revocation]:
    """The award and the procedure as they are now, kept from others until the end."""
    with transaction.atomic():
        award = lock_award(revocation.award)
        row = Revocation.objects.select_for_update().get(pk=revocation.pk)
        row.award = award
        yield row


def _change(verb: str, row: Revocation, user: User, **fields: Any) -> None:
    told = {"actor": user, "organisation_id": row.award.issuer_id, "data": _data(row)}
    words = _("This has been decided, or has changed, in the meantime.")
    move(PROCEDURE, verb, row, words, **told, **fields)


def _record(kind: str, row: Revocation, user: User | None) -> None:
    journal.record(kind, row, actor=user, organisation_id=row.award.issuer_id, data=_data(row))


def _data(row: Revocation) -> dict[str, str]:
    return {"award": str(row.award_id)}


# --- by the calendar ----------------------------------------------------------------------------------------------


def remind_deciders(limit: int) -> int:
    """The time to answer is over: those who decide are told, and reminded every week until it is decided. Once a day at most."""
    told = 0
    for row in queries.waiting_for_decision(limit):
        with transaction.atomic():
            locked = Revocation.objects.select_for_update(skip_locked=True).filter(pk=row.pk).first()
            if locked is not None and queries.decision_reminder_due(locked):
                locked.award = row.award
                _record("badges.revocation_waits", locked, None)
                told += 1
    return told
