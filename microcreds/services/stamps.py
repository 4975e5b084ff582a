"""What has been done already, told by the content it was done from."""

from __future__ import annotations

import hashlib
from pathlib import Path

from microcreds.services.engines import REPOSITORY as ROOT


def static_state() -> str:
    """A fingerprint of everything collectstatic reads: our files, and the packages by their lock."""
    return fingerprint(ROOT / "static", ROOT / "requirements.lock", ROOT / "microcreds" / "staticfiles.py")


def demo_state() -> str:
    """A fingerprint of the demo, which is completed when a newer version brings more of it."""
    return fingerprint(ROOT / "microcreds" / "demo")


def fingerprint(*places: Path) -> str:
    """One word for the content of files and directories."""
    files = [path for place in places for path in (sorted(place.rglob("*")) if place.is_dir() else [place])]
    kept = [path for path in files if path.is_file() and "__pycache__" not in path.parts]
    digest = hashlib.sha256()
    for path in kept:
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def recorded(stamp: Path) -> str:
    """What a stamp says; nothing when there is none."""
    return stamp.read_text() if stamp.exists() else ""
