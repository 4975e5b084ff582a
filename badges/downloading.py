"""The files a badge can be kept as: each of them carries the signed credential, or says where it can be checked."""

from __future__ import annotations

from badges import issuing, pictures
from badges.models import Award
from badges.openbadges import jwt
from badges.openbadges.baking import bake_png
from badges.openbadges.baking_svg import bake_svg
from badges.openbadges.reading import write_json


def json_file(award: Award) -> tuple[bytes, str]:
    """The credential itself."""
    return write_json(award.credential).encode(), "application/json"


def png_file(award: Award) -> tuple[bytes, str]:
    """The picture with the credential inside."""
    return bake_png(pictures.png_of(award), write_json(award.credential)), "image/png"


def svg_file(award: Award) -> tuple[bytes, str]:
    """The drawing with the credential inside."""
    return bake_svg(pictures.svg_of(award), write_json(award.credential)), "image/svg+xml"


def jwt_file(award: Award) -> tuple[bytes, str]:
    """The credential as a signed token."""
    return issuing.jwt_of(award).encode(), jwt.MEDIA_TYPE


FILES = {"json": json_file, "jwt": jwt_file, "png": png_file, "svg": svg_file}
