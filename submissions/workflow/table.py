"""The transition table of attempts and enrolments, and what every verb shares."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from journal.models import Entry
from journal.workflow import GuardError, TransitionError, Transitions, change, record
from submissions.models import Artifact, Enrolment, SchoolClass, Submission
from submissions.rules import is_earner

State = Submission.State
Joined = Enrolment.State

TRANSITIONS: Transitions = {
    "submit": (frozenset({State.DRAFT}), State.SUBMITTED, "submissions.submitted"),
    "withdraw": (frozenset({State.SUBMITTED}), State.DRAFT, "submissions.withdrawn"),
    "set_aside": (frozenset({State.DRAFT, State.SUBMITTED}), State.WITHDRAWN, "submissions.set_aside"),
    "begin_review": (frozenset({State.SUBMITTED}), State.IN_REVIEW, "submissions.review_begun"),
    "return_to_queue": (frozenset({State.IN_REVIEW}), State.SUBMITTED, "submissions.returned_to_queue"),
    "return_incomplete": (frozenset({State.IN_REVIEW}), State.DRAFT, "submissions.returned"),
    "earn": (frozenset({State.IN_REVIEW}), State.EARNED, "submissions.earned"),
    "not_yet": (frozenset({State.IN_REVIEW}), State.NOT_YET, "submissions.not_yet"),
    "amend": (frozenset({State.NOT_YET}), State.NOT_YET, "submissions.amended"),
    "amend_earned": (frozenset({State.NOT_YET}), State.EARNED, "submissions.earned"),
    "conclude_anchor": (
        frozenset({State.SUBMITTED, State.IN_REVIEW}), State.WITHDRAWN, "submissions.anchor_concluded",
    ),
}  # fmt: skip
Evidence = Artifact.State
UNDER_WAY = frozenset({Evidence.UPLOADING, Evidence.RECEIVED, Evidence.CHECKING})
ARTIFACT: Transitions = {
    "receive": (frozenset({Evidence.UPLOADING}), Evidence.RECEIVED, "submissions.artifact_received"),
    "begin_check": (frozenset({Evidence.RECEIVED}), Evidence.CHECKING, "submissions.artifact_checking"),
    "pass": (frozenset({Evidence.CHECKING}), Evidence.READY, "submissions.artifact_ready"),
    "reject": (UNDER_WAY, Evidence.REJECTED, "submissions.artifact_rejected"),
    "quarantine": (
        frozenset({Evidence.CHECKING, Evidence.READY}), Evidence.QUARANTINED, "submissions.artifact_quarantined",
    ),
    "try_again": (
        frozenset({Evidence.CHECKING, Evidence.REJECTED}), Evidence.RECEIVED, "submissions.artifact_received",
    ),
    "capture_again": (
        frozenset({Evidence.READY, Evidence.REJECTED}), Evidence.RECEIVED, "submissions.artifact_received",
    ),
    "reopen": (frozenset({Evidence.QUARANTINED}), Evidence.READY, "submissions.artifact_reopened"),
    "delete": (
        frozenset({Evidence.READY, Evidence.QUARANTINED, Evidence.REJECTED}), Evidence.DELETED,
        "submissions.artifact_deleted",
    ),
}  # fmt: skip
ENROLMENT: Transitions = {
    "leave": (frozenset({Joined.ACTIVE}), Joined.LEFT, "submissions.left"),
    "earn": (frozenset({Joined.ACTIVE}), Joined.EARNED, "submissions.enrolment_earned"),
    "renew": (frozenset({Joined.EARNED}), Joined.RENEWED, "submissions.renewed"),
}
WORDS = {
    State.DRAFT: gettext_lazy("This attempt is a draft: it has not been submitted."),
    State.SUBMITTED: gettext_lazy("This attempt is already submitted and waits for its review."),
    State.IN_REVIEW: gettext_lazy("An assessor is reading this attempt, so it cannot change now."),
    State.EARNED: gettext_lazy("This attempt has been decided: you earned it."),
    State.NOT_YET: gettext_lazy("This attempt has been decided. You can start a new one from it."),
    State.WITHDRAWN: gettext_lazy("This attempt was set aside when you left the micro-credential."),
}
COPIED = (
    *("kind", "state", "requirement", "criteria", "title", "name", "url", "text", "content_id", "order"),
    *("content_type", "size", "sha256", "received_size", "received_sha256", "scan", "captured_at"),
    *("coverage", "classes", "cleared", "team_id", "reused_from_id"),
)
# Handed in no longer: nothing is sealed, promised or confirmed.
UNSENT: Mapping[str, Any] = {
    "manifest": {}, "seal": "", "attestations": [], "submitted_at": None, "promised_on": None,
}  # fmt: skip
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def available(submission: Submission, user: User, *, latest: bool | None = None) -> set[str]:
    """The verbs this person has now. `latest` (is there no newer attempt?) saves a query where it is known."""
    if not is_earner(user, submission):
        return set()
    joined = submission.enrolment.state == Joined.ACTIVE
    if submission.state == State.DRAFT:
        return {"save", "add", "submit", "leave"}
    if submission.state == State.SUBMITTED:
        return {"withdraw", "leave"}
    if submission.state == State.NOT_YET and joined:
        if latest is None:
            newer = Submission.objects.filter(
                enrolment=submission.enrolment_id, attempt__gt=submission.attempt
            )
            latest = not newer.exists()
        return {"resubmit", "leave"} if latest else set()
    return set()


def move(submission: Submission, verb: str, actor: User | None, **fields: Any) -> Entry:
    """One row of the table, with words for people when it is not possible."""
    frm, to, kind = TRANSITIONS[verb]
    issuer = submission.enrolment.micro_credential.issuer_id
    try:
        return change(submission, kind, frm=frm, to=to, actor=actor, organisation_id=issuer, **fields)
    except TransitionError as error:
        raise TransitionError(WORDS[State(error.state)], state=error.state) from error


def move_artifact(artifact: Artifact, verb: str, actor: User | None = None, **fields: Any) -> Entry:
    """The same for a piece of evidence; `state_since` tells the sweep what got stuck."""
    frm, to, kind = ARTIFACT[verb]
    issuer = artifact.submission.enrolment.micro_credential.issuer_id
    fields["state_since"] = timezone.now()
    return change(artifact, kind, frm=frm, to=to, actor=actor, organisation_id=issuer, **fields)


def note(kind: str, submission: Submission, actor: User, data: Mapping[str, str]) -> None:
    """An entry for what is not a change of state."""
    issuer = submission.enrolment.micro_credential.issuer_id
    record(kind, submission, actor=actor, organisation_id=issuer, data=data)


def lock_draft(submission: Submission) -> Submission:
    """The row as it is now, kept from others until the transaction ends; refuses unless it is a draft."""
    current = (
        Submission.objects.select_related("enrolment__version", "enrolment__micro_credential")
        .select_for_update(of=("self",))
        .get(pk=submission.pk)
    )
    if current.state != State.DRAFT:
        raise TransitionError(WORDS[State(current.state)], state=current.state)
    return current


def lock_enrolment(enrolment: Enrolment) -> Enrolment:
    """The row, kept from others until the transaction ends."""
    return Enrolment.objects.select_for_update().get(pk=enrolment.pk)


def check_earner(submission: Submission, user: User) -> None:
    """Only the earner changes her attempt."""
    if not is_earner(user, submission):
        raise PermissionDenied


def check_own(enrolment: Enrolment, user: User) -> None:
    """Only the earner changes her enrolment."""
    if enrolment.earner_id != user.pk:
        raise PermissionDenied


def check_not_own(submission: Submission, actor: User) -> None:
    """Four eyes: nobody reviews her own work, whoever calls."""
    if is_earner(actor, submission):
        raise GuardError(_("Nobody assesses her own work."))


def new_code() -> str:
    """A neutral name for an attempt; it says nothing about the person."""
    return "R-" + "".join(secrets.choice(ALPHABET) for _number in range(7))


def lock_classes(artifacts: QuerySet[Artifact]) -> None:
    """A family's stop waits for what is copied now, or has closed it before: read the artifacts after this."""
    named = {pk for classes in artifacts.values_list("classes", flat=True) for pk in classes}
    list(SchoolClass.objects.select_for_update().filter(pk__in=named).order_by("pk"))


def copy(earlier: Submission, new: Submission) -> None:
    """The new attempt starts with the earlier texts and evidence; both attempts point to the same bytes."""
    new.answers, new.contribution, new.outside = dict(earlier.answers), earlier.contribution, earlier.outside
    new.save(update_fields=["answers", "contribution", "outside"])
    lock_classes(Artifact.objects.filter(submission=earlier))
    Artifact.objects.bulk_create(
        Artifact(
            submission=new,
            origin=Artifact.Origin.UNCHANGED,
            before=artifact,
            **{name: getattr(artifact, name) for name in COPIED},
        )
        for artifact in Artifact.objects.filter(submission=earlier, state=Evidence.READY)
    )
