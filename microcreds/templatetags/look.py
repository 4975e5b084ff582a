"""The look in templates: icons, state pills and the geometry of charts, so that no template repeats a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django import template
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

register = template.Library()

BADGE = (
    '<svg class="badge {0}" viewBox="0 0 100 100" {1}><use class="badge-ring" href="{2}#badge-shape"/>'
    '<circle class="badge-face" cx="50" cy="50" r="35"/><circle class="badge-line" cx="50" cy="50" r="31.5"/>'
    '<use class="badge-glyph" href="{2}#g-{3}"/></svg>'
)


class Pill(NamedTuple):
    """How a state is shown: a tone of colour, a sign, and always words."""

    tone: str
    sign: str
    words: str | Promise


PILLS: Mapping[str, Pill] = {
    "draft": Pill("info", "half", _("In progress")),
    "active": Pill("info", "half", _("In progress")),
    "enrolled": Pill("info", "half", _("In progress")),
    "submitted": Pill("info", "clock", _("Waiting for review")),
    "waiting": Pill("info", "clock", _("Waiting for review")),
    "open": Pill("info", "clock", _("Waiting for review")),
    "in_review": Pill("info", "eye", _("In review")),
    "claimed": Pill("info", "eye", _("Claimed")),
    "earned": Pill("gold", "seal", _("Earned")),
    "not_yet": Pill("warn", "redo", _("Not yet")),
    "passed": Pill("ok", "check", _("Passed")),
    "completed": Pill("ok", "check", _("Completed")),
    "sent": Pill("ok", "check", _("Sent")),
    "verified": Pill("ok", "check", _("Verified")),
    "valid": Pill("ok", "check", _("Valid")),
    "public": Pill("ok", "eye", _("Public")),
    "unlisted": Pill("info", "link", _("Anyone with the link")),
    "private": Pill("plain", "lock", _("Private")),
    "due": Pill("warn", "clock", _("Due soon")),
    "queued": Pill("info", "clock", _("Queued")),
    "overdue": Pill("bad", "alert", _("Overdue")),
    "expired": Pill("bad", "alert", _("Expired")),
    "lapsed": Pill("warn", "alert", _("Lapsed")),
    "revoked": Pill("bad", "cross", _("Revoked")),
    "suspended": Pill("bad", "cross", _("Suspended")),
    "invalid": Pill("bad", "cross", _("Not valid")),
    "failed": Pill("bad", "cross", _("Failed")),
    "withdrawn": Pill("plain", "cross", _("Withdrawn")),
    "released": Pill("plain", "cross", _("Released")),
    "recused": Pill("plain", "cross", _("Recused")),
    "not_scored": Pill("plain", "dot", _("Not scored")),
}


@register.simple_tag
@cache
def asset(path: str) -> str:
    """Like `static`, but looks the hashed address up once a process: twenty cards ask for it sixty times."""
    return static(path)


@register.simple_tag
def sprite() -> str:
    """The address of the one file of drawn signs."""
    return asset("img/sprite.svg")


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """A sign from the sprite; silent beside words, spoken when it stands alone with a label."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="ico" width="18" height="18" viewBox="0 0 24 24" {}><use href="{}#{}"/></svg>',
        spoken,
        sprite(),
        name,
    )


@register.simple_tag
@lru_cache(maxsize=1024)
def badge(
    colour: str = "",
    glyph: str = "",
    *,
    earned: bool = False,
    ended: bool = False,
    size: str = "",
    label: str = "",
) -> SafeString:
    """A badge, drawn: one shape, the issuer's colour, the topic's glyph; earning turns the ring gold."""
    marks = [f"badge--{colour or 'c1'}", f"badge--{size}" * bool(size), _badge_state(earned, ended)]
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(BADGE, " ".join(filter(None, marks)), spoken, sprite(), glyph or "default")


def _badge_state(earned: bool, ended: bool) -> str:
    return "badge--ended" if ended else "badge--earned" if earned else ""


@register.simple_tag
def pill(state: str) -> Pill:
    """The look of a state; an unknown one is shown plainly by its own name."""
    return PILLS.get(str(state)) or Pill("plain", "dot", str(state).replace("_", " ").capitalize())


@register.simple_tag
def bars(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of {label, value} with the length of their bar in hundredths; a value of None is suppressed."""
    listed = list(rows)
    top = max((row["value"] or 0 for row in listed), default=0) or 1
    return [{**row, "length": _hundredths(row["value"], top)} for row in listed]


def _hundredths(value: float | None, top: float) -> str:
    return f"{100 * (value or 0) / top:.2f}"


@register.filter
def rest(length: str) -> str:
    """What a column leaves free above itself."""
    return f"{100 - float(length):.2f}"
