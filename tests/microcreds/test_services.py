"""The engines behind the two commands: found, healed, and gone when whoever started them is gone."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from microcreds.services import engines, postgres, process, valkey
from microcreds.services.process import ServiceError

ROOT = Path(__file__).resolve().parents[2]
# Starts the engines, says so, and waits for the end like `make run` does.
HOLDER = """
import sys, time
from pathlib import Path
from microcreds.services import engines
started = engines.start(Path(sys.argv[1]), durable=False)
print(started.postgres.process.pid, started.valkey.process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A data directory that every user of the machine may reach, as /tmp/pytest-of-root is not."""
    directory = Path(tempfile.mkdtemp(prefix="microcreds-services-"))
    directory.chmod(0o755)
    yield directory
    postgres.discard(directory)
    shutil.rmtree(directory)


@pytest.fixture
def started(place: Path) -> Iterator[engines.Engines]:
    ours = engines.start(place, durable=False)
    assert isinstance(ours, engines.Engines)
    yield ours
    ours.stop()


def hold(place: Path, user: str | None = None) -> tuple[subprocess.Popen[str], list[int]]:
    """Another process that runs the engines, and the pids of these."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(place)},
        cwd="/",
        **process.dropping_to(user),  # type: ignore[call-overload]
    )
    assert holder.stdout is not None
    return holder, [int(pid) for pid in holder.stdout.readline().split()]


def gone(pids: list[int], patience: float = 15) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if not any(process.command_line(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def ask(url: str, query: str) -> tuple[object, ...] | None:
    with contextlib.closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(query)
        row: tuple[object, ...] | None = cursor.fetchone()
        return row


def owner(pid: int) -> str:
    return pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name


def test_the_tests_run_on_real_engines_that_need_not_survive_a_power_cut() -> None:
    settings = "SELECT current_setting('server_version_num')::int / 10000, current_setting('fsync')"
    assert ask(os.environ["DATABASE_URL"], settings) == (18, "off")


def test_a_second_start_finds_the_running_engines(started: engines.Engines) -> None:
    found = engines.start(started.home)
    assert found == {"pid": str(os.getpid()), **started.urls}


def test_addresses_of_stopped_engines_are_forgotten(place: Path) -> None:
    first = engines.start(place, durable=False)
    assert isinstance(first, engines.Engines)
    first.stop()
    assert engines.running(place) is None
    assert first.postgres.process.returncode == 0


def test_data_survives_a_restart(place: Path) -> None:
    for expected in (1, 2, 3):
        ours = engines.start(place)
        assert isinstance(ours, engines.Engines)
        with redis.Redis.from_url(ours.urls["REDIS_URL"]) as client:
            assert client.incr("starts") == expected
        count = "CREATE SEQUENCE IF NOT EXISTS starts; SELECT nextval('starts')"
        assert ask(ours.urls["DATABASE_URL"], count) == (expected,)
        ours.stop()


def test_nobody_gets_in_without_the_password(started: engines.Engines) -> None:
    address = started.urls["DATABASE_URL"].rpartition("@")[2]
    assert not postgres.answers(f"postgresql://microcreds:guess@{address}")
    assert not valkey.answers(f"redis://:guess@{started.urls['REDIS_URL'].rpartition('@')[2]}")
    secrets = ["postgres-password", "valkey-password", "secret-key", "services.json"]
    assert {oct((started.home / name).stat().st_mode & 0o777) for name in secrets} == {"0o600"}


def test_kill_9_of_the_parent_leaves_no_process_and_the_next_start_works(place: Path) -> None:
    holder, pids = hold(place)
    holder.kill()
    holder.wait()
    assert gone(pids)
    ours = engines.start(place, durable=False)
    assert isinstance(ours, engines.Engines)
    ours.stop()


def test_ctrl_c_leaves_no_process(place: Path) -> None:
    holder, pids = hold(place)
    holder.send_signal(signal.SIGINT)
    holder.wait()
    assert gone(pids)


def test_a_killed_server_does_not_need_a_hand(place: Path) -> None:
    holder, pids = hold(place)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    holder.kill()
    holder.wait()
    ours = engines.start(place, durable=False)
    assert isinstance(ours, engines.Engines)
    assert (ours.ended(), engines.running(place)) == (None, {"pid": str(os.getpid()), **ours.urls})
    ours.stop()


def test_a_stale_pid_file_that_names_a_living_stranger_is_healed(place: Path) -> None:
    first = engines.start(place, durable=False)
    assert isinstance(first, engines.Engines)
    pid_files = [(place / "postgres").resolve() / "postmaster.pid", place / "valkey" / "valkey.pid"]
    contents = [file.read_text().split("\n", 1) for file in pid_files]
    first.stop()
    for file, lines in zip(pid_files, contents, strict=True):
        file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
        file.chmod(0o644)
    second = engines.start(place, durable=False)
    assert isinstance(second, engines.Engines)
    second.stop()


def test_the_database_server_never_runs_as_root(place: Path) -> None:
    holder, (server, _cache) = hold(place)
    expected = postgres.server_user() or pwd.getpwuid(os.geteuid()).pw_name
    assert owner(server) == expected != "root"
    holder.terminate()
    holder.wait()
    assert gone([server])


def test_an_ordinary_user_needs_nothing_from_root(place: Path) -> None:
    ordinary = None
    if os.geteuid() == 0 and postgres.reachable(Path(sys.executable).resolve(), "nobody"):
        ordinary = "nobody"
        os.chown(place, pwd.getpwnam(ordinary).pw_uid, -1)
    holder, pids = hold(place, ordinary)
    expected = ordinary or postgres.server_user() or pwd.getpwuid(os.geteuid()).pw_name
    assert owner(pids[0]) == expected
    holder.kill()
    holder.wait()
    assert gone(pids)


def test_a_home_closed_to_the_server_s_user_works_too(place: Path) -> None:
    inner = place / "closed" / "home"
    inner.parent.mkdir(mode=0o700)
    ours = engines.start(inner, durable=False)
    assert isinstance(ours, engines.Engines)
    assert postgres.answers(ours.urls["DATABASE_URL"])
    ours.stop()
    postgres.discard(inner)


def test_a_place_that_cannot_be_written_is_one_clear_line() -> None:
    with pytest.raises(ServiceError) as caught:
        engines.prepare(Path("/proc/microcreds"))
    assert str(caught.value).startswith("cannot write to /proc/microcreds (")
    assert str(caught.value).endswith("): set MICROCREDS_HOME to a place you own")


def test_two_commands_at_once_share_engines_and_the_last_one_stops_them(place: Path) -> None:
    script = "import os; from microcreds.services.engines import attached\nwith attached(): print(os.environ['REDIS_URL'])"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "MICROCREDS_HOME": str(place)}
    for name in ("DATABASE_URL", "REDIS_URL"):
        del env[name]
    both = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=env)
        for _ in range(2)
    ]
    answers = [command.communicate(timeout=60)[0] for command in both]
    assert [command.returncode for command in both] == [0, 0]
    assert [answer[:8] for answer in answers] == ["redis://", "redis://"]
    assert engines.running(place) is None
    lock = engines.own(place)
    assert lock is not None
    lock.close()


@pytest.mark.parametrize("text", ["eighty", "0", "70000", "-1"])
def test_a_senseless_port_is_one_clear_line(place: Path, text: str) -> None:
    assert run(place, text) == (1, f"microcreds: PORT is '{text}': give a number between 1024 and 65535\n")


def test_a_port_in_use_is_one_clear_line(place: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        expected = f"microcreds: port {port} is in use: choose another with `make run PORT={port + 1}`\n"
        assert run(place, str(port)) == (1, expected)


def test_a_second_make_run_is_one_clear_line(started: engines.Engines) -> None:
    code, said = run(started.home, str(process.free_port()))
    expected = f"already running on {started.home} (process {os.getpid()}): stop it there, or set MICROCREDS_HOME and PORT"
    assert (code, said) == (1, f"microcreds: {expected}\n")


def run(place: Path, port: str) -> tuple[int, str]:
    """The exit code and the complaint of `make run`'s program."""
    env = {**os.environ, "MICROCREDS_HOME": str(place), "PORT": port}
    command = [sys.executable, "-m", "microcreds.services"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr
