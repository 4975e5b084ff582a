"""What can happen to awards and to the procedures that may end them, and in which states."""

from __future__ import annotations

from badges.models import Award, Revocation, Share
from journal.workflow import Transitions

State = Award.State
Step = Revocation.State

TRANSITIONS: Transitions = {
    "revoke": (frozenset({State.ACTIVE, State.SUSPENDED}), State.REVOKED, "badges.revoked"),
    "restore": (frozenset({State.REVOKED}), State.ACTIVE, "badges.restored"),
}
PROCEDURE: Transitions = {
    "answer": (frozenset({Step.OPEN}), Step.OPEN, "badges.revocation_answered"),
    "revoke": (frozenset({Step.OPEN}), Step.REVOKED, "badges.revocation_decided"),
    "keep": (frozenset({Step.OPEN}), Step.KEPT, "badges.revocation_dropped"),
    "appeal": (frozenset({Step.REVOKED}), Step.APPEALED, "badges.revocation_appealed"),
    "uphold": (frozenset({Step.APPEALED}), Step.UPHELD, "badges.revocation_upheld"),
    "restore": (frozenset({Step.APPEALED}), Step.RESTORED, "badges.revocation_reversed"),
}
SHARES: Transitions = {
    "share": (frozenset({Share.State.ENDED}), Share.State.ACTIVE, "badges.shared"),
    "unshare": (frozenset({Share.State.ACTIVE}), Share.State.ENDED, "badges.unshared"),
}
