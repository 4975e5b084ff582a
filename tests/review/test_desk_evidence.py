"""What the desk shows of a piece of evidence: what plays everywhere, what can be read in the page, what is gone."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from review import workflow as reviewing
from review.models import Assignment
from submissions import vault, workflow
from submissions.models import Artifact, Content, Preview, Submission
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.work import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


def drawn(artifact: Artifact, *kinds: str) -> None:
    assert artifact.content is not None
    for kind in kinds:
        key = f"{artifact.content.file}-{kind}"
        vault.put(key, io.BytesIO(kind.encode()), artifact.content.wrapped)
        Preview.objects.create(
            content=artifact.content, kind=kind, file=key, content_type="video/mp4", size=len(kind)
        )


def held(people: People, content_type: str, name: str, **content: Any) -> tuple[Client, Assignment, Artifact]:
    draft = workflow.enrol(people.educator, factories.published(people.northfield))
    workflow.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    artifact = factories.kept(draft, b"bytes", content_type, name)
    Content.objects.filter(artifacts=artifact).update(**content)
    sent = Submission.objects.get(pk=workflow.submit(draft, people.educator, ["privacy"]).pk)
    return signed_in(people.assessor), reviewing.claim(sent, people.assessor), artifact


def test_a_recording_plays_in_what_every_browser_knows_with_its_captions(people: People) -> None:
    client, assignment, artifact = held(people, "video/quicktime", "lesson.mov")
    drawn(artifact, "poster", "video_360", "video_720", "captions")
    page = client.get(desk(assignment)).content.decode()
    door = reverse("review-artifact", args=[assignment.pk, artifact.pk])
    order = [page.index(f'src="{door}{part}"') for part in ("video_720/", "")]
    assert order == sorted(order)
    assert f'poster="{door}poster/"' in page
    assert f'<track kind="captions" src="{door}captions/"' in page
    answer: Any = client.get(f"{door}video_720/", follow=True)
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"video_720")
    assert signed_in(people.assessor2).get(f"{door}video_720/").status_code == 404


def test_a_document_can_be_read_in_the_page(people: People) -> None:
    client, assignment, _artifact = held(
        people, "application/msword", "plan.docx", text="First we look.\n<script>alert(1)</script>"
    )
    page = client.get(desk(assignment)).content.decode()
    assert "First we look." in page
    assert "<script>alert(1)" not in page


def test_what_was_deleted_says_so_and_opens_no_more(people: People) -> None:
    client, assignment, artifact = held(people, "image/jpeg", "board.jpg")
    workflow.delete_bytes(
        Artifact.objects.select_related("submission__enrolment__micro_credential").get(pk=artifact.pk),
        None,
        "test",
    )
    page = client.get(desk(assignment)).content.decode()
    door = reverse("review-artifact", args=[assignment.pk, artifact.pk])
    assert ("Deleted when its time was over" in page, f'src="{door}' in page) == (True, False)
    assert client.get(door).status_code == 404
