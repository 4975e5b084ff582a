"""Awards on paper: a certificate to hang up, and a letter for a personnel office. Both are tagged PDF after PDF/UA-1.

Nothing on paper is signed: every award stands there with the address and the QR code at which it can be checked. What
people wrote travels as data, never as source, so it cannot be read as Typst's own language.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import segno
import typst
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from badges import issuing, pictures
from badges.models import Award
from badges.openbadges.image import BadgePicture, badge_svg
from badges.openbadges.lettering import font_folders
from badges.queries.papers import hours_of, parts_on_paper

PAPERS: Final = {"a4": _lazy("A4"), "us-letter": _lazy("US Letter")}
_TEMPLATES: Final = Path(settings.BASE_DIR) / "templates" / "badges"
_MOST_CRITERIA: Final = 6


@dataclass(frozen=True)
class Letter:
    """Whose letter it is, what stands on it, and where all of it can be checked at once, if there is such an address."""

    name: str
    awards: list[Award]
    address: str = ""
    places: dict[UUID, str] = field(
        default_factory=dict
    )  # of each, where it is not checked at its own address


def certificate_pdf(award: Award, *, paper: str = "a4") -> bytes:
    """The certificate of an award; of a stack's it names the parts. Needs what a badge page loads."""
    picture = pictures.picture_of(award)
    return _compile("certificate.typ", {**_certificate(award, picture), "paper": paper})


def _certificate(award: Award, picture: BadgePicture) -> dict[str, Any]:
    colours = picture.colours
    hours = hours_of([award]).get(award.pk, 0)
    heading, lines = _earned_for(award)
    return {
        "title": award.title,
        "heading": _heading(award),
        "name": name_on(award),
        "has": _("This is to certify that") if name_on(award) else "",
        "earned": _earned(award),
        "claim": "" if award.version is None else award.version.competency,
        "parts_title": heading,
        "parts": lines,
        "facts": _facts(award, hours),
        "notice": _notice(award),
        "picture": badge_svg(picture),
        "picture_alt": _("Badge: %(title)s, %(issuer)s")
        % {"title": award.title, "issuer": award.issuer.name},
        "colours": [colours.disc, colours.edge, colours.accent],
        **_checking(address_of(award)),
        "check": _("Check it at, once its holder shows it:") if _hidden(award) else _("Check it at"),
    }


def _heading(award: Award) -> str:
    if award.origin == Award.Origin.GRANTED:
        return _("Micro-credential, granted for prior learning and not assessed here")
    return _("Certificate of a stack of micro-credentials") if award.stack_id else _("Micro-credential")


def _earned(award: Award) -> str:
    named = bool(name_on(award))
    if award.origin == Award.Origin.GRANTED:
        return _("was granted") if named else _("was granted to the holder of the badge")
    return _("has earned") if named else _("has been earned by the holder of the badge")


def _facts(award: Award, hours: int) -> list[list[str]]:
    facts = [[_("Issued by"), award.issuer.name], [_("Awarded on"), _day(award.awarded_at)]]
    if award.valid_until:
        facts.append([_("Valid until"), _day(award.valid_until)])
    if hours:
        facts.append([_("Work"), _hours(hours)])
    return facts


def _earned_for(award: Award) -> tuple[str, list[str]]:
    """What it was awarded for, in short: the criteria that were met, or the parts that were earned; of what was granted, neither."""
    if award.origin == Award.Origin.GRANTED:
        return "", []
    if award.version is None:
        return _("Earned with"), [f"{part.name}, {part.issuer_name}" for part in parts_on_paper(award)]
    titles = [str(item["title"]) for item in award.version.template["criteria"]]
    more = len(titles) - _MOST_CRITERIA
    if more > 0:
        words = ngettext("and one more criterion", "and %(count)d more criteria", more) % {"count": more}
        titles = [*titles[:_MOST_CRITERIA], words]
    return _("Every criterion was met"), titles


def _notice(award: Award) -> str:
    if award.state == Award.State.REVOKED:
        return _("Revoked on %(day)s. This certificate is no longer valid.") % {"day": _day(award.revoked_at)}
    if award.state == Award.State.SUSPENDED:
        return _("Suspended. This certificate is not valid at present.")
    return _("Demonstration. No real organisation stands behind this.") if award.issuer.demo else ""


# --- the letter ---------------------------------------------------------------------------------------------


def transcript_pdf(letter: Letter, *, paper: str = "a4") -> bytes:
    """The letter: award by award with hours, dates, state and the address at which each is checked."""
    hours = hours_of(letter.awards)
    rows = [_row(award, hours.get(award.pk, 0), letter.places.get(award.pk, "")) for award in letter.awards]
    today = _day(timezone.now())
    # A certificate's hours are those of its parts: they count once.
    total = sum(hours.get(award.pk, 0) for award in letter.awards if award.stack_id is None)
    document = {
        "title": _("Record of micro-credentials"),
        "paper": paper,
        "name": letter.name,
        "day": today,
        "lead": _lead(letter.name) % {"name": letter.name, "day": today},
        "head": [_("Awarded for"), _("Work"), _("Awarded on"), _("State"), _("Check it")],
        "rows": rows,
        "total": _("Work in all, by micro-credentials: %(hours)s") % {"hours": _hours(total)}
        if total
        else "",
        "how": _(
            "How to check: open the address or scan the code. The page says who issued the award, for what, and whether it"
            " is valid now. This paper itself is not signed; the awards are."
        ),
        "demonstration": _("Contains demonstration awards: no real organisation stands behind those.")
        if any(award.issuer.demo for award in letter.awards)
        else "",
        "whole": _("All of it at one address:"),
        **(_checking(letter.address) if letter.address else {"address": ""}),
    }
    return _compile("transcript.typ", document)


def _lead(name: str) -> str:
    if name:
        return _("The following was awarded to %(name)s. The states are those of %(day)s.")
    return _("The following was awarded to one person. The states are those of %(day)s.")


def _row(award: Award, hours: int, place: str) -> dict[str, Any]:
    return {
        "title": award.title,
        "issuer": award.issuer.name,
        "kind": _kind(award),
        "hours": _hours(hours) if hours else "–",
        "day": _day(award.awarded_at),
        "state": _state(award, timezone.now()),
        "hidden": _("Its holder shows this on request.") if _hidden(award) and not place else "",
        **_checking(place or address_of(award)),
    }


def _kind(award: Award) -> str:
    if award.origin == Award.Origin.GRANTED:
        return _("Granted, not assessed here")
    return _("Certificate of a stack") if award.stack_id else ""


def _state(award: Award, now: datetime) -> str:
    if award.state != Award.State.ACTIVE:
        return str(award.get_state_display())
    if award.valid_until is None:
        return _("Valid, without an end")
    words = _("Expired on %(day)s") if award.valid_until <= now else _("Valid until %(day)s")
    return words % {"day": _day(award.valid_until)}


# --- what both need -----------------------------------------------------------------------------------------


def name_on(award: Award) -> str:
    """The name the holder chose. Where only she can read the award and has chosen none yet: her account's."""
    return award.name_shown or (award.earner.name if _hidden(award) else "")


def _hidden(award: Award) -> bool:
    """Whether its address answers nobody but the holder."""
    return award.visibility == Award.Visibility.PRIVATE


def address_of(award: Award) -> str:
    """Where an award is checked."""
    return issuing.absolute(reverse("badge", args=[award.pk]))


def _checking(address: str) -> dict[str, str]:
    return {
        "address": address,
        "qr": _qr(address),
        "qr_alt": _("QR code of %(address)s") % {"address": address},
    }


def _qr(address: str) -> str:
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", xmldecl=False, border=2, light="#fff")
    return drawn.getvalue().decode()


def _day(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT") if moment else ""


def _hours(hours: int) -> str:
    return ngettext("one hour", "%(hours)d hours", hours) % {"hours": hours}


@cache
def _fonts() -> typst.Fonts:
    """Read once a process, and none of the machine's: paper looks the same everywhere."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(path) for path in font_folders()],
    )


@cache
def _families() -> list[str]:
    first = ["Source Sans Pro", "Noto Sans"]
    return [*first, *(family for family in _fonts().families() if family not in first)]


def _compile(name: str, document: dict[str, Any]) -> bytes:
    """PDF/UA-1. With letters that no packaged font has it is tagged all the same, but cannot be called accessible."""
    data = {**document, "lang": (get_language() or "en").split("-")[0], "fonts": _families()}
    inputs = {"document": json.dumps(data, default=str)}
    source = (_TEMPLATES / name).read_bytes()

    def compiled(**standard: Any) -> bytes:
        compiler = typst.Compiler(source, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs)
        return cast(bytes, compiler.compile(format="pdf", **standard))

    try:
        return compiled(pdf_standards="ua-1")
    except typst.TypstError:
        return compiled()
