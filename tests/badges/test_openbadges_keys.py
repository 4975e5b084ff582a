"""Keys, those of before on disk, and the documents that publish them."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from badges.openbadges import keys
from badges.openbadges.keys import PublishedKey, SigningKey, SigningKeyError


def test_published_vector_of_the_standard() -> None:
    """VC Data Integrity EdDSA Cryptosuites 1.0, appendix B.1: secret key, public key, hash data, proof value."""
    secret = keys.base58_decode("3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq")
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(secret[2:]))
    hash_data = bytes.fromhex(
        "bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0"
        "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017"
    )
    assert key.multikey == "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    assert keys.base58_encode(key.sign(hash_data)) == (
        "2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme"
    )


@given(st.binary(max_size=80))
def test_base58_round_trip(data: bytes) -> None:
    assert keys.base58_decode(keys.base58_encode(data)) == data


@pytest.mark.parametrize("text", ["0", "l", "é", "1" * 257])
def test_base58_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"base58|substring"):
        keys.base58_decode(text)


def test_multikey_round_trip() -> None:
    key = SigningKey.generate()
    assert keys.encode_multikey(keys.decode_multikey(key.multikey)) == key.multikey


@pytest.mark.parametrize(
    "text", ["", "z", "u6Mk", "z6Mk", "z" + "0" * 40, "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"]
)
def test_other_multikeys_are_refused(text: str) -> None:
    with pytest.raises(SigningKeyError):
        keys.decode_multikey(text)


def keep(root: Path, content: bytes | None = None, slug: str = "lakes") -> SigningKey:
    """A key file as an installation of before kept it, the next of its issuer."""
    key = SigningKey.generate()
    (root / slug).mkdir(exist_ok=True)
    path = root / slug / f"{len(list((root / slug).iterdir())) + 1:04d}.pem"
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem if content is None else content)
    path.chmod(0o600)
    return key


def test_kept_keys_come_oldest_first(tmp_path: Path) -> None:
    kept = [keep(tmp_path), keep(tmp_path)]
    keep(tmp_path, slug="northfield")
    assert [key.multikey for key in keys.kept_keys(tmp_path, "lakes")] == [key.multikey for key in kept]
    assert keys.kept_keys(tmp_path, "riverbend") == ()


@pytest.mark.parametrize("slug", ["", "..", "a/b", "/etc", "a\n", ".hidden", "Ä"])
def test_directory_is_never_left(tmp_path: Path, slug: str) -> None:
    with pytest.raises(SigningKeyError):
        keys.kept_keys(tmp_path, slug)


def test_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keep(tmp_path)
    (tmp_path / "lakes" / "0001.pem").chmod(0o644)
    with pytest.raises(SigningKeyError, match="0600"):
        keys.kept_keys(tmp_path, "lakes")


@pytest.mark.parametrize("kind", ["empty", "other"])
def test_file_that_is_no_ed25519_key_is_refused(tmp_path: Path, kind: str) -> None:
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    keep(tmp_path, b"" if kind == "empty" else other)
    with pytest.raises(SigningKeyError):
        keys.kept_keys(tmp_path, "lakes")


def test_key_never_prints_itself() -> None:
    key = SigningKey.generate()
    assert repr(key) == f"<SigningKey {key.multikey}>"


@pytest.mark.parametrize(
    ("base", "path", "did", "location"),
    [
        ("https://a.example", (), "did:web:a.example", "https://a.example/.well-known/did.json"),
        (
            "https://a.example/",
            ("issuers", "x"),
            "did:web:a.example:issuers:x",
            "https://a.example/issuers/x/did.json",
        ),
        (
            "http://127.0.0.1:8000",
            ("issuers", "x"),
            "did:web:127.0.0.1%3A8000:issuers:x",
            "https://127.0.0.1:8000/issuers/x/did.json",
        ),
        ("https://a.example/sub", ("x",), "did:web:a.example:sub:x", "https://a.example/sub/x/did.json"),
    ],
)
def test_did_web(base: str, path: tuple[str, ...], did: str, location: str) -> None:
    assert keys.did_web(base, *path) == did
    assert keys.did_web_location(did) == location


def test_did_document_lists_every_key() -> None:
    first, second = SigningKey.generate().multikey, SigningKey.generate().multikey
    document = keys.did_document("did:web:a.example", [first, second])
    assert document == {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": "did:web:a.example",
        "verificationMethod": [
            {
                "id": f"did:web:a.example#{key}",
                "type": "Multikey",
                "controller": "did:web:a.example",
                "publicKeyMultibase": key,
            }
            for key in (first, second)
        ],
        "assertionMethod": [f"did:web:a.example#{first}", f"did:web:a.example#{second}"],
    }


def test_did_document_marks_a_revoked_key_and_names_rsa_as_a_jwk() -> None:
    jwk = {"kty": "RSA", "n": "AQAB", "e": "AQAB"}
    revoked = PublishedKey(fragment="one", public={"publicKeyJwk": jwk}, revoked="2026-11-01T00:00:00Z")
    document = keys.did_document("did:web:a.example", [revoked])
    assert document["@context"][2:] == ["https://w3id.org/security/jwk/v1"]
    assert document["verificationMethod"] == [
        {
            "id": "did:web:a.example#one",
            "type": "JsonWebKey",
            "controller": "did:web:a.example",
            "publicKeyJwk": jwk,
            "revoked": "2026-11-01T00:00:00Z",
        }
    ]
    assert document["assertionMethod"] == ["did:web:a.example#one"]
