"""What happens when…? Journal kind → tasks, each called with the entry's id. Answered here and nowhere else."""

from __future__ import annotations

WIRING: dict[str, list[str]] = {
    "accounts.signed_up": ["notifications.tasks.welcome"],
    "accounts.invited": ["notifications.tasks.invited"],
    "accounts.closed": [
        "submissions.tasks.closed",
        "review.tasks.closed",
        "badges.tasks.closed",
        "notifications.tasks.closed",
        "microcreds.tasks.recall_exports",
    ],
    "accounts.export_asked": ["microcreds.tasks.export"],
    "accounts.export_ready": ["notifications.tasks.export"],
    "accounts.export_failed": ["notifications.tasks.export"],
    "submissions.artifact_received": ["submissions.tasks.check"],
    "submissions.artifact_rejected": ["notifications.tasks.evidence"],
    "submissions.artifact_ready": ["submissions.tasks.preview"],
    "submissions.reminder_due": ["notifications.tasks.reminder"],
    "submissions.consent_stopped": ["notifications.tasks.stopped", "microcreds.tasks.recall_exports"],
    "submissions.deletion_near": ["notifications.tasks.retention"],
    "submissions.team_invited": ["notifications.tasks.team"],
    "submissions.submitted": [
        "review.tasks.enter",
        "submissions.tasks.compare",
        "notifications.tasks.submitted",
    ],
    "submissions.withdrawn": ["review.tasks.leave"],
    "submissions.set_aside": ["review.tasks.leave"],
    "submissions.feedback_rated": ["review.tasks.fold_rating"],
    "submissions.earned": ["badges.tasks.award", "notifications.tasks.decided"],
    "submissions.not_yet": ["notifications.tasks.decided"],
    "review.claim_due": ["notifications.tasks.claim_due"],
    "review.decided": ["review.tasks.fold"],
    "review.case_opened": ["notifications.tasks.case"],
    "review.case_answered": ["notifications.tasks.case_answered"],
    "review.case_decided": ["notifications.tasks.case"],
    "badges.awarded": ["notifications.tasks.earned"],
    "badges.revoked": ["notifications.tasks.revoked"],
    "notifications.asked": ["notifications.tasks.question"],
}
