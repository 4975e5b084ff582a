"""A real browser: the machine's Chromium, else one installed on the way, else a skip with the reason."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    Response,
    expect,
    sync_playwright,
)

if TYPE_CHECKING:
    from accounts.models import User

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 20_000
# A microphone that beeps, and nobody has to allow it; no process for graphics, which machines that test have none of.
ARGUMENTS = (
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--in-process-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


def machine_browser() -> str | None:
    """A Chromium on the PATH."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def run(command: list[str]) -> str:
    """Run an installer; what went wrong in one line, or nothing."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=env)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
    return "" if done.returncode == 0 else f"{' '.join(command[-3:])}: {lines[-1]}"


@cache
def find_browser() -> tuple[str | None, str]:
    """The program to start (`None`: Playwright's own) and why there is none."""
    if path := machine_browser():
        return path, ""
    reasons = []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        run(["apt-get", "update", "-qq"])
        reasons.append(run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]))
        if path := machine_browser():
            return path, ""
    reasons.append(run([sys.executable, "-m", "playwright", "install", "chromium"]))
    return None, "" if not reasons[-1] else "no browser: " + "; ".join(reason for reason in reasons if reason)


def give_up(reason: str) -> None:
    """A missing browser is a gap the reader is told of, and under CI a failure."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def launch(playwright: Playwright) -> Browser:
    """Start it; root needs Chromium without its sandbox."""
    path, reason = find_browser()
    if reason:
        give_up(reason)
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    try:
        return playwright.chromium.launch(executable_path=path, args=arguments)
    except Error as error:
        give_up(f"the browser does not start: {error.message.splitlines()[0]}")
        raise


expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole run."""
    with sync_playwright() as playwright:
        program = launch(playwright)
        yield program
        program.close()


class Through(WSGIHandler):
    """Django's own live server looks for unhashed files; ours leaves static files to WhiteNoise."""

    def __init__(self, application: WSGIHandler) -> None:
        super().__init__()


class Prompt(ThreadedWSGIServer):
    """Looks more often whether it is to stop; else every test waits half a second for its server to end."""

    def serve_forever(self, poll_interval: float = 0.02) -> None:
        super().serve_forever(poll_interval)


class Thread(LiveServerThread):
    """A server that ends at once."""

    server_class = Prompt


class Server:
    """The program behind a real socket, its static files served by the same middleware as in production."""

    def __init__(self) -> None:
        self.thread = Thread("127.0.0.1", static_handler=Through, connections_override={})
        self.thread.daemon = True
        self.thread.start()
        self.thread.is_ready.wait()
        if self.thread.error:
            raise self.thread.error
        self.url = f"http://127.0.0.1:{self.thread.port}"


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    """A server for one test, on a free port; every row is removed afterwards."""
    running = Server()
    yield running
    running.thread.terminate()


def enter(page: Page, server: Server, person: User) -> Page:
    """Give the browser a signed-in session."""
    client = Client()
    client.force_login(person)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
    return page


# Pages of ours say when their behaviours have begun; until then what they add moves what is below it.
READY = "!document.querySelector('script[src*=\"js/app\"]') || 'ready' in document.documentElement.dataset"


def unhurried(page: Page) -> Page:
    """A page that is gone to is looked at first, as a person does, and then clicked on."""
    go = page.goto

    def goto(*args: object, **kwargs: object) -> Response | None:
        response = go(*args, **kwargs)  # type: ignore[arg-type]
        until = time.monotonic() + 3
        with contextlib.suppress(Error):  # it went somewhere else by itself
            while not page.evaluate(READY) and time.monotonic() < until:
                page.wait_for_timeout(20)
        return response

    page.goto = goto  # type: ignore[method-assign]
    return page


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A factory: every call is another person at another machine."""
    contexts: list[BrowserContext] = []

    def make(**options: object) -> Page:
        settings = {
            "viewport": {"width": 1280, "height": 800},
            "reduced_motion": "reduce",
            "locale": "en-US",
            **options,
        }
        context = browser.new_context(**settings)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        return page if settings.get("java_script_enabled") is False else unhurried(page)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One person."""
    return new_page()


def becomes_true(page: Page, expression: str, patience: float = 10) -> None:
    """Wait for what a page's script says; the page's policy forbids the usual way, which evaluates text inside it."""
    until = time.monotonic() + patience
    while not page.evaluate(expression):
        assert time.monotonic() < until, expression
        page.wait_for_timeout(50)
