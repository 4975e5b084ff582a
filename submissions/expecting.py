"""The answer an educator may expect: by when, and why then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import MicroCredential
from submissions.business import Calendar
from submissions.models import Pace, Policy
from submissions.promise import REVIEW_DAYS, promised_on


@dataclass(frozen=True)
class Expected:
    """The day promised to whoever submits now; `reckoned` where there is a queue it was reckoned from."""

    day: date
    days: int
    waiting: int
    reckoned: bool

    @property
    def reason(self) -> str:
        """Why that day, as a clause."""
        if not self.reckoned:
            return _("because %d business days is what we plan while it has no queue of its own") % self.days
        words = ngettext(
            "because its queue now takes up to %d business day", "because its queue now takes up to %d business days",
            self.days,
        ) % self.days  # fmt: skip
        if not self.waiting:
            return words
        ahead = ngettext("%d submission is ahead of yours", "%d submissions are ahead of yours", self.waiting)
        return f"{words}; {ahead % self.waiting}"


def expected(micro_credential_id: UUID) -> Expected:
    """What the review room reckoned last, counted from now by the issuer's calendar; one query."""
    policy = Policy.objects.filter(organisation=OuterRef("issuer"))
    pace = Pace.objects.filter(micro_credential=OuterRef("pk"))
    row = (
        MicroCredential.objects.annotate(
            days=Subquery(pace.values("days")),
            ahead=Subquery(pace.values("waiting")),
            zone=Subquery(policy.values("time_zone")),
            closed=Subquery(policy.annotate(closed=F("holidays")).values("closed")),
        )
        .values("days", "ahead", "zone", "closed")
        .get(pk=micro_credential_id)
    )
    calendar = Calendar(ZoneInfo(row["zone"] or "UTC"), holidays=frozenset(row["closed"] or ()))
    days = REVIEW_DAYS if row["days"] is None else row["days"]
    day = promised_on(timezone.now(), days, calendar)
    return Expected(day, days, row["ahead"] or 0, row["days"] is not None)
