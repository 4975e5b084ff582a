"""All a holder needs to keep one badge without us: the badge, its proofs, the keys as they are today, and a page that checks it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from badges import carrying, checking, downloading, keyring, offline, papers, proving, sealed
from badges.models import Award
from badges.openbadges.reading import write_json
from submissions import sealing

KINDS = ("json", "jwt", "png", "svg")


def bundle(award: Award, now: datetime) -> bytes:
    """A ZIP file; the same award and day give the same content."""
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(award, now):
            archive.writestr(zipfile.ZipInfo(name, now.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return result.getvalue()


def _files(award: Award, now: datetime) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", _readme().encode()
    for kind in KINDS:
        yield f"badge.{kind}", downloading.FILES[kind](award)[0]
    yield "certificate.pdf", papers.certificate_pdf(award)
    yield "keys/did.json", write_json(keyring.did_document_of(award.issuer)).encode()
    yield "keys/status.json", write_json(checking.status_document(award.status_list)).encode()
    yield "verifier.html", offline.page(carrying.for_one(award, now)).encode()
    if award.seal:
        yield "seal.json", sealed.seal_document(award)
        yield from _proofs(award)


def _proofs(award: Award) -> Iterator[tuple[str, bytes]]:
    """What was sealed, which is hers alone to show, and a proof of each file."""
    if award.submission is not None:
        yield "private/manifest.json", sealing.canonical(sealing.manifest_held(award.submission))
    for number, piece in enumerate(proving.pieces(award), start=1):
        proof = proving.written(proving.proof_of(award, piece.sha256))
        yield f"private/proof-{number:02d}-{piece.kind}.json", proof.encode()
    names = [
        {"proof": f"proof-{number:02d}-{piece.kind}.json", "file": piece.name, "sha256": piece.sha256}
        for number, piece in enumerate(proving.pieces(award), start=1)
    ]
    yield "private/proofs.json", json.dumps(names, ensure_ascii=False, indent=1).encode()


def _readme() -> str:
    return "\n\n".join(
        [
            _("Your badge, to keep. Nothing in here needs the platform it was earned on."),
            _("badge.png and badge.svg are pictures with the signed badge inside; badge.json and badge.jwt are the signed badge itself."),
            _("verifier.html checks the badge in a browser, without any network. It holds the issuer's public keys and the revocation list of the day on which this bundle was made; both are also in keys/."),
            _("private/ is yours alone: the list of everything you handed in, by its hashes, and a proof of each file. Whoever gets a proof and its file can check that this very file was assessed; show only those you choose."),
        ]
    ) + "\n"  # fmt: skip
