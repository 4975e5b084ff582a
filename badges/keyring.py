"""Issuers' signing keys: which there are, which signs now, and how the public halves are published.

`signer()` is all that signing needs: taken once, it signs any number of documents without another query.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from badges.models import IssuerKey
from badges.openbadges.keys import PublishedKey, SigningKeyError, did_document, did_web, kept_keys
from badges.openbadges.proofs import timestamp
from badges.providers import local, provider

ED25519 = IssuerKey.Algorithm.ED25519
RSA = IssuerKey.Algorithm.RSA
PLATFORM = "platform"


@dataclass(frozen=True)
class Signer:
    """A key that signs now, with the name verifiers find it by."""

    row: IssuerKey
    did: str

    @property
    def method(self) -> str:
        """The verification method: the issuer's DID and the key's name in it."""
        return f"{self.did}#{self.row.fragment}"

    def sign(self, data: bytes) -> bytes:
        """Sign, here or at the key service."""
        return provider(self.row.provider).sign(self.row, data)


def did_of(issuer: Organisation | None) -> str:
    """The issuer's name in the documents it signs; the platform's own without one."""
    return issuer_did(issuer.slug) if issuer is not None else did_web(settings.BASE_URL)


def issuer_did(slug: str) -> str:
    """The same by the issuer's slug."""
    return did_web(settings.BASE_URL, "issuers", slug)


def key_url(issuer: Organisation | None, fragment: str) -> str:
    """Where one public key is published as a JSON Web Key: what a token's `kid` names."""
    if issuer is None:
        return f"{settings.BASE_URL}{reverse('platform-key', args=[fragment])}"
    return f"{settings.BASE_URL}{reverse('issuer-key', args=[issuer.slug, fragment])}"


# --- which keys there are -------------------------------------------------------------------------------------


def signer(issuer: Organisation | None, algorithm: str = ED25519) -> Signer:
    """The key that signs for the issuer now; its first one is made here where nobody made it before."""
    return Signer(current_key(issuer, algorithm), did_of(issuer))


def current_key(issuer: Organisation | None, algorithm: str = ED25519) -> IssuerKey:
    """The row of the key that signs now."""
    found = _signing(issuer, algorithm)
    if found is None:
        if algorithm == ED25519:
            _adopt(issuer)
        found = _signing(issuer, algorithm) or add_key(issuer, algorithm)
    return found


def _signing(issuer: Organisation | None, algorithm: str) -> IssuerKey | None:
    rows = IssuerKey.objects.filter(issuer=issuer, algorithm=algorithm, retired_at=None, revoked_from=None)
    return rows.order_by("-number").first()


def ensure_keys(issuer: Organisation | None) -> list[IssuerKey]:
    """One key of each kind, made where it is missing. Making RSA takes a moment, so signing never waits for it here."""
    return [current_key(issuer, algorithm) for algorithm in (ED25519, RSA)]


def add_key(issuer: Organisation | None, algorithm: str) -> IssuerKey:
    """A newer key that signs from now on. Of two callers at once, the second takes the first's."""
    newest = IssuerKey.objects.filter(issuer=issuer, algorithm=algorithm).order_by("-number").first()
    number = newest.number + 1 if newest else 1
    maker = provider()
    public, secret = maker.make(algorithm)
    try:
        with transaction.atomic():
            return _store(issuer, algorithm, number, public, secret, provider=maker.name)
    except IntegrityError:
        return IssuerKey.objects.get(issuer=issuer, algorithm=algorithm, number=number)


def _store(
    issuer: Organisation | None,
    algorithm: str,
    number: int,
    public: dict[str, Any],
    secret: bytes,
    **fields: Any,
) -> IssuerKey:
    fragment = public.get("publicKeyMultibase") or public["publicKeyJwk"]["kid"]
    return IssuerKey.objects.create(
        issuer=issuer,
        algorithm=algorithm,
        number=number,
        fragment=fragment,
        public=public,
        secret=secret,
        **fields,
    )


def _adopt(issuer: Organisation | None) -> None:
    """Take over the key files of an installation from before keys were rows; the files stay as they are."""
    root = settings.SIGNING_KEYS / "issuers" if issuer is not None else settings.SIGNING_KEYS
    kept = kept_keys(root, issuer.slug if issuer is not None else PLATFORM)
    if not kept or IssuerKey.objects.filter(issuer=issuer, algorithm=ED25519).exists():
        return
    try:
        with transaction.atomic():
            for number, key in enumerate(kept, start=1):
                retired = timezone.now() if number < len(kept) else None
                public, secret = local().keep(key.private)
                _store(issuer, ED25519, number, public, secret, provider=local().name, retired_at=retired)
    except IntegrityError:
        return


# --- how they are published -----------------------------------------------------------------------------------


def published_keys(issuer: Organisation | None) -> list[IssuerKey]:
    """Every key the issuer ever had, oldest first; its first one is made when it is first asked for."""
    current_key(issuer)
    return list(IssuerKey.objects.filter(issuer=issuer).order_by("algorithm", "number"))


def did_document_of(issuer: Organisation | None) -> dict[str, Any]:
    """The issuer's `did.json`; it names the successor of one that handed over (DID Core 1.0, section 5.1.3)."""
    document = _document(did_of(issuer), published_keys(issuer))
    if issuer is not None and issuer.successor is not None:
        return {**document, "alsoKnownAs": [did_of(issuer.successor)]}
    return document


def known_did_document(did: str) -> dict[str, Any] | None:
    """The DID document of the platform or an issuer of ours that has keys; None for anybody else. Makes no key."""
    slug = did.rpartition(":")[2]
    if did == did_of(None):
        return _known(did, IssuerKey.objects.filter(issuer=None)) or _adopted(did, None)
    if did != issuer_did(slug):
        return None
    if document := _known(did, IssuerKey.objects.filter(issuer__slug=slug)):
        return document
    issuer = Organisation.objects.filter(slug=slug).first()
    return _adopted(did, issuer) if issuer else None


def _known(did: str, rows: QuerySet[IssuerKey]) -> dict[str, Any] | None:
    keys = list(rows.order_by("algorithm", "number"))
    return _document(did, keys) if keys else None


def _adopted(did: str, issuer: Organisation | None) -> dict[str, Any] | None:
    """For an installation of before whose first badge is checked before anything was signed anew."""
    try:
        _adopt(issuer)
    except SigningKeyError:
        return None
    return _known(did, IssuerKey.objects.filter(issuer=issuer))


def _document(did: str, rows: Iterable[IssuerKey]) -> dict[str, Any]:
    return did_document(did, [_published(row) for row in rows])


def _published(row: IssuerKey) -> PublishedKey:
    revoked = timestamp(row.revoked_from) if row.revoked_from else ""
    return PublishedKey(fragment=row.fragment, public=row.public, revoked=revoked)


def jwk_of(row: IssuerKey) -> dict[str, Any]:
    """One RSA key as the JSON Web Key its address answers."""
    jwk: dict[str, Any] | None = row.public.get("publicKeyJwk")
    if jwk is None:
        raise SigningKeyError("This key is published as a Multikey.")
    return {**jwk, "kid": key_url(row.issuer, row.fragment)}


def jwks_of(issuer: Organisation | None) -> dict[str, Any]:
    """All RSA keys the issuer ever had, as a JSON Web Key Set (RFC 7517)."""
    rows = IssuerKey.objects.filter(issuer=issuer, algorithm=RSA).select_related("issuer").order_by("number")
    return {"keys": [jwk_of(row) for row in rows]}
