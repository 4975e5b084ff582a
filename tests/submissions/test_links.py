"""A link is evidence by its copy: made when it is added, made again on demand, and read instead of the live page."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from catalog.models import MicroCredential, Version
from journal.workflow import GuardError, TransitionError
from review import queries as review
from review import workflow as reviewing
from submissions import capture, workflow
from submissions.models import Artifact, Content, Submission
from tests import factories
from tests.submissions.rude import Server
from tests.submissions.stories import FULL

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture(autouse=True)
def reachable(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own server is the public network here."""
    monkeypatch.setattr(capture, "PUBLIC", server.reach())


@pytest.fixture
def educator() -> User:
    return factories.user()


@pytest.fixture
def unit() -> MicroCredential:
    return factories.published()


@pytest.fixture
def draft(educator: User, unit: MicroCredential) -> Submission:
    draft = workflow.enrol(educator, unit)
    workflow.save(draft, educator, revision=0, answers=FULL)
    return draft


def link(draft: Submission, server: Server, path: str) -> Artifact:
    """One that was looked at in the background."""
    url = f"http://docs.example:{server.port}{path}"
    return factories.checked(workflow.add_link(draft, draft.enrolment.earner, requirement="plan", url=url))


def test_what_lies_there_becomes_the_copy_that_is_sealed(draft: Submission, server: Server) -> None:
    row = link(draft, server, "/page")
    assert (row.state, row.content_type, row.sealed) == ("ready", "text/plain", True)
    assert row.content is not None
    workflow.submit(draft, draft.enrolment.earner, ["privacy"])
    draft.refresh_from_db()
    sealed = draft.manifest["artifacts"][0]
    assert (sealed["sha256"], sealed["sealed"]) == (row.sha256, True)
    assert sealed["captured_at"] == row.captured_at.isoformat()  # type: ignore[union-attr]


def test_assessors_read_the_copy_and_have_no_way_to_the_live_page(draft: Submission, server: Server) -> None:
    row = link(draft, server, "/page")
    workflow.submit(draft, draft.enrolment.earner, ["privacy"])
    assessor = factories.user()
    factories.member(assessor, draft.enrolment.micro_credential.issuer, "assessor")
    assignment = reviewing.claim(draft, assessor)
    client = Client()
    client.force_login(assessor)
    page = client.get(reverse("review-desk", args=[assignment.pk])).content.decode()
    assert row.url not in page
    answer: Any = client.get(reverse("review-artifact", args=[assignment.pk, row.pk]), follow=True)
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == row.sha256


def test_what_cannot_be_copied_stays_a_link_and_says_so(draft: Submission, server: Server) -> None:
    row = link(draft, server, "/status/404")
    assert (row.state, row.sealed, row.content_id) == ("ready", False, None)
    assert row.problem != ""
    workflow.submit(draft, draft.enrolment.earner, ["privacy"])
    draft.refresh_from_db()
    assert [one["sealed"] for one in draft.manifest["artifacts"]] == [False]
    assert [one.look for one in review.evidence(draft)] == ["link"]


def test_where_only_sealed_evidence_counts_it_is_refused(draft: Submission, server: Server) -> None:
    Version.objects.filter(pk=draft.enrolment.version_id).update(sealed_only=True)
    row = link(draft, server, "/status/404")
    assert row.state == "rejected"
    with pytest.raises(GuardError) as refusal:
        workflow.submit(draft, draft.enrolment.earner, ["privacy"])
    assert list(refusal.value.errors) == ["plan"]


def test_a_private_address_is_never_asked(
    draft: Submission, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "PUBLIC", capture.Reach())
    before = len(server.seen)
    url = f"http://127.0.0.1:{server.port}/page"
    row = factories.checked(workflow.add_link(draft, draft.enrolment.earner, requirement="plan", url=url))
    assert (row.sealed, len(server.seen)) == (False, before)


def test_a_fresh_copy_takes_the_place_of_the_old_one(draft: Submission, server: Server) -> None:
    row = link(draft, server, "/page")
    workflow.retry(related(row), draft.enrolment.earner)
    row.refresh_from_db()
    assert (row.state, row.content_id, Content.objects.count()) == ("received", None, 0)
    again = factories.checked(row)
    assert (again.state, again.sealed) == ("ready", True)


def test_after_submitting_the_copy_stands(draft: Submission, server: Server) -> None:
    row = link(draft, server, "/page")
    workflow.submit(draft, draft.enrolment.earner, ["privacy"])
    with pytest.raises(TransitionError):
        workflow.retry(related(row), draft.enrolment.earner)
    row.refresh_from_db()
    assert row.state == "ready"


def related(row: Artifact) -> Artifact:
    """As the doors fetch it."""
    return Artifact.objects.select_related("submission__enrolment__micro_credential").get(pk=row.pk)
