"""Real engines for every run: started once, on a directory of their own, stopped and removed at the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from microcreds.services import engines, postgres, valkey
from tests import cheaply

pytest_plugins = ["tests.browser", "tests.order", "tests.workers"]

# The tests decide about these themselves, whatever the shell that runs them says.
OURS = (
    "DEBUG", "BASE_URL", "ALLOWED_HOSTS", "EMAIL_URL", "STORAGE_URL", "CLAMD_URL", "SIGNING_KEYS", "EVIDENCE_KEY",
    "SIGNING_SECRET", "KEY_PROVIDER", "VC_API",
    "DELIVERY", "BACKUP_DAYS", "INCOMING_DIR", "UPLOAD_MAX_BYTES", "SUBMISSION_MAX_BYTES", "DAILY_MAX_BYTES", "UPLOAD_DAYS",
)  # fmt: skip
# Compressing takes ten seconds and tests nothing of ours.
UNCOMPRESSED = ("css", "js", "map", "svg", "txt", "json", "html", "md", "png", "woff2", "LICENSE")
HOME = pytest.StashKey[Path]()
ENGINES = pytest.StashKey[engines.Engines]()


def pytest_configure(config: pytest.Config) -> None:
    """Before Django reads its settings: the first process starts the engines, xdist's workers inherit them."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "microcreds.settings"
    # Playwright's synchronous driver keeps an event loop in the main thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        settle(worker)
    else:
        set_up(config)
    django.setup()
    # xdist's workers inherit the environment: with this in it they would read the settings before `settle`.
    os.environ.pop("DJANGO_SETTINGS_MODULE")
    # The real hasher is slow on purpose; tests make many people.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cheaply.install()


def settle(worker: str) -> None:
    """A worker of xdist: the same engines, a Valkey database and a data directory of its own."""
    number = 1 + int(worker.removeprefix("gw")) % (valkey.DATABASES - 1)
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rsplit('/', 1)[0]}/{number}"
    home = engines.prepare(Path(os.environ["MICROCREDS_HOME"]) / worker)
    os.environ["MICROCREDS_HOME"] = str(home)
    (home / "static").symlink_to("../static")


def set_up(config: pytest.Config) -> None:
    """A throw-away data directory, inside MICROCREDS_HOME where that is set, and engines on it."""
    for name in OURS:
        os.environ.pop(name, None)
    base = os.environ.get("MICROCREDS_HOME")
    if base:
        Path(base).mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="microcreds-test-", dir=base))
    home.chmod(0o755)
    config.stash[HOME] = engines.prepare(home)
    keep_bytecode(home)
    os.environ["MICROCREDS_HOME"] = str(home)
    os.environ["SECRET_KEY"] = (home / "secret-key").read_text()
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        started = engines.start(home, durable=False)
        assert isinstance(started, engines.Engines), "nobody else knows this directory"
        config.stash[ENGINES] = started
        os.environ.update(started.urls)


def keep_bytecode(home: Path) -> None:
    """Many processes start during a run; where Python keeps no bytecode, each would compile every module again."""
    if sys.dont_write_bytecode:
        sys.dont_write_bytecode = False
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(home / "bytecode")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Pages name hashed files, as in production, so the manifest must exist before xdist's workers start."""
    if not os.environ.get("PYTEST_XDIST_WORKER") and not session.config.option.collectonly:
        with override_settings(WHITENOISE_SKIP_COMPRESS_EXTENSIONS=UNCOMPRESSED):
            call_command("collectstatic", interactive=False, verbosity=0)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no process and no file behind."""
    if started := config.stash.get(ENGINES, None):
        started.stop()
    if home := config.stash.get(HOME, None):
        postgres.discard(home)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def home() -> Path:
    """The data directory of this test process."""
    return Path(os.environ["MICROCREDS_HOME"])


@pytest.fixture(scope="session")
def valkey_client() -> Iterator[redis.Redis]:
    """One connection for the whole run."""
    with contextlib.closing(redis.Redis.from_url(os.environ["REDIS_URL"])) as client:
        yield client


@pytest.fixture(autouse=True)
def _empty_valkey(valkey_client: redis.Redis) -> None:
    """No test sees another's cache, rate limits or queued tasks."""
    valkey_client.flushdb()
