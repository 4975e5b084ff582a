"""Asking an educator whether a decided attempt of hers may train assessors; hers to give, and to end at any time."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError, Transitions
from review import rules
from review.models import Anchor, Permission
from review.workflow.anchoring import retire_anchor
from submissions.models import Submission
from submissions.models.consent import Purpose
from submissions.rules import covered_whole

State = Permission.State
PERMISSION: Transitions = {
    "give": (frozenset({State.ASKED, State.DECLINED}), State.GIVEN, "review.permission_given"),
    "decline": (frozenset({State.ASKED}), State.DECLINED, "review.permission_declined"),
    "end": (frozenset({State.GIVEN}), State.ENDED, "review.permission_ended"),
}
WORDS = {
    State.ASKED: gettext_lazy("Nobody has answered this question yet."),
    State.GIVEN: gettext_lazy("You have given this permission."),
    State.DECLINED: gettext_lazy("You have declined; you may still say yes."),
    State.ENDED: gettext_lazy("You have taken this permission back. It is not used any more."),
}


def ask_permission(submission: Submission, user: User) -> Permission:
    """Ask the educator. Only where every piece of evidence is covered for the training of assessors."""
    if not rules.askable(user).filter(pk=submission.pk).exists():
        raise GuardError(_("This submission was asked about already, or it is not yours to ask about."))
    if not covered_whole(submission, Purpose.CALIBRATION):
        raise GuardError(
            _(
                "Not everything in this submission may be used to train assessors, or it is not there any more."
            )
        )
    try:
        with transaction.atomic():
            permission = Permission.objects.create(submission=submission, asked_by=user)
            _record("review.permission_asked", permission, user)
    except IntegrityError:
        raise TransitionError(_("The educator was asked about this already."), state=State.ASKED) from None
    return permission


def answer_permission(permission: Permission, user: User, verb: str) -> Permission:
    """Her word: give, decline, or end. What ended is used no more from this moment on."""
    if permission.submission.enrolment.earner_id != user.pk:
        raise PermissionDenied
    if verb not in PERMISSION:
        raise GuardError(_("Choose yes or no."), state=permission.state)
    frm, to, kind = PERMISSION[verb]
    with transaction.atomic():
        try:
            journal.change(
                permission, kind, frm=frm, to=to, actor=user, answered_at=timezone.now(),
                organisation_id=permission.submission.enrolment.micro_credential.issuer_id,
                data={"submission": str(permission.submission_id)},
            )  # fmt: skip
        except TransitionError as error:
            raise TransitionError(WORDS[State(error.state)], state=error.state) from error
        if verb == "end":
            _retire(permission)
    return permission


def end_permissions_of(user: User) -> None:
    """She left: nothing of hers trains anybody any more."""
    given = Permission.objects.filter(submission__enrolment__earner=user, state=State.GIVEN)
    for permission in given.select_related("submission__enrolment__micro_credential"):
        answer_permission(permission, user, "end")


def _retire(permission: Permission) -> None:
    live = [Anchor.State.DRAFT, Anchor.State.READY]
    for anchor in Anchor.objects.filter(source=permission.submission_id, state__in=live):
        retire_anchor(anchor, None)


def _record(kind: str, permission: Permission, user: User) -> None:
    issuer = permission.submission.enrolment.micro_credential.issuer_id
    journal.record(kind, permission, actor=user, organisation_id=issuer)
