"""What an issuer decides about the look of its badges. No signature changes by it: a picture is not part of the credential."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from badges import rules
from badges.models import BadgeDesign
from badges.openbadges.colours import READABLE, WHITE, contrast, darkened, is_colour
from badges.openbadges.text import TextError, clean_name
from catalog.models import MicroCredential, Stack
from journal import workflow as journal
from journal.workflow import GuardError

LONGEST_WORDS = 80
COLOURS = ("colour", "edge", "accent")


class Place(NamedTuple):
    """What a design is for: all badges of an issuer, or one micro-credential or stack of its."""

    issuer: Organisation
    micro_credential: MicroCredential | None = None
    stack: Stack | None = None


def save_design(place: Place, user: User, fields: Mapping[str, Any]) -> BadgeDesign:
    """Lay down shape, colours and words, and the picture: new bytes, `None` for a drawing, or left out to keep it."""
    _check_may(place, user)
    values = checked(fields)
    if place.micro_credential is None and place.stack is None:
        values["words"] = ""  # every badge has its own title
    with transaction.atomic():
        # A second one saving at the same moment waits here, and then changes what the first has made.
        Organisation.objects.select_for_update(of=("self",)).get(pk=place.issuer.pk)
        own = {"issuer": place.issuer, "micro_credential": place.micro_credential, "stack": place.stack}
        design = _current(place) or BadgeDesign(**own)
        for name, value in values.items():
            setattr(design, name, value)
        design.save()
        _note("badges.design_changed", design, user, place)
    return design


def drop_design(place: Place, user: User) -> None:
    """Go back to the issuer's design, or for all its badges to its palette."""
    _check_may(place, user)
    with transaction.atomic():
        design = _current(place)
        if design is not None:
            _note("badges.design_dropped", design, user, place)
            design.delete()


def checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they may be kept, or every reason why not."""
    values = {name: value for name, value in fields.items() if name in {"shape", "words", "upload", *COLOURS}}
    errors: dict[str, list[Any]] = {}
    if "shape" in values and values["shape"] not in BadgeDesign.Shape.values:
        errors["shape"] = [_("Choose one of the shapes.")]
    for name in COLOURS:
        if name in values and (words := colour_refused(name, values[name])):
            errors[name] = [words]
    try:
        values["words"] = clean_name(str(values.get("words", "")))
    except TextError as error:
        errors["words"] = [str(error)]
    if len(str(values.get("words", ""))) > LONGEST_WORDS:
        errors["words"] = [_("Please keep the title on the badge under 80 characters.")]
    if errors:
        raise GuardError(_("The design could not be saved."), errors)
    return values


def colour_refused(name: str, value: str) -> str:
    """Why a colour cannot be used, with one that can; nothing if it can."""
    if not is_colour(value):
        return _("A colour is written # and six digits or letters from a to f, for example #0b5f59.")
    if name == "colour" and (ratio := contrast(WHITE, value)) < READABLE:
        words = _(
            "White words cannot be read well on this colour: the contrast is %(ratio)s to 1, and 4.5 to 1 is needed."
            " The darker shade %(shade)s would do."
        )
        return words % {"ratio": f"{ratio:.1f}", "shade": darkened(value)}
    return ""


def _check_may(place: Place, user: User) -> None:
    theirs = place.micro_credential or place.stack
    if theirs is not None and theirs.issuer_id != place.issuer.pk:
        raise PermissionDenied
    if not rules.may_design(user, place.issuer):
        raise PermissionDenied


def _current(place: Place) -> BadgeDesign | None:
    return BadgeDesign.objects.filter(
        issuer=place.issuer, micro_credential=place.micro_credential, stack=place.stack
    ).first()


def _note(kind: str, design: BadgeDesign, user: User, place: Place) -> None:
    data = {
        "micro_credential": str(design.micro_credential_id) if design.micro_credential_id else None,
        "stack": design.stack_id,
        "shape": design.shape,
        "picture": bool(design.upload),
    }
    journal.record(kind, design, actor=user, organisation_id=place.issuer.pk, data=data)
