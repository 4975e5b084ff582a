"""Sign-in by any address, and the signed-in person with her roles in one query."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User
from accounts.rules import remember_access

# Composing this anew took more time than a whole page that is remembered, and every signed-in request needs it.
PERSON = """
SELECT person.*, profile.time_zone, ARRAY(
    SELECT json_build_array(role, organisation_id) FROM accounts_membership
    WHERE user_id = person.id AND state = 'active'
) AS role_rows
FROM accounts_user person LEFT JOIN accounts_profile profile ON profile.user_id = person.id
WHERE person.id = %s
"""


class Backend(AuthenticationBackend):
    """allauth's backend; loading the user brings along what every page's frame needs: roles, time zone."""

    def get_user(self, user_id: Any) -> User | None:
        user = next(iter(User.objects.raw(PERSON, [user_id])), None)
        if user is None or not self.user_can_authenticate(user):
            return None
        remember_access(user, user.__dict__["role_rows"])
        return user
