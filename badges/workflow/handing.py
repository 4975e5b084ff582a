"""Handing an award over to a wallet: by an address that works once, for a few minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from badges.models import Award, Exchange
from journal import workflow as journal
from journal.workflow import TransitionError, Transitions

State = Exchange.State
HANDING: Transitions = {
    "hand_over": (frozenset({State.OPEN}), State.DONE, "badges.handed_over"),
}
LASTS = timedelta(minutes=10)
# A wallet whose line broke may ask again for so many seconds and gets the same; nobody else does.
AGAIN = 60


def begin_exchange(award: Award, user: User) -> Exchange:
    """A new address for a wallet. An earlier one that nobody used ends with it."""
    if award.earner_id != user.pk:
        raise PermissionDenied
    with transaction.atomic():
        award = Award.objects.select_for_update(no_key=True).get(pk=award.pk)
        if award.state != Award.State.ACTIVE or award.expired:
            raise TransitionError(_("Only a valid badge can go into a wallet."), state=award.state)
        Exchange.objects.filter(award=award, state=State.OPEN).delete()
        exchange = Exchange.objects.create(award=award, expires_at=timezone.now() + LASTS)
        journal.record("badges.exchange_begun", exchange, actor=user, data={"award": str(award.pk)})
    return exchange


def hand_over(exchange: Exchange, wallet: str) -> dict[str, Any]:
    """The credential, once. `wallet` tells one asker from another without saying who it is."""
    if exchange.state == State.DONE:
        return _again(exchange, wallet)
    if exchange.expires_at <= timezone.now():
        raise TransitionError(_("The time for this hand-over is up. Start it again."), state="expired")
    award = exchange.award
    if award.state != Award.State.ACTIVE or award.expired:
        raise TransitionError(_("Only a valid badge can go into a wallet."), state=award.state)
    frm, to, kind = HANDING["hand_over"]
    data = {"award": str(award.pk)}
    try:
        journal.change(exchange, kind, frm=frm, to=to, data=data, done_at=timezone.now())
    except TransitionError:
        return _again(exchange, wallet)
    cache.set(_key(exchange), wallet, AGAIN)
    credential: dict[str, Any] = award.credential
    return credential


def _again(exchange: Exchange, wallet: str) -> dict[str, Any]:
    """The same to the same wallet within the minute; words to anybody else."""
    if cache.get(_key(exchange)) != wallet:
        raise TransitionError(
            _("This badge was handed over already. Start again for another wallet."), state="used"
        )
    credential: dict[str, Any] = exchange.award.credential
    return credential


def _key(exchange: Exchange) -> str:
    return f"badges:exchange:{exchange.pk}"
