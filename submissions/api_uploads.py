"""Resumable uploads: tus 1.0.0, and the same upload as parts that a browser sends straight to the store.

See tus.io for the protocol. Every answer about an upload names its state in headers; refusals are problem JSON.
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import http_date
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import UnsupportedMediaType, ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.problems import problem
from submissions import uploads, workflow
from submissions.api import Door, RawParser
from submissions.files import FileRefused
from submissions.models import Upload
from submissions.rules import uploads_visible_to
from submissions.upload_serializers import (
    NewUploadSerializer,
    NumbersSerializer,
    PartAddressesSerializer,
    PartListSerializer,
    UploadSerializer,
    address,
)
from submissions.uploads import parts
from submissions.uploads.body import ALGORITHMS, Body, PartChecksum
from submissions.uploads.errors import Away, Ended, Missing, Refusal

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"
BYTES = "application/offset+octet-stream"
METADATA_MAX = 2000
# Of the 16 threads of a web process: slow lines must not keep everybody else from their pages.
LINES = threading.BoundedSemaphore(12)


class UploadDoor(Door):
    """What all requests about uploads share: her own uploads, open ones, and words for refusals."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.content_type.startswith(("multipart/", "application/x-www-form-urlencoded")):
            raise UnsupportedMediaType(
                request.content_type, _("Send the bytes of the file as the body, without a form.")
            )
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Missing):
            return problem(exc.status, exc.message, errors=exc.errors, missing=exc.numbers)
        answer = super().handle_exception(exc)
        if isinstance(exc, Refusal):
            for name, value in exc.headers.items():
                answer.headers[name] = value
        return answer

    def upload(self, pk: UUID) -> Upload:
        """Hers, and not over. One that was refused says why."""
        related = uploads_visible_to(self.request.user).select_related(
            "owner", "artifact__submission__enrolment__micro_credential"
        )
        upload: Upload = get_object_or_404(related, pk=pk)
        if upload.artifact is None or upload.state == Upload.State.ENDED:
            raise Ended(upload.artifact.problem if upload.artifact else "")
        if upload.lapsed:
            workflow.end_upload(upload, why="expired")
            raise Ended
        return upload


class TusDoor(UploadDoor):
    """The protocol's own rules: its version, and clients that can only POST."""

    parser_classes = (RawParser,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        wanted = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and wanted in {"PATCH", "DELETE"}:
            request.method = wanted
        self.body = Body(request.META)
        return super().dispatch(request, *args, **kwargs)

    def get_permissions(self) -> Sequence[Any]:
        """What the server can do is no secret."""
        return [AllowAny()] if self.request.method == "OPTIONS" else super().get_permissions()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.body_max = settings.UPLOAD_MAX_BYTES
        super().initial(request, *args, **kwargs)
        if request.method not in {"OPTIONS", "GET"} and request.headers.get("Tus-Resumable") != VERSION:
            raise OtherVersion

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        self.body.drain()
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Tus-Resumable"] = VERSION
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    @extend_schema(exclude=True)
    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """What this server can do."""
        return Response(
            status=204,
            headers={
                "Tus-Version": VERSION,
                "Tus-Extension": EXTENSIONS,
                "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
                "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
            },
        )

    def take(self, request: Request, upload: Upload, at: int) -> int:
        """The body of this request, from `at` on."""
        header = request.headers.get("Upload-Checksum")
        checksum = PartChecksum(header) if header else None
        if not LINES.acquire(blocking=False):
            raise Away(_("Many files are being sent just now. Yours goes on in a moment."))
        try:
            size = workflow.take(upload, self.body.blocks(max(upload.size - at, 0)), at, checksum)
        finally:
            LINES.release()
        if not self.body.whole:
            raise Refusal(_("The connection broke before the whole part was here."), Upload_Offset=str(size))
        return size


class OtherVersion(Refusal):
    """Another version of the protocol, or none."""

    status = 412

    def __init__(self) -> None:
        super().__init__(
            _("This server speaks tus %s: say so in Tus-Resumable.") % VERSION, Tus_Version=VERSION
        )


class UploadList(TusDoor, ListAPIView[Upload]):
    """Begin an upload, or see those under way."""

    serializer_class = UploadSerializer
    queryset = Upload.objects.none()

    def get_queryset(self) -> QuerySet[Upload]:
        """Those that can go on."""
        return _going_on(uploads_visible_to(self.request.user), self.request.query_params.get("submission"))

    @extend_schema(
        parameters=[OpenApiParameter("submission", OpenApiTypes.UUID, description="Of one attempt.")]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request={BYTES: OpenApiTypes.BINARY},
        responses={201: None, 413: OpenApiResponse(description="Over a limit."), 507: OpenApiResponse(description="No room.")},
        parameters=[
            OpenApiParameter("Tus-Resumable", OpenApiTypes.STR, "header", required=True),
            OpenApiParameter("Upload-Length", OpenApiTypes.INT, "header", required=True),
            OpenApiParameter("Upload-Metadata", OpenApiTypes.STR, "header", required=True, description="filename, submission, requirement; criteria, title, filetype, modified, sample, sha256: each with its value in base64"),
            OpenApiParameter("Upload-Checksum", OpenApiTypes.STR, "header"),
            OpenApiParameter("Upload-Direct", OpenApiTypes.STR, "header", description="“yes”: the parts may go straight to the store"),
        ],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Creation, with the first bytes where the body has some."""
        size, told = length_of(request), metadata_of(request)
        form = NewUploadSerializer(data=told)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        upload = workflow.begin_upload(
            self.submission(given["submission"]), self.person, requirement=given["requirement"],
            criteria=[key for key in given["criteria"].split(",") if key], title=given["title"],
            name=given["filename"], size=size, sample=given["sample"], sha256=given["sha256"].lower(),
            metadata=request.headers.get("Upload-Metadata", ""),
            direct=request.headers.get("Upload-Direct") == "yes" and parts.direct(),
        )  # fmt: skip
        headers = {
            "Location": address(upload),
            "Upload-Via": str(upload.via),
            "Upload-Expires": expiry(upload),
        }
        if upload.via == Upload.Via.STORE:
            headers["Upload-Part-Size"] = str(upload.part_size)
        elif request.content_type == BYTES:
            headers["Upload-Offset"] = str(self.take(request, upload, 0))
        return Response(status=201, headers=headers)


class UploadDetail(TusDoor):
    """One upload: where it stands, more bytes, its end."""

    def head(self, request: Request, pk: UUID) -> Response:
        """Where it stands. All bytes of a killed server's last part may be here: then it is received now."""
        upload = self.upload(pk)
        workflow.settle(upload)
        headers = {
            "Upload-Offset": str(uploads.offset(upload)),
            "Upload-Length": str(upload.size),
            "Upload-Via": str(upload.via),
            "Upload-Expires": expiry(upload),
            "Cache-Control": "no-store",
        }
        if upload.metadata:
            headers["Upload-Metadata"] = upload.metadata
        return Response(headers=headers)

    @extend_schema(responses=UploadSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        """The same as a document."""
        return Response(UploadSerializer(self.upload(pk)).data)

    @extend_schema(
        request={BYTES: OpenApiTypes.BINARY},
        responses={204: None, 409: OpenApiResponse(description="Another offset."), 423: OpenApiResponse(description="Another connection."), 460: OpenApiResponse(description="Another checksum.")},
        parameters=[
            OpenApiParameter("Tus-Resumable", OpenApiTypes.STR, "header", required=True),
            OpenApiParameter("Upload-Offset", OpenApiTypes.INT, "header", required=True),
            OpenApiParameter("Upload-Checksum", OpenApiTypes.STR, "header"),
        ],
    )  # fmt: skip
    def patch(self, request: Request, pk: UUID) -> Response:
        """More bytes."""
        if request.content_type != BYTES and self.body.length != 0:
            raise UnsupportedMediaType(request.content_type, _("Send the bytes as %s.") % BYTES)
        upload = self.upload(pk)
        size = self.take(request, upload, number_of(request, "Upload-Offset"))
        return Response(status=204, headers={"Upload-Offset": str(size), "Upload-Expires": expiry(upload)})

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Cancel."""
        workflow.cancel_upload(self.upload(pk), self.person)
        return Response(status=204)


class UploadParts(UploadDoor):
    """The parts of an upload that goes straight to the store."""

    @extend_schema(responses=PartListSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        """Those that the store has."""
        return Response(PartListSerializer({"parts": uploads.found(self.upload(pk))}).data)

    @extend_schema(request=NumbersSerializer, responses=PartAddressesSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        """Where these parts go."""
        form = NumbersSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        addresses = workflow.part_addresses(self.upload(pk), form.validated_data["numbers"])
        return Response({"parts": list(addresses)})


class UploadComplete(UploadDoor):
    """All parts were sent."""

    @extend_schema(request=None, responses=UploadSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        """Put them together; 409 with `missing` where some are not there."""
        upload = self.upload(pk)
        workflow.complete(upload)
        return Response(UploadSerializer(upload).data)


def _going_on(rows: QuerySet[Upload], submission: str | None) -> QuerySet[Upload]:
    rows = rows.filter(state=Upload.State.OPEN, artifact__isnull=False).select_related("artifact")
    if submission is None:
        return rows
    try:
        return rows.filter(artifact__submission=UUID(submission))
    except ValueError as error:
        raise ValidationError({"submission": [_("This is not the id of an attempt.")]}) from error


def expiry(upload: Upload) -> str:
    """When it ends if nothing more comes."""
    return http_date(upload.expires.timestamp())


def number_of(request: Request, name: str) -> int:
    """A header that is a whole number."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise ValidationError({name: [_("Send a whole number in the header %s.") % name]})
    return int(text)


def length_of(request: Request) -> int:
    """How many bytes the file has."""
    size = number_of(request, "Upload-Length")
    if not size:
        raise FileRefused(
            _("This file is empty (0 bytes). Choose the file again; perhaps it was still being saved.")
        )
    return size


def metadata_of(request: Request) -> dict[str, str]:
    """The pairs of Upload-Metadata, decoded."""
    text = request.headers.get("Upload-Metadata", "")
    if len(text) > METADATA_MAX:
        raise ValidationError({"Upload-Metadata": [_("This may have %d characters.") % METADATA_MAX]})
    told = {}
    for pair in filter(None, (pair.strip() for pair in text.split(","))):
        key, _space, value = pair.partition(" ")
        try:
            told[key] = base64.b64decode(value, validate=True).decode().replace("\0", "")
        except (binascii.Error, ValueError) as error:
            raise ValidationError(
                {"Upload-Metadata": [_("The value of “%s” is not UTF-8 in base64.") % key]}
            ) from error
    return told
