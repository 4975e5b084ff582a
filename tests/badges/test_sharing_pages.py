"""The shared page: what a hiring principal reads on one phone screen, and whether it is this person's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from badges.models import Award, ShownEvidence
from badges.presenting import linkedin
from catalog import workflow as catalog
from tests import factories
from tests.browser import Server
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db
FIGURES = {"calibrated": True, "least_agreement": 87, "double_scored": 40}
# About as long as one sentence of a competency gets, on a page that also carries the demonstration's mark.
LONG = (
    "The educator plans and teaches a sequence in which multilingual learners use their whole language repertoire "
    "to reason about grade-level texts, and adjusts it by what their talk and writing show her day by day."
)
PHONE: ViewportSize = {"width": 390, "height": 844}
SERIOUS = """() => axe.run().then(found => found.violations
    .filter(one => ["serious", "critical"].includes(one.impact)).map(one => one.id))"""


@pytest.fixture
def people() -> People:
    cache.clear()
    return cast()


def shown(award: Award, client: Client | None = None) -> str:
    return (client or Client()).get(f"/badges/{award.pk}/").content.decode()


def asked(award: Award, email: str) -> Any:
    return Client(enforce_csrf_checks=True).post(f"/badges/{award.pk}/person/", {"email": email})


def test_whose_it_is_is_answered_on_the_page_and_kept_nowhere(people: People) -> None:
    award = factories.award(people, visibility="unlisted")
    yes, no, bad = (asked(award, email) for email in (" Educator@example.test", "other@example.test", "x"))
    assert [one.status_code for one in (yes, no, bad)] == [200, 200, 400]
    assert "Yes: this badge was issued to that e-mail address." in yes.content.decode()
    assert "No: this badge was not issued to that address." in no.content.decode()
    assert 'id="id_email_error"' in bad.content.decode()
    assert yes["Cache-Control"] == "private, no-store"
    assert [asked(award, "x@example.test").status_code for _number in range(12)][-1] == 429
    assert (
        "Yes"
        not in asked(factories.award(people, factories.published()), "educator@example.test").content.decode()
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "suspended"}, "the issuer has suspended it for now"),
        ({"state": "revoked", "revoked_at": timezone.now()}, "the issuer revoked it on"),
        ({"valid_until": timezone.now() - timedelta(days=1)}, "it was valid until"),
        ({"origin": "granted"}, "Granted, not assessed here"),
    ],
)
def test_the_page_says_when_it_does_not_hold(people: People, change: dict[str, Any], words: str) -> None:
    award = factories.award(people, visibility="public")
    Award.objects.filter(pk=award.pk).update(**change)
    assert words in shown(award)


def test_what_the_page_shows_and_remembers_follows_every_row_it_reads(people: People) -> None:
    award = factories.award(people, visibility="public")
    assert "Two assessors agree" not in shown(award)
    assert award.version is not None
    catalog.publish_figures(award.version, FIGURES)
    assert "Two assessors agree on passing in at least 87 % (40 scored twice)" in shown(award)
    assert "A licensed assessor of Northfield" in shown(award)
    artifact = award.submission.artifacts.get()  # type: ignore[union-attr]
    ShownEvidence.objects.create(award=award, artifact=artifact.pk, mode="digest", name="My plan")
    assert "My plan" in shown(award)


def test_what_is_not_public_is_kept_from_searches(people: People) -> None:
    award = factories.award(people, visibility="unlisted")
    names = ("/", ".json", ".pdf", "/image.png", "/card.png")
    assert {Client().get(f"/badges/{award.pk}{name}")["X-Robots-Tag"] for name in names} == {"noindex"}
    plain = Client().get(f"/badges/{award.pk}", headers={"accept": "application/vc+ld+json"})
    assert plain["X-Robots-Tag"] == "noindex"
    Award.objects.update(visibility="public")
    assert not Client().get(f"/badges/{award.pk}/").has_header("X-Robots-Tag")


def test_posting_needs_no_script(people: People) -> None:
    award = factories.award(people, visibility="public")
    page = signed_in(people.educator).get(f"/badges/{award.pk}/")
    address = f"http://127.0.0.1:8000/badges/{award.pk}/"
    assert page.context["embed"].startswith(f'<a href="{address}"><img src="{address}image.png"')
    assert page.context["mail"].startswith("mailto:?subject=")
    text = shown(award)
    assert f'<meta property="og:image" content="{address}card.png">' in text
    assert '<meta name="twitter:card" content="summary_large_image">' in text
    assert Client().get(f"/badges/{award.pk}/qr.png").content.startswith(b"\x89PNG")


@pytest.mark.parametrize("month", [1, 12])
def test_linkedin_is_told_months_from_1_to_12_and_the_end(people: People, month: int) -> None:
    award = factories.award(people)
    award.awarded_at = datetime(2026, month, 31, 23, 59, tzinfo=UTC)
    award.valid_until = datetime(2029, 13 - month, 1, tzinfo=UTC)
    query = parse_qs(urlsplit(linkedin(award, "https://a.example/1")).query)
    assert [query[name] for name in ("issueYear", "issueMonth", "expirationYear", "expirationMonth")] == [
        ["2026"], [str(month)], ["2029"], [str(13 - month)]
    ]  # fmt: skip


def test_one_phone_screen_answers_a_principal(
    server: Server, new_page: Callable[..., Page], people: People
) -> None:
    people.northfield.demo = True
    people.northfield.save()
    unit = factories.published(people.northfield, title="Productive Classroom Discourse", competency=LONG)
    award = factories.award(people, unit, visibility="unlisted")
    assert award.version is not None
    catalog.publish_figures(award.version, FIGURES)
    page = new_page(viewport=PHONE)
    page.goto(f"{server.url}/badges/{award.pk}/")
    box = page.locator(".award").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"]
    page.get_by_label("Check it is this person").fill("educator@example.test")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Yes: this badge was issued to that e-mail address.")
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(SERIOUS) == []
