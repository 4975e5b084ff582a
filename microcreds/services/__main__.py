"""`make run`: everything a newcomer needs in one foreground process, gone without a trace when that ends."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from microcreds.orphans import die_with
from microcreds.services import engines
from microcreds.services.process import ServiceError, spawn, stop, tail
from microcreds.services.stamps import demo_state, recorded, static_state

ROOT = engines.REPOSITORY
ACCOUNTS = (
    "educator",
    "educator2",
    "assessor",
    "assessor2",
    "approver",
    "issuer",
    "coach",
    "district",
    "admin",
)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CELERY = [sys.executable, "-m", "celery", "-A", "microcreds.celery:app"]


class Stopped(Exception):
    """Somebody asked us to end."""


@dataclass
class Child:
    """A long-running process that is started again when it falls over."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes]
    death: signal.Signals = signal.SIGTERM
    starts: list[float] = field(default_factory=list)


class Supervisor:
    """Starts the steps in order, watches the children, stops them in reverse."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.url = f"http://127.0.0.1:{port}"
        self.log = home / "log"
        self.children: list[Child] = []
        self.engines: engines.Engines | None = None
        self.env = {
            **os.environ,
            "MICROCREDS_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "microcreds.settings",
        }
        self.env.setdefault("BASE_URL", self.url)

    def run(self) -> None:
        """From nothing to `Ready`, then until the end."""
        self.start_engines()
        self.prepare()
        # A worker asked politely waits for its tasks and for the broker, which end with us: when we are killed so is it.
        worker = [*CELERY, "worker", "--loglevel=INFO", "--without-gossip", "--without-heartbeat"]
        media = [*worker, "--concurrency=1", "--queues=media", "--hostname=media@%h"]
        self.start("worker", [*worker, "--concurrency=2"], death=signal.SIGKILL)
        self.start("media", media, death=signal.SIGKILL)
        self.start(
            "beat", [*CELERY, "beat", "--loglevel=INFO", "--pidfile=", f"--schedule={self.home / 'beat'}"]
        )
        self.start(
            "web", [sys.executable, "-m", "granian", *self.web_options(), "microcreds.wsgi:application"]
        )
        self.wait_for_the_first_page()
        self.announce()
        while True:
            time.sleep(0.5)
            self.watch()

    def start_engines(self) -> None:
        """Ours alone: a second `make run` on the same directory ends here, in one line."""
        until = time.monotonic() + 2
        while not (lock := engines.own(self.home)):
            if time.monotonic() > until:
                holder = (engines.running(self.home) or {}).get("pid", "?")
                raise ServiceError(
                    f"already running on {self.home} (process {holder}): stop it there, or set MICROCREDS_HOME and PORT"
                )
            time.sleep(0.2)
        # After `kill -9` of a predecessor its web server may need a moment to let go of the port.
        self.claim_port()
        say("Starting PostgreSQL and Valkey …")
        for old in self.log.glob("*.log"):
            old.unlink()
        if self.env.get("DATABASE_URL") and self.env.get("REDIS_URL"):
            self.lock = lock
            return
        self.engines = engines.Engines(self.home, lock)
        for name, url in self.engines.urls.items():
            self.env.setdefault(name, url)

    def claim_port(self, patience: float = 3) -> None:
        """A port in use is one clear line."""
        until = time.monotonic() + patience
        while not port_is_free(self.port):
            if time.monotonic() > until:
                raise ServiceError(
                    f"port {self.port} is in use: choose another with `make run PORT={self.port + 1}`"
                )
            time.sleep(0.2)

    def prepare(self) -> None:
        """Static files on the side of tables and demo."""
        say("Preparing the database and the static files …")
        files, stamp = static_state(), self.home / "static" / ".state"
        fresh = recorded(stamp) == files
        collected = None if fresh else self.manage("collectstatic", "--no-input", "--clear")
        self.manage("migrate", "--no-input")()
        self.load_the_demo()
        if collected:
            collected()
            stamp.write_text(files)

    def load_the_demo(self) -> None:
        """On the first start, and again when a version brings more; never beside real people."""
        demo, stamp = demo_state(), self.home / "demo-loaded"
        if recorded(stamp) != demo and not (self.home / "bootstrapped").exists():
            say("Loading the demo …")
            self.manage("demo")()
            stamp.write_text(demo)

    def manage(self, *arguments: str) -> Callable[[], None]:
        """Start a management command; the answer waits for it."""
        log = self.log / f"{arguments[0]}.log"
        process = spawn([sys.executable, ROOT / "manage.py", *arguments], log=log, env=self.env)

        def finish() -> None:
            try:
                code = process.wait()
            except BaseException:
                stop(process)
                raise
            if code:
                raise ServiceError(f"`manage.py {arguments[0]}` failed: {tail(log)} (see {log})")

        return finish

    def web_options(self) -> list[str]:
        """Two workers, as on a real host."""
        listen = ["--interface=wsgi", "--host=127.0.0.1", f"--port={self.port}", "--http=1"]
        return [
            *listen,
            "--workers=2",
            "--blocking-threads=16",
            "--respawn-failed-workers",
            "--log-level=warning",
        ]

    def start(self, name: str, command: list[str], death: signal.Signals = signal.SIGTERM) -> None:
        """Start a child and keep an eye on it."""
        process = self.launch(name, command, death)
        self.children.append(Child(name, command, process, death, [time.monotonic()]))

    def launch(self, name: str, command: list[str], death: signal.Signals) -> subprocess.Popen[bytes]:
        """One process from the root of the clone."""
        os.chdir(ROOT)
        return spawn(command, log=self.log / f"{name}.log", env=self.env, death=death)

    def watch(self) -> None:
        """Start fallen children again; three falls within a minute are not an accident."""
        if self.engines and (name := self.engines.ended()):
            raise ServiceError(f"{name} ended unexpectedly (see {self.log})")
        for child in self.children:
            if child.process.poll() is None:
                continue
            stop(child.process)
            log = self.log / f"{child.name}.log"
            now = time.monotonic()
            child.starts = [moment for moment in child.starts if now - moment < 60]
            if len(child.starts) >= 3:
                raise ServiceError(f"{child.name} ends again and again: {tail(log)} (see {log})")
            child.starts.append(now)
            child.process = self.launch(child.name, child.command, child.death)

    def wait_for_the_first_page(self, patience: float = 60) -> None:
        """Ready means that a person gets a page."""
        until = time.monotonic() + patience
        while not page_is_served(self.url):
            self.watch()
            if time.monotonic() > until:
                raise ServiceError(
                    f"no page within {patience:.0f} s: {tail(self.log / 'web.log')} (see {self.log})"
                )
            time.sleep(0.1)

    def announce(self) -> None:
        """Where to go and who to be."""
        say(f"\nReady: {self.url}\n")
        password = self.home / "demo-password"
        if password.exists():
            say("Demo accounts: " + " ".join(f"{name}@demo.test" for name in ACCOUNTS))
            say(f"Password of all of them: {password.read_text().strip()}   (kept in {password})")
        if not os.environ.get("EMAIL_URL"):
            say(f"Mails land in {self.home / 'mail'}/")
        say(f"Logs are in {self.log}/. Ctrl-C stops everything.")

    def stop(self) -> None:
        """Doors first, engines last."""
        for child in reversed(self.children):
            with contextlib.suppress(ProcessLookupError):
                child.process.terminate()
        for child in reversed(self.children):
            stop(child.process)
        if self.engines:
            self.engines.stop()


def say(text: str) -> None:
    """Print at once, and never die of a closed pipe."""
    with contextlib.suppress(BrokenPipeError):
        print(text, flush=True)


def port_is_free(port: int) -> bool:
    """Whether we could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise ServiceError(
                f"port {port} is reserved for the system: choose one above 1023 with PORT="
            ) from error
        except OSError:
            return False
    return True


def page_is_served(url: str) -> bool:
    """Whether the home page answers 200, asked as a proxy with TLS in front would: `BASE_URL` may begin with https."""
    request = urllib.request.Request(f"{url}/", headers={"X-Forwarded-Proto": "https"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def chosen_port() -> int:
    """`PORT`, 8000 unless set."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ServiceError(f"PORT is {text!r}: give a number between 1024 and 65535")
    return int(text)


def interrupt(number: int, frame: FrameType | None) -> None:
    """Turn the first signal into an orderly end; those that follow change nothing."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(signal.Signals(number).name)


def main() -> int:
    """The exit code of `make run`."""
    for each in SIGNALS:
        signal.signal(each, interrupt)
    if "--with-parent" in sys.argv:
        die_with(os.getppid(), signal.SIGTERM)
    supervisor = None
    try:
        supervisor = Supervisor(engines.prepare(engines.default_home()), chosen_port())
        supervisor.run()
    except Stopped:
        say("\nStopping …")
    except ServiceError as error:
        print(f"microcreds: {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        if supervisor:
            supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
