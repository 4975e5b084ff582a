"""What can happen to an award: issued once, shown or hidden by its earner, revoked by its issuer."""

from __future__ import annotations

from badges.workflow.awarding import award
from badges.workflow.certifying import heal_certificates, settle, settle_for
from badges.workflow.keeping import NotKeptError, forget_external, keep_external, recheck_external, steps_of
from badges.workflow.keys import make_keys, revoke_key, rotate_key
from badges.workflow.offering import available
from badges.workflow.recognising import answer_recognition, ask_recognition, why_it_does_not_count
from badges.workflow.reissuing import reissue
from badges.workflow.revoking import LONGEST_REASON, publish_list, revoke
from badges.workflow.sharing import set_visibility, share_with, unshare
from badges.workflow.showing import close_evidence, show_evidence
from badges.workflow.table import SHARES, TRANSITIONS

__all__ = [
    "LONGEST_REASON",
    "SHARES",
    "TRANSITIONS",
    "NotKeptError",
    "answer_recognition",
    "ask_recognition",
    "available",
    "award",
    "forget_external",
    "heal_certificates",
    "keep_external",
    "make_keys",
    "publish_list",
    "recheck_external",
    "revoke",
    "revoke_key",
    "rotate_key",
    "set_visibility",
    "settle",
    "settle_for",
    "share_with",
    "show_evidence",
    "steps_of",
    "unshare",
    "why_it_does_not_count",
]
