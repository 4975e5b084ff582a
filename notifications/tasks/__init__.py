"""What follows from the journal for people."""

from __future__ import annotations

from notifications.tasks import assessing
from notifications.tasks.telling import (
    case,
    case_answered,
    claim_due,
    closed,
    decided,
    earned,
    evidence,
    export,
    invited,
    question,
    reminder,
    retention,
    revoked,
    send,
    send_due,
    stopped,
    submitted,
    team,
    welcome,
)

__all__ = [
    "assessing",
    "case",
    "case_answered",
    "claim_due",
    "closed",
    "decided",
    "earned",
    "evidence",
    "export",
    "invited",
    "question",
    "reminder",
    "retention",
    "revoked",
    "send",
    "send_due",
    "stopped",
    "submitted",
    "team",
    "welcome",
]
