"""The seal on an attempt: everything in it by salted digest, in one canonical document, whose hash is the seal.

Canonical JSON is RFC 8785 (JSON Canonicalization Scheme), so that anybody can compute the seal again from the manifest. A
salt a piece keeps a short answer from being guessed by its digest, and lets one file be proved without the others.

The root in the manifest is the root of a tree of hashes (`submissions.merkle`, RFC 6962) over these leaves, in this order:

1. the header, once (format 2 only): type `header`, of the canonical JSON of the manifest's members named in `HEADER`;
2. each text of `texts`: type `text`, of its bytes in UTF-8;
3. each row of `artifacts` that has bytes: type `assessed`, of the 32 bytes of the SHA-256 of what is assessed; and
   directly after it, where what arrived was another file (format 2 only), type `received`, of the SHA-256 of that.

A digest is SHA-256(salt || those bytes), with the salt as 16 bytes. The bytes of a leaf are ASCII: the type, a colon, the
digest in hexadecimal, such as `assessed:9f86d0…`. The tree needs the digests only: a name that is taken out later, or a
file that is deleted, changes nothing in it. Attempts of format 1 hold no root; it is computed from the same digests.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785

from catalog.queries.template import template_of
from submissions import merkle
from submissions.checklist import NOTE
from submissions.merkle import digest, leaf_bytes
from submissions.models import Artifact, Submission

FORMAT = "microcreds-manifest-2"
HEADER = (
    *(
        "format",
        "submission",
        "code",
        "attempt",
        "micro_credential",
        "version",
        "submitted_at",
        "attestations",
    ),
)
ASSESSED, RECEIVED = "assessed", "received"
SALT_BYTES = 16
OWN_WORDS = (NOTE, "ai_use", "contribution")


__all__ = [
    "Leaf", "Match", "canonical", "check", "digest", "leaves_of", "manifest_held", "manifest_of", "matches", "nameless",
    "proof_for", "root_of", "salted", "seal_of",
]  # fmt: skip


def canonical(manifest: Mapping[str, Any]) -> bytes:
    """The one way to write it down (RFC 8785)."""
    return bytes(rfc8785.dumps(dict(manifest)))


def seal_of(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical manifest, in hex."""
    return hashlib.sha256(canonical(manifest)).hexdigest()


def manifest_of(
    submission: Submission,
    artifacts: Iterable[Artifact],
    statements: Iterable[Mapping[str, str]],
    now: datetime,
) -> dict[str, Any]:
    """What is sealed: which attempt at which version, its texts, its evidence and the statements made."""
    version = submission.enrolment.version
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "submission": str(submission.pk),
        "code": submission.code,
        "attempt": submission.attempt,
        "micro_credential": submission.enrolment.micro_credential.slug,
        "version": {"id": str(version.pk), "number": version.number},
        "submitted_at": now.isoformat(),
        "texts": list(_texts(submission)),
        "artifacts": [_artifact(artifact) for artifact in artifacts],
        "attestations": [dict(row) for row in statements],
    }
    manifest["header"] = salted(canonical({name: manifest[name] for name in HEADER}))
    return {**manifest, "root": root_of(manifest)}


def salted(content: bytes) -> dict[str, str]:
    """A fresh salt, and the digest under it."""
    salt = secrets.token_hex(SALT_BYTES)
    return {"salt": salt, "digest": digest(salt, content)}


def _texts(submission: Submission) -> Iterable[dict[str, str]]:
    asked = [question["key"] for question in template_of(submission.enrolment.version)["questions"]]
    own = {name: getattr(submission, name) for name in OWN_WORDS}
    for key, text in [(key, submission.answers.get(key, "")) for key in asked] + list(own.items()):
        if text:
            yield {"key": key, **salted(text.encode())}


def _artifact(artifact: Artifact) -> dict[str, Any]:
    sha256 = artifact.sha256
    received = artifact.received_sha256 or sha256
    return {
        "artifact": str(artifact.pk),
        "kind": artifact.kind,
        "requirement": artifact.requirement,
        "criteria": list(artifact.criteria),
        "title": artifact.title,
        "name": artifact.name,
        "url": artifact.url,
        "size": artifact.size,
        "content_type": artifact.content_type,
        "sha256": sha256,  # of what is assessed
        "received_size": artifact.received_size or artifact.size,
        "received_sha256": received,
        **(salted(bytes.fromhex(sha256)) if sha256 else {"salt": "", "digest": ""}),
        **({"received": salted(bytes.fromhex(received))} if sha256 and received != sha256 else {}),
        "origin": artifact.origin,
        "before": str(artifact.before_id or ""),
        "reused_from": str(artifact.reused_from_id or ""),
        "team": str(artifact.team_id or ""),
        "sealed": artifact.sealed,
        "captured_at": artifact.captured_at.isoformat() if artifact.captured_at else "",
    }


@dataclass(frozen=True)
class Leaf:
    """One piece in the tree, with its salt. `artifact` and `sha256` are those of a file, empty for texts and the header."""

    kind: str
    salt: str
    digest: str
    sha256: str = ""
    artifact: str = ""

    @property
    def content(self) -> bytes:
        """The bytes that are hashed."""
        return leaf_bytes(self.kind, self.digest)


def leaves_of(manifest: Mapping[str, Any]) -> list[Leaf]:
    """Every leaf, in the order of the tree; none for attempts from before the seal."""
    leaves = [Leaf("header", **manifest["header"])] if "header" in manifest else []
    leaves += [Leaf("text", row["salt"], row["digest"]) for row in manifest.get("texts", [])]
    for row in manifest.get("artifacts", []):
        if row.get("digest"):
            leaves.append(Leaf(ASSESSED, row["salt"], row["digest"], row["sha256"], row["artifact"]))
        if row.get("received"):
            leaves.append(
                Leaf(RECEIVED, **row["received"], sha256=row["received_sha256"], artifact=row["artifact"])
            )
    return leaves


def root_of(manifest: Mapping[str, Any]) -> str:
    """The root in hex, computed from the digests; empty for attempts from before the seal."""
    leaves = [leaf.content for leaf in leaves_of(manifest)]
    return merkle.root_over(leaves).hex() if leaves else ""


def proof_for(manifest: Mapping[str, Any], sha256: str) -> dict[str, Any] | None:
    """What proves that the file with this SHA-256 is in the tree: its own salt and digest, and the hashes beside the way up.

    None where no leaf tells of such a file. Where it is in it both ways, it is proved as what was assessed.
    """
    leaves = leaves_of(manifest)
    found = [index for index, leaf in enumerate(leaves) if sha256 and leaf.sha256 == sha256]
    if not found:
        return None
    index = min(found, key=lambda at: (leaves[at].kind != ASSESSED, at))
    leaf, path = leaves[index], merkle.path_to([one.content for one in leaves], index)
    return {
        "type": leaf.kind,
        "salt": leaf.salt,
        "digest": leaf.digest,
        "path": [{"side": side, "hash": beside.hex()} for side, beside in path],
    }


def check(proof: Mapping[str, Any], file_sha256: str) -> str:
    """The root that a proof leads to for this file, in hex; empty where the proof is not of this file."""
    return merkle.reached(proof, bytes.fromhex(file_sha256))


def manifest_held(submission: Submission) -> dict[str, Any]:
    """As sealed; attempts from before the seal hold only their list of files."""
    held = submission.manifest
    return held if isinstance(held, dict) else {"artifacts": held}


def nameless(submission: Submission) -> dict[str, Any]:
    """The manifest of somebody who left: every digest, no name or address. Only her own copy still yields the seal."""
    held = manifest_held(submission)
    rows = [{**row, "title": "", "name": "", "url": ""} for row in held.get("artifacts", [])]
    return {**held, "artifacts": rows} if held else {}


@dataclass(frozen=True)
class Match:
    """A file that is in the manifest: which artifact it is, and whether as it arrived or as it was assessed."""

    artifact: Mapping[str, Any]
    received: bool
    assessed: bool

    @property
    def name(self) -> str:
        """What she calls it."""
        return str(self.artifact.get("name") or self.artifact.get("title") or "")


def matches(manifest: Mapping[str, Any], sha256: str) -> list[Match]:
    """Which artifacts a file with this SHA-256 is, if any. Attempts sealed long ago know only one hash."""
    found = []
    for row in manifest.get("artifacts", []):
        assessed = row.get("sha256") == sha256
        received = row.get("received_sha256", row.get("sha256")) == sha256
        if sha256 and (assessed or received):
            found.append(Match(row, received, assessed))
    return found
