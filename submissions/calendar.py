"""The plan as a calendar file: days without a time, so that they are the same day wherever the calendar is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from submissions.models import Enrolment
from submissions.plan import Plan


def calendar_of(enrolment: Enrolment, title: str, plan: Plan, now: datetime) -> bytes:
    """One event a stage and one for the target date. Identifiers stay, so that a newer file replaces the older one's."""
    calendar = Calendar()
    calendar.add("prodid", "-//Microcreds//Plan//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", title)
    days = [(stage.key, f"{stage.label}: {title}", stage.day) for stage in plan.stages]
    for key, words, day in [*days, ("target", _("Target date: %s") % title, plan.target)]:
        calendar.add_component(_event(enrolment, key, words, day, now))
    body: bytes = calendar.to_ical()
    return body


def _event(enrolment: Enrolment, key: str, words: str, day: date, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{key}.{enrolment.pk}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("dtstamp", now)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", words)
    event.add("url", settings.BASE_URL + reverse("enrolment-plan", args=[enrolment.pk]))
    event.add("transp", "TRANSPARENT")
    return event
