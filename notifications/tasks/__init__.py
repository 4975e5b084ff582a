"""What follows from the journal for people."""

from __future__ import annotations

from notifications.tasks.assessing import attention, licence, offer, permission
from notifications.tasks.educators import coach, coach_asked, returned
from notifications.tasks.granting import granted
from notifications.tasks.revoking import (
    endorsed,
    ends_soon,
    revocation_opened,
    revocation_settled,
    revocation_waits,
    revoked,
)
from notifications.tasks.settling import adjudication, appeal, appeal_opened
from notifications.tasks.stacking import certificate, recognition, recognition_asked
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
    send,
    send_due,
    stopped,
    submitted,
    team,
    welcome,
)

__all__ = [
    "adjudication",
    "appeal",
    "appeal_opened",
    "attention",
    "case",
    "case_answered",
    "certificate",
    "claim_due",
    "closed",
    "coach",
    "coach_asked",
    "decided",
    "earned",
    "endorsed",
    "ends_soon",
    "evidence",
    "export",
    "granted",
    "invited",
    "licence",
    "offer",
    "permission",
    "question",
    "recognition",
    "recognition_asked",
    "reminder",
    "retention",
    "returned",
    "revocation_opened",
    "revocation_settled",
    "revocation_waits",
    "revoked",
    "send",
    "send_due",
    "stopped",
    "submitted",
    "team",
    "welcome",
]
