"""What the shared page says about an award, wherever it is opened: at its own address or within a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from badges import checking, issuing, presenting, queries
from badges.models import Award
from badges.openbadges.documents import identity_hash
from badges.openbadges.verification import Outcome
from badges.queries.endorsements import endorsements_of
from badges.queries.evidence import pieces_of
from badges.queries.sharing import parts_shown
from badges.sharing_forms import PersonForm

KINDS = ("png", "svg", "pdf", "json", "jwt")


@dataclass(frozen=True)
class Place:
    """Where an award is being looked at: the page's address and those of its files."""

    path: str
    picture: str
    person: str
    files: str  # of which `.kind` is put behind
    within: bool = False

    @property
    def address(self) -> str:
        """With the host, for copying and posting."""
        return issuing.absolute(self.path)


def own_place(award: Award) -> Place:
    """At its own address."""
    return Place(
        path=reverse("badge", args=[award.pk]),
        picture=reverse("badge-image", args=[award.pk]),
        person=reverse("badge-person", args=[award.pk]),
        files=f"/badges/{award.pk}",
    )


def place_in(token: str, award: Award) -> Place:
    """Within a link, which shows what its maker chose whether or not it is private elsewhere."""
    path = reverse("link-award", args=[token, award.pk])
    return Place(
        path=path,
        picture=reverse("link-image", args=[token, award.pk]),
        person=path,
        files=f"/s/{token}/{award.pk}",
        within=True,
    )


def shown(award: Award, place: Place, name: str) -> dict[str, Any]:
    """Everything that anybody who may open it reads. Needs `queries.for_showing`."""
    report = checking.check_award(award)
    return {
        "award": award,
        "name": name,
        "place": place,
        "demo": award.issuer.demo,
        "checks": presenting.checks(report),
        "verdict": verdict(award, report.outcome),
        "handed_in": presenting.handed_in(award),
        "quality": award.version.figures if award.version else {},
        "reached": queries.reached(award),
        "evidence": _evidence(award),
        "achievement": issuing.achievement_id(award.version_id) if award.version_id else "",
        "endorsements": endorsements_of(award) if award.is_endorsed else [],  # type: ignore[attr-defined]
        "parts": parts_shown(award) if award.has_parts else [],  # type: ignore[attr-defined]
        "downloads": [kind for kind in KINDS if not place.within or kind != "pdf"],
        "description": presenting.described(award, name),
        "person": PersonForm(),
    }


def verdict(award: Award, outcome: Outcome) -> str:
    """What it comes to: the issuer's and the calendar's word first, then that of the check."""
    if award.state != Award.State.ACTIVE:
        return str(award.state)
    return "expired" if award.expired else str(outcome)


def _evidence(award: Award) -> list[Any]:
    """What the holder shows: files that may be opened now, and pieces proved by their digest alone."""
    if not award.has_evidence:  # type: ignore[attr-defined]
        return []
    return [piece for piece in pieces_of(award) if piece.mode]


def is_of(award: Award, email: str) -> bool:
    """Whether the signed document was issued to this address: what anybody can compare, and nothing more."""
    typed = email.strip()
    found = False
    for identity in award.credential["credentialSubject"].get("identifier", []):
        for address in {typed, typed.lower()}:
            said = identity_hash(address, identity.get("salt", ""))
            found |= constant_time_compare(said, identity.get("identityHash", ""))
    return found


def answered(award: Award, form: PersonForm) -> dict[str, Any]:
    """What a typed address comes to, in words."""
    if not form.is_valid():
        return {"person": form}
    if is_of(award, form.cleaned_data["email"]):
        words = _("Yes: this badge was issued to that e-mail address.")
        return {"person": PersonForm(), "is_person": True, "person_words": words}
    words = _("No: this badge was not issued to that address. People have several; ask which one they used.")
    return {"person": form, "is_person": False, "person_words": words}
