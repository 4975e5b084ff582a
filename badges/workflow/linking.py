"""One link that shows several awards: made by their holder, ended by a date or withdrawn at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from badges.models import Award, Exchange, ShareLink, ShareLinkItem
from badges.openbadges.text import TextError, clean_name
from journal import workflow as journal
from journal.workflow import GuardError, Transitions

LINKS: Transitions = {
    "withdraw": (frozenset({ShareLink.State.ACTIVE}), ShareLink.State.WITHDRAWN, "badges.link_withdrawn"),
}
MOST = 40  # awards in one link
SAME = timedelta(minutes=1)  # a form that was sent twice makes one link


def make_link(
    user: User,
    title: str,
    awards: Collection[UUID],
    *,
    name_shown: str = "",
    expires_at: datetime | None = None,
) -> ShareLink:
    """An address for these awards of hers. Whoever has it sees them, private ones too, until it ends."""
    errors = _errors(title, awards, expires_at)
    mine = {row.pk: row for row in Award.objects.filter(earner=user, pk__in=awards).only("pk")}
    if len(mine) < len(set(awards)):
        errors["awards"] = [_("Choose among your own badges.")]
    if errors:
        raise GuardError(_("Please look at the fields below."), errors)
    said: dict[str, Any] = {
        "title": _clean(title, "title"),
        "name_shown": _clean(name_shown, "name_shown"),
        "expires_at": expires_at,
    }
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
        if made := _just_made(user, set(mine), said):
            return made
        link = ShareLink.objects.create(owner=user, **said)
        ShareLinkItem.objects.bulk_create(
            ShareLinkItem(link=link, award=mine[pk], order=order)
            for order, pk in enumerate(dict.fromkeys(awards))
        )
        journal.record("badges.link_made", link, actor=user, data={"awards": len(mine)})
    return link


def _just_made(user: User, awards: set[UUID], said: dict[str, Any]) -> ShareLink | None:
    rows = ShareLink.objects.filter(
        owner=user, state=ShareLink.State.ACTIVE, created__gt=timezone.now() - SAME, **said
    )
    return next((row for row in rows if set(row.awards.values_list("pk", flat=True)) == awards), None)


def _errors(title: str, awards: Collection[UUID], expires_at: datetime | None) -> dict[str, list[str]]:
    errors = {}
    if not title.strip():
        errors["title"] = [_("Say for whom this link is. Only you read it.")]
    if not awards:
        errors["awards"] = [_("Choose at least one badge.")]
    elif len(awards) > MOST:
        errors["awards"] = [_("Choose at most %(number)s badges.") % {"number": MOST}]
    if expires_at is not None and expires_at <= timezone.now():
        errors["expires_on"] = [_("Choose a day that is still to come.")]
    return errors


def _clean(value: str, field: str) -> str:
    try:
        words = clean_name(value)
    except TextError as error:
        raise GuardError(str(error), {field: [str(error)]}) from error
    if len(words) > 120:
        long = _("Please keep this under 120 characters.")
        raise GuardError(long, {field: [long]})
    return words


def withdraw_link(link: ShareLink, user: User) -> None:
    """From now on its address tells nothing, whoever asks."""
    if link.owner_id != user.pk:
        raise PermissionDenied
    frm, to, kind = LINKS["withdraw"]
    journal.change(link, kind, frm=frm, to=to, actor=user, withdrawn_at=timezone.now())


def withdraw_links(user: User) -> None:
    """Somebody leaves: nothing of hers is shown or handed over any more."""
    for link in ShareLink.objects.filter(owner=user, state=ShareLink.State.ACTIVE):
        withdraw_link(link, user)
    Exchange.objects.filter(award__earner=user).delete()
