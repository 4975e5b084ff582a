"""When somebody closes her account: what is hers goes, what others rest on stays without her.

Kept: that an attempt was made and decided, its levels, and the hashes in its manifest, because a badge, a district's
count and the figures of reliability rest on them. Deleted: files, texts, classes and forms, plans, teams' invitations.
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from journal.workflow import GuardError, change
from submissions.models import Artifact, Milestone, SchoolClass, Submission, TeamMember
from submissions.workflow.forgetting import delete_bytes
from submissions.workflow.intake import end_upload
from submissions.workflow.keeping import HOLDING
from submissions.workflow.table import ENROLMENT, UNDER_WAY, Joined, State, move

TEXTS = ("resubmission_note", "ai_use", "contribution")


def let_go_of_person(user: User) -> int:
    """Everything that can go now; what is being read goes when it is decided. How many attempts still wait is answered."""
    SchoolClass.objects.filter(owner=user).delete()
    TeamMember.objects.filter(user=user).delete()
    Milestone.objects.filter(enrolment__earner=user).delete()
    attempts = Submission.objects.filter(enrolment__earner=user).select_related("enrolment__micro_credential")
    waiting = 0
    for attempt in attempts:
        if attempt.state == State.IN_REVIEW:
            waiting += 1
        else:
            _empty(attempt)
    return waiting


def _empty(attempt: Submission) -> None:
    """One attempt without her words and files. A hold keeps the files; they go when it is lifted."""
    with transaction.atomic():
        if attempt.state in (State.DRAFT, State.SUBMITTED):
            move(attempt, "set_aside", None)
        frm, to, kind = ENROLMENT["leave"]
        if attempt.enrolment.state == Joined.ACTIVE:
            change(attempt.enrolment, kind, frm=frm, to=to)
        Submission.objects.filter(pk=attempt.pk).update(
            answers={}, self_rating={}, **dict.fromkeys(TEXTS, "")
        )
    for artifact in Artifact.objects.filter(submission=attempt).select_related(
        "submission__enrolment__micro_credential"
    ):
        _empty_artifact(artifact)


def _empty_artifact(artifact: Artifact) -> None:
    if artifact.state in UNDER_WAY:
        if upload := getattr(artifact, "upload", None):
            end_upload(upload)
        Artifact.objects.filter(pk=artifact.pk).delete()
        return
    Artifact.objects.filter(pk=artifact.pk).update(title="", name="", text="", url="", problem="")
    if artifact.state in HOLDING:
        try:
            delete_bytes(artifact, None, "account closed")
        except GuardError:
            return


def closed_with_something_left() -> list[User]:
    """People who left and of whom something had to wait."""
    files = Artifact.objects.filter(state__in=HOLDING).values("submission__enrolment__earner")
    return list(User.objects.filter(closed_at__isnull=False, pk__in=files).order_by("closed_at")[:100])
