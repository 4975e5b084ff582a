"""Sign-in for programs."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import authenticate
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class CredentialsSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Address and password."""

    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False, style={"input_type": "password"})


class TokenSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """What to send as `Authorization: Token …`."""

    token = serializers.CharField()


class TokenView(APIView):
    """E-mail and password in, token out; limited to a few tries a minute."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "sign-in"

    @extend_schema(request=CredentialsSerializer, responses=TokenSerializer, auth=[])
    def post(self, request: Request) -> Response:
        form = CredentialsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = authenticate(request, **form.validated_data)
        if user is None:
            raise ValidationError({"non_field_errors": [_("The e-mail address and password do not match.")]})
        if is_mfa_enabled(user):
            raise PermissionDenied(_("This account uses two-step sign-in. Sign in on the website instead."))
        token, _created = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})
