"""The seal on an attempt: everything in it by salted digest, in one canonical document, whose hash is the seal.

Canonical JSON is RFC 8785 (JSON Canonicalization Scheme), so that anybody can compute the seal again from the manifest. A
salt a piece keeps a short answer from being guessed by its digest, and lets one file be proved without the others.
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
from submissions.checklist import NOTE
from submissions.models import Artifact, Submission

FORMAT = "microcreds-manifest-1"
SALT_BYTES = 16
OWN_WORDS = (NOTE, "ai_use", "contribution")


def digest(salt: str, content: bytes) -> str:
    """SHA-256 over the salt's bytes and the content, in hex."""
    return hashlib.sha256(bytes.fromhex(salt) + content).hexdigest()


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
    return {
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


def _texts(submission: Submission) -> Iterable[dict[str, str]]:
    asked = [question["key"] for question in template_of(submission.enrolment.version)["questions"]]
    own = {name: getattr(submission, name) for name in OWN_WORDS}
    for key, text in [(key, submission.answers.get(key, "")) for key in asked] + list(own.items()):
        if text:
            salt = secrets.token_hex(SALT_BYTES)
            yield {"key": key, "salt": salt, "digest": digest(salt, text.encode())}


def _artifact(artifact: Artifact) -> dict[str, Any]:
    salt = secrets.token_hex(SALT_BYTES)
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
        "sha256": artifact.sha256,  # of what is assessed
        "received_size": artifact.received_size or artifact.size,
        "received_sha256": artifact.received_sha256 or artifact.sha256,
        "salt": salt,
        "digest": digest(salt, bytes.fromhex(artifact.sha256)) if artifact.sha256 else "",
        "origin": artifact.origin,
        "before": str(artifact.before_id or ""),
        "reused_from": str(artifact.reused_from_id or ""),
        "team": str(artifact.team_id or ""),
        "sealed": artifact.sealed,
        "captured_at": artifact.captured_at.isoformat() if artifact.captured_at else "",
    }


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
