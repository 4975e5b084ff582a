"""What can happen to enrolments and attempts: one table, one function a verb."""

from __future__ import annotations

from submissions.workflow.adding import add_link, add_text, remove_artifact
from submissions.workflow.amending import amend, appealable, begin_appeal, end_appeal
from submissions.workflow.captioning import add_captions
from submissions.workflow.checking import check, heal, retry
from submissions.workflow.closing import closed_with_something_left, let_go_of_person
from submissions.workflow.consenting import PATIENCE as STOP_PATIENCE
from submissions.workflow.consenting import (
    Terms,
    change_class,
    clear,
    cover,
    delete_stopped,
    end_of_school_year,
    forget_stopped,
    open_class,
    stop,
    tidy_code,
)
from submissions.workflow.deciding import (
    OutcomeData,
    begin_review,
    decide,
    return_incomplete,
    return_to_queue,
)
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
from submissions.workflow.joining import current_attempt, enrol, leave, renew
from submissions.workflow.pacing import publish_pace
from submissions.workflow.planning import move_milestones, remind, reset_plan, set_reminders, set_target
from submissions.workflow.policies import set_policy
from submissions.workflow.previewing import preview, previews_due
from submissions.workflow.rating import ratable, rate_feedback, rate_self
from submissions.workflow.retaining import delete_expired, hold, lift, warn_of_deletion
from submissions.workflow.reusing import reuse
from submissions.workflow.sending import resubmit, submit, withdraw
from submissions.workflow.shadowing import conclude_anchor, let_go_of_copy, shadow
from submissions.workflow.sweeping import sweep_uploads
from submissions.workflow.table import available
from submissions.workflow.teaming import (
    accept_place,
    declare_team,
    decline_place,
    invite_mate,
    leave_team,
    share,
    take_shared,
    unshare,
)

__all__ = [
    "ANSWER_MAX",
    "STOP_PATIENCE",
    "OutcomeData",
    "StaleRevision",
    "Terms",
    "accept_place",
    "add_captions",
    "add_file",
    "add_link",
    "add_text",
    "amend",
    "appealable",
    "available",
    "begin_appeal",
    "begin_review",
    "begin_upload",
    "cancel_upload",
    "change_class",
    "check",
    "clear",
    "closed_with_something_left",
    "complete",
    "conclude_anchor",
    "cover",
    "current_attempt",
    "decide",
    "declare_team",
    "decline_place",
    "delete_bytes",
    "delete_expired",
    "delete_stopped",
    "end_appeal",
    "end_of_school_year",
    "end_upload",
    "enrol",
    "forget_stopped",
    "heal",
    "hold",
    "invite_mate",
    "leave",
    "leave_team",
    "let_go_of_copy",
    "let_go_of_person",
    "lift",
    "move_milestones",
    "open_class",
    "part_addresses",
    "preview",
    "previews_due",
    "publish_pace",
    "ratable",
    "rate_feedback",
    "rate_self",
    "received",
    "remind",
    "remove_artifact",
    "renew",
    "reset_plan",
    "resubmit",
    "retry",
    "return_incomplete",
    "return_to_queue",
    "reuse",
    "save",
    "set_policy",
    "set_reminders",
    "set_target",
    "settle",
    "shadow",
    "share",
    "stop",
    "submit",
    "sweep_uploads",
    "take",
    "take_shared",
    "tidy_code",
    "unshare",
    "warn_of_deletion",
    "withdraw",
]
