"""The facets and their words. Terms, standards and issuers bring their own; the rest is named here."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.models import EvidenceKind

# The text search configuration of migration 0002: English stems without accents.
SEARCH_CONFIG = "catalog_english"

HOURS = ("under-5", "5-8", "over-8")
TOTAL = "all"

# Names in the query string, in the order of the page.
GROUPS: Mapping[str, str | Promise] = {
    "role": _("Job role"),
    "topic": _("Topic"),
    "grade": _("Grade band"),
    "remote": _("Where and with whom"),
    "without_students": _("Where and with whom"),
    "hours": _("Time to complete"),
    "evidence": _("Evidence to send"),
    "issuer": _("Issuer"),
    "standard": _("Standard"),
}
FLAGS = ("remote", "without_students")

OURS: Mapping[str, str | Promise] = {
    "hours:under-5": _("Under 5 hours"),
    "hours:5-8": _("5–8 hours"),
    "hours:over-8": _("Over 8 hours"),
    "remote:1": _("Outside of the classroom"),
    "without_students:1": _("Without students"),
    **{f"evidence:{kind.value}": kind.label for kind in EvidenceKind},
}


def hours_band(hours: int) -> str:
    """The band of the hours filter that the upper estimate falls into."""
    return HOURS[0] if hours < 5 else HOURS[1] if hours <= 8 else HOURS[2]
