"""A static mirror of all that verifying needs, so that badges outlive the program and the server.

Files lie at the paths of the addresses they answer, so a plain file server under the old name goes on answering them: keys with
their history, status lists, issuers, achievements, and the credentials that earners made public. Whatever was not made public is
only in its earner's own bundle. A page that checks badges without any server lies beside them.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from badges import (
    carrying,
    checking,
    endorsing,
    issuing,
    keyring,
    offline,
    pictures,
    rules,
    sealed,
)
from badges.models import Award, Endorsement, StatusList
from badges.openbadges import jwt
from badges.openbadges.baking import bake_png
from badges.openbadges.baking_svg import bake_svg
from badges.openbadges.reading import write_json
from catalog.models import Version

FORMAT = "microcreds-registry-1"
CHUNK = 200
KINDS = ("json", "jwt", "png", "svg")
VERIFIER = "verifier.html"
PICTURE = "image.png"
DRAFT, OLD = "draft", "old"
LOOKS = 100  # different pictures that are remembered at once, some 200 kB each

File = tuple[str, bytes]


@dataclass(frozen=True)
class Written:
    """What an export holds: how many files of which room of the mirror."""

    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All files."""
        return sum(self.counts.values())


class RegistryError(Exception):
    """The directory cannot be taken; the message is for people."""


def export(target: Path, now: datetime) -> Written:
    """Write the mirror beside `target` and then put it in its place whole: what was withdrawn is not in it any more.

    Raises `RegistryError` where `target` holds something that no export wrote, or another export is at work on it.
    """
    target = target.resolve()
    if target.exists() and any(target.iterdir()) and not (target / "registry.json").is_file():
        raise RegistryError(
            f"{target} holds other files. Name an empty directory, or one of an earlier export."
        )
    if target.is_mount():
        raise RegistryError(f"{target} is a whole volume, which cannot be exchanged. Name a directory in it.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target):
        _tidy(target)
        draft = target.with_name(f".{target.name}.{DRAFT}")
        try:
            written = _write(draft, now)
            _swap(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return written


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """One export of a directory at a time, by a lock that ends with the process that holds it."""
    with target.with_name(f".{target.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RegistryError(f"Another export to {target} is at work.") from error
        yield


def _tidy(target: Path) -> None:
    """What an export left that was killed: a draft is of no use, but the mirror before it, where it is the only one, is."""
    shutil.rmtree(target.with_name(f".{target.name}.{DRAFT}"), ignore_errors=True)
    old = target.with_name(f".{target.name}.{OLD}")
    if old.exists() and not target.exists():
        old.replace(target)
    shutil.rmtree(old, ignore_errors=True)


def _swap(draft: Path, target: Path) -> None:
    old = target.with_name(f".{target.name}.{OLD}")
    if target.exists():
        target.replace(old)
    draft.replace(target)
    shutil.rmtree(old, ignore_errors=True)


def _write(root: Path, now: datetime) -> Written:
    counts: dict[str, int] = {}
    pictures_there: dict[str, Path] = {}
    (root / "registry").mkdir(parents=True)
    with (root / "registry" / "SHA256SUMS").open("w", encoding="utf-8") as sums:
        for name, content in _files(now):
            path, digest = root / name, hashlib.sha256(content).hexdigest()
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.name != PICTURE or not _linked(path, pictures_there.setdefault(digest, path)):
                path.write_bytes(content)
            sums.write(f"{digest}  {name}\n")
            room = name.partition("/")[0]
            counts[room] = counts.get(room, 0) + 1
    about = {"format": FORMAT, "exported": now.isoformat(), "address": settings.BASE_URL, "files": counts}
    (root / "registry.json").write_text(json.dumps(about, indent=1))
    return Written(counts)


def _linked(path: Path, there: Path) -> bool:
    """Whether the same picture lies there already and could be linked: badges of one kind all look the same."""
    try:
        path.hardlink_to(there)
    except OSError:  # the first one, too many of them, or a disk that knows no links
        return False
    return True


def _files(now: datetime) -> Iterator[File]:
    """Every file by its path, one after the other: an export takes no more memory than its largest file.

    Badges come first, and then what they are checked with, each newer than the last: whatever is awarded, revoked or signed
    by a new key while an export runs, no badge lies in the mirror whose list or key is older than it.
    """
    for issuer in [None, *rules.signers()]:
        keyring.ensure_keys(issuer)  # tokens are signed for all of them
    shared = _Shared()
    for award in public_awards().iterator(CHUNK):
        yield from _award(award, shared)
    for endorsement in _endorsements().iterator(CHUNK):
        yield _path(reverse("endorsement", args=[endorsement.pk])), _json(endorsement.credential)
    for version in rules.achievements().iterator(CHUNK):
        yield from _achievement(version)
    for status_list in StatusList.objects.select_related("issuer").iterator(CHUNK):
        yield from status_files(status_list)
    yield from _keys()
    yield VERIFIER, offline.page(carrying.for_all(now)).encode()
    newest = public_awards().order_by("-awarded_at", "-pk")[:CHUNK]
    context = {"awards": newest, "exported": now, "verifier": VERIFIER, "base": settings.BASE_URL}
    yield "index.html", render_to_string("badges/registry_index.html", context).encode()


def public_awards() -> Any:
    """What earners made public, as pages need it."""
    rows = Award.objects.filter(visibility=Award.Visibility.PUBLIC)
    return rows.select_related("issuer", "micro_credential", "version", "stack", "status_list", "key")


def _endorsements() -> Any:
    """Of micro-credentials, issuers, and awards that are public."""
    public = Endorsement.objects.filter(award__visibility=Award.Visibility.PUBLIC)
    return public | Endorsement.objects.filter(award=None)


# --- the rooms of the mirror ----------------------------------------------------------------------------------


def _keys() -> Iterator[File]:
    """The platform's and every issuer's, with all they ever had."""
    yield ".well-known/did.json", _json(keyring.did_document_of(None))
    yield ".well-known/jwks.json", _json(keyring.jwks_of(None))
    for issuer in rules.signers().order_by("slug").iterator(CHUNK):
        base = f"issuers/{issuer.slug}"
        yield f"{base}/did.json", _json(keyring.did_document_of(issuer))
        yield f"{base}/jwks.json", _json(keyring.jwks_of(issuer))
        yield f"{base}/profile.json", _json(endorsing.issuer_document(issuer))
    for row in rules.published_keys().iterator(CHUNK):
        yield _path(keyring.key_url(row.issuer, row.fragment)), _json(keyring.jwk_of(row))


def status_files(row: StatusList) -> Iterator[File]:
    """A status list as it is published, and as a token for the page that reckons without a server."""
    path = _path(issuing.status_url(row.pk))
    yield path, _json(checking.status_document(row))
    yield f"{path}.jwt", carrying.status_token(row).encode()


def _achievement(version: Version) -> Iterator[File]:
    path = _path(issuing.achievement_id(version.pk))
    yield f"{path}/index.json", _json(endorsing.achievement_document(version))
    yield f"{path}/{PICTURE}", pictures.png_of_version(version)


class _Shared:
    """What badges have in common, made once an export, so that a badge asks the database for nothing."""

    def __init__(self) -> None:
        self.looks: dict[tuple[object, ...], tuple[bytes, str]] = {}
        self.signers: dict[UUID, tuple[keyring.Signer, dict[str, Any]]] = {}

    def look(self, award: Award) -> tuple[bytes, str]:
        """Its picture and its drawing."""
        key = (award.issuer_id, award.micro_credential_id, award.stack_id, award.title)
        if key not in self.looks:
            if len(self.looks) >= LOOKS:
                self.looks.clear()
            self.looks[key] = pictures.png_of(award), pictures.svg_of(award)
        return self.looks[key]

    def token(self, award: Award) -> bytes:
        """The credential as a signed token."""
        if award.issuer_id not in self.signers:
            by = keyring.signer(award.issuer, keyring.RSA)
            self.signers[award.issuer_id] = by, keyring.jwk_of(by.row)
        return jwt.encode(award.credential, *self.signers[award.issuer_id]).encode()


def _award(award: Award, shared: _Shared) -> Iterator[File]:
    path, document = _path(issuing.badge_id(award.pk)), write_json(award.credential)
    picture, drawing = shared.look(award)
    yield f"{path}.json", document.encode()
    yield f"{path}.jwt", shared.token(award)
    yield f"{path}.png", bake_png(picture, document)
    yield f"{path}.svg", bake_svg(drawing, document)
    yield f"{path}/{PICTURE}", picture
    if award.seal:
        yield f"{path}/seal.json", sealed.seal_document(award)
    context = {"award": award, "kinds": KINDS, "verifier": VERIFIER, "base": settings.BASE_URL}
    yield f"{path}/index.html", render_to_string("badges/registry_award.html", context).encode()


def _path(address: str) -> str:
    """Where the answer to an address of ours lies in the mirror."""
    return urlsplit(address).path.lstrip("/")


def _json(document: dict[str, Any]) -> bytes:
    return write_json(document).encode()
