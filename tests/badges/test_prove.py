"""One file is proved against the badge, by anybody and without us; of everything else nothing is told."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import User
from badges import checking, sealed
from badges import workflow as badges
from badges.hashing import HashedFile
from badges.models import Award
from badges.openbadges import evidence
from journal.models import Record
from submissions import workflow
from submissions.models import Artifact, Submission
from submissions.workflow.forgetting import delete_bytes
from tests import factories
from tests.browser import Server, enter
from tests.papers import pdf
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db
PLAN, SITE = pdf("Maya Rivera, lesson of March"), b"<html>A page as it was copied</html>"
CHECK = "/verify/evidence/"


def sha(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


@dataclass
class Case:
    """An award, what was sent for it, and its earner's client."""

    award: Award
    sent: Submission
    earner: User

    @property
    def client(self) -> Client:
        return signed_in(self.earner)

    @property
    def page(self) -> str:
        return f"/badges/{self.award.pk}/prove/"

    def proof(self, body: bytes) -> dict[str, Any]:
        answer = self.client.post(self.page, {"file": SimpleUploadedFile("x", body)})
        assert answer.status_code == 200, answer.content
        return dict(json.loads(answer.content))

    def badge(self) -> bytes:
        return json.dumps(self.award.credential).encode()


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def case(people: People) -> Case:
    """A plan whose properties named her, so that what is assessed is a copy, and a link kept as a copy."""
    return made(people, factories.published(people.northfield))


def made(people: People, unit: Any) -> Case:
    earner = people.educator
    draft = workflow.enrol(earner, unit)
    workflow.save(draft, earner, revision=0, answers=factories.ANSWERS)
    plan = factories.kept(draft, b"%PDF-cleaned", "application/pdf", "maya-rivera.pdf")
    Artifact.objects.filter(pk=plan.pk).update(received_sha256=sha(PLAN).hex(), received_size=len(PLAN))
    link = {"kind": Artifact.Kind.LINK, "url": "https://class.example/blog", "title": "Our class blog"}
    factories.kept(draft, SITE, "text/html", "blog", **link)
    sent = factories.reviewed(workflow.submit(draft, earner, ["privacy"]), people.assessor)
    return Case(badges.award(sent), sent, earner)


def holding(proof: dict[str, Any], body: bytes, credential: dict[str, Any]) -> list[str]:
    """The steps that hold."""
    read = evidence.read_proof(json.dumps(proof))
    found = evidence.check(read, hashlib.sha256(body).digest(), credential)
    return [finding.step for finding in found if finding.holds]


def asked(client: Client, badge: bytes, proof: object, body: bytes, **more: str) -> Any:
    given = {
        "badge": ("badge.json", badge),
        "proof": ("proof.json", json.dumps(proof).encode()),
        "file": ("x", body),
    }
    files = {name: SimpleUploadedFile(*file) for name, file in given.items() if file[1] or name == "file"}
    return client.post(CHECK, {**files, **more})


# --- the seal in the badge ----------------------------------------------------------------------------------


def test_the_credential_carries_the_digest_of_the_seal_that_is_served(case: Case) -> None:
    award, record = case.award, Record.objects.get()
    badges.set_visibility(award, case.earner, "unlisted")
    answer = Client().get(f"/badges/{award.pk}/seal.json")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")
    assert json.loads(answer.content) == {
        "format": "microcreds-seal-1",
        "root": case.sent.manifest["root"],
        "manifest": case.sent.seal,
        "decision": record.hash,
        "record": 1,
    }
    assert award.credential["relatedResource"] == [
        {
            "id": f"http://127.0.0.1:8000/badges/{award.pk}/seal.json",
            "mediaType": "application/json",
            "digestMultibase": evidence.multibase(hashlib.sha256(answer.content).digest()),
        }
    ]
    assert checking.check(case.badge()).valid
    altered = {**award.credential, "relatedResource": [{"id": "https://elsewhere.example/seal.json"}]}
    assert not checking.check(json.dumps(altered).encode()).valid


def test_an_award_from_before_there_were_seals_has_none_and_says_so(case: Case) -> None:
    Award.objects.update(seal={})
    badges.set_visibility(case.award, case.earner, "public")
    assert Client().get(f"/badges/{case.award.pk}/seal.json").status_code == 404
    page = case.client.get(case.page)
    assert (page.status_code, b"Nothing can be proved" in page.content) == (200, True)
    assert case.client.post(case.page, {"sha256": "ab" * 32}).status_code == 409
    assert sealed.seal_for(Submission(manifest=[{"artifact": "x", "sha256": "ab" * 32}])) == {}


# --- the earner's proof -------------------------------------------------------------------------------------


def test_each_file_is_proved_by_choosing_it_or_by_its_copy_also_when_one_is_deleted(case: Case) -> None:
    plan, blog = case.sent.manifest["artifacts"]
    page = case.client.get(case.page)
    offered = [value for value, _label in page.context["form"].fields["piece"].choices]
    chosen = [f"{plan['artifact']}:assessed", f"{plan['artifact']}:received", f"{blog['artifact']}:assessed"]
    assert offered == chosen
    answers = [case.client.post(case.page, {"piece": value}) for value in chosen]
    assert [one["Content-Disposition"] for one in answers] == [
        f'attachment; filename="{case.award.slug}-proof.json"'
    ] * 3
    proofs = [json.loads(one.content) for one in answers]
    assert [one["type"] for one in proofs] == ["assessed", "received", "assessed"]
    assert [case.proof(PLAN), case.proof(SITE)] == proofs[1:]
    for proof, body in ((proofs[1], PLAN), (proofs[2], SITE)):
        assert holding(proof, body, case.award.credential) == ["proof", "file", "tree", "badge"]
    delete_bytes(case.sent.artifacts.get(name="maya-rivera.pdf"), None, "test")
    assert [case.proof(PLAN), case.proof(SITE)] == proofs[1:]


def test_it_can_be_checked_by_hand_as_it_says_and_discloses_nothing_else(case: Case) -> None:
    """The instructions in the file, with nothing but a hash function."""
    proof = case.proof(PLAN)
    digest = sha(bytes.fromhex(proof["salt"]) + sha(PLAN)).hex()
    here = sha(b"\x00" + f"{proof['type']}:{digest}".encode())
    for step in proof["path"]:
        beside = bytes.fromhex(step["hash"])
        here = sha(b"\x01" + (beside + here if step["side"] == "left" else here + beside))
    seal = json.loads(proof["seal"])
    assert (digest, here.hex(), proof["record"]) == (proof["digest"], seal["root"], seal["decision"])
    carried = case.award.credential["relatedResource"][0]["digestMultibase"]
    assert evidence.multibase(sha(proof["seal"].encode())) == carried
    discloses_nothing_else(case, proof)


def discloses_nothing_else(case: Case, proof: dict[str, Any]) -> None:
    manifest = case.sent.manifest
    said = json.dumps(proof)
    secrets = [
        case.earner.name,
        "maya-rivera",
        "Our class blog",
        "class.example",
        case.sent.code,
        case.earner.email,
    ]
    secrets += [
        str(case.sent.pk),
        *factories.ANSWERS.values(),
        manifest["header"]["salt"],
        manifest["header"]["digest"],
    ]
    for row in [*manifest["texts"], *manifest["artifacts"]]:
        secrets += [
            str(value) for value in (row["salt"], row["digest"], row.get("sha256"), row.get("artifact"))
        ]
    assert [one for one in secrets if one in said] == []
    names = {"format", "about", "credential", "type", "salt", "digest", "path", "seal", "record"}
    assert (set(proof), {name for step in proof["path"] for name in step}) == (names, {"side", "hash"})
    assert proof["salt"] == manifest["artifacts"][0]["received"]["salt"]


def test_another_file_and_other_people_get_no_proof(case: Case, people: People) -> None:
    wrong = case.client.post(case.page, {"file": SimpleUploadedFile("x", PLAN + b" ")})
    assert (wrong.status_code, b"is not among your evidence" in wrong.content) == (400, True)
    nothing = case.client.post(case.page, {"piece": "", "sha256": "zz"})
    assert (nothing.status_code, list(nothing.context["form"].errors)) == (400, ["piece"])
    assert case.client.post(case.page, {"piece": "x:assessed"}).status_code == 400
    badges.set_visibility(case.award, case.earner, "public")
    strangers = (people.educator2, people.assessor, people.approver, people.admin)
    assert {signed_in(one).get(case.page).status_code for one in strangers} == {404}
    assert Client(enforce_csrf_checks=True).post(case.page, {"sha256": "ab" * 32}).status_code == 403


# --- checking -----------------------------------------------------------------------------------------------


def altered(proof: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {**proof, **change}


def with_seal(proof: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {**proof, "seal": json.dumps({**json.loads(proof["seal"]), **change}, separators=(",", ":"))}


TAMPERED: list[tuple[Callable[[dict[str, Any]], dict[str, Any]], list[str]]] = [
    (lambda proof: altered(proof, salt="00" * 16), ["tree", "badge"]),
    (lambda proof: altered(proof, digest="00" * 32), ["badge"]),
    (lambda proof: altered(proof, type="assessed"), ["file", "badge"]),
    (lambda proof: altered(proof, path=proof["path"][:-1]), ["file", "badge"]),
    (lambda proof: altered(proof, path=proof["path"][::-1]), ["file", "badge"]),
    (
        lambda proof: altered(proof, path=[{**proof["path"][0], "hash": "ab" * 32}, *proof["path"][1:]]),
        ["file", "badge"],
    ),
    (lambda proof: with_seal(proof, root="ab" * 32), ["file"]),
    (lambda proof: with_seal(proof, record=7), ["file", "tree"]),
    (lambda proof: altered(proof, credential="https://elsewhere.example/badges/1"), ["file", "tree"]),
]


def forms_refused(proof: dict[str, Any]) -> None:
    changes: list[dict[str, Any]] = [
        *({name: None} for name in ("format", "credential", "type", "salt", "digest", "path", "seal")),
        *({"salt": "zz" * 16}, {"digest": "AB" * 32}, {"path": [["left", "ab" * 32]]}, {"type": "header"}),
        {"path": [{"side": "left", "hash": "ab" * 32}] * 65},
    ]
    for change in changes:
        with pytest.raises(evidence.ProofError, match=r"form|json"):
            evidence.read_proof(json.dumps(altered(proof, **change)))


def test_whatever_is_changed_the_step_that_breaks_is_named(case: Case) -> None:
    proof = case.proof(PLAN)
    found = [holding(change(proof), PLAN, case.award.credential)[1:] for change, _left in TAMPERED]
    assert found == [left for _change, left in TAMPERED]
    forms_refused(proof)
    assert holding(proof, PLAN + b" ", case.award.credential)[1:] == ["tree", "badge"]
    assert holding(proof, PLAN, {"id": proof["credential"], "relatedResource": "x"})[1:] == ["file", "tree"]


MISREAD = [
    b"", b"[]", b"null", b"not json", b"[" * 90_000, b"{" + b" " * 100_001, b'{"seal": 7}', b'{"seal": "{}"}',
    b'{"seal": "' + b"[" * 5000 + b'"}', b'{"seal": "' + b"[" * 3000 + b'"}', b"\xff\xfe{",
]  # fmt: skip


@pytest.mark.parametrize("source", MISREAD, ids=range(len(MISREAD)))
def test_what_is_no_proof_is_refused(source: bytes) -> None:
    with pytest.raises(evidence.ProofError):
        evidence.read_proof(source)


def test_anybody_checks_it_on_a_page_and_the_file_is_not_kept(case: Case) -> None:
    proof, client = case.proof(PLAN), Client(enforce_csrf_checks=True)
    answer = asked(client, case.badge(), proof, PLAN)
    assert (answer.status_code, answer.context["verdict"]) == (200, "ok")
    assert b"This file was handed in for this badge" in answer.content
    stored = answer.wsgi_request.FILES["file"]
    assert (type(stored), stored.size) == (HashedFile, len(PLAN))
    hashed = asked(client, case.badge(), proof, b"", sha256=hashlib.sha256(PLAN).hexdigest())
    assert hashed.context["verdict"] == "ok"
    wrong = asked(client, case.badge(), proof, SITE)
    outcomes = [step["outcome"] for step in wrong.context["steps"]]
    assert (wrong.context["verdict"], outcomes) == ("failed", ["ok", "failed", "ok", "ok"])
    forged = json.dumps({**case.award.credential, "name": "Another one"}).encode()
    told = asked(client, forged, proof, PLAN)
    assert (told.context["proved"], told.context["verdict"]) == (True, "failed")
    assert b"but the badge is not valid" in told.content


def test_what_is_missing_or_too_much_is_said(case: Case, settings: Any) -> None:
    proof, client = case.proof(PLAN), Client()
    empty = client.post(CHECK, {})
    assert (empty.status_code, list(empty.context["form"].errors)) == (400, ["badge", "proof", "file"])
    misread = asked(client, case.badge(), {"a": 1}, PLAN)
    assert (misread.status_code, list(misread.context["form"].errors)) == (400, ["proof"])
    assert asked(client, b"x" * (7 * 1024**2), proof, PLAN).status_code == 413
    settings.UPLOAD_MAX_BYTES = -(6 * 1024**2)
    assert asked(client, case.badge(), proof, PLAN).status_code == 413
    assert case.client.post(case.page, {"file": SimpleUploadedFile("x", PLAN)}).status_code == 413


# --- commands -----------------------------------------------------------------------------------------------


@pytest.fixture
def files(case: Case, tmp_path: Path) -> Path:
    (tmp_path / "plan.pdf").write_bytes(PLAN)
    (tmp_path / "other.pdf").write_bytes(SITE + b"!")
    (tmp_path / "badge.json").write_bytes(case.badge())
    return tmp_path


def test_the_commands_prove_and_check_without_database_or_network(case: Case, files: Path) -> None:
    out = files / "proof.json"
    call_command("prove", str(case.award.pk), str(files / "plan.pdf"), output=out)
    assert json.loads(out.read_text()) == case.proof(PLAN)
    with pytest.raises(CommandError, match="is not among the evidence"):
        call_command("prove", str(case.award.pk), str(files / "other.pdf"))
    nowhere = {"DATABASE_URL": "postgres://x:x@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1/0"}
    command = [sys.executable, "manage.py", "check_proof", str(out), str(files / "plan.pdf")]
    command += ["--credential", str(files / "badge.json")]
    done = subprocess.run(
        command,
        env={**os.environ, **nowhere},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[-1][:22]) == (0, "This file is proved. C"), done.stderr
    with pytest.raises(CommandError, match="This does not prove the file"):
        call_command("check_proof", str(out), str(files / "other.pdf"), credential=files / "badge.json")


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_the_file_stays_where_it_is(
    people: People, server: Server, page: Page, tmp_path: Path
) -> None:
    """She gets her proof, and somebody without an account checks it; neither file is sent."""
    case = made(people, factories.published(people.northfield))
    (tmp_path / "plan.pdf").write_bytes(PLAN)
    (tmp_path / "badge.json").write_bytes(case.badge())
    sent: list[bytes] = []
    page.on("request", lambda request: sent.append(request.post_data_buffer or b""))
    enter(page, server, case.earner).goto(server.url + case.page)
    page.set_input_files("#id_file", tmp_path / "plan.pdf")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Get the proof").click()
    waiting.value.save_as(tmp_path / "proof.json")
    page.context.clear_cookies()
    page.goto(server.url + CHECK)
    for field in ("badge", "proof"):
        page.set_input_files(f"#id_{field}", tmp_path / f"{field}.json")
    page.set_input_files("#id_file", tmp_path / "plan.pdf")
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_role("heading", name="This file was handed in for this badge")).to_be_visible()
    assert [body for body in sent if b"%PDF-" in body] == []
