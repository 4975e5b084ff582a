"""What the explorer finds, counts and orders."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from catalog import rules, workflow
from catalog.models import MicroCredential
from catalog.queries import explorer
from catalog.queries.explorer import Results, explore
from tests import factories

pytestmark = pytest.mark.django_db


def ask(query: str = "", size: int = 12) -> Results:
    return explore(rules.explorable(), QueryDict(query), size)


def titles(query: str) -> list[str]:
    return [row.title for row in ask(query).page.rows]


def count(results: Results, key: str) -> int:
    group, _separator, value = key.partition(":")
    return next(
        option.count
        for facet in results.facets
        for option in facet.options
        if (option.name, option.value) == (group, value)
    )


@pytest.fixture
def three() -> dict[str, MicroCredential]:
    teacher, coach = factories.term("role", "teacher"), factories.term("role", "instructional-coach")
    family, privacy = factories.term("topic", "family-connection"), factories.term("topic", "data-privacy")
    factories.term("topic", "leadership")
    lakes = factories.organisation("lakes")
    return {
        "families": factories.published(
            terms=[teacher, family],
            title="Listening to families",
            hours_low=3,
            hours_high=4,
            without_students=True,
        ),
        "privacy": factories.published(
            lakes, terms=[coach, privacy], title="Keeping data private", hours_low=9, hours_high=12
        ),
        "resume": factories.published(
            lakes, terms=[teacher, privacy], title="Écoute in the classroom", evidence_kinds=["video", "plan"]
        ),
    }


@pytest.mark.usefixtures("three")
class TestSearch:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("q=families", ["Listening to families"]),
            ("q=family", ["Listening to families"]),
            ("q=famil", ["Listening to families"]),
            ("q=listening+to+fam", ["Listening to families"]),
            ("q=%22keeping+data%22", ["Keeping data private"]),
            ("q=%22data+keeping%22", []),
            ("q=data+-keeping", ["Écoute in the classroom"]),
            ("q=ecoute", ["Écoute in the classroom"]),
            ("q=families+or+keeping", ["Keeping data private", "Listening to families"]),
            ("q=zebra", []),
            ("q=the", []),
        ],
    )
    def test_words(self, query: str, expected: list[str]) -> None:
        assert sorted(titles(query)) == expected

    @pytest.mark.parametrize(
        "question",
        [
            "%00",
            "fam%00ilies",
            "'",
            "%22",
            "a%26b%7Cc%21",
            "%3A*",
            "%5C",
            "(",
            "fam%3A*",
            "-",
            "or",
            "x" * 999,
        ],
    )
    def test_no_text_is_an_error(self, question: str) -> None:
        assert ask(f"q={question}").total >= 0

    def test_titles_rank_above_text(self) -> None:
        factories.published(title="Another one", key_method="Privacy of data is kept here too.")
        assert titles("q=private+data")[0] == "Keeping data private"

    def test_issuer_and_topic_are_found_by_name(self) -> None:
        assert sorted(titles("q=lakes")) == ["Keeping data private", "Écoute in the classroom"]
        assert titles("q=family+connection") == ["Listening to families"]


@pytest.mark.usefixtures("three")
class TestFilters:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["Keeping data private", "Listening to families", "Écoute in the classroom"]),
            ("role=teacher", ["Listening to families", "Écoute in the classroom"]),
            (
                "role=teacher&role=instructional-coach&topic=data-privacy",
                ["Keeping data private", "Écoute in the classroom"],
            ),
            ("issuer=lakes&role=teacher", ["Écoute in the classroom"]),
            ("hours=under-5", ["Listening to families"]),
            ("hours=over-8", ["Keeping data private"]),
            ("evidence=video", ["Écoute in the classroom"]),
            ("without_students=true", ["Listening to families"]),
            ("remote=1", []),
        ],
    )
    def test_narrow(self, query: str, expected: list[str]) -> None:
        assert sorted(titles(query)) == expected
        assert ask(query).total == len(expected)

    def test_unknown_values_are_set_aside_and_named(self) -> None:
        results = ask("topic=astrology&role=teacher&sort=luck&role=%00")
        assert results.total == 2
        assert results.filters.unknown == (("role", ""), ("topic", "astrology"), ("sort", "luck"))

    def test_drafts_and_retired_ones_are_not_listed(self, three: dict[str, MicroCredential]) -> None:
        factories.draft(title="A draft about families")
        workflow.retire(three["families"], None)
        assert titles("q=families") == []
        assert ask("").total == 2

    def test_chips_take_one_filter_away(self) -> None:
        results = ask("q=data&role=teacher&topic=data-privacy&sort=newest")
        assert [(str(chip.label), chip.query) for chip in results.chips] == [
            ("“data”", "role=teacher&topic=data-privacy&sort=newest"),
            ("Teacher", "q=data&topic=data-privacy&sort=newest"),
            ("Data privacy", "q=data&role=teacher&sort=newest"),
        ]


@pytest.mark.usefixtures("three")
class TestCounts:
    def test_unfiltered_counts_come_with_zeros(self) -> None:
        results = ask()
        assert count(results, "role:teacher") == 2
        assert count(results, "topic:leadership") == 0
        assert count(results, "without_students:1") == 1

    def test_other_groups_are_narrowed_and_the_own_group_is_not(self) -> None:
        results = ask("role=teacher")
        assert count(results, "topic:family-connection") == 1
        assert count(results, "topic:data-privacy") == 1
        assert count(results, "role:instructional-coach") == 1
        assert count(results, "role:teacher") == 2

    def test_two_groups_each_count_under_the_other(self) -> None:
        results = ask("role=teacher&topic=data-privacy")
        assert results.total == 1
        assert count(results, "role:instructional-coach") == 1
        assert count(results, "topic:family-connection") == 1
        assert count(results, "issuer:lakes") == 1
        assert count(results, "issuer:northfield") == 0

    def test_a_question_narrows_every_group(self) -> None:
        results = ask("q=families&role=teacher")
        assert count(results, "role:instructional-coach") == 0
        assert count(results, "role:teacher") == 1

    def test_counting_stops_at_the_cap(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(explorer, "CAP", 2)
        results = ask("q=students")
        assert (results.total, results.capped, len(results.page.rows)) == (2, True, 2)


class TestOrder:
    def test_every_sort(self) -> None:
        factories.published(title="B", hours_low=2, hours_high=2)
        factories.published(title="A", hours_low=8, hours_high=9)
        factories.published(title="C", hours_low=4, hours_high=5)
        assert titles("") == ["A", "B", "C"]
        assert titles("sort=best") == ["A", "B", "C"]
        assert titles("sort=newest") == ["C", "A", "B"]
        assert titles("sort=shortest") == ["B", "C", "A"]

    @pytest.mark.parametrize(
        "query", ["", "sort=newest", "sort=shortest", "q=students", "q=students&sort=title"]
    )
    def test_pages_lead_forth_and_back_without_gap_or_double(self, query: str) -> None:
        for number in range(7):
            factories.published(title=f"Same {number % 2}", hours_low=1, hours_high=1 + number % 3)
        everything = [row.pk for row in ask(query, size=50).page.rows]
        pages, cursor = [], ""
        while True:
            page = ask(f"{query}&cursor={cursor}", size=2).page
            pages.append(page)
            if not page.next:
                break
            cursor = page.next
        assert [row.pk for page in pages for row in page.rows] == everything
        assert [bool(page.previous) for page in pages] == [False, True, True, True]
        back = ask(f"{query}&cursor={pages[2].previous}", size=2).page
        assert [row.pk for row in back.rows] == everything[2:4]
        first = ask(f"{query}&cursor={pages[1].previous}", size=2).page
        assert ([row.pk for row in first.rows], first.previous) == (everything[:2], "")

    @pytest.mark.parametrize(
        "cursor",
        ["x", "%00", "bnVsbA", "W10", "WyJ0aXRsZSIsIm4iXQ", "WyJuZXdlc3QiLCJuIiwiYSIsImIiXQ", "WyJ0aXRsZSIsIm4iLCJcdTAwMDAiLCJ4Il0",
         "WyJ0aXRsZSIsIm4iLCJcdWQ4MDAiLCIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAiXQ", "9" * 2000],
    )  # fmt: skip
    def test_a_foreign_cursor_shows_the_first_page(self, cursor: str) -> None:
        factories.published(title="Only one")
        results = ask(f"cursor={cursor}")
        assert (results.bad_cursor, [row.title for row in results.page.rows]) == (True, ["Only one"])

    def test_a_cursor_of_another_order_is_foreign(self) -> None:
        for _number in range(3):
            factories.published()
        cursor = ask("", size=1).page.next
        assert ask(f"sort=newest&cursor={cursor}").bad_cursor
