"""Keys as rows: made, sealed, taken over from files, followed by newer ones, revoked, and published."""

from __future__ import annotations

import base64
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.test import Client
from django.utils import timezone

from badges import checking, keyring, providers, workflow
from badges.models import IssuerKey
from badges.openbadges.keys import SigningKey, SigningKeyError, decode_multikey
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from microcreds import environment
from tests import factories
from tests.people import People, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


class Service:
    """A key service: the private halves never leave it; a row holds only the name it knows them by."""

    name = "service"
    held: dict[bytes, ed25519.Ed25519PrivateKey] = {}

    def make(self, algorithm: str) -> tuple[dict[str, Any], bytes]:
        key, name = ed25519.Ed25519PrivateKey.generate(), os.urandom(8)
        self.held[name] = key
        return providers.public_of(key), name

    def sign(self, row: IssuerKey, data: bytes) -> bytes:
        return self.held[bytes(row.secret)].sign(data)


def test_an_issuer_has_one_key_of_each_kind_and_signs_with_both(people: People) -> None:
    made = workflow.make_keys(people.northfield)
    assert [key.algorithm for key in made] == ["ed25519", "rsa"]
    assert [key.pk for key in workflow.make_keys(people.northfield)] == [key.pk for key in made]
    assert [entry.data["algorithm"] for entry in Entry.objects.filter(kind="badges.key_made")] == [
        "ed25519",
        "rsa",
    ]
    one = keyring.signer(people.northfield)
    decode_multikey(one.row.fragment).verify(one.sign(b"abc"), b"abc")
    two = keyring.signer(people.northfield, keyring.RSA)
    jwk = keyring.jwk_of(two.row)
    assert jwk["kid"] == f"http://127.0.0.1:8000/issuers/northfield/keys/{two.row.fragment}"
    numbers = (int.from_bytes(base64.urlsafe_b64decode(jwk[name] + "=="), "big") for name in ("e", "n"))
    public = rsa.RSAPublicNumbers(*numbers).public_key()
    public.verify(two.sign(b"abc"), b"abc", padding.PKCS1v15(), SHA256())
    assert public.key_size == 2048


def test_a_signer_costs_no_query_and_other_issuers_have_other_keys(
    people: People, django_assert_num_queries: Any
) -> None:
    signer = keyring.signer(people.northfield)
    signer.sign(b"first")
    with django_assert_num_queries(0):
        assert signer.sign(b"again") == signer.sign(b"again")
    assert keyring.signer(people.lakes).row.fragment != signer.row.fragment
    assert keyring.signer(None).method.startswith("did:web:127.0.0.1%3A8000#z6Mk")


def test_private_halves_are_sealed_and_bound_to_their_public_ones(people: People, settings: Any) -> None:
    settings.SIGNING_SECRET = base64.b64encode(os.urandom(32)).decode()
    row, other = keyring.signer(people.northfield).row, keyring.signer(people.lakes).row
    assert providers.LocalProvider().sign(row, b"x")
    row.secret = other.secret
    with pytest.raises(SigningKeyError, match="another public key"):
        providers.LocalProvider().sign(row, b"x")
    settings.SIGNING_SECRET = base64.b64encode(os.urandom(32)).decode()
    with pytest.raises(SigningKeyError):
        providers.LocalProvider().sign(other, b"x")


def test_the_signing_secret_is_made_once_and_read_by_us_alone(
    people: People, settings: Any, tmp_path: Path
) -> None:
    settings.SIGNING_SECRET, settings.HOME = "", tmp_path
    row = keyring.signer(people.northfield).row
    path = tmp_path / "signing-secret"
    assert (path.stat().st_mode & 0o777, len(base64.b64decode(path.read_text()))) == (0o600, 32)
    settings.HOME = tmp_path / "elsewhere"
    with pytest.raises(SigningKeyError, match="cannot be read"):
        providers.LocalProvider().sign(row, b"x")


@pytest.mark.parametrize("text", ["short", "???", base64.b64encode(b"x" * 31).decode()])
def test_a_wrong_secret_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SIGNING_SECRET must be 32 random bytes"):
        environment.secret_key("SIGNING_SECRET", text)


def test_a_provider_that_is_no_path_stops_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="KEY_PROVIDER must be the dotted path"):
        environment.dotted("KEY_PROVIDER", "a key service")


def test_a_key_service_can_stand_behind_the_keys(people: People, settings: Any) -> None:
    old = factories.award(people)
    settings.KEY_PROVIDER = "tests.badges.test_keyring.Service"
    key = workflow.rotate_key(people.northfield)
    assert (key.provider, len(bytes(key.secret))) == ("service", 8)
    new = workflow.award(factories.earned(people, earner=people.educator2))
    assert new.key == key
    assert all(checking.check(award.credential).valid for award in (old, new))
    settings.KEY_PROVIDER = "badges.providers.LocalProvider"
    with pytest.raises(SigningKeyError, match="No provider of the name service"):
        keyring.signer(people.northfield).sign(b"x")


def test_key_files_of_before_are_taken_over_and_old_badges_verify_on(
    people: People, settings: Any, tmp_path: Path
) -> None:
    settings.SIGNING_KEYS = tmp_path
    kept = [SigningKey.generate() for _number in range(2)]
    (tmp_path / "issuers" / "northfield").mkdir(parents=True)
    for number, key in enumerate(kept, start=1):
        path = tmp_path / "issuers" / "northfield" / f"{number:04d}.pem"
        path.write_bytes(key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        path.chmod(0o600)
    did = keyring.issuer_did("northfield")
    document = keyring.known_did_document(did)
    assert document is not None
    assert document["assertionMethod"] == [key.method_for(did) for key in kept]
    rows = list(IssuerKey.objects.filter(issuer=people.northfield))
    assert [row.retired_at is None for row in rows] == [False, True]
    assert keyring.signer(people.northfield).sign(b"x") == kept[1].sign(b"x")
    assert len(list((tmp_path / "issuers" / "northfield").iterdir())) == 2


def test_a_rotated_key_stays_published_and_what_it_signed_stays_valid(people: People) -> None:
    award = factories.award(people)
    first = award.key
    second = workflow.rotate_key(people.northfield)
    assert first is not None
    assert second.number == first.number + 1
    document = Client().get("/issuers/northfield/did.json").json()
    methods = {method["id"].partition("#")[2]: method for method in document["verificationMethod"]}
    assert set(methods) == {first.fragment, second.fragment}
    assert "revoked" not in methods[first.fragment]
    assert checking.check(award.credential).valid
    with pytest.raises(PermissionDenied):
        workflow.rotate_key(people.northfield, user=people.approver)


def test_a_revoked_key_is_marked_in_the_did_document_and_followed_by_another(people: People) -> None:
    award = factories.award(people)
    key, since = award.key, timezone.now() - timedelta(days=3)
    assert key is not None
    follower = workflow.revoke_key(key, since, "A laptop was stolen.")
    assert follower is not None
    assert keyring.signer(people.northfield).row == follower
    document = Client().get("/issuers/northfield/did.json").json()
    marked = next(method for method in document["verificationMethod"] if key.fragment in method["id"])
    assert marked["revoked"] == since.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert marked["id"] in document["assertionMethod"]
    (entry,) = Entry.objects.filter(kind="badges.key_revoked")
    assert entry.data["since"] == since.isoformat()
    assert "laptop" not in str(entry.data)
    with pytest.raises(TransitionError):
        workflow.revoke_key(key, timezone.now(), "Again.")
    with pytest.raises(GuardError) as refused:
        workflow.revoke_key(follower, timezone.now() + timedelta(days=1), " ")
    assert set(refused.value.errors) == {"since", "reason"}


def test_tokens_keys_are_published_at_their_kid(people: People) -> None:
    workflow.make_keys(people.northfield)
    workflow.make_keys(None)
    for base, keys in (
        ("", "/.well-known/jwks.json"),
        ("/issuers/northfield", "/issuers/northfield/jwks.json"),
    ):
        (jwk,) = Client().get(keys).json()["keys"]
        assert jwk["kid"].startswith(f"http://127.0.0.1:8000{base}/keys/")
        answer = Client().get(jwk["kid"].removeprefix("http://127.0.0.1:8000"))
        assert (answer.json(), answer["Content-Type"]) == (jwk, "application/jwk+json")
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert not {"d", "p", "q"} & set(jwk)
