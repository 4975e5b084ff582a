"""The mirror verifies with nothing running but a plain file server, and tells nothing that was not made public."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import workflow as accounts
from accounts.models import Membership
from badges import checking, issuing, keyring, offline, registry, rules, tasks, workflow
from badges.models import Award, StatusList
from badges.openbadges.reading import write_json
from badges.workflow.endorsing import endorse
from journal.models import Entry
from tests import factories
from tests.badges.mirrored import Mirror
from tests.people import People, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> People:
    return cast()


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    root = tmp_path / "mirror"
    call_command("export_registry", str(root), stdout=io.StringIO())
    running = Mirror(root)
    yield running
    running.stop()


@pytest.fixture
def awards(people: People) -> dict[str, Award]:
    """Public ones: endorsed, signed by a key that was followed by another, and revoked; and one only its earner knows of."""
    units = [factories.published(people.northfield, slug=f"unit-{number}") for number in range(4)]
    rows = {
        "old": factories.award(people, units[3], visibility="public"),
        "valid": factories.award(people, units[0], visibility="public"),
        "revoked": factories.award(people, units[1], visibility="public"),
        "private": factories.award(people, units[2]),
    }
    factories.revoke(rows["revoked"], people)
    call_command("rotate_keys", "northfield", stdout=io.StringIO())
    endorse(people.riverbend, rows["valid"], people.district_admin, "We hire by this.")
    tasks.carry(str(Entry.objects.get(kind="badges.endorsed").pk))
    for row in rows.values():
        row.refresh_from_db()
    return rows


@pytest.fixture
def served(awards: dict[str, Award], mirror: Mirror) -> Mirror:
    return mirror


def test_what_is_public_verifies_from_plain_files(awards: dict[str, Award], served: Mirror) -> None:
    keys = {awards[name].credential["proof"]["verificationMethod"] for name in ("old", "valid")}
    assert len(keys) == 2
    for kind in ("json", "jwt", "png", "svg"):
        for name, extra in (("old", []), ("valid", ["endorsements"])):
            report = served.check((served.root / f"badges/{awards[name].pk}.{kind}").read_bytes())
            assert {str(step.outcome) for step in report.steps} == {"ok"}, report.steps
            names = [step.name for step in report.steps]
            assert names == ["document", "proof", "issuer", "dates", "status", *extra, "evidence"]
        ended = served.check((served.root / f"badges/{awards['revoked'].pk}.{kind}").read_bytes())
        assert [step.name for step in ended.steps if step.outcome == "failed"] == ["status"]
    assert served.fetch(issuing.badge_id(awards["valid"].pk)).status == 200
    files = [path.read_bytes() for path in served.root.rglob("*") if path.is_file()]
    for hidden in (str(awards["private"].pk), "educator@example", awards["valid"].earner.pk.hex):
        assert [content for content in files if hidden.encode() in content] == []


def test_every_file_is_summed_and_a_later_export_forgets(awards: dict[str, Award], tmp_path: Path) -> None:
    """Also lists that nobody asked for yet, and after an export that was killed."""
    root, draft = tmp_path / "mirror", tmp_path / ".mirror.draft"
    (draft / "badges").mkdir(parents=True)
    StatusList.objects.update(credential=None)
    registry.export(root, timezone.now())
    assert sorted(path.name for path in tmp_path.iterdir()) == [".mirror.lock", "mirror"]
    sums = dict(line.split("  ")[::-1] for line in (root / "registry/SHA256SUMS").read_text().splitlines())
    found = {str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}
    assert {name: hashlib.sha256(found[name].read_bytes()).hexdigest() for name in sums} == sums
    assert set(found) - set(sums) == {"registry.json", "registry/SHA256SUMS"}
    workflow.set_visibility(awards["valid"], awards["valid"].earner, "private")
    root.replace(tmp_path / ".mirror.old")
    registry.export(root, timezone.now())
    assert [path for path in root.rglob("*") if str(awards["valid"].pk) in path.name] == []
    assert list((root / "endorsements").iterdir() if (root / "endorsements").exists() else []) == []
    assert json.loads((root / "registry.json").read_text())["format"] == registry.FORMAT


def test_a_badge_more_costs_no_query_and_no_second_picture(people: People, tmp_path: Path) -> None:
    unit, root = factories.published(people.northfield), tmp_path / "mirror"
    asked = []
    for earner in (people.educator, people.educator2):
        factories.award(people, unit, earner, visibility="public")
        call_command("export_registry", str(root), stdout=io.StringIO())
        with CaptureQueriesContext(connection) as queries:
            registry.export(root, timezone.now())
        asked.append(len(queries))
    assert asked[0] == asked[1]
    inodes = {path.stat().st_ino for path in (root / "badges").glob("*/image.png")}
    assert len(inodes) == 1


def test_a_second_export_at_once_is_refused_and_none_harms_the_mirror(
    awards: dict[str, Award], tmp_path: Path
) -> None:
    root = tmp_path / "mirror"
    registry.export(root, timezone.now())
    kept = sorted(str(path) for path in root.rglob("*"))
    with (tmp_path / ".mirror.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="at work"):
            call_command("export_registry", str(root))
    (tmp_path / ".mirror.draft").write_text("in the way of the next one")
    with pytest.raises(CommandError):
        call_command("export_registry", str(root))
    assert sorted(str(path) for path in root.rglob("*")) == kept


def test_a_directory_with_other_things_is_left_alone(people: People, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CommandError, match="holds other files"):
        call_command("export_registry", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_page_carries_its_data_as_data(people: People) -> None:
    page = offline.page({"token": "</script><script>alert(1)</script>"})
    assert "</script><script>alert" not in page
    assert page.count("<script") == 2


def test_a_successor_answers_for_badges_that_go_on_verifying(people: People) -> None:
    award = factories.award(people, visibility="public")
    factories.member(factories.user("head@lakes.test"), people.lakes, "admin")
    before = keyring.did_document_of(people.northfield)
    for slug, words in (("northfield", "its own successor"), ("riverbend", "has to be an issuer")):
        with pytest.raises(CommandError, match=words):
            call_command("hand_over_issuer", "northfield", slug, reason="It closes.")
    invited = accounts.invite(people.admin, people.northfield, "late@northfield.test", "admin")
    call_command("hand_over_issuer", "northfield", "lakes", reason="It closes.", stdout=io.StringIO())
    invited.refresh_from_db()
    assert invited.state == "withdrawn"
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


def test_what_was_taken_over_goes_along_when_the_successor_hands_over_too(people: People) -> None:
    """A badge that is earned in between stands under the old name, and whoever answers for it is the last in the row."""
    last, head = factories.organisation("last"), factories.user("head@lakes.test")
    factories.member(head, people.lakes, "admin")
    factories.member(factories.user("head@last.test"), last, "admin")
    sent = factories.earned(people)
    for slug, successor in (("northfield", "lakes"), ("lakes", "last")):
        call_command("hand_over_issuer", slug, successor, reason="It closes.", stdout=io.StringIO())
    answering = Membership.objects.filter(organisation=people.northfield, state="active", role="admin")
    assert list(answering.values_list("user__email", flat=True)) == ["head@last.test"]
    award = workflow.award(sent)
    assert award.credential["issuer"]["id"] == keyring.did_of(people.northfield)
    assert checking.check(write_json(award.credential)).valid
    assert rules.may_revoke(head, award) is False
    assert rules.may_revoke(answering.get().user, award) is True
    for row in (people.northfield, people.lakes):
        row.refresh_from_db()
        assert keyring.did_document_of(row)["alsoKnownAs"] == [keyring.did_of(last)]
    with pytest.raises(CommandError, match="not handed over itself"):
        call_command("hand_over_issuer", "last", "lakes", reason="Back again.")
