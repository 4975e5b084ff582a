"""Whether a badge from elsewhere counts for a part of a stack: asked by its holder, answered by the stack's issuer.

An answer can be taken back with a reason: what counted counts no more, and certificates are looked at anew.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from badges import queries, rules
from badges.models import ExternalAward, Recognition
from badges.workflow.table import move
from catalog.models import StackItem
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError, Transitions

Asked = Recognition.State.ASKED
RECOGNITIONS: Transitions = {
    "accept": (frozenset({Asked}), Recognition.State.ACCEPTED, "badges.recognition_accepted"),
    "decline": (frozenset({Asked}), Recognition.State.DECLINED, "badges.recognition_declined"),
    "withdraw": (
        frozenset({Recognition.State.ACCEPTED}),
        Recognition.State.DECLINED,
        "badges.recognition_withdrawn",
    ),
}
LONGEST = 2_000


def ask_recognition(external: ExternalAward, item: StackItem, user: User) -> Recognition:
    """Ask the stack's issuer to count a verified badge of hers for one part."""
    if external.owner_id != user.pk:
        raise PermissionDenied
    if problem := _why_not(external, item):
        raise GuardError(problem, {"external": [problem]})
    try:
        with transaction.atomic():
            row = Recognition.objects.create(external=external, item=item)
            issuer = item.group.stack.issuer_id
            journal.record("badges.recognition_asked", row, actor=user, organisation_id=issuer)
    except IntegrityError as error:
        raise TransitionError(_("You have asked this before.")) from error
    return row


def _why_not(external: ExternalAward, item: StackItem) -> str:
    stack = item.group.stack
    if not queries.holds(external):
        return why_it_does_not_count(external)
    rows = Recognition.objects.filter(item__group__stack=stack, external__owner=external.owner_id)
    open_or_counted = rows.exclude(state=Recognition.State.DECLINED)
    if open_or_counted.filter(item=item).exists():
        return _("You have asked for this part already.")
    if open_or_counted.filter(external=external).exists():
        return _("One badge counts for one part of a stack, and you have asked for another part with it.")
    if rows.filter(item=item, external=external).exists():
        return _("The issuer has answered about this badge and this part already.")
    return ""


def why_it_does_not_count(external: ExternalAward) -> str:
    """Why a badge from elsewhere counts for nothing now, in words; empty where it does."""
    if external.outcome == ExternalAward.Outcome.FAILED:
        return _("It is not valid any more.")
    if external.outcome == ExternalAward.Outcome.UNKNOWN:
        return _("Not everything about it could be checked.")
    if external.expires_at is not None and external.expires_at <= timezone.now():
        return _("It has expired.")
    if not external.is_hers:
        return _(
            "It names none of your confirmed e-mail addresses. If it was sent to another address of yours, "
            "add and confirm that address in your account, then check the badge again."
        )
    return ""


def answer_recognition(row: Recognition, user: User, *, accept: bool, words: str) -> Recognition:
    """Accept or decline, in writing. Not for oneself, nor for people one stands close to."""
    said = _said(row, user, words)
    if accept and not queries.holds(row.external):
        raise GuardError(problem := why_it_does_not_count(row.external), {"words": [problem]})
    done = _("This question is answered already.")
    return _decide(row, user, "accept" if accept else "decline", said, done)


def withdraw_recognition(row: Recognition, user: User, words: str) -> Recognition:
    """What counted counts no more, with the reason. A certificate that names it follows its stack's rule."""
    said = _said(row, user, words)
    return _decide(row, user, "withdraw", said, _("It does not count now."))


def _said(row: Recognition, user: User, words: str) -> str:
    """The reason, from somebody whose it is to give one."""
    if not rules.recognitions_visible_to(user).filter(pk=row.pk).exists():
        raise PermissionDenied
    said, problem = words.strip(), ""
    if not said:
        problem = _("Say why, in a sentence the educator can use.")
    elif len(said) > LONGEST or "\x00" in said:
        problem = _("Please keep this under 2,000 ordinary characters.")
    if problem:
        raise GuardError(problem, {"words": [problem]})
    return said


def _decide(row: Recognition, user: User, verb: str, said: str, done: str) -> Recognition:
    told = {"actor": user, "organisation_id": row.item.group.stack.issuer_id}
    answer = {"words": said, "decided_by": user, "decided_at": timezone.now()}
    move(RECOGNITIONS, verb, row, done, **told, **answer)
    return row
