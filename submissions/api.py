"""The same verbs for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any
from urllib.parse import unquote
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.generics import ListAPIView
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.problems import problem
from catalog import rules as catalog_rules
from submissions import files, pages, queries, serializers, workflow
from submissions.carrying import passed_before
from submissions.checklist import AI, NOTE, TEAM
from submissions.differences import differences
from submissions.files import FileRefused, IncomingFile
from submissions.forms import ANSWER
from submissions.kinds import BLOCK
from submissions.models import Artifact, Enrolment, Submission
from submissions.queries import Whole
from submissions.rules import artifacts_visible_to, enrolments_visible_to, submissions_visible_to

TEXT = OpenApiTypes.STR


class Door(APIView):
    """Signed-in people only; a JSON body over the limit is refused before it is read."""

    body_max = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        self.length = int(length) if length.isdigit() else 0
        if self.length > self.body_max:
            raise files.TooLarge
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        """A refused file keeps its own status: 400, 413 or 503."""
        if isinstance(exc, FileRefused):
            return problem(exc.status, exc.message, errors=exc.errors)
        return super().handle_exception(exc)

    @property
    def person(self) -> User:
        user = self.request.user
        if not isinstance(user, User):
            raise Http404
        return user

    def submission(self, pk: UUID) -> Submission:
        related = submissions_visible_to(self.request.user).select_related(
            "enrolment__micro_credential", "enrolment__version"
        )
        return get_object_or_404(related, pk=pk)

    def enrolment(self, pk: UUID) -> Enrolment:
        return get_object_or_404(enrolments(self.request.user), pk=pk)

    def whole(self, pk: UUID) -> Whole:
        return queries.unfold(
            get_object_or_404(queries.whole(submissions_visible_to(self.request.user)), pk=pk)
        )

    def answer(self, pk: UUID, status: int = 200) -> Response:
        """An attempt as it is now."""
        whole = self.whole(pk)
        form = serializers.WholeSubmissionSerializer(whole.submission, context={"whole": whole})
        return Response(form.data, status=status)


def enrolments(user: Any) -> QuerySet[Enrolment]:
    """Her enrolments, each with the id of its newest attempt."""
    return queries.with_newest(enrolments_visible_to(user))


class EnrolmentList(Door, ListAPIView[Enrolment]):
    """One's own enrolments, newest first."""

    serializer_class = serializers.EnrolmentSerializer
    queryset = Enrolment.objects.none()

    def get_queryset(self) -> QuerySet[Enrolment]:
        return enrolments(self.request.user)

    @extend_schema(request=serializers.EnrolSerializer, responses={201: serializers.EnrolmentSerializer})
    def post(self, request: Request) -> Response:
        """Enrol. Doing it again answers with the enrolment that is there."""
        form = serializers.EnrolSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        visible = catalog_rules.visible_to(self.person).select_related("current")
        unit = get_object_or_404(visible, slug=form.validated_data["micro_credential"])
        draft = workflow.enrol(self.person, unit, form.validated_data.get("target_date"))
        row = enrolments(self.person).get(pk=draft.enrolment_id)
        return Response(serializers.EnrolmentSerializer(row).data, status=201)


class EnrolmentDetail(Door):
    """One enrolment and its target date."""

    @extend_schema(responses=serializers.EnrolmentSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(serializers.EnrolmentSerializer(self.enrolment(pk)).data)

    @extend_schema(request=serializers.TargetSerializer, responses=serializers.EnrolmentSerializer)
    def patch(self, request: Request, pk: UUID) -> Response:
        form = serializers.TargetSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        workflow.set_target(self.enrolment(pk), self.person, form.validated_data["target_date"])
        return Response(serializers.EnrolmentSerializer(self.enrolment(pk)).data)


class EnrolmentLeave(Door):
    """Leaving; the work stays readable."""

    @extend_schema(request=None, responses=serializers.EnrolmentSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        workflow.leave(self.enrolment(pk), self.person)
        return Response(serializers.EnrolmentSerializer(self.enrolment(pk)).data)


class SubmissionList(Door, ListAPIView[Submission]):
    """One's own attempts, newest first."""

    serializer_class = serializers.SubmissionSerializer
    queryset = Submission.objects.none()

    def get_queryset(self) -> QuerySet[Submission]:
        return submissions_visible_to(self.request.user).select_related("enrolment__micro_credential")


class SubmissionDetail(Door):
    """One attempt."""

    @extend_schema(responses=serializers.WholeSubmissionSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        return self.answer(pk)

    @extend_schema(request=serializers.SaveSerializer, responses=serializers.SavedSubmissionSerializer)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Save what changed; 409 with what is stored, and what differs, when `revision` is not the latest.

        `differences` maps a field to `[[op, text], …]`: `same`, `removed` (only stored) or `added` (only sent).
        """
        submission = self.submission(pk)
        data = request.data if isinstance(request.data, dict) else {}
        form = serializers.SaveSerializer(data=data)
        form.is_valid(raise_exception=True)
        flat = {name.removeprefix(ANSWER): text for name, text in data.items() if name.startswith(ANSWER)}
        try:
            workflow.save(
                submission,
                self.person,
                revision=form.validated_data["revision"],
                answers={**form.validated_data.get("answers", {}), **flat},
                resubmission_note=form.validated_data.get(NOTE),
                ai_use=form.validated_data.get(AI),
                contribution=form.validated_data.get(TEAM),
            )
        except workflow.StaleRevision as stale:
            return self.stale(stale, data)
        saved = {
            **{name: getattr(submission, name) for name in ("revision", "saved_at", "state")},
            "reopened": [one.criterion.key for one in passed_before(submission).again],
        }
        return Response(serializers.SavedSubmissionSerializer(saved).data)

    def stale(self, stale: workflow.StaleRevision, data: Mapping[str, Any]) -> Response:
        """What is stored now, as an object and flat, and for each text that was sent what differs from it."""
        stored = pages.flat(stale)
        sent = {name: text for name, text in sent_texts(data).items() if text != stored.get(name, "")}
        return problem(
            409,
            stale.message,
            state=stale.state,
            revision=stale.revision,
            current={"answers": stale.answers, **stored},
            differences={name: differences(stored.get(name, ""), text) for name, text in sent.items()},
        )


def sent_texts(data: Mapping[str, Any]) -> dict[str, str]:
    """What was sent, by flat names, whichever way it was sent."""
    named = data.get("answers")
    nested = {ANSWER + str(key): text for key, text in named.items()} if isinstance(named, dict) else {}
    flat = {name: text for name, text in data.items() if name.startswith(ANSWER) or name in {NOTE, AI, TEAM}}
    return {name: text for name, text in {**nested, **flat}.items() if isinstance(text, str)}


class SubmissionSubmit(Door):
    """Handing in."""

    @extend_schema(request=serializers.SubmitSerializer, responses=serializers.WholeSubmissionSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        form = serializers.SubmitSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        workflow.submit(self.submission(pk), self.person, given["attestations"], given["outside"])
        return self.answer(pk)


class SubmissionWithdraw(Door):
    """Taking back to correct, while nobody reads."""

    @extend_schema(request=None, responses=serializers.WholeSubmissionSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        workflow.withdraw(self.submission(pk), self.person)
        return self.answer(pk)


class SubmissionUseful(Door):
    """How useful the feedback was; the issuer sees sums, the assessor nothing."""

    @extend_schema(request=serializers.UsefulSerializer, responses=serializers.WholeSubmissionSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        submission = self.submission(pk)
        form = serializers.UsefulSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        workflow.rate_feedback(submission, self.person, form.validated_data["rating"])
        return self.answer(pk)


class SubmissionResubmit(Door):
    """The next attempt after “not yet”."""

    @extend_schema(request=None, responses={201: serializers.WholeSubmissionSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        return self.answer(workflow.resubmit(self.submission(pk), self.person).pk, 201)


class ArtifactList(Door):
    """The evidence of an attempt."""

    @extend_schema(responses=serializers.ArtifactSerializer(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        rows = artifacts_visible_to(request.user).filter(submission=self.submission(pk))
        return Response(serializers.ArtifactSerializer(rows, many=True).data)

    @extend_schema(request=serializers.NewArtifactSerializer, responses={201: serializers.ArtifactSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        """Add a link or a text."""
        form = serializers.NewArtifactSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        shared = {name: given[name] for name in ("requirement", "criteria", "title")}
        submission = self.submission(pk)
        if given["kind"] == Artifact.Kind.LINK:
            artifact = workflow.add_link(submission, self.person, url=given["url"], **shared)
        else:
            artifact = workflow.add_text(submission, self.person, text=given["text"], **shared)
        return Response(serializers.ArtifactSerializer(artifact).data, status=201)


class RawParser(BaseParser):
    """Hands the stream on unread."""

    media_type = "*/*"

    def parse(self, stream: IO[bytes], media_type: Any = None, parser_context: Any = None) -> Any:
        return stream


class ArtifactUpload(Door):
    """A file as raw bytes, streamed; its name in `name` or, percent-encoded, in the header `X-File-Name`."""

    parser_classes = (RawParser,)
    body_max = settings.UPLOAD_MAX_BYTES

    @extend_schema(
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={201: serializers.ArtifactSerializer, 413: OpenApiResponse(description="Over the limit.")},
        parameters=[
            OpenApiParameter("requirement", TEXT, required=True, description="What this is evidence of."),
            OpenApiParameter("name", TEXT, description="The file's name."),
            OpenApiParameter("title", TEXT),
            OpenApiParameter("criteria", TEXT, many=True),
        ],
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """Add a file."""
        query = request.query_params
        requirement = query.get("requirement", "")
        artifact = workflow.add_file(
            self.submission(pk),
            self.person,
            requirement=requirement,
            criteria=query.getlist("criteria") or query.getlist(f"criteria-{requirement}"),
            title=query.get("title", ""),
            upload=IncomingFile(self.chunks(request), self.length, self.file_name(request)),
        )
        return Response(serializers.ArtifactSerializer(artifact).data, status=201)

    @extend_schema(exclude=True)
    def post(self, request: Request, pk: UUID) -> Response:
        """The same, for clients that only POST."""
        return self.put(request, pk)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.content_type.startswith(("multipart/", "application/x-www-form-urlencoded")):
            raise UnsupportedMediaType(
                request.content_type, _("Send the bytes of the file as the body, without a form.")
            )
        super().initial(request, *args, **kwargs)

    def chunks(self, request: Request) -> Iterator[bytes]:
        stream = request.stream
        while stream is not None and (block := stream.read(BLOCK)):
            yield block

    def file_name(self, request: Request) -> str:
        return (
            request.query_params.get("name") or unquote(request.headers.get("X-File-Name", "")) or _("file")
        )


class ArtifactDetail(Door):
    """One piece of evidence."""

    def artifact(self, pk: UUID) -> Artifact:
        related = artifacts_visible_to(self.request.user).select_related("submission__enrolment__version")
        return get_object_or_404(related, pk=pk)

    @extend_schema(responses=serializers.ArtifactSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(serializers.ArtifactSerializer(self.artifact(pk)).data)

    @extend_schema(request=serializers.CoverageSerializer, responses=serializers.ArtifactSerializer)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Say who can be recognised in it: `covered` (with one's own `classes`), `nobody` or `unsure`."""
        form = serializers.CoverageSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        artifact = workflow.cover(self.artifact(pk), self.person, **form.validated_data)
        return Response(serializers.ArtifactSerializer(artifact).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        workflow.remove_artifact(self.artifact(pk), self.person)
        return Response(status=204)
