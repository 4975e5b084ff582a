"""What was sent is fixed: anybody can compute the seal again, and find out whether one file is part of it."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdfium2 import PdfDocument

from accounts.models import User
from catalog.models import MicroCredential
from submissions import merkle, sealing, workflow
from submissions.files import IncomingFile
from submissions.models import Artifact, Submission
from submissions.promise import promised_on
from submissions.workflow.forgetting import delete_bytes
from tests import factories
from tests.papers import pdf
from tests.people import signed_in
from tests.submissions.stories import FULL, decided, submitted

pytestmark = pytest.mark.django_db
SENT = pdf("Maya Rivera")


@pytest.fixture
def educator() -> User:
    return factories.user(name="Maya Rivera")


@pytest.fixture
def unit() -> MicroCredential:
    return factories.published()


@pytest.fixture
def sent(educator: User, unit: MicroCredential) -> Submission:
    """An attempt with a file whose properties named her, so that it was changed by cleaning."""
    draft = workflow.enrol(educator, unit)
    workflow.save(draft, educator, revision=0, answers=FULL)
    upload = IncomingFile([SENT], len(SENT), "maya-rivera.pdf")
    artifact = factories.checked(workflow.add_file(draft, educator, requirement="plan", upload=upload))
    Artifact.objects.filter(pk=artifact.pk).update(coverage="nobody")
    workflow.submit(draft, educator, ["privacy"])
    draft.refresh_from_db()
    return draft


def page(sent: Submission, name: str = "submission-receipt") -> str:
    return reverse(name, args=[sent.pk])


def test_the_seal_can_be_computed_from_the_manifest_alone(sent: Submission) -> None:
    body = signed_in(sent.enrolment.earner).get(page(sent, "submission-manifest")).content
    assert hashlib.sha256(body).hexdigest() == sent.seal
    manifest = json.loads(body)
    assert (manifest["code"], manifest["attempt"], manifest["version"]["number"]) == (sent.code, 1, 1)
    assert [row["key"] for row in manifest["texts"]] == ["context", "growth"]


def test_any_change_breaks_the_seal(sent: Submission) -> None:
    changes: list[dict[str, Any]] = [{"attempt": 2}, {"texts": []}, {"artifacts": []}, {"code": "R-0000000"}]
    for change in changes:
        assert sealing.seal_of({**sent.manifest, **change}) != sent.seal


def test_a_text_is_proved_by_its_salt_and_by_nothing_less(sent: Submission) -> None:
    row = sent.manifest["texts"][0]
    assert sealing.digest(row["salt"], FULL["context"].encode()) == row["digest"]
    assert hashlib.sha256(FULL["context"].encode()).hexdigest() != row["digest"]
    salts = [one["salt"] for one in sent.manifest["texts"] + sent.manifest["artifacts"]]
    assert len(set(salts)) == 3


def test_the_receipt_says_which_of_the_two_a_file_is(sent: Submission) -> None:
    client = signed_in(sent.enrolment.earner)
    artifact = sent.artifacts.get()
    assessed = b"".join(client.get(f"/artifacts/{artifact.pk}/file/", follow=True).streaming_content)  # type: ignore[attr-defined]
    assert assessed != SENT
    answers = [
        client.post(page(sent), {"file": SimpleUploadedFile("x.pdf", body)}).context["found"]
        for body in (SENT, assessed, pdf("Somebody else"))
    ]
    found = [[(one.artifact["artifact"], one.received, one.assessed) for one in answer] for answer in answers]
    assert found == [[(str(artifact.pk), True, False)], [(str(artifact.pk), False, True)], []]


def test_the_root_is_recomputed_as_it_is_written_down(sent: Submission) -> None:
    manifest, row = sent.manifest, sent.manifest["artifacts"][0]
    header = {name: manifest[name] for name in sealing.HEADER}
    assert (
        sealing.digest(manifest["header"]["salt"], sealing.canonical(header)) == manifest["header"]["digest"]
    )
    assert sealing.digest(row["salt"], bytes.fromhex(row["sha256"])) == row["digest"]
    received = row["received"]
    assert sealing.digest(received["salt"], hashlib.sha256(SENT).digest()) == received["digest"]
    leaves = [
        f"header:{manifest['header']['digest']}",
        *(f"text:{one['digest']}" for one in manifest["texts"]),
    ]
    leaves += [f"assessed:{row['digest']}", f"received:{received['digest']}"]
    root = merkle.root_over([leaf.encode() for leaf in leaves]).hex()
    assert (manifest["format"], manifest["root"], sealing.root_of(manifest)) == (
        "microcreds-manifest-2",
        root,
        root,
    )
    told = signed_in(sent.enrolment.earner).get(f"/api/v1/submissions/{sent.pk}/").json()
    assert (told["seal"], told["root"]) == (sent.seal, root)


def test_a_proof_is_of_one_file_and_says_which_of_the_two(sent: Submission) -> None:
    row, root = sent.manifest["artifacts"][0], sent.manifest["root"]
    sent_hash = hashlib.sha256(SENT).hexdigest()
    proofs = [sealing.proof_for(sent.manifest, one) for one in (row["sha256"], sent_hash)]
    assert [one and one["type"] for one in proofs] == ["assessed", "received"]
    found = [[sealing.check(one or {}, sha) for sha in (row["sha256"], sent_hash)] for one in proofs]
    assert found == [[root, ""], ["", root]]
    passed_off = {**(proofs[1] or {}), "type": "assessed"}
    assert sealing.check(passed_off, sent_hash) not in {root, ""}
    assert [sealing.proof_for(sent.manifest, one) for one in ("", "ab" * 32)] == [None, None]


def test_what_was_sealed_in_the_first_format_is_proved_from_its_digests(sent: Submission) -> None:
    row = {name: value for name, value in sent.manifest["artifacts"][0].items() if name != "received"}
    first = {name: value for name, value in sent.manifest.items() if name not in ("header", "root")}
    first |= {"format": "microcreds-manifest-1", "artifacts": [row]}
    proof = sealing.proof_for(first, row["sha256"])
    assert proof is not None
    assert sealing.check(proof, row["sha256"]) == sealing.root_of(first) != ""
    assert sealing.proof_for(first, row["received_sha256"]) is None
    assert sealing.root_of({"artifacts": [{"artifact": "x", "sha256": "ab" * 32}]}) == ""


def test_deleting_a_file_and_closing_the_account_leave_the_proof_of_the_rest(sent: Submission) -> None:
    artifact, root = sent.artifacts.get(), sent.manifest["root"]
    proof = sealing.proof_for(sent.manifest, artifact.sha256)
    delete_bytes(artifact, None, "test")
    sent.refresh_from_db()
    assert (sent.artifacts.get().state, sealing.proof_for(sent.manifest, artifact.sha256)) == (
        "deleted",
        proof,
    )
    bare = sealing.nameless(sent)
    assert (bare["artifacts"][0]["name"], sealing.seal_of(bare) != sent.seal) == ("", True)
    assert (sealing.root_of(bare), sealing.proof_for(bare, artifact.sha256)) == (root, proof)


@pytest.mark.parametrize("asked", ["x", "ab" * 31, "zz" * 32])
def test_a_hash_that_is_none_is_said_to_be_none(sent: Submission, asked: str) -> None:
    answer = signed_in(sent.enrolment.earner).get(page(sent), {"sha256": asked})
    assert (answer.status_code, answer.context["problem"][:9]) == (400, "A SHA-256")


def test_the_pdf_lists_every_file_with_both_hashes_and_the_date(sent: Submission) -> None:
    body = signed_in(sent.enrolment.earner).get(page(sent, "submission-receipt-file")).content
    text = "".join(one.get_textpage().get_text_range() for one in PdfDocument(io.BytesIO(body)))
    squeezed = "".join(text.split())
    artifact = sent.artifacts.get()
    root = sent.manifest["root"]
    for part in (sent.code, "maya-rivera.pdf", artifact.sha256, artifact.received_sha256, sent.seal, root):
        assert part in squeezed
    assert b"/MarkInfo" in body or b"/StructTreeRoot" in body


def test_names_in_any_letters_get_a_receipt(sent: Submission) -> None:
    row = {**sent.manifest["artifacts"][0], "name": '教案 #strong[x] \\ "q" 🎒 تقرير.pdf'}
    Submission.objects.filter(pk=sent.pk).update(manifest={**sent.manifest, "artifacts": [row]})
    answer = signed_in(sent.enrolment.earner).get(page(sent, "submission-receipt-file"))
    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")


def test_a_draft_has_no_receipt_and_taking_back_ends_it(educator: User, unit: MicroCredential) -> None:
    submission = submitted(educator, unit)
    client = signed_in(educator)
    assert client.get(page(submission)).status_code == 200
    workflow.withdraw(submission, educator)
    submission.refresh_from_db()
    assert client.get(page(submission)).status_code == 404
    assert (submission.seal, submission.promised_on) == ("", None)


def test_the_next_attempt_tells_what_is_unchanged(educator: User, unit: MicroCredential) -> None:
    first = decided(educator, unit, below="plan")
    second = workflow.resubmit(first, educator)
    kept = second.artifacts.get()
    assert (kept.origin, kept.before_id) == ("unchanged", first.artifacts.get().pk)
    workflow.add_text(second, educator, requirement="plan", text="A new one.")
    assert [one.origin for one in second.artifacts.all()] == ["unchanged", "new"]
    workflow.remove_artifact(kept, educator)
    workflow.add_text(second, educator, requirement="plan", text="In its place.")
    told = [(one.origin, one.before_id) for one in second.artifacts.all()]
    assert told == [("new", None), ("replaced", first.artifacts.get().pk)]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 20, 9, tzinfo=UTC), date(2026, 12, 4)),  # a Friday
        (datetime(2026, 11, 22, 9, tzinfo=UTC), date(2026, 12, 4)),  # a Sunday
        (datetime(2026, 12, 24, 23, 59, tzinfo=UTC), date(2027, 1, 7)),
    ],
)
def test_the_promise_counts_business_days(moment: datetime, day: date) -> None:
    assert promised_on(moment) == day


def test_sealed_before_there_was_a_seal(sent: Submission) -> None:
    held: Any = [{"artifact": "x", "name": "old.pdf", "size": 3, "sha256": "ab" * 32}]
    Submission.objects.filter(pk=sent.pk).update(manifest=held, seal="")
    answer = signed_in(sent.enrolment.earner).get(page(sent), {"sha256": "ab" * 32})
    assert (answer.status_code, len(answer.context["found"])) == (200, 1)
