"""The vault against a directory and two S3 servers: what goes in comes out, and nothing else ever does."""

from __future__ import annotations

import base64
import functools
import io
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.test import override_settings
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from microcreds import environment
from microcreds import settings as module
from submissions import vault
from submissions.vault import keys, stores
from submissions.vault.kept import make_secret
from submissions.vault.sealing import CHUNK, HEADER, SEALED
from tests import stores as servers
from tests.source import ROOT

MAGIC_SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * 1024**2)
MODES = ("disk", "moto", "nanio")
BYTES = os.urandom(3 * 1024**2 + 1)
EVIDENCE_KEY = base64.b64encode(os.urandom(32)).decode()


@pytest.fixture(scope="module", params=MODES)
def where(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Each test of this module runs on each store."""
    folder = tmp_path_factory.mktemp("store")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in servers.CREDENTIALS.items():
            patch.setenv(name, value)
        urls: dict[str, Callable[[], str]] = {
            "disk": lambda: f"file://{folder}",
            "moto": lambda: servers.storage_url(stack.enter_context(servers.moto())),
            "nanio": lambda: servers.storage_url(stack.enter_context(servers.nanio(folder))),
        }
        chosen = {**settings.STORAGES, "default": environment.storage(urls[request.param]())}
        stack.enter_context(override_settings(STORAGES=chosen, EVIDENCE_KEY=EVIDENCE_KEY))
        yield request.param


@pytest.fixture
def key() -> str:
    name = uuid4().hex
    return f"evidence/{name[:2]}/{name}"


def whole(key: str, secret: bytes | None, size: int) -> bytes:
    return b"".join(vault.read(key, secret, 0, size, size))


def raw(key: str) -> bytes:
    store = stores.store()
    return store.fetch(key, 0, size) if (size := store.size(key)) else b""


def lay(key: str, content: bytes) -> None:
    stores.store().write(key, iter([content]))


@functools.cache
def kept(where: str, sealed: bool) -> tuple[str, bytes | None]:
    """One content of four chunks a store, for the many reads of the property test."""
    secret = vault.new_secret() if sealed else None
    vault.put(f"kept/{sealed}", io.BytesIO(BYTES[: 3 * CHUNK + 77]), secret)
    return f"kept/{sealed}", secret


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("size", MAGIC_SIZES)
def test_what_is_put_comes_out(where: str, key: str, size: int, sealed: bool, tmp_path: Path) -> None:
    secret = vault.new_secret() if sealed else None
    (tmp_path / "in").write_bytes(BYTES[:size])
    assert vault.put(key, tmp_path / "in", secret) == size
    assert whole(key, secret, size) == BYTES[:size]
    assert vault.plain_size(key, secret) == size
    assert vault.open_to(key, secret, tmp_path / "out") == size
    assert (tmp_path / "out").read_bytes() == BYTES[:size]
    assert (raw(key) == BYTES[:size]) is not sealed or size == 0
    assert vault.discard(key, key) == []
    assert not vault.exists(key)
    with pytest.raises(vault.Gone):
        vault.read(key, secret, 0, size, size)


@pytest.mark.parametrize("sealed", [True, False])
def test_every_stretch_is_that_stretch(where: str, sealed: bool) -> None:
    key, secret = kept(where, sealed)
    content = BYTES[: 3 * CHUNK + 77]
    edges = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK, len(content) - 1, len(content)]
    place = st.one_of(st.sampled_from(edges), st.integers(0, len(content)))

    @given(first=place, second=place)
    @trials(max_examples=300 if where == "disk" else 40, deadline=None, database=None)
    def stretch(first: int, second: int) -> None:
        start, end = sorted((first, second))
        got = b"".join(vault.read(key, secret, start, end - start, len(content)))
        assert got == content[start:end]

    stretch()


def test_only_what_is_needed_is_fetched(where: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = vault.new_secret()
    vault.put(key, io.BytesIO(BYTES), secret)
    fetched: list[int] = []
    fetch = stores.Disk.fetch if where == "disk" else stores.Bucket.fetch

    def counting(self: object, key: str, start: int, length: int) -> bytes:
        fetched.append(length)
        return fetch(self, key, start, length)  # type: ignore[arg-type]

    monkeypatch.setattr(stores.Disk if where == "disk" else stores.Bucket, "fetch", counting)
    assert b"".join(vault.read(key, secret, 2 * CHUNK - 1, 2, len(BYTES))) == BYTES[2 * CHUNK - 1 :][:2]
    assert fetched == [HEADER, 2 * SEALED]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a flipped bit": lambda b: b[: HEADER + 9] + bytes([b[HEADER + 9] ^ 1]) + b[HEADER + 10 :],
    "a flipped bit in the header": lambda b: b[:8] + bytes([b[8] ^ 1]) + b[9:],
    "another version": lambda b: b[:4] + b"\x02" + b[5:],
    "a missing end": lambda b: b[:-1],
    "a missing chunk": lambda b: b[: HEADER + 3 * SEALED],
    "no chunk": lambda b: b[:HEADER],
    "half a header": lambda b: b[:9],
    "nothing": lambda b: b"",
    "more at the end": lambda b: b + b"x",
    "a chunk twice": lambda b: b + b[-SEALED:],
    "swapped chunks": lambda b: (
        b[:HEADER] + b[HEADER + SEALED :][:SEALED] + b[HEADER:][:SEALED] + b[HEADER + 2 * SEALED :]
    ),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_found(where: str, key: str, what: str, tmp_path: Path) -> None:
    secret, size = vault.new_secret(), 3 * CHUNK + 77
    vault.put(key, io.BytesIO(BYTES[:size]), secret)
    lay(key, DAMAGES[what](raw(key)))
    with pytest.raises(vault.Damaged):
        vault.open_to(key, secret, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    if not what.startswith(("more", "a chunk twice")):  # the whole, by its known size
        with pytest.raises(vault.Damaged):
            whole(key, secret, size)


def test_damage_behind_the_first_piece_breaks_the_stream(where: str, key: str) -> None:
    secret = vault.new_secret()
    vault.put(key, io.BytesIO(BYTES), secret)
    sealed = raw(key)
    lay(key, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    pieces = vault.read(key, secret, 0, len(BYTES), len(BYTES))
    assert next(pieces) == BYTES[:CHUNK]
    with pytest.raises(vault.Damaged):
        list(pieces)


def test_without_its_key_a_content_does_not_open(where: str, key: str) -> None:
    secret = vault.new_secret()
    vault.put(key, io.BytesIO(BYTES[:100]), secret)
    with pytest.raises(vault.Damaged):
        vault.read(key, vault.new_secret(), 0, 100, 100)
    for shredded in (b"", None):
        with pytest.raises(vault.Gone):
            vault.read(key, shredded, 50, 10, 100)
    foreign = base64.b64encode(os.urandom(32)).decode()
    with override_settings(EVIDENCE_KEY=foreign), pytest.raises(vault.Damaged):
        vault.read(key, secret, 0, 100, 100)


def test_a_source_that_breaks_leaves_nothing(where: str, key: str) -> None:
    class Breaks(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 20 * 1024**2:
                raise RuntimeError("the line went")
            return super().read(size)

    with pytest.raises(RuntimeError):
        vault.put(key, Breaks(bytes(24 * 1024**2)), vault.new_secret())
    assert not vault.exists(key)
    assert vault.sweep("evidence/", timedelta(seconds=-60)) == 0


def test_what_a_killed_process_left_is_swept(where: str, key: str) -> None:
    store = stores.store()
    if isinstance(store, stores.Disk):
        store.workshop.mkdir(exist_ok=True)
        (store.workshop / "tmpleft").write_bytes(b"half")
    else:
        store.client.create_multipart_upload(Bucket=servers.BUCKET, Key=key)
    if where != "moto":  # it says of every upload that it began in 2010
        assert vault.sweep("evidence/", timedelta(days=1)) == 0
    assert vault.sweep("evidence/", timedelta(seconds=-60)) == 1
    assert vault.sweep("evidence/", timedelta(seconds=-60)) == 0


def test_putting_again_replaces(where: str, key: str) -> None:
    secret = vault.new_secret()
    vault.put(key, io.BytesIO(b"first"), secret)
    vault.put(key, io.BytesIO(b"second"), secret)
    assert whole(key, secret, 6) == b"second"


def test_a_stretch_outside_is_the_callers_mistake(where: str, key: str) -> None:
    for start, length in ((-1, 1), (0, 6), (6, 0), (2, -1)):
        with pytest.raises(ValueError, match="no stretch"):
            vault.read(key, None, start, length, 5)


# --- A store that is away ---------------------------------------------------------------------------------


def test_a_store_that_is_away_is_unavailable(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    for name, value in servers.CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    away = environment.storage("s3://evidence?endpoint=http://127.0.0.1:9&region=us-east-1")
    with override_settings(STORAGES={**settings.STORAGES, "default": away}, EVIDENCE_KEY=EVIDENCE_KEY):
        secret = vault.new_secret()
        with pytest.raises(vault.Unavailable, match="does not answer"):
            vault.put(key, io.BytesIO(b"x"), secret)
        with pytest.raises(vault.Unavailable):
            vault.exists(key)
        assert vault.discard(key) == [key]


def test_a_full_disk_is_unavailable_and_leaves_nothing(tmp_path: Path, key: str) -> None:
    full = {**settings.STORAGES, "default": environment.storage(f"file://{tmp_path}")}
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    with override_settings(STORAGES=full, EVIDENCE_KEY=EVIDENCE_KEY):
        secret = vault.new_secret()
        resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK, limit[1]))
        try:
            with pytest.raises(vault.Unavailable):
                vault.put(key, io.BytesIO(BYTES), secret)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        vault.put(key, io.BytesIO(BYTES), secret)
        assert Path(storages["default"].path(key)).stat().st_mode & 0o777 == 0o600


# --- The installation's key -------------------------------------------------------------------------------

ALONE = """
import sys
from pathlib import Path
from django.conf import settings
home = Path(sys.argv[1])
disk = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": home / "files"}}
settings.configure(HOME=home, EVIDENCE_KEY="", STORAGES={"default": disk})
from submissions import vault
"""
MAKES = ALONE + "print(vault.new_secret().hex())"


def test_processes_at_once_make_one_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKES, str(tmp_path)]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    secrets = [process.communicate(timeout=60)[0].strip() for process in started]
    assert [path.name for path in tmp_path.iterdir()] == ["evidence-key"]
    assert (tmp_path / "evidence-key").stat().st_mode & 0o777 == 0o600
    with override_settings(EVIDENCE_KEY="", HOME=tmp_path):
        assert {len(keys.unwrap(bytes.fromhex(secret))) for secret in secrets} == {32}


def test_two_processes_in_the_same_moment_make_one_key(tmp_path: Path) -> None:
    path = tmp_path / "evidence-key"
    make_secret(path)
    first = path.read_bytes()
    make_secret(path)
    assert path.read_bytes() == first
    assert [found.name for found in tmp_path.iterdir()] == ["evidence-key"]


def test_a_lost_key_is_not_replaced_when_reading(tmp_path: Path) -> None:
    with override_settings(EVIDENCE_KEY="", HOME=tmp_path / "one"):
        (tmp_path / "one").mkdir()
        secret = vault.new_secret()
    with override_settings(EVIDENCE_KEY="", HOME=tmp_path / "two"), pytest.raises(vault.Unavailable):
        keys.unwrap(secret)
    assert not (tmp_path / "two").exists()


@pytest.mark.parametrize("text", ["nonsense", base64.b64encode(b"x" * 31).decode(), "ü"])
def test_a_key_that_is_none_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EVIDENCE_KEY must be 32 random bytes"):
        environment.secret_key("EVIDENCE_KEY", text)


@pytest.mark.parametrize("how", ["", "nginx", "accel:", "accel:/", "accel:/files", "accel:files/", "s3"])
def test_a_delivery_that_cannot_be_stops_the_start(how: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DELIVERY"):
        module._delivery(how)


@pytest.mark.parametrize("text", ["", "-1", "3651", "a month", "²"])
def test_days_that_are_none_stop_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="BACKUP_DAYS"):
        environment.backup_days(text)


def test_only_the_application_seals() -> None:
    assert module._delivery("accel:/files/") == "accel:/files/"
    for how, sealed in (("app", True), ("accel:/files/", False), ("s3", False)):
        with override_settings(DELIVERY=how):
            assert vault.seals() is sealed


# --- Memory -------------------------------------------------------------------------------------------------

BIG = (
    ALONE
    + """
import resource
secret, path = vault.new_secret(), home / "source"
(home / "files").mkdir()
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def through(size):
    with path.open("wb") as file: file.truncate(size)
    vault.put("big", path, secret)
    return sum(map(len, vault.read("big", secret, 0, size, size)))
through(10 * 1024**2); before = peak()
print(through(200 * 1024**2), peak() - before)
"""
)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", BIG, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    size, grown = map(int, run.stdout.split())
    assert size == 200 * 1024**2
    assert grown < 8 * 1024  # kB
