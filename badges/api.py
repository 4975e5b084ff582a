"""Awards and verification for programs: the same verbs and rules as the pages."""

from __future__ import annotations

import json
from typing import Any, ClassVar, cast
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.pagination import KeysetPagination
from badges import checking, issuing, queries, rules, workflow
from badges.forms import MAX_UPLOAD
from badges.models import Award
from badges.openbadges.reading import MAX_BYTES


class AwardSerializer(serializers.ModelSerializer[Award]):
    """One badge. `credential_url` answers the signed credential itself."""

    title = serializers.CharField(source="listed_title", read_only=True)
    micro_credential = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)
    stack = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)
    issuer = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    url = serializers.SerializerMethodField()
    credential_url = serializers.SerializerMethodField()
    image_url = serializers.SerializerMethodField()
    expired = serializers.BooleanField(read_only=True)
    renewed_by = serializers.SerializerMethodField()

    class Meta:
        model = Award
        fields = (
            *(
                "id",
                "title",
                "micro_credential",
                "stack",
                "issuer",
                "origin",
                "state",
                "visibility",
                "name_shown",
                "awarded_at",
            ),
            *(
                "revoked_at",
                "revocation_reason",
                "valid_until",
                "expired",
                "renewed_by",
                "url",
                "credential_url",
                "image_url",
            ),
        )
        read_only_fields: ClassVar = [
            *("origin", "state", "awarded_at", "revoked_at", "revocation_reason", "valid_until"),
        ]

    def to_representation(self, instance: Award) -> dict[str, Any]:
        """Why a badge was revoked is for its earner and its issuer; a name that is not shown for the earner alone."""
        data = super().to_representation(instance)
        user = self.context["request"].user
        earner = rules.is_earner(user, instance)
        if not (earner or rules.may_revoke(user, instance)):
            data["revocation_reason"] = ""
        if not (earner or instance.visibility in rules.SHOWN):
            data["name_shown"] = ""
        return data

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_renewed_by(self, award: Award) -> str | None:
        """The award that goes on where this one ends, for its holder."""
        successor = getattr(award, "successor", None)
        return str(successor) if successor and rules.is_earner(self.context["request"].user, award) else None

    @extend_schema_field(serializers.URLField())
    def get_url(self, award: Award) -> str:
        return issuing.absolute(reverse("badge", args=[award.pk]))

    @extend_schema_field(serializers.URLField())
    def get_credential_url(self, award: Award) -> str:
        return issuing.badge_id(award.pk)

    @extend_schema_field(serializers.URLField())
    def get_image_url(self, award: Award) -> str:
        return issuing.absolute(reverse("badge-image", args=[award.pk]))


class VisibilitySerializer(serializers.Serializer[Any]):
    """What the earner may change."""

    visibility = serializers.ChoiceField(choices=Award.Visibility.choices)
    name_shown = serializers.CharField(max_length=120, required=False, allow_blank=True)


class DistrictSerializer(serializers.Serializer[Any]):
    """A district by its slug, and whether it may see the award."""

    organization = serializers.SlugField()
    shared = serializers.BooleanField(default=True)


@extend_schema(
    parameters=[
        OpenApiParameter(
            "issued", bool, description="What your own issuer awarded, for its approvers and admins."
        )
    ]
)
class AwardListView(generics.ListAPIView[Award]):
    """One's own awards, newest first."""

    serializer_class = AwardSerializer
    pagination_class = KeysetPagination
    queryset = Award.objects.none()

    def get_queryset(self) -> QuerySet[Award]:
        of = rules.issued_visible_to if self.request.query_params.get("issued") else rules.owned_by
        return queries.for_list(of(cast(User, self.request.user)))


class AwardView(generics.RetrieveAPIView[Award]):
    """One award that may be seen; its earner changes who else may."""

    serializer_class = AwardSerializer
    queryset = Award.objects.none()
    lookup_field = "pk"

    def get_queryset(self) -> QuerySet[Award]:
        return queries.for_list(rules.awards_visible_to(cast(User, self.request.user)))

    @extend_schema(request=VisibilitySerializer, responses=AwardSerializer)
    def patch(self, request: Request, pk: UUID) -> Response:
        award = self.get_object()
        form = VisibilitySerializer(data={"visibility": award.visibility, **_members(request)})
        form.is_valid(raise_exception=True)
        workflow.set_visibility(award, cast(User, request.user), **form.validated_data)
        return Response(self.get_serializer(award).data)


def _members(request: Request) -> dict[str, Any]:
    if not isinstance(request.data, dict):
        raise ValidationError({"non_field_errors": [_("Send a JSON object.")]})
    return dict(request.data)


class ShareView(APIView):
    """Share one's award with a district one belongs to, or take it back."""

    @extend_schema(request=DistrictSerializer, responses={200: DistrictSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        user = cast(User, request.user)
        award = get_object_or_404(rules.readable_by(user), pk=pk)
        form = DistrictSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        slug = form.validated_data["organization"]
        district = rules.districts().filter(slug=slug).first()
        if district is None:
            raise ValidationError({"organization": [_("You can share only with a district you belong to.")]})
        verb = workflow.share_with if form.validated_data["shared"] else workflow.unshare
        verb(award, user, district)
        return Response(form.validated_data)


# --- checking -----------------------------------------------------------------------------------------------


class TooLarge(APIException):
    """More than a badge can be."""

    status_code = 413
    default_detail = "This is larger than 5 MB. Badges are smaller."
    default_code = "too_large"


class BoundedJSONParser(JSONParser):
    """JSON from strangers: bounded, whole, and no property twice."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise TooLarge
        try:
            return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("This is not a JSON document.")) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a property twice")
    return members


class VerifySerializer(serializers.Serializer[Any]):
    """A badge to check: `credential` (the JSON object, or text: JSON, a JWT, an address), or a `file`.

    A file is JSON, a JWT, a PNG or SVG with a badge inside, or a picture of a QR code. `email` asks whether the badge
    was issued to this address; it is compared and forgotten.
    """

    credential = serializers.JSONField(required=False)
    file = serializers.FileField(required=False, allow_empty_file=True)
    email = serializers.EmailField(required=False, allow_blank=True, write_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        credential, file = attrs.get("credential"), attrs.get("file")
        if file is not None and file.size > MAX_UPLOAD:
            raise TooLarge
        if file is None and not isinstance(credential, (dict, str)):
            raise ValidationError(
                {"credential": [_("Send a credential as a JSON object, its text or its address, or a file.")]}
            )
        return attrs

    def badge(self) -> Any:
        """What to check; a file counts before text."""
        file = self.validated_data.get("file")
        return self.validated_data["credential"] if file is None else file.read()


class StepSerializer(serializers.Serializer[Any]):
    """One thing that was checked."""

    name = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["ok", "failed", "unknown"])
    words = serializers.CharField()


class ReportSerializer(serializers.Serializer[Any]):
    """The answer step by step. `unknown` is what could not be checked here; it is never `ok`.

    `granted` is set for a badge that its issuer here awarded on its own judgement, without an assessment.
    """

    valid = serializers.BooleanField()
    verdict = serializers.ChoiceField(choices=["ok", "failed", "unknown"])
    standing = serializers.ChoiceField(choices=["", "revoked", "suspended"])
    title = serializers.CharField()
    issuer = serializers.CharField()
    issuer_id = serializers.CharField()
    demonstration = serializers.BooleanField()
    granted = serializers.BooleanField()
    steps = StepSerializer(many=True)


class VerifyView(APIView):
    """Check any badge, without an account."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (BoundedJSONParser, MultiPartParser)
    throttle_scope = "verify"

    @extend_schema(request=VerifySerializer, responses=ReportSerializer, auth=[])
    def post(self, request: Request) -> Response:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_UPLOAD + MAX_BYTES:
            raise TooLarge
        form = VerifySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        report = checking.check(form.badge(), form.validated_data.get("email", ""))
        told = checking.told(report)
        body = {
            "valid": report.valid,
            "verdict": told["verdict"],
            "standing": report.standing,
            "title": told.get("title", ""),
            "issuer": told.get("issuer", ""),
            "issuer_id": report.about.issuer_id,
            "demonstration": told["demo"],
            "granted": told["granted"],
            "steps": report.steps,
        }
        return Response(ReportSerializer(body).data)
