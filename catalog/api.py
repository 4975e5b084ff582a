"""The catalog for machines: public, the same filters as the explorer, the same document as the page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Organisation
from accounts.pagination import KeysetPagination
from catalog import rules
from catalog.models import Collection, MicroCredential, Stack
from catalog.queries import groups, paging
from catalog.queries.explorer import search, vocabulary
from catalog.queries.filters import SORTS, parse
from catalog.queries.words import GROUPS
from catalog.serializers import (
    CollectionSerializer,
    IssuerProfileSerializer,
    MicroCredentialDetailSerializer,
    MicroCredentialPageSerializer,
    MicroCredentialSerializer,
    StackSerializer,
)

PAGE_SIZE, LARGEST_PAGE = 24, 100
PARAMETERS = [
    OpenApiParameter("q", str, description="Words to search for."),
    *(
        OpenApiParameter(name, str, many=True, description=f"{words}; any of several.")
        for name, words in GROUPS.items()
    ),
    OpenApiParameter("sort", str, enum=SORTS),
    OpenApiParameter("cursor", str, description="From `next` or `previous` of another page."),
    OpenApiParameter("page_size", int),
]


class ByTitle(KeysetPagination):
    """In the order of the alphabet."""

    ordering = ("title", "pk")


class ByName(KeysetPagination):
    """In the order of the alphabet."""

    ordering = ("name", "pk")


class MicroCredentialList(APIView):
    """Published micro-credentials that match; an unknown filter value is refused, not ignored."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="micro_credentials_list",
        parameters=PARAMETERS,
        responses=MicroCredentialPageSerializer,
        auth=[],
    )
    def get(self, request: Request) -> Response:
        params = request.query_params
        filters = parse(params, vocabulary())
        if filters.unknown:
            raise ValidationError(
                {name: [_("“%(value)s” is not known.") % {"value": value}] for name, value in filters.unknown}
            )
        try:
            page = search(rules.explorable(), filters, params.get("cursor", ""), _page_size(params))
        except paging.BadCursor as error:
            raise ValidationError({"cursor": [_("This cursor does not belong to this list.")]}) from error
        return Response(
            {
                "results": MicroCredentialSerializer(page.rows, many=True).data,
                "next": _address(request, page.next),
                "previous": _address(request, page.previous),
            }
        )


class MicroCredentialDetail(generics.RetrieveAPIView[MicroCredential]):
    """One micro-credential with its whole template and rubric."""

    permission_classes = (AllowAny,)
    lookup_field = "slug"
    serializer_class = MicroCredentialDetailSerializer
    queryset = MicroCredential.objects.none()

    def get_queryset(self) -> QuerySet[MicroCredential]:
        rows = rules.visible_to(self.request.user).exclude(current=None)
        return rows.select_related("issuer", "current").defer("search")


class CollectionList(generics.ListAPIView[Collection]):
    """Curated lists."""

    permission_classes = (AllowAny,)
    serializer_class = CollectionSerializer
    pagination_class = ByTitle
    queryset = Collection.objects.none()

    def get_queryset(self) -> QuerySet[Collection]:
        return groups.with_members(groups.collections(), rules.public())


class CollectionDetail(generics.RetrieveAPIView[Collection]):
    """One curated list."""

    permission_classes = (AllowAny,)
    lookup_field = "slug"
    serializer_class = CollectionSerializer
    queryset = Collection.objects.none()

    def get_queryset(self) -> QuerySet[Collection]:
        return groups.with_members(groups.collections(), rules.public())


class StackList(generics.ListAPIView[Stack]):
    """What leads to certificates."""

    permission_classes = (AllowAny,)
    serializer_class = StackSerializer
    pagination_class = ByTitle
    queryset = Stack.objects.none()

    def get_queryset(self) -> QuerySet[Stack]:
        return groups.with_groups(groups.stacks(), rules.public())


class StackDetail(generics.RetrieveAPIView[Stack]):
    """One stack."""

    permission_classes = (AllowAny,)
    lookup_field = "slug"
    serializer_class = StackSerializer
    queryset = Stack.objects.none()

    def get_queryset(self) -> QuerySet[Stack]:
        return groups.with_groups(groups.stacks(), rules.public())


class IssuerList(generics.ListAPIView[Organisation]):
    """Organisations that may publish."""

    permission_classes = (AllowAny,)
    serializer_class = IssuerProfileSerializer
    pagination_class = ByName
    queryset = rules.issuers()


class IssuerDetail(generics.RetrieveAPIView[Organisation]):
    """One issuer."""

    permission_classes = (AllowAny,)
    lookup_field = "slug"
    serializer_class = IssuerProfileSerializer
    queryset = rules.issuers()


def _page_size(params: QueryDict) -> int:
    try:
        return min(max(int(params.get("page_size", PAGE_SIZE)), 1), LARGEST_PAGE)
    except ValueError as error:
        raise ValidationError({"page_size": [_("A whole number is needed.")]}) from error


def _address(request: Request, cursor: str) -> str | None:
    """This list at another cursor."""
    if not cursor:
        return None
    params: Any = request.query_params.copy()
    params["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{params.urlencode()}")
