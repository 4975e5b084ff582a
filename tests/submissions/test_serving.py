"""Kept files reach whoever may see them, for a while, in pieces, and nobody else."""

from __future__ import annotations

import io
from typing import Any
from urllib.request import Request, urlopen

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from microcreds import environment
from submissions import serving, vault, workflow
from submissions.models import Artifact, Content, Preview, Submission
from tests import factories, stores

pytestmark = pytest.mark.django_db
BODY = bytes(range(256)) * 600  # over two sealed chunks


@pytest.fixture
def draft() -> Submission:
    return workflow.enrol(factories.user("maker@example.test"), factories.published())


@pytest.fixture
def held(draft: Submission) -> Artifact:
    return factories.kept(draft, BODY, "audio/wav", "Größe „1“.wav")


@pytest.fixture
def maker(held: Artifact) -> Client:
    client = Client()
    client.force_login(held.submission.enrolment.earner)
    return client


def door(artifact: Artifact) -> str:
    return reverse("artifact-file", args=[artifact.pk])


def fetch(client: Client, url: str, **headers: str) -> tuple[Any, bytes]:
    answer: Any = client.get(url, headers=headers, follow=True)
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_file_comes_privately_and_without_scripts(maker: Client, held: Artifact) -> None:
    answer, body = fetch(maker, door(held))
    assert body == BODY
    headers = {name: answer[name] for name in ("Content-Type", "Content-Length", "Cache-Control")}
    assert headers == {
        "Content-Type": "audio/wav", "Content-Length": str(len(BODY)), "Cache-Control": "private, no-store",
    }  # fmt: skip
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''Gr%C3%B6%C3%9Fe")
    assert held.content is not None
    assert held.content.file not in str(answer.redirect_chain)


@pytest.mark.parametrize(
    ("asked", "span"),
    [("bytes=0-0", (0, 1)), ("bytes=65530-65545", (65530, 65546)), ("bytes=-4", (-4, None)), ("bytes=153000-999999", (153000, None))],
)  # fmt: skip
def test_recordings_come_in_ranges(maker: Client, held: Artifact, asked: str, span: Any) -> None:
    answer, body = fetch(maker, door(held), range=asked)
    assert (answer.status_code, body) == (206, BODY[slice(*span)])


@pytest.mark.parametrize(
    ("asked", "status"),
    [("bytes=153600-", 416), ("bytes=9-3", 416), ("bytes=0-1,4-5", 200), ("lines=1-2", 200)],
)
def test_odd_ranges(maker: Client, held: Artifact, asked: str, status: int) -> None:
    assert fetch(maker, door(held), range=asked)[0].status_code == status


def test_an_address_is_good_for_one_person_only(maker: Client, held: Artifact) -> None:
    address = maker.get(door(held))["Location"]
    thief = Client()
    thief.force_login(factories.user())
    assert thief.get(address).status_code == 403
    assert Client().get(address)["Location"].startswith("/accounts/login/")
    assert maker.get(address).status_code == 200


def test_a_changed_address_does_not_exist(maker: Client, held: Artifact) -> None:
    address = maker.get(door(held))["Location"]
    assert maker.get(address[:-1] + ("A" if address[-1] != "A" else "B")).status_code == 404
    other = signing.dumps({"artifact": str(held.pk)}, salt="another")
    assert maker.get(reverse("evidence", args=[other])).status_code == 404


def test_an_address_whose_time_is_over_leads_back_to_its_door(
    maker: Client, held: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = maker.get(door(held))["Location"]
    monkeypatch.setattr(serving, "SECONDS", -1)
    assert maker.get(address)["Location"] == door(held)


@pytest.mark.parametrize("state", ["quarantined", "deleted", "rejected", "checking"])
def test_what_is_closed_is_closed_at_once(maker: Client, held: Artifact, state: str) -> None:
    address = maker.get(door(held))["Location"]
    assert maker.get(address).status_code == 200
    Artifact.objects.filter(pk=held.pk).update(state=state)
    assert (maker.get(address).status_code, maker.get(door(held)).status_code) == (404, 404)


def test_bytes_or_keys_that_are_gone_are_not_found(maker: Client, held: Artifact, draft: Submission) -> None:
    assert held.content is not None
    vault.discard(held.content.file)
    shredded = factories.kept(draft, b"x" * 10, "audio/wav", "b.wav")
    Content.objects.filter(artifacts=shredded).update(secret=b"")
    assert [fetch(maker, door(one))[0].status_code for one in (held, shredded)] == [404, 404]


def test_damaged_bytes_are_not_shown(maker: Client, held: Artifact) -> None:
    assert held.content is not None
    vault.put(held.content.file, io.BytesIO(BODY), vault.new_secret())
    answer, body = fetch(maker, door(held))
    assert (answer.status_code, body[:20]) == (503, b"This file is damaged")


def test_what_a_browser_cannot_show_safely_is_a_download(maker: Client, draft: Submission) -> None:
    text = factories.kept(draft, b"hello", "text/plain", "notes.txt")
    answer, _body = fetch(maker, door(text))
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "text/plain; charset=utf-8", 'attachment; filename="notes.txt"',
    )  # fmt: skip


def test_previews_have_addresses_of_their_own(maker: Client, held: Artifact) -> None:
    assert held.content is not None
    vault.put("evidence/test/poster", io.BytesIO(b"RIFFxxxx"), held.content.wrapped)
    Preview.objects.create(
        content=held.content, kind="poster", file="evidence/test/poster", content_type="image/webp", size=8
    )
    answer, body = fetch(maker, reverse("artifact-preview", args=[held.pk, "poster"]))
    assert (answer.status_code, answer["Content-Type"], body) == (200, "image/webp", b"RIFFxxxx")
    assert fetch(maker, reverse("artifact-preview", args=[held.pk, "video_720"]))[0].status_code == 404


def test_a_proxy_that_reads_the_store_is_told_the_place(maker: Client, held: Artifact, settings: Any) -> None:
    settings.DELIVERY = "accel:/kept/"
    content = held.content
    assert content is not None
    sealed, _body = fetch(maker, door(held))
    assert "X-Accel-Redirect" not in sealed  # a proxy cannot open it
    Content.objects.filter(pk=content.pk).update(secret=None)
    answer, body = fetch(maker, door(held))
    assert (answer["X-Accel-Redirect"], body) == (f"/kept/{content.file}", b"")


def test_an_object_store_hands_its_own_address_over(
    maker: Client, held: Artifact, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stores.CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with stores.moto() as server:
        settings.STORAGES = {**settings.STORAGES, "default": environment.storage(stores.storage_url(server))}
        settings.DELIVERY = "s3"
        assert held.content is not None
        vault.put(held.content.file, io.BytesIO(BODY), None)
        Content.objects.filter(artifacts=held).update(secret=None)
        address = maker.get(maker.get(door(held))["Location"])["Location"]
        with urlopen(Request(address, headers={"Range": "bytes=10-19"})) as answer:
            assert (answer.read(), answer.headers["content-type"]) == (BODY[10:20], "audio/wav")
