"""Which verbs a person has on an award now: what feeds the buttons."""

from __future__ import annotations

from accounts.models import User
from badges import rules
from badges.models import Award
from badges.workflow.table import State


def available(award: Award, user: User) -> set[str]:
    """The verbs `user` has now; feeds the buttons."""
    verbs = set()
    if rules.is_earner(user, award):
        verbs |= {"set_visibility", "unshare"} | ({"share_with"} if award.state == State.ACTIVE else set())
    if award.state != State.REVOKED and rules.may_revoke(user, award):
        verbs.add("open_revocation")
    return verbs
