"""What can happen to an award: issued once, shown or hidden by its earner, revoked by its issuer."""

from __future__ import annotations

from badges.workflow.awarding import award
from badges.workflow.offering import available
from badges.workflow.revoking import LONGEST_REASON, publish_list, revoke
from badges.workflow.sharing import set_visibility, share_with, unshare
from badges.workflow.table import SHARES, TRANSITIONS

__all__ = [
    "LONGEST_REASON",
    "SHARES",
    "TRANSITIONS",
    "available",
    "award",
    "publish_list",
    "revoke",
    "set_visibility",
    "share_with",
    "unshare",
]
