"""From a completed stack to the plain data of its certificate's document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from badges import issuing
from badges.models import Award, CertificatePart
from badges.openbadges import documents
from catalog.models import Stack

LANGUAGE = "en"  # of the signed document, as of the catalogue it describes


def achievement_id(stack: Stack) -> str:
    """The id of what a certificate says was achieved: the stack's page."""
    return f"{issuing.absolute(reverse('stack', args=[stack.slug]))}#certificate"


def achievement_data(stack: Stack, parts: Iterable[CertificatePart]) -> documents.AchievementData:
    """The stack as an Achievement whose criteria name the rule and the parts it was met with."""
    page = issuing.absolute(reverse("stack", args=[stack.slug]))
    return documents.AchievementData(
        id=achievement_id(stack),
        name=issuing.line(stack.certificate),
        description=issuing.prose(stack.description) or issuing.line(stack.title),
        criteria_narrative=_narrative(stack, parts),
        criteria_url=page,
        issuer=issuing.issuer_data(stack.issuer),
        image_url=issuing.absolute(reverse("ob2-certificate-image", args=[stack.slug])),
        image_caption=f"{issuing.line(stack.certificate)}, {issuing.line(stack.issuer.name)}",
        language=LANGUAGE,
        kind="Certificate",
    )


def award_data(award: Award, parts: list[CertificatePart], now: datetime) -> documents.AwardData:
    """The certificate: each part is evidence of it, by the address it can be checked at."""
    if award.stack is None:
        raise documents.BadgeDataError("A certificate needs its stack.")
    return documents.AwardData(
        id=issuing.badge_id(award.pk),
        subject_id=f"urn:uuid:{award.pk}",
        achievement=achievement_data(award.stack, parts),
        recipient_email=award.earner.email,
        recipient_salt=award.salt,
        status=issuing.status_data(award),
        valid_from=now,
        awarded=award.awarded_at,
        evidence=tuple(_evidence(part) for part in parts),
    )


def _evidence(part: CertificatePart) -> documents.EvidenceData:
    with translation.override(LANGUAGE):
        words = _("Badge issued by %(issuer)s") % {"issuer": issuing.line(part.issuer_name)}
    return documents.EvidenceData(
        name=issuing.line(part.name), url=part.address, narrative=words, genre="Badge"
    )


def _narrative(stack: Stack, parts: Iterable[CertificatePart]) -> str:
    with translation.override(LANGUAGE):
        lines = [f"- {issuing.line(part.name)} ({issuing.line(part.issuer_name)})" for part in parts]
        return "\n".join([_rule(stack), "", _("It was met with:"), *lines])


def _rule(stack: Stack) -> str:
    if stack.rule == Stack.Rule.N_OF_M:
        words = ngettext(
            "Earned with %(n)s part of the stack “%(title)s”.",
            "Earned with any %(n)s parts of the stack “%(title)s”.",
            stack.minimum,
        )
        return words % {"n": stack.minimum, "title": issuing.line(stack.title)}
    if stack.rule == Stack.Rule.GROUPS:
        groups = [f"{group.minimum} × {issuing.line(group.title)}" for group in stack.groups.all()]
        words = _("Earned with a number of parts from each group of the stack “%(title)s”: %(groups)s.")
        return words % {"title": issuing.line(stack.title), "groups": ", ".join(groups)}
    return _("Earned with all parts of the stack “%(title)s”.") % {"title": issuing.line(stack.title)}


def sign(award: Award, parts: list[CertificatePart], now: datetime) -> dict[str, Any]:
    """The signed credential of a certificate, whose `key` and `issued_at` are set."""
    return issuing.sign_data(award, award_data(award, parts, now), now)
