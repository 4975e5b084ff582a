"""The mirror verifies with nothing running but a plain file server, and tells nothing that was not made public."""

from __future__ import annotations

import hashlib
import io
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Membership
from badges import checking, issuing, keyring, offline, registry, workflow
from badges.models import Award
from badges.openbadges.fetched import Answer, Unreachable
from badges.openbadges.outcomes import Report
from badges.openbadges.reading import write_json
from badges.openbadges.verification import verify
from journal.models import Entry
from microcreds.demo import evidence
from microcreds.services.process import free_port
from submissions import workflow as submissions
from tests import factories
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> People:
    return cast()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Mirror:
    """An exported directory behind a file server that knows nothing of us."""

    def __init__(self, root: Path) -> None:
        self.root, self.port = root, free_port()
        command = [
            sys.executable,
            "-m",
            "http.server",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "-d",
            str(root),
        ]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{self.port}"
        until = time.monotonic() + 30
        while not _listens(self.port):
            assert time.monotonic() < until, "the file server starts"
            time.sleep(0.05)

    def fetch(self, url: str) -> Answer:
        """What lies at an address of the platform, from the mirror."""
        try:
            with urllib.request.urlopen(f"{self.url}{urlsplit(url).path}", timeout=10) as found:
                return Answer(found.status, found.read(), found.headers.get_content_type())
        except urllib.error.HTTPError as error:
            return Answer(error.code, b"", "")
        except OSError as error:
            raise Unreachable(url) from error

    def check(self, source: str | bytes) -> Report:
        return verify(source, fetch=self.fetch, now=timezone.now())


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    root = tmp_path / "mirror"
    call_command("export_registry", str(root), stdout=io.StringIO())
    running = Mirror(root)
    yield running
    running.process.kill()
    running.process.wait()


@pytest.fixture
def awards(people: People) -> dict[str, Award]:
    """One public and valid, one public and revoked, one that only its earner knows of."""
    units = [factories.published(people.northfield, slug=f"unit-{number}") for number in range(3)]
    rows = {
        "valid": factories.award(people, units[0], visibility="public"),
        "revoked": factories.award(people, units[1], visibility="public"),
        "private": factories.award(people, units[2]),
    }
    factories.revoke(rows["revoked"], people)
    return rows


@pytest.fixture
def served(awards: dict[str, Award], mirror: Mirror) -> Mirror:
    return mirror


def test_what_is_public_verifies_from_plain_files(awards: dict[str, Award], served: Mirror) -> None:
    for kind in ("json", "jwt", "png", "svg"):
        found = (served.root / f"badges/{awards['valid'].pk}.{kind}").read_bytes()
        assert [(step.name, step.words) for step in served.check(found).steps if step.outcome != "ok"] == []
        ended = served.check((served.root / f"badges/{awards['revoked'].pk}.{kind}").read_bytes())
        assert [step.name for step in ended.steps if step.outcome == "failed"] == ["status"]
    assert served.fetch(issuing.badge_id(awards["valid"].pk)).status == 200
    hidden = str(awards["private"].pk)
    assert [
        path for path in served.root.rglob("*") if path.is_file() and hidden.encode() in path.read_bytes()
    ] == []
    emails = [
        path for path in served.root.rglob("*") if path.is_file() and b"educator@example" in path.read_bytes()
    ]
    assert emails == []


def test_every_file_is_summed_and_a_later_export_forgets(awards: dict[str, Award], served: Mirror) -> None:
    sums = (served.root / "registry/SHA256SUMS").read_text().splitlines()
    for line in sums:
        digest, name = line.split("  ")
        assert hashlib.sha256((served.root / name).read_bytes()).hexdigest() == digest
    workflow.set_visibility(awards["valid"], awards["valid"].earner, "private")
    registry.export(served.root, timezone.now())
    left = [path.name for path in (served.root / "badges").iterdir() if awards["valid"].pk.hex in path.name]
    assert left == []
    assert json.loads((served.root / "registry.json").read_text())["format"] == registry.FORMAT


def test_a_directory_with_other_things_is_left_alone(people: People, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CommandError, match="holds other files"):
        call_command("export_registry", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_page_that_needs_no_server(
    page: Page, awards: dict[str, Award], served: Mirror, tmp_path: Path
) -> None:
    def verdict(name: Path) -> str:
        page.locator("#badge").set_input_files(name)
        page.get_by_role("button", name="Check it").click()
        expect(page.locator("#verdict-h")).not_to_be_empty()
        page.wait_for_timeout(300)
        return page.locator("#verdict-h").inner_text()

    page.goto(f"{served.url}/verifier.html")
    token = served.root / f"badges/{awards['valid'].pk}.jwt"
    assert verdict(token) == "This badge is valid"
    assert verdict(served.root / f"badges/{awards['revoked'].pk}.jwt") == "This badge is not valid"
    header, payload, signature = token.read_text().split(".")
    forged = tmp_path / "forged.jwt"
    forged.write_text(f"{header}.{payload[:-8]}AAAAAAAA.{signature}")
    page.locator("#badge").set_input_files(forged)
    page.get_by_role("button", name="Check it").click()
    expect(page.locator("#trouble, #verdict.failed").first).to_be_visible()
    verdict(token)
    page.locator("#email").fill("Educator@example.test")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#person-said li.ok")).to_be_visible()
    page.locator("#email").fill("somebody@example.test")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#person-said li.failed")).to_be_visible()


def test_a_page_carries_its_data_as_data(people: People) -> None:
    page = offline.page({"token": "</script><script>alert(1)</script>"})
    assert "</script><script>alert" not in page
    assert page.count("<script") == 2


def with_a_file(people: People) -> tuple[Award, bytes]:
    """A badge of the educator's for which she handed in a plan, and the plan."""
    body, draft = evidence.plan(), submissions.enrol(people.educator, factories.published(people.northfield))
    submissions.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    factories.kept(draft, body, "application/pdf", "plan.pdf")
    submissions.submit(draft, people.educator, ["privacy"])
    return workflow.award(factories.reviewed(draft, people.assessor)), body


def test_a_bundle_needs_nobody(people: People, page: Page, tmp_path: Path) -> None:
    award, body = with_a_file(people)
    address = reverse("badge-bundle", args=[award.pk])
    assert signed_in(people.educator2).get(address).status_code == 404
    answer = signed_in(people.educator).get(address)
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    archive.extractall(tmp_path)
    page.goto((tmp_path / "verifier.html").as_uri())
    expect(page.locator("#verdict-h")).to_have_text("This badge is valid")
    proofs = json.loads((tmp_path / "private/proofs.json").read_text())
    piece = proofs[0]
    work = tmp_path / "work.pdf"
    work.write_bytes(body)
    page.locator("#proof").set_input_files(tmp_path / "private" / piece["proof"])
    page.locator("#evidence").set_input_files(work)
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("#work-said li.ok")).to_be_visible()
    work.write_bytes(b"another file")
    page.locator("#evidence").set_input_files(work)
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("#work-said li.failed")).to_have_text(
        "✗Evidence. This is not the file that the proof is about."
    )


def test_a_successor_answers_for_badges_that_go_on_verifying(people: People) -> None:
    award = factories.award(people, visibility="public")
    factories.member(factories.user("head@lakes.test"), people.lakes, "admin")
    before = keyring.did_document_of(people.northfield)
    for slug, words in (("northfield", "its own successor"), ("riverbend", "has to be an issuer")):
        with pytest.raises(CommandError, match=words):
            call_command("hand_over_issuer", "northfield", slug, reason="It closes.")
    call_command("hand_over_issuer", "northfield", "lakes", reason="It closes.", stdout=io.StringIO())
    people.northfield.refresh_from_db()
    after = keyring.did_document_of(people.northfield)
    assert after == {**before, "alsoKnownAs": [keyring.did_of(people.lakes)]}
    roles = Membership.objects.filter(organisation=people.northfield, state="active")
    assert sorted(roles.values_list("user__email", "role")) == [
        ("assessor2@example.test", "assessor"),
        ("assessor@example.test", "assessor"),
        ("head@lakes.test", "admin"),
    ]
    entry = Entry.objects.get(kind="accounts.handed_over")
    assert entry.data == {"successor": str(people.lakes.pk), "why": "It closes."}
    assert checking.check(write_json(award.credential)).valid
    with pytest.raises(CommandError, match="before"):
        call_command("hand_over_issuer", "northfield", "lakes", reason="Again.")
