"""A badge is taken back and given back, and the signed list says so at once. When that may happen is `proceeding`'s to say.

Locks are taken in one order everywhere: the award, the procedure about it, the status list.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from badges.models import Award, Revocation
from badges.workflow.placing import take_place
from badges.workflow.publishing import publish_list
from badges.workflow.reissuing import reissue
from badges.workflow.table import TRANSITIONS, move
from journal import workflow as journal
from journal.workflow import TransitionError

Ground = Revocation.Ground


def lock_award(award: Award) -> Award:
    """The row as it is now, kept from others until the transaction ends."""
    rows = Award.objects.select_related("issuer", "status_list").select_for_update(of=("self",))
    return rows.get(pk=award.pk)


def take_back(award: Award, actor: User | None, reason: str, ground: str = Ground.REASON) -> Award:
    """Every copy of it shows as revoked from this moment on. For verbs that have settled whether it may be."""
    told = {"actor": actor, "organisation_id": award.issuer_id, "data": {"why": ground}}
    fields: dict[str, Any] = {"revoked_at": timezone.now(), "revocation_reason": reason}
    with transaction.atomic():
        move(TRANSITIONS, "revoke", award, _("This badge is already revoked."), **told, **fields)
        publish_list(award.status_list)
    return award


def give_back(award: Award, actor: User) -> Award:
    """Valid again under its old id, with a place of its own in the list: the bit that said *revoked* stays set for ever."""
    frm, to, kind = TRANSITIONS["restore"]
    old = {"list": str(award.status_list_id), "index": award.status_index}
    status_list, index = take_place(award.issuer, award.status_list.purpose)
    place = {"status_list": status_list, "status_index": index, "revoked_at": None, "revocation_reason": ""}
    try:
        with transaction.atomic():
            journal.change(
                award, kind, frm=frm, to=to, actor=actor, organisation_id=award.issuer_id, data=old, **place
            )
    except IntegrityError:
        words = _("By now there is another certificate of this stack in its place.")
        raise TransitionError(words, state=award.state) from None
    return reissue(award, "restored", actor)


def revoke_for_key(award: Award, reason: str, actor: User | None = None) -> Revocation:
    """At once and without a procedure before it: whoever holds the stolen key could say anything in the issuer's name.

    It is the one ground that cannot wait for an answer. Once only, however often it is called.
    """
    with transaction.atomic():
        award = lock_award(award)
        now = timezone.now()
        done = Revocation.objects.filter(
            award=award, ground=Ground.KEY, state=Revocation.State.REVOKED
        ).first()
        if done is not None and award.state == Award.State.REVOKED:
            return done
        take_back(award, actor, reason, Ground.KEY)
        # What was open about it has lost its object: the badge is gone for another reason.
        return Revocation.objects.update_or_create(
            award=award,
            state=Revocation.State.OPEN,
            defaults={
                "state": Revocation.State.REVOKED, "ground": Ground.KEY, "reason": reason, "answer_until": now,
                "decision": reason, "decided_at": now,
            },
        )[0]  # fmt: skip
