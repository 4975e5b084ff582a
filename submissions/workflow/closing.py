"""When somebody closes her account: what is hers goes, what others rest on stays without her.

Kept: that an attempt was made and decided, its levels, and the hashes in its manifest, because a badge, a district's
count and the figures of reliability rest on them. Deleted: files, texts, classes and forms, plans, teams' invitations.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from journal.workflow import change
from submissions import sealing
from submissions.models import (
    Artifact,
    Consent,
    Conversation,
    Milestone,
    Outcome,
    SchoolClass,
    Submission,
    TeamMember,
    Upload,
    Utterance,
)
from submissions.workflow.forgetting import delete_bytes, held_back
from submissions.workflow.intake import abandon
from submissions.workflow.keeping import HOLDING
from submissions.workflow.table import ENROLMENT, UNDER_WAY, Joined, State, move

OVER = (Artifact.State.REJECTED, Artifact.State.DELETED)
TEXTS = ("resubmission_note", "ai_use", "contribution")


def let_go_of_person(user: User) -> int:
    """Everything that can go now; what is being read goes when it is decided. How many attempts still wait is answered."""
    TeamMember.objects.filter(user=user).delete()
    Milestone.objects.filter(enrolment__earner=user).delete()
    Utterance.objects.filter(Q(author=user) | Q(conversation__enrolment__earner=user)).delete()
    Conversation.objects.filter(enrolment__earner=user, state=Conversation.State.ASKED).delete()
    attempts = Submission.objects.filter(enrolment__earner=user).select_related("enrolment__micro_credential")
    waiting = 0
    for attempt in attempts:
        if attempt.state == State.IN_REVIEW:
            waiting += 1
        else:
            _empty(attempt)
    Upload.objects.filter(owner=user).update(metadata="", sample="")
    _let_go_of_classes(user)
    return waiting


def _let_go_of_classes(user: User) -> None:
    """A class stays, without aliases, while evidence that shows it exists: mates may use it, and a family may stop it."""
    needed = Artifact.objects.filter(coverage=Artifact.Coverage.COVERED).exclude(state__in=OVER)
    named = {
        pk
        for classes in needed.filter(classes__overlap=_ids(user)).values_list("classes", flat=True)
        for pk in classes
    }
    SchoolClass.objects.filter(owner=user).exclude(pk__in=named).delete()
    Consent.objects.filter(school_class__owner=user).update(alias="")


def _ids(user: User) -> list[UUID]:
    return list(SchoolClass.objects.filter(owner=user).values_list("pk", flat=True))


def _empty(attempt: Submission) -> None:
    """One attempt without her words and files. A hold keeps the evidence; they go when it is lifted."""
    with transaction.atomic():
        if attempt.state in (State.DRAFT, State.SUBMITTED):
            move(attempt, "set_aside", None)
        frm, to, kind = ENROLMENT["leave"]
        if attempt.enrolment.state == Joined.ACTIVE:
            change(attempt.enrolment, kind, frm=frm, to=to)
        Submission.objects.filter(pk=attempt.pk).update(
            answers={},
            self_rating={},
            returned={},
            manifest=sealing.nameless(attempt),
            **dict.fromkeys(TEXTS, ""),
        )
        Outcome.objects.filter(submission=attempt).update(places=[])  # they quote her
    for artifact in Artifact.objects.filter(submission=attempt).select_related(
        "submission__enrolment__micro_credential"
    ):
        _empty_artifact(artifact)


def _empty_artifact(artifact: Artifact) -> None:
    with transaction.atomic():
        rows = Artifact.objects.select_for_update(of=("self",))
        if rows.filter(pk=artifact.pk, state__in=UNDER_WAY).exists():
            abandon(artifact)
            Artifact.objects.filter(pk=artifact.pk).delete()
            return
    artifact.refresh_from_db(fields=["state", "content_id"])
    if artifact.state in HOLDING and held_back(artifact):
        return
    Artifact.objects.filter(pk=artifact.pk).update(title="", name="", text="", url="", problem="")
    if artifact.state in HOLDING:
        delete_bytes(artifact, None, "account closed")


def closed_with_something_left() -> list[User]:
    """People who left and of whom something had to wait: evidence, or a class that somebody's evidence still shows."""
    files = Artifact.objects.filter(state__in=HOLDING).values("submission__enrolment__earner")
    left = Q(pk__in=files) | Q(pk__in=SchoolClass.objects.values("owner"))
    return list(User.objects.filter(left, closed_at__isnull=False).order_by("closed_at")[:100])
