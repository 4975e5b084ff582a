"""The comment bank for programs and for the desk's popover."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.pagination import KeysetPagination
from review import queries, rules, workflow
from review.api import Door
from review.models import Assignment, Comment


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """A comment with what came of it: of `followed` later attempts `passed` then passed the criterion."""

    issuer = serializers.SlugRelatedField(slug_field="slug", read_only=True)  # type: ignore[var-annotated]
    mine = serializers.SerializerMethodField()

    class Meta:
        model = Comment
        fields = ("id", "text", "state", "issuer", "criterion_key", "mine", "used", "followed", "passed")

    def get_mine(self, comment: Comment) -> bool:
        return bool(comment.owner_id == self.context["request"].user.pk)


class KeepSerializer(serializers.Serializer[Any]):
    """A text of a review, kept for the criterion it was written on."""

    review = serializers.UUIDField()
    criterion = serializers.CharField()
    text = serializers.CharField(trim_whitespace=False, allow_blank=True)


class UseSerializer(serializers.Serializer[Any]):
    comment = serializers.UUIDField()
    criterion = serializers.CharField()


class BestFirst(KeysetPagination):
    """What helped most comes first."""

    ordering = ("-rate", "-used", "pk")  # type: ignore[assignment]


ASKED = [
    OpenApiParameter("review", str, description="Only what fits a criterion of this review."),
    OpenApiParameter("criterion", str, description="Its key."),
    OpenApiParameter("q", str, description="Words that all occur."),
]


class Comments(Door, ListAPIView[Comment]):
    """One's own comments and those one's issuers share, the most helpful first."""

    serializer_class = CommentSerializer
    queryset = Comment.objects.none()
    pagination_class = BestFirst

    @extend_schema(parameters=ASKED)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Comment]:
        rows = rules.comments_visible_to(self.person).select_related("issuer")
        params = self.request.query_params
        if given := params.get("review", ""):
            rows = queries.fitting(rows, self.find(_uuid(given)), params.get("criterion", ""))
        return queries.ranked(queries.searched(rows, params.get("q", "")))

    @extend_schema(request=KeepSerializer, responses={201: CommentSerializer})
    def post(self, request: Request) -> Response:
        """Keep a text in one's own bank."""
        form = KeepSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        assignment = self.find(given["review"])
        kept = workflow.keep_comment(
            self.person, issuer_of(assignment), given["text"], assignment, given["criterion"]
        )
        return Response(self.get_serializer(kept).data, status=201)


class Uses(Door):
    """That a comment was put into the feedback on a criterion."""

    @extend_schema(request=UseSerializer, responses={204: None})
    def post(self, request: Request, pk: UUID) -> Response:
        """Sending it again counts nothing twice."""
        assignment = self.find(pk)
        form = UseSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        comment = get_object_or_404(rules.comments_visible_to(self.person), pk=given["comment"])
        workflow.use(comment, assignment, self.person, given["criterion"])
        return Response(status=204)


def issuer_of(assignment: Assignment) -> UUID:
    return assignment.submission.enrolment.micro_credential.issuer_id


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise ValidationError({"review": ["This is no review."]}) from error
