"""Status of what the VC-API signs: lists of its own, so that a trial never takes a place in the list of an issuer.

Which places are taken and which bits are set stands in the cache: trials need no more, and leave nothing behind.
"""

from __future__ import annotations

from typing import Any, Final

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from badges import issuing, keyring
from badges.keyring import Signer
from badges.models import IssuerKey
from badges.openbadges import status
from badges.openbadges.outcomes import Failed

ENTRY: Final = "BitstringStatusListEntry"
FOR_EVER: Final = None
TRIES: Final = 20


def signers() -> dict[str, Signer]:
    """Who signs here, by name: the platform, and its key by itself."""
    by = keyring.signer(None)
    return {one.did: one for one in (by, _bare(by.row))}


def _bare(row: IssuerKey) -> Signer:
    return Signer(row, f"did:key:{row.fragment}")


def entry(by: Signer, credential_id: str) -> dict[str, str]:
    """A place in the signer's list that nobody has, and that is found again by the credential's id."""
    url = address(by)
    tries = (status.random_index() for _number in range(TRIES))
    index = next((one for one in tries if cache.add(_key("place", url, one), credential_id, FOR_EVER)), None)
    if index is None:
        raise Failed(_("The list of what was issued here is full."))
    cache.set(_key("entry", credential_id), (url, index), FOR_EVER)
    return {
        "id": f"{url}#{index}",
        "type": ENTRY,
        "statusPurpose": status.PURPOSE,
        "statusListIndex": str(index),
        "statusListCredential": url,
    }


def revoke(credential_id: str) -> bool:
    """Set the bit of a credential that was issued here; False if none of this id was."""
    place = cache.get(_key("entry", credential_id))
    if place is None:
        return False
    url, index = place
    cache.add(_key("count", url), 0, FOR_EVER)
    cache.set(_key("bit", url, cache.incr(_key("count", url))), index, FOR_EVER)
    return True


def address(by: Signer) -> str:
    """Where the signer's list lies: lists of the platform and of its bare key differ, because a list has one issuer."""
    name = keyring.PLATFORM if by.did == keyring.did_of(None) else by.row.fragment
    return issuing.absolute(reverse("vc-status-list", args=[name]))


def published(url: str) -> dict[str, Any] | None:
    """The signed list at an address; None if there is none."""
    rows = IssuerKey.objects.filter(issuer=None, algorithm=keyring.ED25519)
    everybody = [keyring.signer(None), *map(_bare, rows)]
    by = next((one for one in everybody if address(one) == url), None)
    if by is None:
        return None
    now = timezone.now()
    unsigned = status.status_list_credential(url=url, issuer=by.did, revoked=_bits(url), valid_from=now)
    return issuing.signed(unsigned, by, now)


def _bits(url: str) -> list[int]:
    count = cache.get(_key("count", url), 0)
    return list(cache.get_many([_key("bit", url, number) for number in range(1, count + 1)]).values())


def _key(*parts: object) -> str:
    return ":".join(map(str, ["badges:vc-api", *parts]))
