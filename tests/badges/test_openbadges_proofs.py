"""Signatures: what they cover, what breaks them, and two judges that are not ours."""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pyoxigraph
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from openbadgeslib.ob3 import ldp
from pyld import jsonld

from badges.openbadges import contexts, documents, proofs, reading
from badges.openbadges.keys import SigningKey
from badges.openbadges.proofs import ProofError
from badges.openbadges.reading import DocumentError
from tests.badges import samples

NAMES = ["Zoë Ærø", "שלום עולם", "رفاهية", "学び合い", "👩🏽‍🏫 Belonging", 'a "b" ]]> <c> & \\n']


def public_pem(key: SigningKey) -> bytes:
    return key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def named(name: str) -> documents.AchievementData:
    return replace(samples.ACHIEVEMENT, name=name, description=f"{name}\n{name}")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path to a text, number or truth value of a document."""
    if isinstance(value, dict):
        return [leaf for name, item in value.items() for leaf in leaves(item, (*path, name))]
    if isinstance(value, list):
        return [leaf for number, item in enumerate(value) for leaf in leaves(item, (*path, number))]
    return [path]


def changed(document: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    """A copy with one leaf changed to something of the same kind."""
    copy: Any = json.loads(json.dumps(document))
    target = copy
    for step in path[:-1]:
        target = target[step]
    old = target[path[-1]]
    target[path[-1]] = (
        (not old) if isinstance(old, bool) else old + 1 if isinstance(old, (int, float)) else f"{old}x"
    )
    return copy  # type: ignore[no-any-return]


def test_round_trip() -> None:
    world = samples.World()
    proofs.verify(world.signed(), world.key.private.public_key())


def test_signing_leaves_the_given_document_alone() -> None:
    unsigned = documents.credential(samples.AWARD)
    before = json.dumps(unsigned)
    samples.World().sign(unsigned)
    assert json.dumps(unsigned) == before


def test_signing_twice_gives_the_same_bytes() -> None:
    world = samples.World()
    assert world.signed() == world.signed()


def test_signing_again_replaces_the_proof() -> None:
    world = samples.World()
    assert world.sign(world.signed()) == world.signed()


def test_changing_any_value_breaks_the_proof() -> None:
    world = samples.World()
    document = world.signed()
    survivors = []
    for path in leaves(document):
        try:
            proofs.verify(changed(document, path), world.key.private.public_key())
        except (ProofError, DocumentError):
            continue
        survivors.append(path)
    assert survivors == []


@pytest.mark.parametrize("name", ["credentialStatus", "evidence", "credentialSubject", "awardedDate", "name"])
def test_removing_a_part_breaks_the_proof(name: str) -> None:
    world = samples.World()
    document = world.signed()
    del document[name]
    with pytest.raises(ProofError):
        proofs.verify(document, world.key.private.public_key())


def test_wrong_key() -> None:
    with pytest.raises(ProofError):
        proofs.verify(samples.World().signed(), SigningKey.generate().private.public_key())


@pytest.mark.parametrize("name", NAMES)
def test_names_in_any_script_sign_and_verify_everywhere(name: str) -> None:
    world = samples.World()
    document = reading.read_json(reading.write_json(world.signed(achievement=named(name))))
    proofs.verify(document, world.key.private.public_key())
    ldp.verify_data_integrity_proof(document, public_pem(world.key))


def test_other_judge_sees_a_changed_document_too() -> None:
    world = samples.World()
    document = {**world.signed(), "name": "Another name"}
    with pytest.raises(Exception, match=r"(?i)proof|signature"):
        ldp.verify_data_integrity_proof(document, public_pem(world.key))


@pytest.mark.parametrize("name", ["Seeking Well-being", *NAMES])
def test_canonical_form_equals_pyoxigraph(name: str) -> None:
    document = samples.World().signed(achievement=named(name))
    assert oxigraph_canonical(document) == proofs.canonicalise(document)


def test_canonical_form_with_alike_blank_nodes_equals_pyoxigraph() -> None:
    document = documents.credential(samples.AWARD)
    document["evidence"] = [{"type": ["Evidence"], "name": "Same"} for _ in range(4)]
    assert oxigraph_canonical(document) == proofs.canonicalise(document)


def oxigraph_canonical(document: dict[str, Any]) -> str:
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(shuffled(document), pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    written = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS) or b""
    lines = written.decode().splitlines(keepends=True)
    return "".join(sorted(lines))


def shuffled(document: dict[str, Any]) -> str:
    """The document as N-Quads in another order and with other names for its blank nodes."""
    from_pyld = jsonld.to_rdf(
        document, {"documentLoader": contexts.document_loader, "base": "", "format": "application/n-quads"}
    )
    lines = from_pyld.replace("_:b", "_:other").splitlines(keepends=True)
    random.Random(7).shuffle(lines)
    return "".join(lines)


def with_member(**members: Any) -> dict[str, Any]:
    return {**documents.credential(samples.AWARD), **members}


@pytest.mark.parametrize(
    "document",
    [
        with_member(nickname="undefined"),
        with_member(evidence=[{"type": ["Evidence"], "nickname": "undefined"}]),
        with_member(type=["VerifiableCredential", "OpenBadgeCredential", "Nickname"]),
        with_member(evidence=[{"type": ["Evidence", "Nickname"]}]),
        with_member(evidence=[{"type": ["@nickname"]}]),
        with_member(evidence=[{"id": "relative/address", "type": ["Evidence"]}]),
        with_member(evidence=[{"id": "//evil.example/x", "type": ["Evidence"]}]),
        with_member(evidence=[{"id": "../../x", "type": ["Evidence"]}]),
        with_member(evidence=[{"id": "#x", "type": ["Evidence"]}]),
        with_member(evidence=[{"id": "", "type": ["Evidence"]}]),
        with_member(evidence=[{"id": "@nickname", "type": ["Evidence"]}]),
        with_member(id='https://a.test/> <https://a.test/p> "forged" .\n<https://a.test/'),
        with_member(id="_:blank"),
        with_member(**{"https://www.w3.org/2018/credentials#validUntil": "2020-01-01T00:00:00Z"}),
        with_member(**{"@id": "https://a.test/other"}),
        with_member(**{"@graph": []}),
        with_member(**{"@nonsense": 1}),
        with_member(name={"@value": "Name", "@language": "en> <a:b"}),
    ],
)
def test_what_a_signature_would_not_cover_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        samples.World().sign(document)


@pytest.mark.parametrize(
    "context",
    [
        [contexts.CREDENTIALS_V2, "https://elsewhere.example/context.json"],
        [contexts.CREDENTIALS_V2, "https://purl.imsglobal.org/spec/ob/v3p0/context.json"],
        [contexts.CREDENTIALS_V2, {"nickname": "https://a.test/nickname"}],
        [contexts.CREDENTIALS_V2, {"@vocab": "https://a.test/"}],
        {"@import": "https://elsewhere.example/context.json"},
        None,
    ],
)
def test_only_pinned_contexts(context: Any) -> None:
    with pytest.raises(DocumentError):
        samples.World().sign(with_member(**{"@context": context}))


def test_language_tagged_name_is_signed() -> None:
    world = samples.World()
    document = world.sign(with_member(name={"@value": "Bienestar", "@language": "es"}))
    proofs.verify(document, world.key.private.public_key())
    with pytest.raises(ProofError):
        proofs.verify(
            {**document, "name": {"@value": "Bienestar", "@language": "en"}}, world.key.private.public_key()
        )


def test_number_spelled_with_a_needless_fraction_is_the_same_number() -> None:
    world = samples.World()
    text = reading.write_json(world.signed()).replace('"creditsEarned":6', '"creditsEarned":6.0')
    assert '"creditsEarned":6.0' in text
    proofs.verify(reading.read_json(text), world.key.private.public_key())


@pytest.mark.parametrize(
    "change",
    [
        {"cryptosuite": "eddsa-jcs-2022"},
        {"type": "Ed25519Signature2020"},
        {"proofPurpose": "authentication"},
        {"verificationMethod": None},
        {"proofValue": None},
        {"proofValue": "u123"},
        {"proofValue": "z0OIl"},
        {"proofValue": "z" + "2" * 5000},
        {"@context": contexts.CREDENTIALS_V2},
        {"created": "2020-01-01T00:00:00Z"},
    ],
)
def test_another_kind_of_proof_is_refused(change: dict[str, Any]) -> None:
    world = samples.World()
    document = world.signed()
    document["proof"] = {**document["proof"], **change}
    with pytest.raises(ProofError):
        proofs.verify(document, world.key.private.public_key())


def test_no_proof_and_two_proofs_are_refused() -> None:
    world = samples.World()
    document = world.signed()
    for proof in (None, [], [document["proof"], document["proof"]], "text"):
        with pytest.raises(ProofError):
            proofs.verify({**document, "proof": proof}, world.key.private.public_key())


def clique(size: int) -> list[dict[str, Any]]:
    """Nodes that each relate to each other, as quads: nothing tells them apart."""
    return [
        {
            "subject": {"type": "blank node", "value": f"_:n{a}"},
            "predicate": {"type": "IRI", "value": "https://a.test/knows"},
            "object": {"type": "blank node", "value": f"_:n{b}"},
        }
        for a in range(size)
        for b in range(size)
        if a != b
    ]


def test_clique_of_seven_blank_nodes_is_refused_quickly() -> None:
    started = time.process_time()
    with pytest.raises(DocumentError):
        proofs.BoundedCanonicaliser().main({"@default": clique(7)}, {"format": "application/n-quads"})
    assert time.process_time() - started < 1


def test_alike_families_of_blank_nodes_are_refused_quickly() -> None:
    family = {"type": ["Alignment"], "targetName": "Same"}
    document = with_member(
        evidence=[{"type": ["Evidence"], "name": "Same"} for _ in range(3)],
        credentialSubject={
            "type": ["AchievementSubject"],
            "result": [{"type": ["Result"], "alignment": [family] * 9} for _ in range(20)],
        },
    )
    started = time.process_time()
    with pytest.raises(DocumentError):
        proofs.canonicalise(document)
    assert time.process_time() - started < 3


def test_many_threads_agree() -> None:
    world = samples.World()
    signed = [world.signed(achievement=named(f"Name {number}")) for number in range(8)]
    key = world.key.private.public_key()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda number: proofs.verify(signed[number % 8], key), range(64))) == [None] * 64
