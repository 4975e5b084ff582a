"""How sound the scoring is, on pages: true figures, never from too little, and nobody's own outcome."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from catalog.models import Criterion
from review import quality, workflow
from review.models import Anchor, OutcomeCount, UsefulCount
from review.reliability import MINIMUM, against_truth, measure
from review.withholding import Share
from tests import factories
from tests.people import cast, signed_in
from tests.review.histories import MISS, PASS, Works

pytestmark = pytest.mark.django_db
PAGE = "/review/quality/"


@pytest.fixture
def works() -> Works:
    return Works(cast())


def fill(works: Works, n: int = 24) -> None:
    """Double scores: one assessor is strict on the plan in every third; a few anchors."""
    now = datetime.now(UTC)
    for number in range(n):
        second = MISS if number % 3 == 0 else PASS
        works.decided(PASS if number % 4 else MISS, second, at=now, useful=3)
    workflow.fold()


def answer(person: User, path: str = PAGE, **query: Any) -> Any:
    return signed_in(person).get(path, query)


def table(person: User, key: str, **query: Any) -> list[list[str]]:
    response = answer(person, f"{PAGE}{key}.csv", **query)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


class TestReaders:
    def test_who_sees_what(self, works: Works) -> None:
        fill(works)
        people, lakes = works.people, factories.user()
        factories.member(lakes, people.lakes, "approver")
        asked = {"version": str(works.version.pk)}
        persons = [people.approver, people.author, people.assessor, people.educator, lakes]
        assert [answer(person, **asked).status_code for person in persons] == [200, 200, 403, 403, 404]
        files = [answer(person, f"{PAGE}severity.csv", **asked).status_code for person in persons]
        assert files == [200, 404, 403, 403, 404]
        named = ["Ingrid Vale" in answer(person).content.decode() for person in persons[:2]]
        assert named == [True, False]
        assert "Nothing is published yet" in answer(lakes).content.decode()
        assert answer(people.approver, period="7").status_code == 404

    def test_an_assessor_sees_her_own_habits_and_no_number_of_reviews(self, works: Works) -> None:
        fill(works)
        html = answer(works.people.assessor, f"{PAGE}mine/").content.decode()
        assert "scores like the others" in html or "lower than the others" in html or "higher than" in html
        said = re.sub(r"<[^>]*>", " ", html.split("<main")[1])
        assert ("Sam Whitlock" in said, re.findall(r"\b24\b", said)) == (False, [])
        other = factories.user()
        factories.member(other, works.people.northfield, "assessor")
        assert "Nothing to compare yet" in answer(other, f"{PAGE}mine/").content.decode()


class TestFigures:
    def test_what_stands_there_is_what_the_scores_give(self, works: Works) -> None:
        fill(works)
        for _number in range(MINIMUM):
            works.decided(MISS, at=datetime.now(UTC), anchor=works.anchor(**PASS))
        workflow.fold()
        pairs = [
            tuple(sorted([2 if number % 4 == 0 else 3, 2 if number % 3 == 0 else 3])) for number in range(24)
        ]
        plan = Criterion.objects.get(version=works.version, key="plan")
        plain = measure([(pair, 1) for pair in pairs], [1, 2, 3], 3, seed=plan.pk.int % 2**32)
        assert plain.alpha
        assert plain.low is not None
        assert plain.high is not None
        rows = {row[0]: row[1:] for row in table(works.people.approver, "agreement")}
        shares = [round(100 * (plain.agreed or 0) / 24), round(100 * (plain.exact or 0)), 100]
        ends = [round(value, 2) for value in (plain.alpha, plain.low, plain.high)]
        assert against_truth([(3, 2, MINIMUM)]).kappa == 0
        assert rows["Plan"] == [str(cell) for cell in (24, *shares, *ends, MINIMUM, 0.0)]
        assert rows["Context"][4:7] == ["none"] * 3  # everybody gave the same level: no sign of anything
        spots = table(works.people.approver, "hotspots")[1:]
        assert spots == [
            ["Plan", "Basic – Proficient", str(sum(len(set(pair)) > 1 for pair in pairs)), "yes"]
        ]
        html = answer(works.people.approver).content.decode()
        assert plain.words in html
        assert "These scores" in plain.words or "alike" in plain.words or "chance" in plain.words

    def test_too_few_double_scores_are_words_and_no_number(self, works: Works) -> None:
        fill(works, MINIMUM - 1)
        rows = {row[0]: row[1:] for row in table(works.people.approver, "agreement")}
        assert rows["Plan"][1:7] == ["not enough yet"] * 6
        html = answer(works.people.approver).content.decode()
        assert "Not enough double scores yet: 19 so far, and figures take 20." in html
        assert "quality-dot" not in html.split('id="hotspots"')[0]

    def test_fewer_than_five_show_nothing(self, works: Works) -> None:
        for _number in range(4):
            works.decided(MISS, at=datetime.now(UTC), useful=1)
        workflow.fold()
        workflow.recount()
        assert (OutcomeCount.objects.get().n, UsefulCount.objects.get().n) == (4, 4)
        person = works.people.approver
        assert table(person, "attempts")[1:] == [["Attempt 1", "withheld", "withheld"]]
        assert table(person, "months")[1][1] == "withheld"
        assert [row[1] for row in table(person, "feedback")[1:]] == ["0", "0", "0", "withheld"]
        assert {tuple(row[1:]) for row in table(person, "difficulty")[1:]} == {("withheld", "withheld")}
        assert table(person, "hotspots")[1:] == []

    def test_periods_leave_out_what_is_older(self, works: Works) -> None:
        for days in (0, 200, 800):
            for _number in range(5):
                works.decided(PASS, at=datetime.now(UTC) - timedelta(days=days))
        workflow.fold()
        counted = [
            table(works.people.approver, "attempts", period=months)[1][1] for months in ("3", "12", "all")
        ]
        assert counted == ["5", "10", "15"]

    def test_the_page_reads_rollups_in_few_queries(self, works: Works) -> None:
        fill(works)
        client = signed_in(works.people.approver)
        client.get(PAGE)
        with CaptureQueriesContext(connection) as context:
            client.get(PAGE)
        asked = " ".join(query["sql"] for query in context)
        assert "review_score" not in asked
        assert "review_assignment" not in asked
        assert len(context) <= 16

    def test_names_that_look_like_formulas_stay_text(self, works: Works) -> None:
        User.objects.filter(pk=works.people.assessor.pk).update(name="=HYPERLINK(1)")
        fill(works)
        assert [row[0] for row in table(works.people.approver, "severity")[1:]] == [
            "'=HYPERLINK(1)",
            "Sam Whitlock",
        ]


@pytest.mark.parametrize(
    ("whole", "part", "shown", "percent", "words"),
    [
        (0, 0, 0, None, "none yet"),
        (4, 2, None, None, "withheld"),
        (9, 5, 9, None, "withheld"),
        (10, 5, 10, 50, "50 % of 10"),
        (40, 40, 40, None, "all but fewer than 5 of 40"),
        (40, 36, 40, None, "all but fewer than 5 of 40"),
        (40, 0, 40, None, "fewer than 5 of 40"),
        (40, 35, 40, 88, "88 % of 40"),
    ],
)
def test_shares(whole: int, part: int, shown: int | None, percent: int | None, words: str) -> None:
    share = Share(whole, part)
    assert (share.shown, share.percent, share.words) == (shown, percent, words)


class TestPublicLine:
    def line(self, works: Works) -> str:
        html = Client().get(f"/micro-credentials/{works.version.micro_credential.slug}/").content.decode()
        return " ".join(html.split('id="quality-h"')[1].split("Version ")[0].split())

    def test_it_says_what_is_known_and_no_more(self, works: Works) -> None:
        assert "Not yet calibrated" in self.line(works)
        assert "Not enough double scores yet to say how far two assessors agree: 0 so far." in self.line(
            works
        )
        fill(works)
        assert [workflow.publish_quality(), workflow.publish_quality()] == [1, 0]
        said = self.line(works)
        assert "Scored twice: 24 submissions" in said
        assert "agreed on passing or not in at least 58 % on every criterion" in said
        assert "Half of the outcomes come within 5 business days." in said
        assert "Not yet calibrated" in said
        for _number in range(3):
            Anchor.objects.filter(pk=works.anchor(**PASS).pk).update(use="calibration")
        workflow.publish_quality()
        assert "Not yet calibrated" not in self.line(works)
        url = f"/api/v1/micro-credentials/{works.version.micro_credential.slug}/"
        told = Client().get(url).json()["figures"]
        assert told == {
            "calibrated": True,
            "double_scored": 24,
            "least_agreement": 58,
            "alpha_low": told["alpha_low"],
            "alpha_high": told["alpha_low"],
            "median_days": 5,
        }


def test_ratings_are_sums(works: Works) -> None:
    assert quality.ratings(Counter({4: 12, 2: 3})).rows == [
        ["Very useful", 12],
        ["Useful", 0],
        ["A little useful", "withheld"],
        ["Not useful", 0],
    ]
