"""Sign-in by any address, and the signed-in person with her roles in one query."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from accounts.models import Membership, User
from accounts.rules import remember_access


class Backend(AuthenticationBackend):
    """allauth's backend; loading the user brings along what every page's frame needs: roles, time zone."""

    def get_user(self, user_id: Any) -> User | None:
        active = Membership.objects.filter(user=OuterRef("pk"), state=Membership.State.ACTIVE)
        rows = ArraySubquery(active.values(row=JSONObject(role="role", organisation="organisation_id")))
        people = User.objects.annotate(role_rows=rows, time_zone=F("profile__time_zone"))
        user = people.filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        remember_access(user, [(row["role"], row["organisation"]) for row in user.role_rows])
        return user
