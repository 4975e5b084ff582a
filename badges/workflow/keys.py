"""An issuer's signing keys: made when it begins to issue, followed by newer ones, marked when in other hands."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from badges import keyring, rules
from badges.models import Award, IssuerKey, StatusList
from badges.queries.evidence import signed_since
from badges.workflow.publishing import publish_list
from badges.workflow.revoking import revoke_for_key
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError

LONGEST_REASON = 2_000


def make_keys(issuer: Organisation | None) -> list[IssuerKey]:
    """One key pair of each kind for an issuer, or for the platform; those it has already stay as they are."""
    before = set(IssuerKey.objects.filter(issuer=issuer).values_list("pk", flat=True))
    with transaction.atomic():
        keys = keyring.ensure_keys(issuer)
        for key in keys:
            if key.pk not in before:
                _record("badges.key_made", key, None)
    return keys


def rotate_key(
    issuer: Organisation | None, algorithm: str = keyring.ED25519, user: User | None = None
) -> IssuerKey:
    """A newer key signs from now on; what older ones signed stays valid, and they stay published."""
    if user is not None and not rules.may_keep_keys(user, issuer):
        raise PermissionDenied
    if algorithm not in IssuerKey.Algorithm.values:
        words = _("Choose one of the two kinds of keys.")
        raise GuardError(words, {"algorithm": [words]})
    keyring.current_key(issuer, algorithm)
    with transaction.atomic():
        key = keyring.add_key(issuer, algorithm)
        older = IssuerKey.objects.filter(issuer=issuer, algorithm=algorithm, number__lt=key.number)
        older.filter(retired_at=None).update(retired_at=timezone.now())
        _record("badges.key_rotated", key, user)
    return key


def revoke_key(key: IssuerKey, since: datetime, reason: str, user: User | None = None) -> IssuerKey | None:
    """The private half was in other hands from `since` on: nothing it signed then or later counts any more.

    The key stays published, marked with that moment. Where it was the one that signs, a new one follows, which is returned.
    """
    if user is not None and not rules.may_keep_keys(user, key.issuer):
        raise PermissionDenied
    why = _checked(since, reason)
    with transaction.atomic():
        row = IssuerKey.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=key.pk)
        if row.revoked_from is not None and row.revoked_from <= since:
            raise TransitionError(_("This key is already revoked from an earlier moment."), state="revoked")
        signs = row.retired_at is None and row.revoked_from is None
        row.revoked_from, row.revoked_why = since, why
        row.retired_at = row.retired_at or timezone.now()
        row.save(update_fields=["revoked_from", "revoked_why", "retired_at"])
        _record("badges.key_revoked", row, user, since=since.isoformat())
        follower = rotate_key(row.issuer, row.algorithm) if signs else None
        _publish_lists(row)
    key.revoked_from, key.revoked_why, key.retired_at = row.revoked_from, row.revoked_why, row.retired_at
    return follower


def revoke_key_and_badges(
    key: IssuerKey, since: datetime, reason: str, user: User | None = None
) -> tuple[IssuerKey | None, int]:
    """The same where nobody can tell which badges of that time are real: what it signed since is revoked at once, and counted.

    In one step, so that none of them is signed anew before. Locks are taken in the usual order: the awards, then the lists.
    """
    _checked(since, reason)
    named = IssuerKey(pk=key.pk, fragment=key.fragment, revoked_from=since)
    with transaction.atomic():
        rows = signed_since(named).exclude(state=Award.State.REVOKED).order_by("pk")
        doubtful = list(rows.select_for_update().defer("credential", "seal"))
        follower = revoke_key(key, since, reason, user)
        for award in doubtful:
            revoke_for_key(award, key.revoked_why, user)
    return follower, len(doubtful)


def _publish_lists(key: IssuerKey) -> None:
    """The issuer's lists are signed anew at once: nobody could believe what the revoked key says of them."""
    if key.issuer is not None and key.algorithm == keyring.ED25519:
        for status_list in StatusList.objects.filter(issuer=key.issuer):
            publish_list(status_list)


def _checked(since: datetime, reason: str) -> str:
    why, errors = reason.strip(), {}
    if since.tzinfo is None or since > timezone.now():
        errors["since"] = [_("Give a moment that is past: from then on the key was in other hands.")]
    if not why or len(why) > LONGEST_REASON or "\x00" in why:
        errors["reason"] = [_("Say why, in under 2,000 ordinary characters.")]
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors)
    return why


def _record(kind: str, key: IssuerKey, user: User | None, **data: str) -> None:
    data |= {"fragment": key.fragment, "algorithm": key.algorithm}
    journal.record(kind, key, actor=user, organisation_id=key.issuer_id, data=data)
