"""What can happen to awards, and in which states."""

from __future__ import annotations

from badges.models import Award, Share
from journal.workflow import Transitions

State = Award.State

TRANSITIONS: Transitions = {
    "revoke": (frozenset({State.ACTIVE}), State.REVOKED, "badges.revoked"),
}
SHARES: Transitions = {
    "share": (frozenset({Share.State.ENDED}), Share.State.ACTIVE, "badges.shared"),
    "unshare": (frozenset({Share.State.ACTIVE}), Share.State.ENDED, "badges.unshared"),
}
