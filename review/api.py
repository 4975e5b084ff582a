"""The same verbs for programs, and for the desk's autosave. As blind as the pages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.pagination import KeysetPagination
from accounts.problems import problem
from accounts.rules import access_of
from review import queries, rules, workflow
from review import serializers as shapes
from review.forms import known_tab, read_draft
from review.models import Assessment, Assignment
from submissions.models import Submission

WHOLE = "assessment", "submission__enrolment__version", "submission__enrolment__micro_credential"


class TooLarge(APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = "This is larger than can be taken."


class Door(APIView):
    """Assessors and approvers only; a body over the limit is refused before it is read."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        super().initial(request, *args, **kwargs)
        if not access_of(self.person).assesses:
            raise PermissionDenied

    @property
    def person(self) -> User:
        user = self.request.user
        if not isinstance(user, User):
            raise PermissionDenied
        return user

    def find(self, pk: UUID) -> Assignment:
        return get_object_or_404(rules.assignments_visible_to(self.person).select_related(*WHOLE), pk=pk)

    def answer(self, pk: UUID, status: int = 200) -> Response:
        return Response(shapes.WholeReviewSerializer(whole(self.find(pk), self.person)).data, status=status)


def neutral(submission: Submission) -> dict[str, Any]:
    """What says nothing about the person."""
    return {
        "code": submission.code,
        "micro_credential": submission.enrolment.micro_credential.slug,
        "title": submission.enrolment.version.title,
        "attempt": submission.attempt,
        "submitted_on": submission.submitted_at.date() if submission.submitted_at else None,
        "evidence_kinds": submission.enrolment.version.evidence_kinds,
    }


def waiting(line: queries.Waiting, user: User) -> dict[str, Any]:
    """A line of the queue, with how much work it is and by when."""
    row = line.assessment
    return {
        **neutral(line.submission),
        "submission": row.submission_id,
        "due_on": line.due,
        "media_seconds": row.media_seconds,
        "usual_minutes": line.minutes,
        "kept_until": row.reserved_until if row.reserved_for_id == user.pk else None,
    }


def review(assignment: Assignment) -> dict[str, Any]:
    """A claim in a list."""
    own = {name: getattr(assignment, name) for name in ("id", "state", "due", "revision")}
    return {**neutral(assignment.submission), **own}


def whole(assignment: Assignment, user: User) -> dict[str, Any]:
    """A review with everything its desk shows."""
    submission, lines = assignment.submission, queries.rubric(assignment)
    opens = rules.may_open_evidence(user, assignment)
    return {
        **review(assignment),
        **{name: getattr(assignment, name) for name in workflow.OVERALL},
        "verdict": queries.verdict(lines).words,
        "scores": lines,
        "resubmission_note": submission.resubmission_note if opens else "",
        "evidence": [piece(item, assignment) for item in queries.evidence(submission)] if opens else [],
        **(queries.answers(submission) if opens else {"overview": [], "reflection": []}),
    }


def piece(item: queries.Item, assignment: Assignment) -> dict[str, Any]:
    """An artifact without its own name and title. A page's address is told only where there is no copy of the page."""
    artifact = item.artifact
    opens = not (item.closed or item.gone)
    is_file = item.look not in {"text", "link"}
    return {
        **{name: getattr(artifact, name) for name in ("id", "kind", "content_type", "size")},
        "text": artifact.text if opens else "",
        "url": artifact.url if opens and item.look == "link" else "",
        "label": item.label,
        "name": item.name if is_file else "",
        "file": reverse("review-artifact", args=[assignment.pk, artifact.pk]) if is_file else "",
        "metadata_removed": item.cleaned,
    }


class NextDue(KeysetPagination):
    """The queue's order: what is due first comes first."""

    ordering = ("due", "pk")


class Newest(KeysetPagination):
    ordering = ("-claimed_at", "-pk")


class Queue(Door, ListAPIView[Assessment]):
    """What may be claimed, what is due first on top."""

    serializer_class = shapes.QueueSerializer
    queryset = Assessment.objects.none()
    pagination_class = NextDue

    def get_queryset(self) -> QuerySet[Assessment]:
        related = ("submission__enrolment__version", "submission__enrolment__micro_credential")
        return rules.queue_for(self.request.user).select_related(*related)

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        return [waiting(queries.Waiting(row), self.person) for row in page or []]


class Mine(Door, ListAPIView[Assignment]):
    """One's own claims and reviews, newest first."""

    serializer_class = shapes.ReviewSerializer
    queryset = Assignment.objects.none()
    pagination_class = Newest

    def get_queryset(self) -> QuerySet[Assignment]:
        return rules.own_assignments(self.request.user).select_related(*WHOLE)

    def paginate_queryset(self, queryset: Any) -> Any:
        return [review(row) for row in super().paginate_queryset(queryset) or []]


class Claim(Door):
    """Taking a submission out of the queue, by the queue's `submission`."""

    @extend_schema(request=None, responses={201: shapes.WholeReviewSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        workflow.guard_unread(pk, self.person)
        submission = get_object_or_404(rules.assessable_by(self.person), pk=pk)
        return self.answer(workflow.claim(submission, self.person).pk, 201)


class Review(Door):
    """One review."""

    @extend_schema(responses=shapes.WholeReviewSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        return self.answer(pk)

    @extend_schema(request=shapes.DraftSerializer, responses=shapes.SavedSerializer)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Save what changed; 409 with what is stored when `revision` is not the latest.

        The desk sends its flat fields (`level-<criterion>`, `feedback-<criterion>`, `note-<note>`, …) and its tab as `?tab=`.
        """
        assignment = self.find(pk)
        data = request.data if isinstance(request.data, dict) else {}
        form = shapes.DraftSerializer(data=data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        revision, scores = given.pop("revision"), given.pop("scores", {})
        flat = read_draft({name: value for name, value in data.items() if "-" in name})
        editor = known_tab(request.query_params.get("tab", ""))
        try:
            row = workflow.save(
                assignment,
                self.person,
                revision=revision,
                editor=editor,
                scores={**scores, **flat["scores"]},
                notes=flat["notes"],
                **given,
            )
        except workflow.EditedElsewhere as error:
            return problem(409, error.message, state=error.state)
        except workflow.StaleDraft as error:
            return problem(
                409, error.message, state=error.state, revision=error.revision, current=error.current
            )
        so_far = queries.verdict(queries.rubric(row))
        saved = {
            "revision": row.revision,
            "saved_at": row.saved_at,
            "scored": so_far.scored,
            "verdict": so_far.words,
        }
        return Response(shapes.SavedSerializer(saved).data)


class Release(Door):
    """Giving a claim back; the draft stays one's own."""

    @extend_schema(request=None, responses=shapes.WholeReviewSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        workflow.release(self.find(pk), self.person)
        return self.answer(pk)


class Recuse(Door):
    """Stepping back for a reason."""

    @extend_schema(request=shapes.RecuseSerializer, responses=shapes.WholeReviewSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        form = shapes.RecuseSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        workflow.recuse(self.find(pk), self.person, form.validated_data["reason"])
        return self.answer(pk)


class Complete(Door):
    """Sending the decision."""

    @extend_schema(request=shapes.RevisionSerializer, responses=shapes.WholeReviewSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        """Earned when every criterion reaches its passing level, else not yet. Sends only the revision named."""
        form = shapes.RevisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            workflow.complete(self.find(pk), self.person, form.validated_data["revision"])
        except workflow.StaleDraft as error:
            return problem(
                409, error.message, state=error.state, revision=error.revision, current=error.current
            )
        return self.answer(pk)
