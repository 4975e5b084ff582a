"""Proofs checked by the few lines that the documentation prints, in a directory with three files and nothing of ours."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from badges import proving
from badges import workflow as badges
from badges.models import Award
from review import workflow as review
from submissions import sealing, workflow
from submissions.models import Submission
from submissions.workflow.forgetting import delete_bytes
from tests import factories
from tests.papers import pdf
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db
PLAN, SECOND = pdf("A lesson of March"), pdf("Another lesson")


@pytest.fixture
def people() -> People:
    return cast()


def script() -> str:
    """What a reader of the documentation copies."""
    text = (Path(settings.BASE_DIR) / "docs/proofs.md").read_text()
    return text.split("```python\n")[1].split("```")[0]


def holds(folder: Path, proof: dict[str, Any], credential: dict[str, Any], body: bytes) -> dict[str, bool]:
    """What those lines say, run by a Python that sees the standard library only."""
    for name, content in (
        ("check.py", script()),
        ("proof.json", json.dumps(proof)),
        ("badge.json", json.dumps(credential)),
    ):
        (folder / name).write_text(content)
    (folder / "file").write_bytes(body)
    command = [sys.executable, "-I", "-S", "check.py", "proof.json", "badge.json", "file"]
    done = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False)
    said: dict[str, bool] = json.loads(done.stdout.replace("'", '"').lower())
    assert (done.stderr, done.returncode) == ("", 0 if all(said.values()) else 1)
    return said


def proof_of(award: Award, body: bytes) -> dict[str, Any]:
    """As its earner gets it from her page."""
    answer = signed_in(award.earner).post(
        f"/badges/{award.pk}/prove/", {"file": SimpleUploadedFile("x", body)}
    )
    assert answer.status_code == 200, answer.content
    return dict(json.loads(answer.content))


def with_plan(people: People) -> Submission:
    """A draft with one plan."""
    draft = workflow.enrol(people.educator, factories.published(people.northfield))
    workflow.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    factories.kept(draft, PLAN, "application/pdf", "plan.pdf")
    return draft


ALL = {"file": True, "tree": True, "badge": True}


def test_what_was_carried_into_a_further_attempt_is_proved_with_the_badge_of_that_one(
    people: People, tmp_path: Path
) -> None:
    """Also after the file was deleted everywhere; and the lines notice another file, another tree and another badge."""
    first = workflow.submit(with_plan(people), people.educator, ["privacy"])
    second = workflow.resubmit(factories.reviewed(first, people.assessor, below="growth"), people.educator)
    note = "I wrote about growth anew."
    workflow.save(
        second, people.educator, revision=second.revision, answers=factories.ANSWERS, resubmission_note=note
    )
    factories.kept(second, SECOND, "application/pdf", "second.pdf")
    sent = workflow.submit(second, people.educator, ["privacy"])
    read = review.claim(sent, people.assessor)
    scores = {"plan": {"level": 3}, "growth": {"level": 2}}
    review.save(
        read,
        people.assessor,
        revision=0,
        scores=scores,
        strength="A clear plan.",
        next_step="Film one talk.",
    )
    review.complete(read, people.assessor)
    sent.refresh_from_db()
    award = badges.award(sent)
    made = [(proof_of(award, body), body) for body in (PLAN, SECOND)]
    for artifact in (*first.artifacts.all(), *second.artifacts.all()):
        delete_bytes(artifact, None, "consent was withdrawn")
    assert [(proof_of(award, body), body) for body in (PLAN, SECOND)] == made
    proof, credential = made[0][0], award.credential
    assert [holds(tmp_path, one, credential, body) for one, body in made] == [ALL, ALL]
    assert holds(tmp_path, proof, credential, SECOND) == {**ALL, "file": False, "tree": False}
    assert holds(tmp_path, {**proof, "path": proof["path"][1:]}, credential, PLAN) == {**ALL, "tree": False}
    assert holds(tmp_path, proof, {**credential, "relatedResource": []}, PLAN) == {**ALL, "badge": False}
    told = json.dumps(proof)
    salts = [leaf.salt for leaf in sealing.leaves_of(award.submission.manifest if award.submission else {})]
    assert [salt for salt in salts if salt in told] == [proof["salt"]]
    assert set(json.loads(proof["seal"])) == {"format", "root", "manifest", "decision", "record"}


def test_what_was_sealed_in_the_first_format_is_awarded_and_proved(people: People, tmp_path: Path) -> None:
    sent = workflow.submit(with_plan(people), people.educator, ["privacy"])
    held = {name: value for name, value in sent.manifest.items() if name not in ("header", "root")}
    held["format"] = "microcreds-manifest-1"
    Submission.objects.filter(pk=sent.pk).update(manifest=held, seal=sealing.seal_of(held))
    award = badges.award(factories.reviewed(Submission.objects.get(pk=sent.pk), people.assessor))
    assert holds(tmp_path, proof_of(award, PLAN), award.credential, PLAN) == ALL
    client = signed_in(people.educator)
    content = client.get(f"/badges/{award.pk}/bundle.zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert json.loads(archive.read("private/proof-01-assessed.json")) == proof_of(award, PLAN)
        assert json.loads(archive.read("private/manifest.json")) == held
    receipt = client.get(f"/submissions/{sent.pk}/receipt/", {"sha256": sealing.leaves_of(held)[-1].sha256})
    assert (receipt.status_code, len(receipt.context["found"])) == (200, 1)


def test_a_badge_without_evidence_says_why(people: People, tmp_path: Path) -> None:
    award = factories.award(people)
    Award.objects.filter(pk=award.pk).update(origin="granted", seal={}, submission=None)
    award.refresh_from_db()
    words = "no work was assessed here, so there is no file to prove."
    assert words in signed_in(people.educator).get(f"/badges/{award.pk}/prove/").content.decode()
    (tmp_path / "plan.pdf").write_bytes(PLAN)
    with pytest.raises(CommandError, match=words):
        call_command("prove", str(award.pk), str(tmp_path / "plan.pdf"))
    assert proving.pieces(award) == []
