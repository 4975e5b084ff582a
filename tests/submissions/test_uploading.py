"""How a file stands on the page, what one can do about it, and all of it without a script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from submissions import vault, workflow
from submissions.files import IncomingFile
from submissions.models import Artifact, Preview, Submission
from submissions.models.evidence import SPOKEN
from tests import factories
from tests.submissions import hostile

pytestmark = pytest.mark.django_db
FETCH = {"X-Requested-With": "fetch"}
VTT = b"WEBVTT\n\n00:00.000 --> 00:01.000\nWhat do you see?\n"


@pytest.fixture
def draft() -> Submission:
    return workflow.enrol(factories.user(), factories.published())


@pytest.fixture
def mine(client: Client, draft: Submission) -> Client:
    client.force_login(draft.enrolment.earner)
    return client


def arrived(draft: Submission, name: str, requirement: str = "plan") -> Artifact:
    """A recording that is here and waits for its check."""
    upload = IncomingFile([hostile.recording(name)], None, name)
    return workflow.add_file(draft, earner(draft), requirement=requirement, upload=upload)


def earner(draft: Submission) -> User:
    return draft.enrolment.earner


def words(response: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", plain)


def standing(client: Client, draft: Submission) -> list[tuple[str, str]]:
    """The states on the page's lists, with what is said about them."""
    page = client.get(reverse("submission-evidence", args=[draft.pk])).content.decode()
    found = re.findall(r'data-state="(\w+)".*?data-standing>.*?<span>(.*?)</span>', page, re.DOTALL)
    return [(state, re.sub(r" ?<a .*", "", said)) for state, said in found]


def test_the_lists_say_how_each_file_stands(mine: Client, draft: Submission) -> None:
    artifact = arrived(draft, "note.wav")
    waits = "It is here and waits to be checked. You can go on; nothing is needed from you."
    assert standing(mine, draft) == [("received", waits)]
    rows = Artifact.objects.filter(pk=artifact.pk)
    rows.update(state="checking", progress=40)
    checked = "It is being checked. You can go on; nothing is needed from you."
    assert standing(mine, draft) == [("checking", checked)]
    page = mine.get(reverse("submission-evidence", args=[draft.pk])).content.decode()
    assert '<progress class="bar" max="100" value="40"' in page
    rows.update(problem_code="waiting", problem="The virus scanner does not answer.")
    assert standing(mine, draft) == [
        ("checking", "The virus scanner does not answer. It is tried again by itself.")
    ]
    rows.update(state="quarantined", problem_code="stopped", problem="A family stopped the use.")
    assert standing(mine, draft) == [("quarantined", "Closed: nobody can open it. A family stopped the use.")]


def test_trying_again_is_offered_only_where_it_may_help(mine: Client, draft: Submission) -> None:
    artifact = arrived(draft, "note.wav")
    rows, again = Artifact.objects.filter(pk=artifact.pk), reverse("artifact-retry", args=[artifact.pk])
    page = reverse("submission", args=[draft.pk])
    rows.update(state="rejected", problem_code="media_damaged", problem="It is damaged.")
    assert again not in mine.get(page).content.decode()
    answer = mine.post(again, headers=FETCH)
    assert answer.status_code == 400
    assert "Trying again would not help here" in words(answer)
    rows.update(problem_code="not-checked")
    assert again in mine.get(page).content.decode()
    assert mine.post(again)["Location"] == f"{page}#requirement-plan"
    assert Artifact.objects.get().state == "received"


def test_captions_are_cleaned_kept_and_exchanged(mine: Client, draft: Submission) -> None:
    artifact = factories.checked(arrived(draft, "note.wav"))
    door = reverse("artifact-captions", args=[artifact.pk])
    for body, said in (
        (None, "Choose a captions file first"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nhello", "These look like SRT captions"),
        (b"WEBVTT\n\nnonsense", "Line 3 of the captions is wrong"),
    ):
        sent = {"captions": SimpleUploadedFile("c.vtt", body)} if body is not None else {}
        answer = mine.post(door, sent, headers=FETCH)
        assert (answer.status_code, said in words(answer)) == (400, True)
    assert not Preview.objects.filter(kind="captions").exists()
    kept = []
    for text in (b"What do you see?", b"<script>x</script>What else?"):
        file = SimpleUploadedFile("c.vtt", VTT.replace(b"What do you see?", text))
        assert mine.post(door, {f"captions-{artifact.pk}": file}, headers=FETCH).status_code == 200
        kept.append(Preview.objects.get(kind="captions"))
    content = artifact.content
    assert content is not None
    read = b"".join(vault.read(kept[1].file, content.wrapped, 0, kept[1].size, kept[1].size))
    assert read == VTT.replace(b"What do you see?", b"xWhat else?")
    assert kept[0].file != kept[1].file


def test_captions_belong_to_recordings_that_are_ready(mine: Client, draft: Submission) -> None:
    artifact = workflow.add_text(draft, earner(draft), requirement="plan", text="First we look.")
    door = reverse("artifact-captions", args=[artifact.pk])
    answer = mine.post(door, {"captions": SimpleUploadedFile("c.vtt", VTT)})
    assert answer.status_code == 400
    assert "Captions can be added to a video or a recording once it is ready." in words(answer)


def test_without_script_a_reflection_is_sent_and_its_place_is_then_full(
    mine: Client, draft: Submission
) -> None:
    page = reverse("submission", args=[draft.pk])
    before = mine.get(page).content.decode()
    assert 'name="file-spoken-reflection"' in before
    voice = SimpleUploadedFile("me.m4a", hostile.recording("note.wav"))
    form = {"revision": "0", f"file-{SPOKEN}": voice, "answers.growth": "I wait longer now"}
    answer = mine.post(reverse("artifact-add", args=[draft.pk]), form)
    assert answer.status_code == 400, "a WAV with a wrong ending is refused in words on its field"
    voice = SimpleUploadedFile("me.wav", hostile.recording("note.wav"))
    form = {"revision": "1", f"file-{SPOKEN}": voice, "answers.growth": "I wait longer now"}
    assert mine.post(reverse("artifact-add", args=[draft.pk]), form).status_code == 302
    assert (Artifact.objects.get().requirement, Artifact.objects.get().state) == (SPOKEN, "received")
    after = mine.get(page)
    assert "Look again" in words(after)
    assert "Part 3: Spoken reflection “me.wav” is still being checked" in words(after)
    assert "That is all this part can hold" in words(after)


def test_removing_in_place_answers_the_lists(mine: Client, draft: Submission) -> None:
    artifact = arrived(draft, "note.wav")
    answer = mine.post(reverse("artifact-delete", args=[artifact.pk]), headers=FETCH)
    assert (answer.status_code, "data-artifact" in answer.content.decode()) == (200, False)
    assert 'id="held-plan"' in answer.content.decode()


def test_the_sign_for_another_device_holds_this_address(mine: Client, draft: Submission) -> None:
    answer = mine.get(reverse("submission-qr", args=[draft.pk]))
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Cache-Control"] == "private, max-age=3600"
    assert answer.content.startswith(b"<svg ")
    assert b"script" not in answer.content
