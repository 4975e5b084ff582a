"""What beat starts, and when: sweeps that heal what was lost, and what the hour or the night is for."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "dispatch-journal": {"task": "journal.tasks.dispatch", "schedule": 60.0},
    "send-messages": {"task": "notifications.tasks.send_due", "schedule": 60.0},
    "remind": {"task": "submissions.tasks.remind", "schedule": 3600.0},
    "lapse-claims": {"task": "review.tasks.lapse_claims", "schedule": 900.0},
    "escalate-ageing": {"task": "review.tasks.escalate_ageing", "schedule": 900.0},
    "reckon-paces": {"task": "review.tasks.reckon_all", "schedule": 900.0},
    "find-readers": {"task": "review.tasks.find_readers", "schedule": 900.0},
    "fold-figures": {"task": "review.tasks.fold", "schedule": 60.0},
    "publish-quality": {"task": "review.tasks.publish_quality", "schedule": 3600.0},
    "recount-figures": {"task": "review.tasks.recount", "schedule": crontab(hour="3", minute="20")},
    "look-after-anchors": {"task": "review.tasks.look_after_anchors", "schedule": 3600.0},
    "sweep-uploads": {"task": "submissions.tasks.sweep_uploads", "schedule": 3600.0},
    "tidy-exports": {"task": "microcreds.tasks.tidy_exports", "schedule": 3600.0},
    "retain-evidence": {"task": "submissions.tasks.retain", "schedule": 6 * 3600.0},
    "heal-previews": {"task": "submissions.tasks.heal_previews", "schedule": 900.0},
    "heal-evidence": {"task": "submissions.tasks.heal", "schedule": 120.0},
    "forget-stopped": {"task": "submissions.tasks.forget_stopped", "schedule": 3600.0},
    "heal-grants": {"task": "badges.tasks.heal_grants", "schedule": 600.0},
    "close-evidence": {"task": "badges.tasks.close_evidence", "schedule": crontab(hour="0", minute="10")},
    "remind-deciders": {"task": "badges.tasks.remind_deciders", "schedule": 3600.0},
    "tell-of-ends": {"task": "badges.tasks.tell_of_ends", "schedule": 6 * 3600.0},
    "heal-awards": {"task": "badges.tasks.heal", "schedule": 600.0},
    "heal-certificates": {"task": "badges.tasks.heal_certificates", "schedule": 900.0},
    "tidy-programs": {"task": "microcreds.tasks.tidy_programs", "schedule": crontab(hour="4", minute="10")},
    "recheck-externals": {
        "task": "badges.tasks.recheck_externals",
        "schedule": crontab(hour="2", minute="40"),
    },
}
