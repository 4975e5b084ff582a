"""The pictures of awards: drawn by their issuer's design, remembered, and with the credential inside.

Drawing one takes 150 ms, and everybody who earned it shows the same. A picture is not signed: a new design shows on pages
and in copies made from then on, while copies made before keep their look and stay just as valid.
"""

from __future__ import annotations

import io
from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image

from accounts.models import Organisation
from badges import issuing
from badges.models import Award, BadgeDesign
from badges.openbadges import image
from badges.openbadges.card import Card, card_png
from badges.openbadges.colours import Colours
from badges.queries.designs import counts_for_a_stack, design_for
from catalog.models import Stack, Version

SMALL = 352  # pixels: as large as pages show a badge, on a screen of two pixels a dot


@lru_cache(maxsize=256)
def drawn_png(picture: image.BadgePicture, size: int = image.SIZE) -> bytes:
    """The picture of a badge, drawn once a process. A small one has 256 colours, which are a fifth of the bytes."""
    return _lighter(image.badge_png(picture, size)) if size == SMALL else image.badge_png(picture, size)


def _lighter(png: bytes) -> bytes:
    """For pages. One of our own drawings: what strangers sent is decoded elsewhere."""
    result = io.BytesIO()
    with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
        few = picture.convert("RGBA").quantize(256, method=Image.Quantize.FASTOCTREE)
    few.save(result, "PNG", optimize=True)
    return result.getvalue()


def designed(
    title: str, issuer: Organisation, design: BadgeDesign | None, mark: str = image.CHECK
) -> image.BadgePicture:
    """What stands on a badge of this issuer by this design; by the issuer's palette where there is none."""
    # A short title belongs to one thing; in the design of all badges it would stand on every one of them.
    own = design is not None and (design.micro_credential_id or design.stack_id)
    words = design.words if design is not None and own and design.words else title
    picture = replace(issuing.picture(words, issuer), mark=mark)
    if design is None:
        return picture
    colours = Colours(design.colour, design.edge, design.accent)
    upload = bytes(design.upload) if design.upload else None
    return replace(picture, colours=colours, shape=design.shape, upload=upload)


def mark_of(micro_credential: UUID | None) -> str:
    """The sign on the badge: of a stack's certificate, of what counts for one, or of what stands alone."""
    if micro_credential is None:
        return image.STACK
    return image.PART if counts_for_a_stack(micro_credential) else image.CHECK


def picture_of(award: Award) -> image.BadgePicture:
    """What is drawn on an award, be it a badge or a certificate. Needs its issuer, version and stack loaded."""
    unit, stack = award.micro_credential_id, award.stack_id
    design = design_for(award.issuer_id, micro_credential=unit, stack=stack)
    return designed(award.title, award.issuer, design, mark_of(unit))


def png_of(award: Award, size: int = image.SIZE) -> bytes:
    """The award's picture as a PNG, without the credential."""
    return drawn_png(picture_of(award), size)


def png_of_stack(stack: Stack, size: int = image.SIZE) -> bytes:
    """The badge as it is drawn for everybody who completes this stack. Needs its issuer loaded."""
    design = design_for(stack.issuer_id, stack=stack.pk)
    return drawn_png(designed(stack.certificate, stack.issuer, design, mark_of(None)), size)


def svg_of(award: Award) -> str:
    """The award's picture as a drawing, without the credential."""
    return image.badge_svg(picture_of(award))


def card_of(award: Award) -> bytes:
    """The picture that a link to it unfolds into on other sites, with the name as its holder shows it."""
    line = "" if award.state == Award.State.ACTIVE else str(award.get_state_display())
    host = urlsplit(settings.BASE_URL).netloc
    return _card_png(
        Card(
            picture=picture_of(award),
            title=issuing.line(award.title),
            issuer=issuing.line(award.issuer.name),
            name=issuing.line(award.name_shown),
            line=" · ".join(filter(None, [line, _("Check it at %(host)s") % {"host": host}])),
        )
    )


@lru_cache(maxsize=64)
def _card_png(card: Card) -> bytes:
    return card_png(card)


def png_of_version(version: Version, size: int = image.SIZE) -> bytes:
    """The badge as it is drawn for everybody who earns this version. Needs its micro-credential and issuer loaded."""
    unit = version.micro_credential
    design = design_for(unit.issuer_id, micro_credential=unit.pk)
    return drawn_png(designed(version.title, unit.issuer, design, mark_of(unit.pk)), size)
