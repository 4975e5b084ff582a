"""Blind in both directions: no page, address, header or file tells who handed in, or who assessed."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from accounts.models import Profile, User
from review import workflow
from review.models import Assignment
from submissions import workflow as submissions
from submissions.files import IncomingFile
from submissions.models import Content, Submission
from tests import factories
from tests.papers import pdf
from tests.people import People, cast, signed_in
from tests.review.work import BELOW, claimed, desk, fill, scored, submitted

pytestmark = pytest.mark.django_db
MARKERS = [
    "Maya",
    "Rivera",
    "educator@example.test",
    "oak-school",
    "Oak School",
    "riverbend",
    "Riverbend",
    "America/Phoenix",
    "maya-rivera-plan",
]
ASSESSOR = ["Ingrid", "Vale", "assessor@example.test"]
PDF = pdf("Maya Rivera, Oak School")


@pytest.fixture
def people() -> People:
    return cast()


def attach(submission: Submission, earner: User, body: bytes, name: str) -> None:
    upload = IncomingFile(chunks=[body], size=len(body), name=name)
    factories.checked(submissions.add_file(submission, earner, requirement="plan", upload=upload))


def photo() -> bytes:
    """A picture whose EXIF names its maker and place."""
    exif = Image.Exif()
    exif[0x013B], exif[0x010E], exif[0x0112] = "Maya Rivera", "Oak School", 6
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


def with_files(people: People) -> Assignment:
    """A claim whose evidence is a PDF and a photo with telling names."""
    draft = submissions.enrol(people.educator, factories.published(people.northfield))
    attach(draft, people.educator, PDF, "maya-rivera-plan.pdf")
    attach(draft, people.educator, photo(), "maya-rivera-plan.jpg")
    return workflow.claim(fill(draft, people.educator), people.assessor)


def with_kept(people: People) -> Assignment:
    """The same, where cleaning is not what is looked at: without the visits to a decoder."""
    draft = submissions.enrol(people.educator, factories.published(people.northfield))
    factories.kept(draft, PDF, "application/pdf", "maya-rivera-plan.pdf")
    factories.kept(draft, photo(), "image/jpeg", "maya-rivera-plan.jpg")
    return workflow.claim(fill(draft, people.educator), people.assessor)


class TestBlindness:
    def test_the_assessor_finds_nothing_of_the_educator(self, people: People) -> None:
        Profile.objects.update_or_create(user=people.educator, defaults={"time_zone": "America/Phoenix"})
        assignment = with_files(people)
        waiting = submitted(people, people.educator)
        client = signed_in(people.assessor)
        answers = [client.get(path) for path in self.paths(assignment)]
        workflow.complete(scored(assignment), people.assessor)
        answers += [
            client.get(path) for path in (desk(assignment), "/review/completed/", "/api/v1/reviews/mine/")
        ]
        answers += [client.post(f"/review/claim/{waiting.pk}/", follow=True)]
        for answer in answers:
            assert answer.status_code == 200
            told = answer.content.decode() + str(answer.headers)
            assert [marker for marker in MARKERS if marker in told] == []

    @staticmethod
    def paths(assignment: Assignment) -> list[str]:
        api = f"/api/v1/reviews/{assignment.pk}/"
        return [
            "/review/",
            desk(assignment),
            f"{desk(assignment)}complete/",
            "/api/v1/reviews/",
            "/api/v1/reviews/mine/",
            api,
        ]

    def test_the_approver_does_not_either(self, people: People) -> None:
        assignment = workflow.complete(scored(with_files(people)), people.assessor)
        client = signed_in(people.approver)
        for path in (desk(assignment), "/review/completed/", f"/api/v1/reviews/{assignment.pk}/"):
            told = client.get(path).content.decode()
            assert [marker for marker in MARKERS if marker in told] == []

    def test_the_educator_finds_nothing_of_the_assessor(self, people: People) -> None:
        client = signed_in(people.educator)
        for scores in (None, BELOW):
            assignment = scored(claimed(people), scores)
            self.search(client, assignment.submission)
            workflow.complete(assignment, people.assessor)
            self.search(client, assignment.submission)

    def search(self, client: Client, submission: Submission) -> None:
        for path in (
            f"/submissions/{submission.pk}/",
            f"/api/v1/submissions/{submission.pk}/",
            "/my/",
            "/api/v1/submissions/",
        ):
            answer = client.get(path)
            assert answer.status_code == 200
            assert [marker for marker in ASSESSOR if marker in answer.content.decode()] == []


class TestEvidence:
    def links(self, client: Client, assignment: Assignment) -> list[str]:
        page = client.get(desk(assignment)).content.decode()
        return list(dict.fromkeys(re.findall(r"/review/[0-9a-f-]+/artifacts/[0-9a-f-]+/", page)))

    def test_is_served_blind_under_neutral_names(self, people: People) -> None:
        assignment, client = with_files(people), signed_in(people.assessor)
        code = assignment.submission.code
        pdf, jpg = [client.get(link, follow=True) for link in self.links(client, assignment)]
        assert pdf["Content-Disposition"] == f'inline; filename="{code}-plan-1.pdf"'
        assert jpg["Content-Disposition"] == f'inline; filename="{code}-plan-2.jpg"'
        assert pdf["Content-Security-Policy"] == "frame-ancestors 'self'"
        paper, picture = [b"".join(one.streaming_content) for one in (pdf, jpg)]  # type: ignore[attr-defined]
        assert (paper[:5], b"Maya" in PDF, b"Maya" in paper + picture) == (b"%PDF-", True, False)
        with Image.open(io.BytesIO(picture)) as image:
            assert (dict(image.getexif()), image.size) == (
                {},
                (20, 40),
            )  # upright, without what the camera wrote

    def test_is_served_in_ranges(self, people: People) -> None:
        assignment, client = with_kept(people), signed_in(people.assessor)
        part = client.get(self.links(client, assignment)[0], headers={"Range": "bytes=1-3"}, follow=True)
        assert (part.status_code, b"".join(part.streaming_content)) == (206, b"PDF")  # type: ignore[attr-defined]

    def test_can_be_downloaded(self, people: People) -> None:
        assignment, client = with_kept(people), signed_in(people.assessor)
        answer = client.get(f"{self.links(client, assignment)[1]}?download=1", follow=True)
        assert answer["Content-Disposition"].startswith("attachment")

    @pytest.mark.parametrize(("verb", "status"), [("keep", 302), ("release", 403), ("complete", 403)])
    def test_is_open_to_the_assessor_while_she_holds_it(self, people: People, verb: str, status: int) -> None:
        assignment, client = with_kept(people), signed_in(people.assessor)
        link = self.links(client, assignment)[0]
        if verb == "complete":
            workflow.complete(scored(assignment), people.assessor)
        elif verb == "release":
            workflow.release(assignment, people.assessor)
        assert client.get(link).status_code == status
        approver = 302 if verb == "complete" else 404
        assert signed_in(people.approver).get(link).status_code == approver
        assert signed_in(people.assessor2).get(link).status_code == 404

    def test_another_submissions_artifact_does_not_exist_here(self, people: People) -> None:
        assignment, client = with_kept(people), signed_in(people.assessor)
        other = claimed(people, earner=people.educator2)
        artifact = self.links(client, assignment)[0].split("/")[-2]
        assert client.get(f"/review/{other.pk}/artifacts/{artifact}/").status_code == 404

    def test_a_lost_file_is_not_found(self, people: People) -> None:
        assignment, client = with_kept(people), signed_in(people.assessor)
        links = self.links(client, assignment)
        for row in Content.objects.all():
            default_storage.delete(row.file)
        assert [client.get(link, follow=True).status_code for link in links] == [404, 404]
