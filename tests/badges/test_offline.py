"""The page that checks badges by itself: from a disk, from a mirror, and out of a holder's bundle."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from badges import tasks, workflow
from badges.models import Award
from badges.openbadges.baking import bake_png, extract_png
from badges.workflow.endorsing import endorse
from journal.models import Entry
from microcreds.demo import evidence
from submissions import workflow as submissions
from tests import factories
from tests.badges.mirrored import Mirror
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db
VALID, NOT_VALID = "This badge is valid", "This badge is not valid"
TOKEN_WANTED = "Choose the file that ends in .jwt as well, both at once"


@pytest.fixture
def people(db: None) -> People:
    return cast()


class Desk:
    """Somebody at the page, and every complaint of the browser's."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda told: self.complaints.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(address)

    def brings(self, *files: Path) -> str:
        """The verdict on these files, or why there is none."""
        self.page.locator("#verdict-h").evaluate("heading => (heading.textContent = '')")
        self.page.locator("#badge").set_input_files(files)
        self.page.get_by_role("button", name="Check it").click()
        said = self.page.locator("#trouble:not(:empty), #verdict-h:not(:empty)").first
        expect(said).to_be_visible()
        return said.inner_text()

    def refused(self) -> list[str]:
        return [one.inner_text() for one in self.page.locator("#steps li.failed strong").all()]

    def answers(self, button: str, room: str) -> str:
        self.page.get_by_role("button", name=button).click()
        expect(self.page.locator(f"#{room} li")).to_have_count(1)
        expect(self.page.locator(f"#{room} li")).to_be_visible()
        return self.page.locator(f"#{room} li").inner_text().replace("\n", " ")


@pytest.fixture
def mirror(people: People, tmp_path: Path) -> Iterator[Mirror]:
    """Two public badges, one endorsed and one revoked, behind a plain file server."""
    sound = factories.award(people, factories.published(people.northfield, slug="sound"), visibility="public")
    ended = factories.award(people, factories.published(people.northfield, slug="ended"), visibility="public")
    factories.revoke(ended, people)
    endorse(people.riverbend, sound, people.district_admin, "We hire by this.")
    tasks.carry(str(Entry.objects.get(kind="badges.endorsed").pk))
    call_command("rotate_keys", "northfield", stdout=io.StringIO())
    call_command("export_registry", str(tmp_path / "mirror"), stdout=io.StringIO())
    for name, row in (("sound", sound), ("ended", ended)):
        for kind in ("jwt", "json", "png", "svg"):
            kept = tmp_path / "mirror" / "badges" / f"{row.pk}.{kind}"
            (tmp_path / f"{name}.{kind}").write_bytes(kept.read_bytes())
    running = Mirror(tmp_path / "mirror")
    yield running
    running.stop()


def tampered(folder: Path) -> list[tuple[Path, ...]]:
    """Files that say something the issuer did not sign."""
    header, payload, signature = (folder / "sound.jwt").read_text().split(".")
    (folder / "forged.jwt").write_text(f"{header}.{payload[:-8]}AAAAAAAA.{signature}")
    stolen = (folder / "sound.jwt").read_text().rsplit(".", 1)[0]
    (folder / "stolen.jwt").write_text(f"{stolen}.{(folder / 'ended.jwt').read_text().rsplit('.', 1)[1]}")
    changed = {**json.loads((folder / "sound.json").read_text()), "name": "Professor of everything"}
    (folder / "changed.json").write_text(json.dumps(changed))
    picture = (folder / "sound.png").read_bytes()
    (folder / "changed.png").write_bytes(bake_png(picture, json.dumps(changed)))
    assert extract_png((folder / "changed.png").read_bytes()) == json.dumps(changed)
    token = folder / "sound.jwt"
    return [
        (folder / "stolen.jwt",),
        (folder / "changed.json", token),
        (folder / "changed.png", token),
    ]


def test_from_a_disk_without_any_network(page: Page, mirror: Mirror, tmp_path: Path) -> None:
    """The page out of the mirror, and the one that the platform gives to keep, hold keys and lists of everybody."""
    mirror.stop()
    page.set_viewport_size({"width": 390, "height": 800})
    (tmp_path / "kept.html").write_bytes(Client().get(reverse("verify-offline")).content)
    for address in (mirror.root / "verifier.html", tmp_path / "kept.html"):
        desk = Desk(page, address.as_uri())
        assert desk.brings(tmp_path / "sound.jwt") == VALID
        expect(page.locator("#steps li.note")).to_contain_text("carries words of Riverbend.")
        assert (desk.brings(tmp_path / "ended.jwt"), desk.refused()) == (NOT_VALID, ["Revocation."])
        assert TOKEN_WANTED in desk.brings(tmp_path / "sound.json")
        for kind in ("json", "png", "svg"):
            assert desk.brings(tmp_path / f"sound.{kind}", tmp_path / "sound.jwt") == VALID
        assert [desk.brings(*files) for files in tampered(tmp_path)] == [NOT_VALID] * 3
        assert desk.refused() == ["The file you chose."]
        assert "damaged" in desk.brings(tmp_path / "forged.jwt")
        (tmp_path / "notes.txt").write_text("Dear diary")
        assert desk.brings(tmp_path / "notes.txt").startswith("This file is not a badge.")
        assert desk.brings(tmp_path / "sound.jwt", tmp_path / "ended.jwt").startswith("Choose one badge")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert desk.complaints == []


def test_beside_a_mirror_it_finds_the_token_itself(page: Page, mirror: Mirror, tmp_path: Path) -> None:
    desk = Desk(page, f"{mirror.url}/verifier.html")
    for kind in ("json", "png", "svg", "jwt"):
        assert desk.brings(tmp_path / f"sound.{kind}") == VALID
        assert desk.brings(tmp_path / f"ended.{kind}") == NOT_VALID
    assert desk.brings(tmp_path / "sound.json") == VALID
    page.locator("#email").fill("Educator@example.test")
    assert desk.answers("Compare", "person-said").startswith("✓ Person.")
    page.locator("#email").fill("somebody@example.test")
    expect(page.locator("#person-said li.ok")).to_be_visible()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#person-said li.failed")).to_be_visible()
    assert desk.brings(tmp_path / "sound.jwt") == VALID
    expect(page.locator("#person-said li")).to_have_count(0)
    assert desk.complaints == []


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
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)
    desk = Desk(page, (tmp_path / "verifier.html").as_uri())
    expect(page.locator("#verdict-h")).to_have_text(VALID)
    for kind in ("json", "png", "svg", "jwt"):
        assert desk.brings(tmp_path / f"badge.{kind}") == VALID
    [piece] = json.loads((tmp_path / "private/proofs.json").read_text())
    work, other = tmp_path / "work.pdf", tmp_path / "other.json"
    work.write_bytes(body)
    other.write_text('{"format": "microcreds-proof-1"}')
    said = []
    for proof, file in ((tmp_path / "private" / piece["proof"], work), (other, work)):
        page.locator("#proof").set_input_files(proof)
        page.locator("#evidence").set_input_files(file)
        said.append(desk.answers("Check the file", "work-said"))
    work.write_bytes(b"another file")
    page.locator("#proof").set_input_files(tmp_path / "private" / piece["proof"])
    page.locator("#evidence").set_input_files(work)
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("#work-said")).to_have_text(
        "✗Evidence. This is not the file that the proof is about."
    )
    assert said[0] == "✓ Evidence. Exactly this file was among the work that was assessed for this badge."
    assert said[1].startswith("✗ Evidence. This is not a proof.")
    assert desk.complaints == []
