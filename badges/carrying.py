"""What a page that checks badges by itself has to know beforehand: every issuer's public keys, and the revocation lists.

The page reads lists as tokens, signed like the tokens of badges, because that is what browsers verify by themselves.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.cache import cache

from badges import checking, issuing, keyring, offline, rules
from badges.models import Award, StatusList
from badges.openbadges import jwt

MEMORY = 3600  # seconds: the page says of which day it is, and lists take a signature each
_KEY = "badges:offline-page"


def for_all(now: datetime) -> dict[str, Any]:
    """Of everybody who signs here, so that any badge of this platform can be checked from a disk."""
    rows = StatusList.objects.select_related("issuer").order_by("pk")
    lists = {issuing.status_url(row.pk): status_token(row) for row in rows}  # first: it may make a key
    signers = [None, *rules.signers().select_related("successor").order_by("slug")]
    dids = {keyring.did_of(one): keyring.did_document_of(one) for one in signers}
    return {"exported": now.isoformat(), "dids": dids, "lists": lists}


def for_one(award: Award, now: datetime) -> dict[str, Any]:
    """Of one badge, with the badge itself."""
    token, listed = issuing.jwt_of(award), status_token(award.status_list)
    return {
        "exported": now.isoformat(),
        "token": token,
        "dids": {keyring.did_of(award.issuer): keyring.did_document_of(award.issuer)},
        "lists": {issuing.status_url(award.status_list_id): listed},
    }


def page_for_all(now: datetime) -> str:
    """The page to keep. Made once an hour: anybody may ask for it, and every list in it is a signature."""
    page: str | None = cache.get(_KEY)
    if page is None:
        page = offline.page(for_all(now))
        cache.set(_KEY, page, MEMORY)
    return page


def status_token(row: StatusList) -> str:
    """The list as a token; it is published first where nobody asked for it yet. Needs its issuer loaded."""
    by = keyring.signer(row.issuer, keyring.RSA)
    return jwt.encode(checking.status_document(row), by, keyring.jwk_of(by.row))
