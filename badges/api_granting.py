"""Granting a badge to a list of people, for programs."""

from __future__ import annotations

import re
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.exceptions import APIException, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.pagination import KeysetPagination
from accounts.parsing import JSONParser
from badges import issuing, rules, workflow
from badges.models import Batch, BatchRow
from badges.sheets import COLUMNS, MOST_BYTES, SheetError, checked, read_rows

_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")


class TooLarge(APIException):
    """More than a list can be."""

    status_code = 413
    default_detail = "This is larger than 10 MB. Send it in parts."
    default_code = "too_large"


class BoundedJSONParser(JSONParser):
    """A long list, but not an endless one."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        request = (parser_context or {}).get("request")
        if request is not None and int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise TooLarge
        return super().parse(stream, media_type, parser_context)


class GrantSerializer(serializers.ModelSerializer[Batch]):
    """One list: how many rows it has, how many are answered by now, and how many of them were refused."""

    micro_credential = serializers.SlugRelatedField[Any](
        source="version.micro_credential", slug_field="slug", read_only=True
    )
    issuer = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    rows_url = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        fields = (
            *("id", "name", "issuer", "micro_credential", "state", "total", "answered", "refused"),
            *("created", "finished_at", "rows_url"),
        )

    @extend_schema_field(serializers.URLField())
    def get_rows_url(self, batch: Batch) -> str:
        return issuing.absolute(reverse("api-grant-rows", args=[batch.pk]))


class GrantRowSerializer(serializers.ModelSerializer[BatchRow]):
    """One row with its answer: `waiting`, `awarded`, `already` (had the badge) or `refused` for its problem."""

    award = serializers.UUIDField(source="award_id", read_only=True, allow_null=True)

    class Meta:
        model = BatchRow
        fields = ("number", "reference", "email", "state", "problem", "award")


class NewGrantSerializer(serializers.Serializer[Any]):
    """A list: the slug of a micro-credential that your issuer has published, and rows of texts."""

    micro_credential = serializers.SlugField(max_length=120)
    name = serializers.CharField(max_length=160, required=False, default="")
    rows = serializers.ListField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True), allow_empty=True),
        help_text=f"Objects with the members {', '.join(COLUMNS)}; only email is required, others are kept.",
    )

    def to_internal_value(self, data: Any) -> Any:
        """The rows stay as they came: each is answered by itself, in words."""
        rows = data.get("rows") if isinstance(data, dict) else None
        given = super().to_internal_value({**data, "rows": []} if isinstance(data, dict) else data)
        return {**given, "rows": rows}


class GrantListView(generics.ListAPIView[Batch]):
    """Lists your issuer granted a badge to, newest first; POST sends one, which starts at once."""

    serializer_class = GrantSerializer
    pagination_class = KeysetPagination
    parser_classes = (BoundedJSONParser,)
    queryset = Batch.objects.none()

    def get_queryset(self) -> QuerySet[Batch]:
        return _visible(self.request).select_related("issuer", "version__micro_credential")

    @extend_schema(
        request=NewGrantSerializer,
        responses={202: GrantSerializer},
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="Your name for this request: sent again, it answers the same list.",
            )
        ],
    )
    def post(self, request: Request) -> Response:
        user = _granter(request)
        form = NewGrantSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        unit = rules.grantable_by(user).select_related("current__micro_credential")
        unit = unit.filter(slug=form.validated_data["micro_credential"])
        if (found := unit.first()) is None:
            raise ValidationError(
                {"micro_credential": [_("Choose one that your organisation has published.")]}
            )
        rows = form.validated_data["rows"]
        try:
            lines = checked(read_rows(rows))
        except SheetError as error:
            raise ValidationError({"rows": [str(error)]}) from error
        key = workflow.request_key(_key(request), rows)
        batch = workflow.check_batch(user, found, form.validated_data["name"], key, lines)
        workflow.same_rows(batch, lines)
        if batch.state == Batch.State.CHECKED:
            workflow.start_batch(batch, user)
        return Response(GrantSerializer(batch).data, status=202)


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if key and not _KEY.match(key):
        words = _("An Idempotency-Key is up to 255 visible characters.")
        raise ValidationError({"Idempotency-Key": [words]})
    return key


def _granter(request: Request) -> User:
    user = cast(User, request.user)
    if not rules.grants(user):
        raise PermissionDenied
    return user


def _visible(request: Request) -> QuerySet[Batch]:
    return rules.batches_visible_to(_granter(request))


class GrantView(generics.RetrieveAPIView[Batch]):
    """How far a list is."""

    serializer_class = GrantSerializer
    queryset = Batch.objects.none()

    def get_queryset(self) -> QuerySet[Batch]:
        return _visible(self.request).select_related("issuer", "version__micro_credential")


class RowPagination(KeysetPagination):
    """In the order of the list."""

    page_size = 100
    max_page_size = 1000
    ordering = ("number", "pk")


class GrantRowsView(generics.ListAPIView[BatchRow]):
    """The rows of a list with their answers."""

    serializer_class = GrantRowSerializer
    pagination_class = RowPagination
    queryset = BatchRow.objects.none()

    def get_queryset(self) -> QuerySet[BatchRow]:
        batch = get_object_or_404(_visible(self.request), pk=cast(UUID, self.kwargs["pk"]))
        return BatchRow.objects.filter(batch=batch).defer("columns", "narrative", "supporting")
