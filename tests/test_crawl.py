"""Double-blind, judged by a crawler: each side follows every address it is given, and nothing of the other side turns up.

The data carries the other side's markers wherever a person leaves some: names, addresses, organisations, file names,
document properties, EXIF, time zones, earlier attempts, a team, a coach, classes, mails. What a page names (links,
forms, pictures, addresses in its data and in JSON) is fetched as that person; texts, bytes and headers are searched.
"""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pypdfium2
import pytest
from django.test import Client
from PIL import Image

from accounts.models import Membership, Profile, User
from catalog.models import MicroCredential
from journal.models import Entry
from microcreds.celery import app
from microcreds.wiring import WIRING
from notifications.models import Message
from review import workflow
from review.models import Assessment, AssessmentPolicy
from submissions import workflow as submissions
from submissions.files import IncomingFile
from submissions.models import Submission
from tests import factories
from tests.papers import pdf
from tests.people import People, cast, signed_in
from tests.review.work import ALL_PASS, BELOW, fill, scored

pytestmark = pytest.mark.django_db
ADDRESS = re.compile(r"""(?:href|src|action|poster|data-[\w-]+)="(/[^"#]*)""")
IN_JSON = re.compile(r'"(/(?!/)[^"#\s]+|http://testserver/[^"#\s]+)"')
# Signing out ends the crawl, and whole lists of static files and the catalogue lead nowhere new.
LEFT_OUT = re.compile(r"^/(accounts/logout|static|admin|api/(schema|docs)|explore|help|accounts/)")
EVERY_ZONE = re.compile(
    r'<option value="[A-Z]\w+/[^"]+">[^<]*</option>'
)  # the list to choose from, not a choice
MOST = 400
EDUCATOR = [
    "Maya Rivera",
    "Rivera",
    "educator@example.test",
    "Oak School",
    "oak-school",
    "riverbend",
    "Riverbend",
]
EDUCATOR += ["America/Phoenix", "maya-rivera", "Room 12 of Maya", "Tomás", "Okafor", "educator2@example.test"]
ASSESSORS = ["Ingrid", "Vale", "assessor@example.test", "Sam Whitlock", "Whitlock", "assessor2@example.test"]
ASSESSORS += ["Priya", "Nair", "approver@example.test", "Europe/Oslo", "Coastal Academy", "coastal-academy"]


def photo() -> bytes:
    """A picture whose EXIF names its maker and place."""
    exif = Image.Exif()
    exif[0x013B], exif[0x010E] = "Maya Rivera", "Oak School"
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


def attach(draft: Submission, earner: User, body: bytes, name: str) -> None:
    upload = IncomingFile(chunks=[body], size=len(body), name=name)
    factories.checked(submissions.add_file(draft, earner, requirement="plan", upload=upload))


def told() -> None:
    """Everything that follows from the journal, as a worker would do it."""
    app.loader.import_default_modules()
    done: set[Any] = set()
    while entries := [row for row in Entry.objects.order_by("created") if row.pk not in done]:
        for entry in entries:
            done.add(entry.pk)
            for task in WIRING.get(entry.kind, ()):
                app.tasks[task](str(entry.pk))


@pytest.fixture
def people() -> People:
    """Both sides with everything that could betray them."""
    people = cast()
    for person, zone in ((people.educator, "America/Phoenix"), (people.assessor, "Europe/Oslo")):
        Profile.objects.update_or_create(user=person, defaults={"time_zone": zone})
    academy = factories.organisation("coastal-academy", "school", parent=people.hillside)
    for person in (people.assessor, people.assessor2, people.approver):
        factories.member(person, academy, Membership.Role.EDUCATOR)
    return people


def unit_of(people: People) -> MicroCredential:
    return factories.published(people.northfield, slug="crawled", title="Crawled", teams=True)


def first_attempt(people: People, unit: MicroCredential) -> Submission:
    """Not yet, after two readings that differ and an adjudication; with files whose properties tell everything."""
    draft = submissions.enrol(people.educator, unit)
    factories.school_class(people.educator, label="Room 12 of Maya")
    attach(draft, people.educator, pdf("Maya Rivera, Oak School"), "maya-rivera-plan.pdf")
    attach(draft, people.educator, photo(), "maya-rivera-room.jpg")
    submission = fill(draft, people.educator)
    for reader, scores in ((people.assessor, ALL_PASS), (people.assessor2, BELOW)):
        workflow.complete(scored(workflow.claim(submission, reader), scores), reader)
    settled = workflow.begin_adjudication(Assessment.objects.get(submission=submission), people.approver)
    workflow.complete(scored(settled, BELOW), people.approver)
    submission.refresh_from_db()
    return submission


def addresses(answer: Any, body: str) -> Iterator[str]:
    """What a response names."""
    kind = answer.headers.get("Content-Type", "")
    found = IN_JSON.findall(body) if "json" in kind else ADDRESS.findall(body) if "html" in kind else []
    yield from (unescape(one) for one in found)
    if "Location" in answer.headers:
        yield answer["Location"]


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def words_of(answer: Any, body: bytes) -> str:
    """Everything a response says: headers, text, and a document's own text and properties."""
    said = str(dict(answer.headers)) + body.decode("utf-8", "replace") + body.decode("utf-16-le", "ignore")
    if body.startswith(b"%PDF-"):
        paper = pypdfium2.PdfDocument(body)
        said += str(paper.get_metadata_dict())
        said += "".join(page.get_textpage().get_text_bounded() for page in paper)
    return said


def crawl(client: Client, starts: Iterable[str], markers: list[str]) -> tuple[int, list[str]]:
    """How many addresses were seen, and `address: marker` for each marker that turned up."""
    queue, seen, leaks = deque(starts), set(starts), []
    while queue:
        path = queue.popleft()
        answer: Any = client.get(path)
        assert answer.status_code < 500, path
        body = content(answer)
        said = EVERY_ZONE.sub("", words_of(answer, body))
        leaks += [f"{path}: {marker}" for marker in markers if marker in said]
        for found in addresses(answer, body.decode("utf-8", "replace")):
            parts = urlsplit(urljoin(path, found))
            onward = parts.path + (f"?{parts.query}" if parts.query else "")
            if onward not in seen and not LEFT_OUT.match(onward) and parts.netloc in {"", "testserver"}:
                seen.add(onward)
                queue.append(onward)
        assert len(seen) < MOST, "the crawl does not end"
    return len(seen), leaks


def mails_to(*users: User) -> str:
    """What was written to them, context included."""
    rows = Message.objects.filter(user__in=users)
    return " ".join(f"{row.kind} {row.context} {row.url}" for row in rows)


def test_neither_side_finds_the_other(people: People) -> None:
    AssessmentPolicy.objects.create(organisation=people.northfield, double_rate=100)
    unit = unit_of(people)
    first = first_attempt(people, unit)
    second = fill(
        submissions.resubmit(first, people.educator), people.educator, context="A new class this year"
    )
    told()
    workflow.claim(second, people.assessor)
    told()
    for reader in (people.assessor, people.approver):
        starts = [
            "/review/",
            "/review/completed/",
            "/api/v1/reviews/",
            "/api/v1/reviews/mine/",
            "/my/",
            "/notifications/",
        ]
        seen, leaks = crawl(signed_in(reader), starts, EDUCATOR)
        assert (seen > 15, leaks) == (True, []), reader
    starts = [
        "/my/",
        f"/submissions/{first.pk}/",
        f"/submissions/{second.pk}/",
        "/notifications/",
        "/account/",
    ]
    starts += [
        f"/api/v1/submissions/{first.pk}/",
        f"/api/v1/submissions/{second.pk}/",
        "/api/v1/enrollments/",
    ]
    seen, leaks = crawl(signed_in(people.educator), starts, ASSESSORS)
    assert (seen > 25, leaks) == (True, [])
    assert [
        one for one in EDUCATOR if one in mails_to(people.assessor, people.assessor2, people.approver)
    ] == []
    assert [one for one in ASSESSORS if one in mails_to(people.educator)] == []


def test_the_crawler_would_notice(people: People) -> None:
    """The same crawl by somebody who is meant to see the name finds it."""
    draft = submissions.enrol(people.educator, unit_of(people))
    attach(draft, people.educator, pdf("Maya Rivera, Oak School"), "maya-rivera-plan.pdf")
    _seen, leaks = crawl(signed_in(people.educator), [f"/submissions/{draft.pk}/"], ["maya-rivera-plan"])
    assert leaks
