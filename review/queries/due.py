"""By when something is promised, besides the outcome itself."""

from __future__ import annotations

from datetime import datetime

from review.models import Assessment, AssessmentPolicy
from submissions.business import Calendar
from submissions.calendars import calendar_of


def check_due(
    assessment: Assessment, policy: AssessmentPolicy, calendar: Calendar | None = None
) -> datetime | None:
    """By when an incomplete submission goes back; None where the issuer checks nothing or it was looked at.

    With many rows bring the issuer's `calendar` along, so that none of them asks for it.
    """
    if not policy.checklist or assessment.checked_at or assessment.state != Assessment.State.OPEN:
        return None
    return check_by(assessment, policy, calendar)


def check_by(assessment: Assessment, policy: AssessmentPolicy, calendar: Calendar | None = None) -> datetime:
    """The same day whether somebody has looked or not: a reader must not learn from it that another one has."""
    calendar = calendar or calendar_of(assessment.issuer_id)
    return calendar.add(assessment.entered_at, policy.check_days)
