"""The report for programs."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from reports import queries, rules
from reports.suppression import MINIMUM


class ReportDistrictSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Whose figures these are."""

    slug = serializers.SlugField()
    name = serializers.CharField()


class ReportCellSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """One row: `key` is a month (`2026-11`, or `earlier`) or a slug; `count` is null where withheld."""

    key = serializers.CharField(allow_blank=True)
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField(source="value", allow_null=True)


class DistrictReportSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Figures of one district. Null is withheld: fewer than `minimum` stand behind it, or it would give one away."""

    district = ReportDistrictSerializer()
    as_of = serializers.DateTimeField()
    minimum = serializers.SerializerMethodField()
    awards = serializers.IntegerField(allow_null=True, help_text="Valid awards shared with the district.")
    enrolments = serializers.IntegerField(
        allow_null=True, help_text="Enrolments of the district's educators."
    )
    submitted = serializers.IntegerField(allow_null=True, help_text="Of these, submitted at least once.")
    by_month = ReportCellSerializer(many=True)
    by_school = ReportCellSerializer(many=True)
    by_micro_credential = ReportCellSerializer(many=True)

    def get_minimum(self, _report: queries.Report) -> int:
        return MINIMUM


class ReportView(APIView):
    """What a district's educators earned and chose to share."""

    @extend_schema(
        operation_id="reports_retrieve",
        parameters=[
            OpenApiParameter(
                "district", OpenApiTypes.STR, description="Slug; the first one you run by default."
            )
        ],
        responses=DistrictReportSerializer,
    )
    def get(self, request: Request) -> Response:
        slug = request.query_params.get("district", "")
        district, _others = rules.choose_district(request.user, slug)
        return Response(
            DistrictReportSerializer(queries.report(district)).data, headers={"Cache-Control": "no-store"}
        )
