"""A person's public page of chosen awards: hers to open, to fill and to hide."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from badges.models import Award, PublicProfile
from badges.openbadges.text import TextError, clean_name
from journal import workflow as journal
from journal.workflow import GuardError

State = PublicProfile.State
# Addresses that would look like the platform's own.
RESERVED = frozenset(
    {
        *("about", "account", "accounts", "admin", "administrator", "api", "badge"),
        *("badges", "collections", "explore", "help", "home", "issuer", "issuers"),
        *("me", "microcreds", "my", "new", "null", "people", "platform"),
        *("privacy", "profile", "root", "security", "settings", "stacks", "staff"),
        *("stop", "support", "system", "terms", "undefined", "verify"),
    }
)
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SHORTEST, LONGEST = 3, 60


def save_profile(
    user: User,
    *,
    slug: str,
    name_shown: str,
    headline: str = "",
    shown: bool = False,
    awards: Collection[UUID] = (),
) -> PublicProfile:
    """Make or change her page. It stays hidden until she says otherwise, and holds only what she made public."""
    slug = slug.strip().lower()
    errors = _slug_errors(slug, user)
    fields: dict[str, Any] = {
        "slug": slug,
        "name_shown": _clean(name_shown, "name_shown", 120, errors),
        "headline": _clean(headline, "headline", 160, errors),
    }
    if not fields["name_shown"] and "name_shown" not in errors:
        errors["name_shown"] = [_("A public page needs a name.")]
    if errors:
        raise GuardError(_("Please look at the fields below."), errors)
    to = State.SHOWN if shown else State.HIDDEN
    try:
        with transaction.atomic():
            profile = _store(user, fields, to)
            _choose(user, awards)
    except IntegrityError as error:
        raise GuardError(_("Please look at the fields below."), {"slug": [_taken()]}) from error
    return profile


def describe_profile(user: User, name_shown: str, headline: str, *, program: str) -> PublicProfile:
    """A program that she allowed writes her page's name and line; whether it is shown, and what on it, stays as it was.

    Where there is none, it is a hidden one. The same words again change nothing.
    """
    page = PublicProfile.objects.filter(user=user).first()
    errors: dict[str, list[str]] = {}
    fields = {
        "name_shown": _clean(name_shown, "name", 120, errors),
        "headline": _clean(headline, "description", 160, errors),
    }
    if not fields["name_shown"] and "name" not in errors:
        errors["name"] = [_("A public page needs a name.")]
    if errors:
        raise GuardError(" ".join(f"{key}: {words[0]}" for key, words in errors.items()), errors)
    if page is not None and all(getattr(page, key) == value for key, value in fields.items()):
        return page
    slug = page.slug if page else _free_slug(fields["name_shown"], user)
    with transaction.atomic():
        return _store(user, {"slug": slug, **fields}, page.state if page else State.HIDDEN, program=program)


def _free_slug(name: str, user: User) -> str:
    """An address that she may change later: after the name, else one that says nothing."""
    slug = slugify(name)[:LONGEST].strip("-_")
    return slug if not _slug_errors(slug, user) else f"page-{secrets.token_hex(4)}"


def _store(user: User, fields: dict[str, Any], to: str, **more: str) -> PublicProfile:
    profile = PublicProfile.objects.filter(user=user).first()
    data = {"state": to, **more}
    if profile is None:
        profile = PublicProfile.objects.create(user=user, state=to, **fields)
        journal.record("badges.profile_made", profile, actor=user, data=data)
    else:
        journal.change(
            profile,
            "badges.profile_changed",
            frm=set(State.values),
            to=to,
            actor=user,
            data=data,
            **fields,
        )
    return profile


def _choose(user: User, awards: Collection[UUID]) -> None:
    """Those she ticked and made public; every other one leaves the page."""
    mine = Award.objects.filter(earner=user)
    chosen = mine.filter(pk__in=awards, visibility=Award.Visibility.PUBLIC)
    mine.filter(on_profile=True).exclude(pk__in=chosen.values("pk")).update(on_profile=False)
    chosen.filter(on_profile=False).update(on_profile=True)


def hide_profile(user: User) -> None:
    """Nobody sees it from now on, and nothing of it says whose it was."""
    profile = PublicProfile.objects.filter(user=user).first()
    if profile is not None:
        blank: dict[str, Any] = {"slug": f"closed-{user.pk}", "name_shown": "", "headline": ""}
        journal.change(
            profile, "badges.profile_hidden", frm=set(State.values), to=State.HIDDEN, actor=user, **blank
        )


def _slug_errors(slug: str, user: User) -> dict[str, list[str]]:
    if not SHORTEST <= len(slug) <= LONGEST or not SLUG.fullmatch(slug):
        words = _("Use %(shortest)s to %(longest)s small letters a to z, digits and single hyphens.")
        return {"slug": [words % {"shortest": SHORTEST, "longest": LONGEST}]}
    if slug in RESERVED or slug.startswith("closed-"):
        return {"slug": [_("This address is kept for the platform. Please choose another one.")]}
    if PublicProfile.objects.filter(slug=slug).exclude(user=user).exists():
        return {"slug": [_taken()]}
    return {}


def _taken() -> str:
    return _("Somebody else has this address. Please choose another one.")


def _clean(value: str, field: str, longest: int, errors: dict[str, list[str]]) -> str:
    try:
        words = clean_name(value)
    except TextError as error:
        errors[field] = [str(error)]
        return ""
    if len(words) > longest:
        errors[field] = [_("Please keep this under %(number)s characters.") % {"number": longest}]
    return words
