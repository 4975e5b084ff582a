"""What can happen to awards and to the procedures that may end them, and in which states."""

from __future__ import annotations

from typing import Any

from django.db import models

from badges.models import Award, Revocation, Share
from journal import workflow as journal
from journal.workflow import TransitionError, Transitions

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


def move(table: Transitions, verb: str, row: models.Model, refusal: str, **told: Any) -> None:
    """Change the row as the table says, or refuse in these words: of two callers at once, one finds it changed."""
    frm, to, kind = table[verb]
    try:
        journal.change(row, kind, frm=frm, to=to, **told)
    except TransitionError as error:
        raise TransitionError(refusal, state=error.state) from error
