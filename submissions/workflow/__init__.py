"""What can happen to enrolments and attempts: one table, one function a verb."""

from __future__ import annotations

from submissions.workflow.adding import add_link, add_text, remove_artifact
from submissions.workflow.checking import check, heal, retry
from submissions.workflow.deciding import OutcomeData, begin_review, decide, return_to_queue
from submissions.workflow.drafting import ANSWER_MAX, StaleRevision, save
from submissions.workflow.forgetting import delete_bytes
from submissions.workflow.intake import (
    add_file,
    begin_upload,
    cancel_upload,
    complete,
    end_upload,
    part_addresses,
    received,
    settle,
    take,
)
from submissions.workflow.joining import current_attempt, enrol, leave
from submissions.workflow.planning import move_milestones, remind, reset_plan, set_reminders, set_target
from submissions.workflow.policies import set_policy
from submissions.workflow.previewing import preview, previews_due
from submissions.workflow.sending import resubmit, submit, withdraw
from submissions.workflow.table import available

__all__ = [
    "ANSWER_MAX",
    "OutcomeData",
    "StaleRevision",
    "add_file",
    "add_link",
    "add_text",
    "available",
    "begin_review",
    "begin_upload",
    "check",
    "current_attempt",
    "decide",
    "end_upload",
from submissions.workflow.sweeping import sweep_uploads
    "enrol",
    "heal",
    "leave",
    "preview",
    "previews_due",
    "received",
    "remove_artifact",
    "resubmit",
    "retry",
    "return_to_queue",
    "save",
    "set_target",
    "submit",
    "withdraw",
]
    "cancel_upload",
    "change_class",
    "clear",
    "complete",
    "cover",
    "lift",
    "move_milestones",
    "open_class",
    "part_addresses",
    "settle",
    "stop",
    "sweep_uploads",
    "take",
    "tidy_code",
    "warn_of_deletion",
