"""What can happen to an award: issued once, shown or hidden by its earner, revoked by its issuer."""

from __future__ import annotations

from badges.workflow.awarding import award
from badges.workflow.certifying import heal_certificates, settle, settle_for
from badges.workflow.granting import (
    advance_batch,
    check_batch,
    drop_batch,
    file_key,
    forget_granted,
    request_key,
    same_rows,
    start_batch,
)
from badges.workflow.handing import begin_exchange, hand_over
from badges.workflow.keeping import NotKeptError, forget_external, keep_external, recheck_external, steps_of
from badges.workflow.keys import make_keys, revoke_key, revoke_key_and_badges, rotate_key
from badges.workflow.linking import make_link, withdraw_link, withdraw_links
from badges.workflow.offering import available
from badges.workflow.placing import begin_list, take_place, take_places
from badges.workflow.proceeding import (
    ANSWER_DAYS,
    LONGEST_REASON,
    answer_revocation,
    appeal_revocation,
    case_found,
    decide_appeal,
    decide_revocation,
    forget_holder,
    open_revocation,
    procedure_verbs,
    remind_deciders,
)
from badges.workflow.profiling import hide_profile, save_profile
from badges.workflow.publishing import publish_list
from badges.workflow.recognising import (
    answer_recognition,
    ask_recognition,
    why_it_does_not_count,
    withdraw_recognition,
)
from badges.workflow.reissuing import reissue
from badges.workflow.renewing import renew, renewal_problem, tell_of_ends
from badges.workflow.revoking import revoke_for_key
from badges.workflow.sharing import set_visibility, share_with, unshare
from badges.workflow.showing import close_evidence, show_evidence
from badges.workflow.table import PROCEDURE, SHARES, TRANSITIONS

__all__ = [
    "ANSWER_DAYS",
    "LONGEST_REASON",
    "PROCEDURE",
    "SHARES",
    "TRANSITIONS",
    "NotKeptError",
    "advance_batch",
    "answer_recognition",
    "answer_revocation",
    "appeal_revocation",
    "ask_recognition",
    "available",
    "award",
    "begin_exchange",
    "begin_list",
    "case_found",
    "check_batch",
    "close_evidence",
    "decide_appeal",
    "decide_revocation",
    "drop_batch",
    "file_key",
    "forget_external",
    "forget_granted",
    "forget_holder",
    "hand_over",
    "heal_certificates",
    "hide_profile",
    "keep_external",
    "make_keys",
    "make_link",
    "open_revocation",
    "procedure_verbs",
    "publish_list",
    "recheck_external",
    "reissue",
    "remind_deciders",
    "renew",
    "renewal_problem",
    "request_key",
    "revoke_for_key",
    "revoke_key",
    "revoke_key_and_badges",
    "rotate_key",
    "same_rows",
    "save_profile",
    "set_visibility",
    "settle",
    "settle_for",
    "share_with",
    "show_evidence",
    "start_batch",
    "steps_of",
    "take_place",
    "take_places",
    "tell_of_ends",
    "unshare",
    "why_it_does_not_count",
    "withdraw_link",
    "withdraw_links",
    "withdraw_recognition",
]
