"""Awards, the keys and documents that prove them, and how they are shown, endorsed, granted and taken back."""

from __future__ import annotations

from badges.models.awards import Award, Share, ShownEvidence, StatusList, new_salt
from badges.models.designs import BadgeDesign
from badges.models.endorsements import Endorsement
from badges.models.granting import Batch, BatchRow
from badges.models.keys import IssuerKey
from badges.models.revocations import Revocation
from badges.models.sharing import Exchange, PublicProfile, ShareLink, ShareLinkItem, new_token
from badges.models.stacks import CertificatePart, ExternalAward, Recognition

__all__ = [
    "Award",
    "BadgeDesign",
    "Batch",
    "BatchRow",
    "CertificatePart",
    "Endorsement",
    "Exchange",
    "ExternalAward",
    "IssuerKey",
    "PublicProfile",
    "Recognition",
    "Revocation",
    "Share",
    "ShareLink",
    "ShareLinkItem",
    "ShownEvidence",
    "StatusList",
    "new_salt",
    "new_token",
]
