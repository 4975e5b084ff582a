"""How the catalog's words are shown: safe Markdown, cards, hours and kinds of evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog import prose
from catalog.models import EvidenceKind, MicroCredential

register = template.Library()

SHORT: dict[str, str | Promise] = {
    EvidenceKind.PLAN: _("plan"),
    EvidenceKind.STUDENT_WORK: _("student work"),
    EvidenceKind.VIDEO: _("video"),
    EvidenceKind.AUDIO: _("audio"),
    EvidenceKind.PHOTO: _("photo"),
    EvidenceKind.TEXT: _("text"),
}
RESOURCE_KINDS: dict[str, str | Promise] = {
    "article": _("article"),
    "book": _("book"),
    "guide": _("guide"),
    "video": _("video"),
    "tool": _("practice tool"),
}


@register.filter
def markdown(text: str) -> SafeString:
    """An author's Markdown as HTML that cannot carry a script, a style or an image."""
    return prose.authored(text)


@register.filter
def written(text: str, top: int = 3) -> SafeString:
    """What an educator or an assessor wrote, with headings from level `top` on."""
    return prose.written(text, top)


@register.filter
def card(row: MicroCredential) -> dict[str, Any]:
    """What `components/_card.html` shows of a micro-credential (needs `issuer` loaded)."""
    return {
        "title": row.title,
        "url": reverse("micro-credential", args=[row.slug]),
        "issuer_name": row.issuer.name,
        "summary": row.summary,
        "hours_label": hours(row),
        "evidence_label": evidence(row.evidence_kinds),
        "tags": list(dict.fromkeys(getattr(row, "stack_titles", []))),
        "colour": row.issuer.colour,
        "glyph": row.glyph,
    }


@register.filter
def hours(row: Any) -> str:
    """“5–7 hours”, of anything that has `hours_low` and `hours_high`."""
    if row.hours_low == row.hours_high:
        return ngettext("%(n)d hour", "%(n)d hours", row.hours_high) % {"n": row.hours_high}
    return _("%(low)d–%(high)d hours") % {"low": row.hours_low, "high": row.hours_high}


@register.filter
def evidence(kinds: Iterable[str]) -> str:
    """Kinds of evidence as a short list that starts with a capital."""
    words = ", ".join(str(SHORT.get(kind, kind)) for kind in kinds)
    return words[:1].upper() + words[1:]


@register.filter
def count(number: int, cap: int) -> str:
    """A capped count in words: “2,000+” says that counting stopped."""
    shown = number_format(min(number, cap), force_grouping=True)
    return shown if number < cap else f"{shown}+"


@register.filter
def resource_kind(kind: str) -> str | Promise:
    """The kind of a resource in words."""
    return RESOURCE_KINDS.get(kind, kind)


@register.filter
def lookup(names: Mapping[str, str], key: str) -> str:
    """The name of a key, or the key itself."""
    return names.get(key, key)
