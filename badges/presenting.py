"""What badge pages say about an award and about a check, in words for people."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.models import Award
from badges.openbadges.verification import Report
from catalog.models import EvidenceKind

STEP_TITLES = {
    "document": gettext_lazy("The badge itself"),
    "proof": gettext_lazy("Its signature"),
    "issuer": gettext_lazy("Its issuer"),
    "dates": gettext_lazy("Its dates"),
    "status": gettext_lazy("Revocation"),
    "recipient": gettext_lazy("Whose it is"),
    "endorsements": gettext_lazy("Who endorses it"),
    "evidence": gettext_lazy("What was assessed"),
}


def checks(report: Report) -> list[dict[str, Any]]:
    """The steps of a check with a title, a sign and words each."""
    return [
        {"title": STEP_TITLES[step.name], "outcome": str(step.outcome), "words": step.words}
        for step in report.steps
    ]


def kept_checks(steps: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The same for a check whose steps were kept."""
    titles = {**STEP_TITLES, "recheck": gettext_lazy("The last try")}
    return [{**step, "title": titles.get(step["name"], step["name"])} for step in steps]


def described(award: Award, name: str) -> str:
    """One sentence for search results and previews, under the name as it is shown there."""
    if name and award.origin == Award.Origin.GRANTED:
        words = _("%(issuer)s granted “%(title)s” to %(name)s. See whether it is valid now.")
    elif name:
        words = _("%(name)s earned “%(title)s”, issued by %(issuer)s. See whether it is valid now.")
    else:
        words = _("“%(title)s”, issued by %(issuer)s. See whether it is valid now.")
    return words % {"name": name, "title": award.title, "issuer": award.issuer.name}


def handed_in(award: Award) -> list[dict[str, Any]]:
    """What kinds of work the version asks for: titles and kinds, never a file."""
    labels = dict(EvidenceKind.choices)
    return [
        {"title": item["title"], "kinds": [labels.get(kind, kind) for kind in item["kinds"]]}
        for item in (award.version.template["requirements"] if award.version else ())
    ]


def linkedin(award: Award, address: str) -> str:
    """LinkedIn's own form, filled in."""
    query = {
        "startTask": "CERTIFICATION_NAME",
        "name": award.title,
        "organizationName": award.issuer.name,
        "issueYear": award.awarded_at.year,
        "issueMonth": award.awarded_at.month,
        "certUrl": address,
        "certId": str(award.pk),
    }
    if award.valid_until is not None:
        query |= {"expirationYear": award.valid_until.year, "expirationMonth": award.valid_until.month}
    return f"https://www.linkedin.com/profile/add?{urlencode(query)}"
