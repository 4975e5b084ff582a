"""Taking from the queue without choosing, for programs."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.problems import problem
from review import serializers as shapes
from review import workflow
from review.api import Door


class Next(Door):
    """The next due submission that is hers to read."""

    @extend_schema(
        request=None,
        responses={
            201: shapes.WholeReviewSerializer,
            404: OpenApiResponse(description="Nothing waits for you."),
        },
    )
    def post(self, request: Request) -> Response:
        """Claim what is due next. Of several who ask at once each gets another one."""
        if assignment := workflow.claim_next(self.person):
            return self.answer(assignment.pk, HTTPStatus.CREATED)
        return problem(HTTPStatus.NOT_FOUND, _("Nothing is waiting for you now."))
