"""From rows to the documents of Open Badges 2.0: the same award, said for backpacks that know nothing newer."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Organisation
from badges import certifying, issuing
from badges.models import Award
from badges.openbadges import assertions
from badges.queries.evidence import pieces_of
from catalog.models import Stack, Version


def assertion_url(award: Award) -> str:
    """The id of an award in version 2.0."""
    return issuing.absolute(reverse("ob2-assertion", args=[award.pk]))


def _class_url(award: Award) -> str:
    if award.stack is not None:
        return issuing.absolute(reverse("ob2-certificate", args=[award.stack.slug]))
    name = "ob2-granted" if award.origin == Award.Origin.GRANTED else "ob2-badge"
    return issuing.absolute(reverse(name, args=[award.version_id]))


def assertion(award: Award) -> dict[str, Any]:
    """One award that holds. Needs its earner."""
    url = issuing.absolute(reverse("badge-image", args=[award.pk]))
    return assertions.assertion(
        assertions.AssertionData(
            url=assertion_url(award),
            badge_url=_class_url(award),
            image_url=url,
            email=award.earner.email,
            salt=award.salt,
            awarded=award.awarded_at,
            expires=award.valid_until,
            narrative=issuing.prose(award.narrative),
            evidence=_evidence(award),
        )
    )


def _evidence(award: Award) -> tuple[tuple[str, str], ...]:
    if not award.has_evidence:  # type: ignore[attr-defined]
        return ()
    return tuple(
        (issuing.evidence_url(award.pk, piece.artifact), issuing.line(piece.name))
        for piece in pieces_of(award)
        if piece.open
    )


def ended(award: Award) -> dict[str, Any]:
    """An award that was taken back or paused. Why is the holder's and the issuer's business."""
    paused = award.state == Award.State.SUSPENDED
    reason = _("Suspended by the issuer.") if paused else _("Revoked by the issuer.")
    return assertions.revoked(assertion_url(award), reason)


def badge_class(version: Version, *, granted: bool = False) -> dict[str, Any]:
    """A published version, as something that was assessed or granted."""
    data = issuing.achievement_data(version)
    data = issuing.granted(data) if granted else data
    return assertions.badge_class(
        issuing.absolute(reverse("ob2-granted" if granted else "ob2-badge", args=[version.pk])),
        data,
        image_url=issuing.absolute(reverse("achievement-image", args=[version.pk])),
        issuer_url=_issuer_url(version.micro_credential.issuer),
    )


def certificate_class(stack: Stack) -> dict[str, Any]:
    """What the certificate of a stack stands for."""
    return assertions.badge_class(
        issuing.absolute(reverse("ob2-certificate", args=[stack.slug])),
        certifying.achievement_data(stack, ()),
        image_url=issuing.absolute(reverse("ob2-certificate-image", args=[stack.slug])),
        issuer_url=_issuer_url(stack.issuer),
    )


def _issuer_url(issuer: Organisation) -> str:
    return issuing.absolute(reverse("ob2-issuer", args=[issuer.slug]))


def issuer(row: Organisation) -> dict[str, Any]:
    """An issuer, to be reached at its own address or through the platform's."""
    email = row.contact_email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return assertions.issuer(_issuer_url(row), issuing.issuer_data(row), email=email)
