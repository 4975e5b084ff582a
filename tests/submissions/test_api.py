"""The REST door: the same verbs, problem JSON, raw uploads."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.models import User
from catalog.models import MicroCredential
from submissions import workflow
from submissions.models import Artifact, Submission
from tests import factories
from tests.submissions import samples
from tests.submissions.stories import PDF, complete, decided

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


@pytest.fixture
def educator() -> User:
    return factories.user()


@pytest.fixture
def unit() -> MicroCredential:
    return factories.published()


@pytest.fixture
def api(educator: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=educator).key}")
    return client


def at(submission: Submission, verb: str = "") -> str:
    return f"{ROOT}/submissions/{submission.pk}/{verb}"


def upload(
    api: APIClient, submission: Submission, body: bytes, name: str = "plan.pdf", **headers: Any
) -> Any:
    address = at(submission, "artifacts/file/?requirement=plan")
    return api.put(address, body, content_type="application/octet-stream", HTTP_X_FILE_NAME=name, **headers)


def test_from_enrolment_to_the_next_attempt(api: APIClient, educator: User, unit: MicroCredential) -> None:
    enrolment = api.post(f"{ROOT}/enrollments/", {"micro_credential": unit.slug, "target_date": "2027-01-31"})
    assert enrolment.status_code == 201
    assert (enrolment.data["micro_credential"], enrolment.data["target_date"]) == (unit.slug, "2027-01-31")
    draft = Submission.objects.get(pk=enrolment.data["submission"])
    saved = api.patch(
        at(draft),
        {
            "revision": 0,
            "answers": {"context": "Twenty six children"},
            "answers.growth": "I wait much longer",
        },
    )
    assert (saved.status_code, saved.data["revision"], saved.data["state"]) == (200, 1, "draft")
    assert [gap["field"] for gap in api.get(at(draft)).data["missing"]] == ["plan"]
    assert upload(api, draft, PDF, "Gr%C3%B6%C3%9Fe.pdf").data["name"] == "Größe.pdf"
    factories.checked(Artifact.objects.get())
    assert (
        api.post(
            at(draft, "artifacts/"), {"kind": "link", "requirement": "plan", "url": "https://example.org/x"}
        ).status_code
        == 201
    )
    factories.checked(Artifact.objects.get(kind="link"))
    assert [one["kind"] for one in api.get(at(draft, "artifacts/")).data] == ["file", "link"]
    sent = api.post(at(draft, "submit/"), {"attestations": ["privacy"]})
    assert (sent.status_code, sent.data["state"], len(sent.data["manifest"]["artifacts"])) == (
        200,
        "submitted",
        2,
    )
    assert api.post(at(draft, "withdraw/")).data["state"] == "draft"


def test_a_stale_save_answers_409_with_what_is_stored(
    api: APIClient, educator: User, unit: MicroCredential
) -> None:
    draft = workflow.enrol(educator, unit)
    workflow.save(draft, educator, revision=0, answers={"context": "stored"})
    answer = api.patch(at(draft), {"revision": 0, "answers.context": "mine"})
    assert answer.status_code == 409
    assert (answer["Content-Type"], answer.data["revision"], answer.data["state"]) == (
        "application/problem+json",
        1,
        "draft",
    )
    assert (
        answer.data["current"]["answers.context"] == answer.data["current"]["answers"]["context"] == "stored"
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"revision": 0, "answers.context": "a\x00b"}, "context"),
        ({"revision": 0, "answers": {"context": "x" * 1_000_000}}, "context"),
        ({"revision": 0, "resubmission_note": "a\x00b"}, "resubmission_note"),
        ({"answers": {}}, "revision"),
        ({"revision": 0, "answers": ["x"]}, "answers"),
    ],
)
def test_bad_text_is_a_400_on_its_field(
    api: APIClient, educator: User, unit: MicroCredential, body: Any, field: str
) -> None:
    answer = api.patch(at(workflow.enrol(educator, unit)), body)
    assert (answer.status_code, list(answer.data["errors"])) == (400, [field])


def test_bad_json_and_a_huge_body(api: APIClient, educator: User, unit: MicroCredential) -> None:
    draft = workflow.enrol(educator, unit)
    assert api.patch(at(draft), "{nonsense", content_type="application/json").status_code == 400
    assert api.patch(at(draft), "[1, 2]", content_type="application/json").status_code == 400
    huge = api.patch(at(draft), b"{}", content_type="application/json", CONTENT_LENGTH=str(50 * 1024**2))
    assert huge.status_code == 413


@pytest.mark.parametrize(
    ("body", "name", "status"),
    [
        (b"", "plan.pdf", 400),
        (samples.BAD["page.html"], "page.html", 400),
        (samples.BAD["drawing.svg"], "a.svg", 400),
    ],
)
def test_a_refused_file_answers_with_words_on_file(
    api: APIClient, educator: User, unit: MicroCredential, body: bytes, name: str, status: int
) -> None:
    answer = upload(api, workflow.enrol(educator, unit), body, name)
    assert (answer.status_code, list(answer.data["errors"])) == (status, ["file"])


def test_five_gigabytes_are_a_413_before_reading(
    api: APIClient, educator: User, unit: MicroCredential
) -> None:
    answer = upload(api, workflow.enrol(educator, unit), b"x", CONTENT_LENGTH=str(5 * 1024**3))
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")


def test_an_upload_is_the_bytes_and_nothing_else(
    api: APIClient, educator: User, unit: MicroCredential
) -> None:
    draft = workflow.enrol(educator, unit)
    form = api.put(at(draft, "artifacts/file/?requirement=plan"), {"file": "x"}, format="multipart")
    assert form.status_code == 415
    assert upload(api, draft, PDF).status_code == 201
    assert api.put(at(draft, "artifacts/file/?requirement=none"), PDF, content_type="application/pdf").data[
        "errors"
    ] == {"requirement": ["There is no such requirement."]}


def test_submitting_too_early_names_the_fields_and_twice_is_409(
    api: APIClient, educator: User, unit: MicroCredential
) -> None:
    draft = workflow.enrol(educator, unit)
    answer = api.post(at(draft, "submit/"), {})
    assert (answer.status_code, sorted(answer.data["errors"])) == (
        400,
        ["attest-privacy", "context", "growth", "plan"],
    )
    other = complete(educator, factories.published())
    assert api.post(at(other, "submit/"), {"attestations": ["privacy"]}).status_code == 200
    answer = api.post(at(other, "submit/"), {"attestations": ["privacy"]})
    assert (answer.status_code, answer.data["state"]) == (409, "submitted")


def test_an_outcome_and_the_next_attempt(api: APIClient, educator: User, unit: MicroCredential) -> None:
    first = decided(educator, unit, below="plan")
    data = api.get(at(first)).data
    assert [(one["criterion"], one["level_title"], one["passed"]) for one in data["outcomes"]] == [
        ("context", "Passing", True),
        ("plan", "Basic", False),
        ("growth", "Passing", True),
    ]
    second = api.post(at(first, "resubmit/"))
    assert (second.status_code, second.data["attempt"], second.data["state"]) == (201, 2, "draft")


def test_evidence_can_be_removed_and_a_date_changed(
    api: APIClient, educator: User, unit: MicroCredential
) -> None:
    draft = complete(educator, unit)
    artifact = draft.artifacts.get()
    assert api.get(f"{ROOT}/artifacts/{artifact.pk}/").data["text"] == artifact.text
    assert api.delete(f"{ROOT}/artifacts/{artifact.pk}/").status_code == 204
    address = f"{ROOT}/enrollments/{draft.enrolment_id}/"
    assert api.patch(address, {"target_date": None}).data["target_date"] is None
    assert api.patch(address, {"target_date": "2000-01-01"}).status_code == 400
    assert api.post(f"{address}leave/").data["state"] == "left"


def test_others_see_nothing_and_strangers_are_asked_to_sign_in(api: APIClient, unit: MicroCredential) -> None:
    theirs = complete(factories.user(), unit)
    for path in ("", "artifacts/"):
        assert api.get(at(theirs, path)).status_code == 404
    for verb in ("submit/", "withdraw/", "resubmit/"):
        assert api.post(at(theirs, verb), {}).status_code == 404
    assert api.patch(at(theirs), {"revision": 1}).status_code == 404
    assert upload(api, theirs, PDF).status_code == 404
    assert api.get(f"{ROOT}/submissions/").data["results"] == []
    assert APIClient().get(at(theirs)).status_code == 401


def test_a_session_needs_its_csrf_token(educator: User, unit: MicroCredential) -> None:
    draft = workflow.enrol(educator, unit)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(educator)
    assert strict.patch(at(draft), {"revision": 0}, content_type="application/json").status_code == 403
    strict.get(f"/submissions/{draft.pk}/")
    token = strict.cookies["csrftoken"].value
    raw = strict.put(
        at(draft, "artifacts/file/?requirement=plan"),
        PDF,
        content_type="application/pdf",
        HTTP_X_CSRFTOKEN=token,
    )
    assert raw.status_code == 201


@pytest.mark.parametrize("path", ["submissions", "enrollments"])
def test_lists_stay_flat(api: APIClient, educator: User, unit: MicroCredential, path: str) -> None:
    numbers = []
    for _more in range(3):
        workflow.enrol(educator, factories.published())
        with CaptureQueriesContext(connection) as queries:
            assert len(api.get(f"{ROOT}/{path}/").data["results"]) == _more + 1
        numbers.append(len(queries))
    assert numbers == [2, 2, 2]
