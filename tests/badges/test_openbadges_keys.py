"""Keys on disk and the documents that publish them."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from badges.openbadges import keys
from badges.openbadges.keys import KeyDirectory, SigningKey, SigningKeyError


@pytest.fixture
def directory(tmp_path: Path) -> KeyDirectory:
    return KeyDirectory(tmp_path / "keys")


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


def test_first_key_is_made_once_and_only_its_owner_reads_it(directory: KeyDirectory) -> None:
    first = directory.ensure("lakes")
    assert directory.ensure("lakes").multikey == first.multikey
    path = directory.root / "lakes" / "0001.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["0001.pem"]


def test_issuers_have_keys_of_their_own(directory: KeyDirectory) -> None:
    assert directory.ensure("lakes").multikey != directory.ensure("northfield").multikey


def test_added_key_signs_and_the_old_one_stays_published(directory: KeyDirectory) -> None:
    first = directory.ensure("lakes")
    second = directory.add("lakes")
    assert directory.current("lakes").multikey == second.multikey
    assert directory.multikeys("lakes") == (first.multikey, second.multikey)


def test_two_callers_at_once_get_the_same_first_key(directory: KeyDirectory) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = {key.multikey for key in pool.map(lambda _: directory.ensure("lakes"), range(16))}
    assert len(made) == 1


def test_no_key_yet(directory: KeyDirectory) -> None:
    assert directory.multikeys("lakes") == ()
    with pytest.raises(SigningKeyError):
        directory.current("lakes")


@pytest.mark.parametrize("slug", ["", "..", "a/b", "/etc", "a\n", ".hidden", "Ä"])
def test_directory_is_never_left(directory: KeyDirectory, slug: str) -> None:
    with pytest.raises(SigningKeyError):
        directory.ensure(slug)


def test_key_that_others_can_read_is_refused(directory: KeyDirectory) -> None:
    directory.ensure("lakes")
    (directory.root / "lakes" / "0001.pem").chmod(0o644)
    with pytest.raises(SigningKeyError, match="0600"):
        directory.current("lakes")


@pytest.mark.parametrize("kind", ["empty", "other"])
def test_file_that_is_no_ed25519_key_is_refused(directory: KeyDirectory, kind: str) -> None:
    directory.ensure("lakes")
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (directory.root / "lakes" / "0001.pem").write_bytes(b"" if kind == "empty" else other)
    with pytest.raises(SigningKeyError):
        directory.current("lakes")


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
