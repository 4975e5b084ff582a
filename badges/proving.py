"""Proofs of one file for the earner, and what a check of such a proof says, in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges import sealed
from badges.models import Award
from badges.openbadges import evidence
from badges.openbadges.evidence import Finding, Proof
from badges.openbadges.reading import DocumentError
from badges.openbadges.tokens import Token
from badges.openbadges.unpacking import Address, unpack
from submissions import sealing

TITLES = {
    "proof": gettext_lazy("The proof"),
    "file": gettext_lazy("The file"),
    "tree": gettext_lazy("Its place in the work"),
    "badge": gettext_lazy("The seal in the badge"),
}
MISREAD = {
    "size": gettext_lazy("This is larger than a proof can be. Choose the proof file, a small JSON file."),
    "json": gettext_lazy(
        "This is not a proof file. It is the small JSON file that came with the evidence, named like proof.json."
    ),
    "form": gettext_lazy(
        "This file is not a proof that can be checked here: something in it is missing or changed."
    ),
}


@dataclass(frozen=True)
class Piece:
    """One file that can be proved: which artifact, as assessed or as received, and how she knows it."""

    artifact: str
    kind: str
    sha256: str
    name: str
    requirement: str

    @property
    def value(self) -> str:
        """What a form calls it."""
        return f"{self.artifact}:{self.kind}"


def pieces(award: Award) -> list[Piece]:
    """Everything in her attempt of which a file can be proved, in the order of the manifest."""
    if award.submission is None or not award.seal:
        return []
    manifest = sealing.manifest_held(award.submission)
    rows = {row["artifact"]: row for row in manifest.get("artifacts", [])}
    asked = {
        item["key"]: item["title"]
        for item in (award.version.template["requirements"] if award.version else ())
    }
    return [
        Piece(leaf.artifact, leaf.kind, leaf.sha256, _named(row), asked.get(row.get("requirement", ""), ""))
        for leaf in sealing.leaves_of(manifest)
        if leaf.artifact and (row := rows[leaf.artifact])
    ]


def _named(row: Mapping[str, Any]) -> str:
    return str(row.get("name") or row.get("title") or row.get("url") or _("Text"))


class NotAssessed(LookupError):
    """The file is not among what the badge was awarded for."""


class Unsealed(NotAssessed):
    """The badge has no seal, so of no file can be proved that it was assessed for it."""


def why_unsealed(award: Award) -> str:
    """Why nothing can be proved with this badge, in words."""
    if award.origin == Award.Origin.GRANTED:
        return _(
            "It was granted on its issuer’s own judgement: no work was assessed here, so there is no file to prove."
        )
    if award.stack_id:
        return _("A certificate rests on its parts. Prove a file with the badge it was assessed for.")
    return _("It was awarded without files that were assessed here, or before work was sealed.")


def proof_of(award: Award, sha256: str) -> dict[str, Any]:
    """The proof file for the piece with this SHA-256. It names nothing but the badge's address."""
    if award.submission is None or not award.seal:
        raise Unsealed(str(award.pk))
    proof = sealing.proof_for(sealing.manifest_held(award.submission), sha256)
    if proof is None:
        raise NotAssessed(sha256)
    return {
        "format": evidence.PROOF_FORMAT,
        "about": instructions(),
        "credential": award.credential["id"],
        **proof,
        "seal": sealed.seal_document(award).decode(),
        "record": award.seal.get("decision", ""),
    }


def written(proof: Mapping[str, Any]) -> str:
    """A proof as a file, for people's eyes too."""
    return json.dumps(proof, ensure_ascii=False, indent=2) + "\n"


def instructions() -> list[str]:
    """What the proof file says of itself."""
    return [
        _(
            "This proves that one file was among the evidence for a badge. It says nothing about any other file."
        ),
        _(
            "To check it you need three things: this proof, the file itself, unchanged, and the badge's own file."
        ),
        _(
            "1. Write the salt as bytes, put the SHA-256 of the file behind it as bytes, and take the SHA-256 of both. It is the digest."
        ),
        _("2. Take the SHA-256 of a byte 0, the type, a colon and the digest as text."),
        _(
            "3. For each step of the path take the SHA-256 of a byte 1, the hash on the left and the hash on the right. The last one is the root in the seal."
        ),
        _(
            "4. The SHA-256 of the seal, exactly as it stands here as text, is the digestMultibase of a relatedResource in the badge, behind “u” in base64url, after the bytes 0x12 0x20."
        ),
        _("5. Check the badge itself: its signature covers that digest."),
        _("record is the hash of the record of the decision, which the badge's platform keeps."),
    ]


def read(source: str | bytes) -> Proof:
    """A proof that somebody brings; refuses with words for people."""
    try:
        return evidence.read_proof(source)
    except evidence.ProofError as error:
        raise evidence.ProofError(str(MISREAD[str(error)])) from error


def told(findings: Iterable[Finding], kind: str) -> list[dict[str, str]]:
    """The steps with a title, a sign and words each."""
    return [
        {
            "title": str(TITLES[one.step]),
            "outcome": "ok" if one.holds else "failed",
            "words": _words(one, kind),
        }
        for one in findings
    ]


def _words(finding: Finding, kind: str) -> str:
    good, bad = {
        "proof": (_("It can be read, and is whole."), ""),
        "file": (
            _("This is the file that was assessed, byte for byte.")
            if kind == sealing.ASSESSED
            else _(
                "This is the file as it was handed in, byte for byte. Assessors read a copy without what it said about people and places."
            ),
            _("This is another file than the one the proof is about, or it has been changed since."),
        ),
        "tree": (
            _("It is one of the pieces of work that were sealed together when they were handed in."),
            _("The proof does not lead to the seal that it brings along."),
        ),
        "badge": (
            _("The badge carries exactly this seal."),
            _("The badge carries another seal or none: the proof belongs to another badge, or was changed."),
        ),
    }[finding.step]
    return good if finding.holds else bad


def credential_in(content: bytes) -> dict[str, Any]:
    """The credential in a badge's file: JSON, a signed token, or a picture with either inside.

    Nothing of it is believed: only whether it carries what the proof says.
    """
    found = unpack(content)
    if isinstance(found, Address):
        raise DocumentError(_("This is an address. Save the badge’s own file first, and choose that."))
    return found.payload if isinstance(found, Token) else found
