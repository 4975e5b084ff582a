"""Where benchmarks run: engines and a data directory of their own, thrown away afterwards."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
from django.core.management import call_command
from django.test import override_settings

from microcreds.services import engines, postgres

# What the shell says about a real installation must not reach a measurement.
THEIRS = (
    *("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SIGNING_KEYS", "STORAGE_URL", "CLAMD_URL", "EMAIL_URL"),
    *(
        "DEBUG",
        "BASE_URL",
        "ALLOWED_HOSTS",
        "INCOMING_DIR",
        "EVIDENCE_KEY",
        "DELIVERY",
        "SIGNING_SECRET",
        "KEY_PROVIDER",
    ),
    *("UPLOAD_MAX_BYTES", "SUBMISSION_MAX_BYTES", "DAILY_MAX_BYTES", "UPLOAD_DAYS"),
)
# Compressing takes ten seconds and no page is made of it.
UNCOMPRESSED = ("css", "js", "map", "svg", "txt", "json", "html", "md", "png", "woff2", "LICENSE")


@contextlib.contextmanager
def opened() -> Iterator[Path]:
    """The whole program on an empty database with the production settings, the demonstration loaded."""
    home = Path(tempfile.mkdtemp(prefix="microcreds-bench-"))
    home.chmod(0o755)
    for name in THEIRS:
        os.environ.pop(name, None)
    os.environ |= {"MICROCREDS_HOME": str(home), "DJANGO_SETTINGS_MODULE": "microcreds.settings"}
    try:
        started = engines.start(home, durable=False)
        if isinstance(started, engines.Engines):
            os.environ.update(started.urls)
            with contextlib.closing(_Stopping(started)):
                fill()
                yield home
    finally:
        postgres.discard(home)
        shutil.rmtree(home, ignore_errors=True)


class _Stopping:
    """Engines that `contextlib.closing` may end."""

    def __init__(self, started: engines.Engines) -> None:
        self.close = started.stop


def fill() -> None:
    """Tables, hashed static files and the demonstration."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    with override_settings(WHITENOISE_SKIP_COMPRESS_EXTENSIONS=UNCOMPRESSED):
        call_command("collectstatic", interactive=False, verbosity=0)
    call_command("demo", stdout=io.StringIO())
