"""What a printed form needs: the sign a phone reads, and how long evidence is kept, in days."""

from __future__ import annotations

import segno
from django.db.models import Max

from accounts.models import User
from submissions.models import Enrolment, Policy
from submissions.models.policy import RETENTION_DAYS

LANGUAGES = ("en", "es")
MASK = 4  # any is valid; choosing the best of eight takes eight times as long, and a class needs thirty signs


def language(asked: str | None) -> str:
    """English or Spanish; English for anything else."""
    return asked if asked in LANGUAGES else LANGUAGES[0]


def qr(address: str) -> str:
    """The sign as SVG, to stand in the page."""
    sign = segno.make(address, error="m", micro=False, mask=MASK, boost_error=False)
    return str(
        sign.svg_inline(
            scale=3, border=2, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
        )
    )


def retention_days(user: User) -> int:
    """The longest that any issuer she works with keeps evidence after a decision: a form promises no less."""
    issuers = Enrolment.objects.filter(earner=user).values("micro_credential__issuer")
    longest = Policy.objects.filter(organisation__in=issuers).aggregate(days=Max("retention_days"))["days"]
    return max(longest or RETENTION_DAYS, RETENTION_DAYS)
