"""Pages under hostile input: no server error, a page with words, and the same safety headers on every answer."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from django.core import mail
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client
from django.urls import reverse

from badges import workflow as badges
from journal.workflow import record
from notifications import workflow as notifications
from notifications.models import Message
from tests import factories
from tests.doors import PERSONS, TABLE
from tests.looking import EVERYTHING, some, watched
from tests.people import cast
from tests.test_access import World, address, make_world, visitor

CLOSED = ("in", "401", "403", "404")
TEXTS = (
    "", "\0", "a\0b", "-1", "9" * 40, "1e9", "'\"><script>alert(1)</script>", "../../etc/passwd", "x" * 3000,
    "\ud7ff\uffff", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-45", "NaN", "//evil.test",
    "javascript:alert(1)", "https://evil.test/", "%00", "%ff", "\r\nSet-Cookie: a=b",
)  # fmt: skip
# What pages read from the query string, and what they do not.
NAMES = (
    "q", "cursor", "after", "before", "at", "page", "tab", "district", "next", "role", "topic", "hours", "download",
)  # fmt: skip
RAW = ("?%00=%00", "?q=%ff%fe", "?&&&==", "?" + "a=1&" * 990, "?q[]=1&q[]=2", "?next=%0d%0aX:%20y")
READ = {
    "explore": ("q", "cursor", "sort"),
    "issuer": ("cursor",),
    "notifications": ("before",),
    "awards-issued": ("before", "at", "before=2026-01-01T00:00:00Z&at"),
    "organization": ("page",),
    "reports": ("district",),
    "review-queue": ("after",),
    "review-completed": ("after",),
    "review-desk": ("tab",),
}
MEGABYTE = "word " * 200_000
WRITTEN = ("a\0b", MEGABYTE, "", "9" * 40, "<script>")
# The fields of every form, by the beginning of its route's name.
FIELDS: dict[str, tuple[str, ...]] = {
    "submission-self-rating": ("context", "plan", "growth"),
    "submission": ("revision", "answers.context", "answers.growth", "title-plan", "link-plan", "text-plan", "target_date", "at"),
    "artifact": ("revision", "answers.context", "title-plan", "link-plan", "text-plan", "target_date"),
    "enrolment-target": ("target_date",),
    "enrolment-plan": ("act", "target_date", "part-1", "part-2", "part-3", "submit", "reminders"),
    "review": ("revision", "level-context", "level-plan", "feedback-plan", "strength", "next_step", "private_note", "reason", "tab"),
    "badge": ("visibility", "name_shown", "organization", "end", "reason"),
    "organization": ("email", "role"),
    "ask": ("text", "reply_to"),
    "notification-preferences": ("mail",),
    "account": ("name", "job_roles", "grade_bands", "subjects", "state", "language", "time_zone", "skip"),
    "verify": ("credential",),
}  # fmt: skip
FILLED = {
    "revision": "0", "email": "a@b.test", "role": "educator", "reply_to": "a@b.test", "text": "A question?",
    "act": "target", "visibility": "private", "language": "en", "time_zone": "UTC", "reason": "other",
}  # fmt: skip


class Page(NamedTuple):
    """A route of ours that answers people."""

    name: str
    person: str


def pages(*methods: str) -> list[Page]:
    """Each with the first person who gets in, by the table of `test_access`."""
    found = []
    for name, row in TABLE.items():
        answers = dict(zip(PERSONS, row.answers.split(), strict=True))
        inside = [person for person, answer in answers.items() if answer not in CLOSED]
        if row.method in methods and not name.startswith("api-") and name != "artifact-upload":
            found += [Page(name, person) for person in inside[:1]]
    return found


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def crashes(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What went wrong inside, for the message of a failing test."""
    caplog.set_level(logging.CRITICAL)
    seen: list[str] = []

    def note(**_signal: Any) -> None:
        seen.append(logging.Formatter().formatException(sys.exc_info())[-700:])

    got_request_exception.connect(note)
    yield seen
    got_request_exception.disconnect(note)


def get(client: Client, url: str) -> Any:
    with transaction.atomic():
        answer = client.get(url)
        transaction.set_rollback(True)
    return answer


def post(client: Client, url: str, data: dict[str, Any]) -> Any:
    with transaction.atomic():
        answer = client.post(url, data)
        transaction.set_rollback(True)
    return answer


def unsafe(answer: Any) -> str:
    """What is wrong with an answer, or nothing: a server error, a missing safety header, a way to another host."""
    if answer.status_code >= 500:
        return str(answer.status_code)
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        return "may be sniffed"
    if "Content-Security-Policy" not in answer.headers:
        return "no policy"
    if (target := answer.headers.get("Location", "/")) and not (
        target.startswith("/") and not target.startswith("//")
    ):
        return f"leads to {target}"
    return "" if "Set-Cookie" not in answer.headers else "a header came through"


@pytest.mark.parametrize("page", pages("GET"), ids=lambda page: page.name)
def test_query_strings(world: World, crashes: list[str], page: Page) -> None:
    """Some of the texts in each page. One that never looked at a query gives the same answer to all of them."""
    client, url = visitor(world, page.person), address(page.name, world.ids)

    def faults(queries: Iterable[str]) -> list[tuple[str, str, list[str]]]:
        found = ((query[:60], unsafe(get(client, url + query))) for query in queries)
        return [(query, words, crashes[-1:]) for query, words in found if words]

    with watched() as looks:
        assert faults(RAW[:1]) == []
    if looks.query:
        hostile = [quote(text, errors="replace") for text in some(TEXTS, page.name, 7)]
        names = sorted({*NAMES, *looks.query} - {EVERYTHING})
        assert faults(RAW[1:]) == []
        assert faults("?" + "&".join(f"{name}={text}" for name in names) for text in hostile) == []
        assert faults(f"?{name}={text}" for name in READ.get(page.name, ()) for text in hostile) == []


FORMS = [*pages("POST"), *(page for page in pages("GET") if page.name in {
    "account", "account-question", "ask-issuer", "ask-platform", "badge-revoke", "enrolment-leave", "enrolment-plan", "invitation",
    "notification-preferences", "organization", "review-desk", "submission", "submission-self-rating",
    "verify",
})]  # fmt: skip


@pytest.mark.parametrize("page", FORMS, ids=lambda page: page.name)
def test_every_field_of_every_form(world: World, crashes: list[str], page: Page) -> None:
    """Each that the page looks for with some of the texts, and much that it does not know."""
    client, url = visitor(world, page.person), address(page.name, world.ids)
    listed = next((fields for start, fields in FIELDS.items() if page.name.startswith(start)), ())
    with watched() as looks:
        first = unsafe(post(client, url, FILLED))
    assert (first, crashes) == ("", [])
    names = looks.among(listed) or sorted(looks.body - {EVERYTHING})
    sent = [
        ("more", MEGABYTE),
        *((name, text) for name in names for text in some(WRITTEN, page.name + name, 2)),
    ]
    faults = [
        (name, text[:12], found, crashes[-1:])
        for name, text in sent
        if (found := unsafe(post(client, url, {**FILLED, name: text})))
    ]
    assert faults == []


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
@pytest.mark.parametrize(
    "text", ["\0", "a\0b@example.test", MEGABYTE, "x" * 300 + "@example.test", "a@b.test\r\nBcc: c@d.test"]
)
def test_the_doors_to_an_account(db: None, crashes: list[str], name: str, text: str) -> None:
    for field in ("login", "email", "password", "password1", "next", "remember"):
        data = {
            "login": "a@b.test",
            "email": "a@b.test",
            "password": "x",
            "password1": "correct horse battery",
            field: text,
        }
        answer = post(Client(raise_request_exception=False), reverse(name), data)
        assert (answer.status_code < 500, crashes) == (True, [])


# They change nothing, or are for programs, so they need no token.
UNGUARDED = {"verify", "badge-person", "oauth2_provider:dcr-register"}


@pytest.mark.parametrize("page", FORMS, ids=lambda page: page.name)
def test_a_forged_form_is_refused_with_a_page_of_words(world: World, page: Page) -> None:
    client = visitor(world, page.person, enforce_csrf_checks=True)
    with transaction.atomic():
        answer = client.post(
            address(page.name, world.ids), {"revision": "0"}, headers={"Referer": "https://evil.test/"}
        )
        transaction.set_rollback(True)
    if page.name in UNGUARDED:
        assert answer.status_code == 400
    else:
        assert (answer.status_code, "<h1" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing/",
        "/badges/x/",
        "/%00",
        "/%ff/",
        "/submissions/%00/",
        "/micro-credentials/a%00b/",
        "/help/nothing/",
        "/static/../x",
        "/my",
    ],
)
def test_addresses_that_are_none(db: None, crashes: list[str], path: str) -> None:
    answer = get(Client(raise_request_exception=False), path)
    assert (answer.status_code in {301, 404}, unsafe(answer), crashes) == (True, "", [])


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "BREW", "TRACE", "OPTIONS"])
def test_methods_that_no_page_knows(world: World, crashes: list[str], method: str) -> None:
    faults = []
    for page in some(pages("GET", "POST"), method, 40):
        client = visitor(world, page.person)
        with transaction.atomic():
            answer = client.generic(
                method, address(page.name, world.ids), b"{}", content_type="application/json"
            )
            transaction.set_rollback(True)
        if unsafe(answer):
            faults.append((page.name, unsafe(answer), crashes[-1:]))
    assert faults == []


def test_error_pages_have_the_same_policy(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    policy = client.get("/help/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert client.get("/nothing/").headers["Content-Security-Policy"] == policy
    monkeypatch.setattr("microcreds.help.render", None)
    broken = client.get("/help/")
    assert (broken.status_code, broken.headers["Content-Security-Policy"]) == (500, policy)
    assert "Something went wrong on our side" in broken.content.decode()


def test_names_with_markup_are_text_everywhere(db: None) -> None:
    people, markup = cast(), "Tom & <script>alert(1)</script> Jerry’s"
    for organisation in (people.northfield, people.riverbend, people.oak):
        organisation.name = markup
        organisation.save()
    for person in (people.educator, people.assessor, people.district_admin):
        person.name = markup
        person.save()
    unit = factories.published(
        people.northfield, title=markup, summary=markup, competency=markup, rationale=markup
    )
    award = factories.award(people, unit, visibility="public")
    badges.share_with(award, people.educator, people.riverbend)
    notifications.notify(
        record("test", award), people.educator, "earned", {"micro_credential": markup, "issuer": markup}
    )
    notifications.send(Message.objects.get())
    told = [str(mail.outbox[0].message().get_payload(1))]
    doors = {
        people.educator: ["/", "/my/", "/account/", "/notifications/", "/explore/?q=tom", f"/micro-credentials/{unit.slug}/",
                          f"/submissions/{award.submission_id}/", f"/badges/{award.pk}/", f"/badges/{award.pk}.svg"],
        people.district_admin: ["/organizations/riverbend/", "/reports/"],
        people.approver: ["/review/completed/", "/badges/issued/"],
    }  # fmt: skip
    for person, paths in doors.items():
        client = Client()
        client.force_login(person)
        told += [client.get(path).content.decode() for path in paths]
    told = [
        re.sub(r"<!\[CDATA\[.*?\]\]>", "", text, flags=re.DOTALL) for text in told
    ]  # a badge inside its drawing
    assert [text[:200] for text in told if "<script>alert" in text or "&amp;amp;" in text] == []
