"""Procedures to revoke, for programs: the same verbs and rules as the pages."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.pagination import KeysetPagination
from badges import queries, rules, workflow
from badges.models import Revocation

LONGEST = workflow.LONGEST_REASON


class RevocationSerializer(serializers.ModelSerializer[Revocation]):
    """One procedure: what was said and decided so far. `verbs` names what you may do now."""

    award = serializers.UUIDField(source="award_id", read_only=True)
    verbs = serializers.SerializerMethodField()

    class Meta:
        model = Revocation
        fields = (
            *(
                "id",
                "award",
                "state",
                "ground",
                "reason",
                "opened_at",
                "answer_until",
                "answer",
                "answered_at",
            ),
            *("decision", "decided_at", "appeal_until", "appeal", "appealed_at"),
            *("appeal_decision", "appeal_decided_at", "verbs"),
        )
        read_only_fields = fields

    def get_verbs(self, row: Revocation) -> list[str]:
        return sorted(workflow.procedure_verbs(row, self.context["request"].user))


class OpenSerializer(serializers.Serializer[Any]):
    """Which award, and why. `ground` is `case` where a case about the work found a concern."""

    award = serializers.UUIDField()
    reason = serializers.CharField(max_length=LONGEST)
    ground = serializers.ChoiceField(
        choices=[Revocation.Ground.REASON, Revocation.Ground.CASE], default=Revocation.Ground.REASON
    )


class WordsSerializer(serializers.Serializer[Any]):
    """The holder's own words."""

    text = serializers.CharField(max_length=LONGEST)


class DecisionSerializer(serializers.Serializer[Any]):
    """Revoke or keep. `answered` says whether the answer was read: one that came since is a 409, to be read first."""

    outcome = serializers.ChoiceField(choices=["revoke", "keep"])
    text = serializers.CharField(max_length=LONGEST)
    answered = serializers.BooleanField(default=False)


class AppealDecisionSerializer(serializers.Serializer[Any]):
    """It stays revoked, or is valid again."""

    outcome = serializers.ChoiceField(choices=["uphold", "restore"])
    text = serializers.CharField(max_length=LONGEST)


def _visible(user: User) -> QuerySet[Revocation]:
    seen = rules.revocations_visible_to(user) | rules.own_revocations(user)
    return queries.revocations_listed(seen)


def _told(request: Request, row: Revocation, status: int = 200) -> Response:
    return Response(RevocationSerializer(row, context={"request": request}).data, status=status)


class ByOpening(KeysetPagination):
    """The newest procedure first."""

    ordering = ("-opened_at", "-pk")


@extend_schema(
    parameters=[OpenApiParameter("mine", bool, description="Those about your own badges only.")],
    responses=RevocationSerializer(many=True),
)
class RevocationListView(generics.ListAPIView[Revocation]):
    """Procedures of your own issuers and about your own badges, newest first."""

    serializer_class = RevocationSerializer
    pagination_class = ByOpening
    queryset = Revocation.objects.none()

    def get_queryset(self) -> QuerySet[Revocation]:
        user = cast(User, self.request.user)
        if self.request.query_params.get("mine"):
            return queries.revocations_listed(rules.own_revocations(user))
        return _visible(user)

    @extend_schema(request=OpenSerializer, responses={201: RevocationSerializer})
    def post(self, request: Request) -> Response:
        """Announce that an award may be revoked; it stays valid until that is decided."""
        user = cast(User, request.user)
        form = OpenSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        award = get_object_or_404(
            rules.awards_visible_to(user).select_related("issuer"), pk=given.pop("award")
        )
        if not rules.may_revoke(user, award):
            raise PermissionDenied
        return _told(request, workflow.open_revocation(award, user, **given), 201)


class RevocationView(generics.RetrieveAPIView[Revocation]):
    """One procedure."""

    serializer_class = RevocationSerializer
    queryset = Revocation.objects.none()

    def get_queryset(self) -> QuerySet[Revocation]:
        return _visible(cast(User, self.request.user))


class _VerbView(APIView):
    """One verb on a procedure that may be seen; whose verb it is not gets 403."""

    form: type[serializers.Serializer[Any]] = WordsSerializer
    holders = False

    def post(self, request: Request, pk: UUID) -> Response:
        user = cast(User, request.user)
        row = get_object_or_404(_visible(user), pk=pk)
        if rules.is_earner(user, row.award) != self.holders:
            raise PermissionDenied
        form = self.form(data=request.data)
        form.is_valid(raise_exception=True)
        return _told(request, self.act(row, user, form.validated_data))

    def act(self, row: Revocation, user: User, given: dict[str, Any]) -> Revocation:
        raise NotImplementedError


@extend_schema(request=WordsSerializer, responses=RevocationSerializer)
class AnswerView(_VerbView):
    """The holder answers, once."""

    holders = True

    def act(self, row: Revocation, user: User, given: dict[str, Any]) -> Revocation:
        return workflow.answer_revocation(row, user, given["text"])


@extend_schema(request=DecisionSerializer, responses=RevocationSerializer)
class DecideView(_VerbView):
    """Somebody who was not involved decides in writing."""

    form = DecisionSerializer

    def act(self, row: Revocation, user: User, given: dict[str, Any]) -> Revocation:
        revoke = given.pop("outcome") == "revoke"
        return workflow.decide_revocation(row, user, revoke=revoke, **given)


@extend_schema(request=WordsSerializer, responses=RevocationSerializer)
class AppealView(_VerbView):
    """The holder appeals, once and in time."""

    holders = True

    def act(self, row: Revocation, user: User, given: dict[str, Any]) -> Revocation:
        return workflow.appeal_revocation(row, user, given["text"])


@extend_schema(request=AppealDecisionSerializer, responses=RevocationSerializer)
class DecideAppealView(_VerbView):
    """A third person decides the appeal."""

    form = AppealDecisionSerializer

    def act(self, row: Revocation, user: User, given: dict[str, Any]) -> Revocation:
        restore = given.pop("outcome") == "restore"
        return workflow.decide_appeal(row, user, restore=restore, **given)
