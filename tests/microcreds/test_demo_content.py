"""The demo's micro-credentials are data: one missing level or dead reference would only show on a page."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

Unit = dict[str, Any]

DEMO = Path(__file__).resolve().parents[2] / "microcreds" / "demo"
SPRITE = (DEMO.parents[1] / "static" / "img" / "sprite.svg").read_text()
FILES = sorted((DEMO / "micro_credentials").glob("*.toml"))
TEXT_FIELDS = {
    "slug",
    "title",
    "issuer",
    "summary",
    "competency",
    "key_method",
    "rationale",
    "who_benefits",
}
NUMBER_FIELDS = {"hours_low", "hours_high", "weeks"}
FLAGS = {"earnable_remotely", "without_students"}
WORD_LISTS = {"job_roles", "topics", "grade_bands", "standards", "evidence_kinds"}
TABLES = {
    "method_components": {"title", "text"},
    "research": {"citation", "finding"},
    "resources": {"title", "kind", "purpose", "note"},
    "overview_questions": {"key", "prompt", "min_words", "max_words"},
    "artifact_requirements": {"key", "title", "description", "kinds", "minimum", "maximum"},
    "reflection_questions": {"key", "prompt", "min_words", "max_words"},
    "criteria": {"key", "part", "title", "description", "preset", "levels"},
}
OPTIONAL = {"attestations": {"text"}, "examples": {"outcome", "title", "text", "annotations"}}
SIZES = {
    "method_components": (3, 5),
    "research": (2, 4),
    "resources": (3, 5),
    "overview_questions": (2, 4),
    "artifact_requirements": (2, 4),
    "reflection_questions": (1, 3),
}
KINDS = {"plan", "student-work", "video", "audio", "photo", "text"}
LEVELS = {
    "passing": ["Not passing", "Passing"],
    "proficiency": ["Developing", "Basic", "Proficient"],
    "demonstrated": ["Not met", "Progressing", "Demonstrated"],
}
PART_PRESETS = {1: {"passing"}, 2: {"proficiency", "demonstrated"}, 3: {"passing"}}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ADDRESS = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(com|org|net|edu|gov|io)\b", re.IGNORECASE)


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


UNITS = {path.stem: read(path) for path in FILES}
GROUPS = read(DEMO / "groups.toml")
TAXONOMY = read(DEMO / "taxonomy.toml")
STANDARDS = read(DEMO / "standards.toml")
ISSUERS = {issuer["slug"]: issuer for issuer in TAXONOMY["issuers"]}

each_unit = pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS.keys())


def strings(value: object) -> Iterator[str]:
    """Every text inside a file, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def repeated(values: Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


def names(criterion: Unit) -> list[str]:
    return LEVELS[criterion["preset"]]


def test_there_is_a_whole_catalogue() -> None:
    assert len(UNITS) >= 24
    assert repeated(unit["title"] for unit in UNITS.values()) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_is_named_by_its_slug(path: Path) -> None:
    assert UNITS[path.stem]["slug"] == path.stem
    assert SLUG.fullmatch(path.stem) is not None


@each_unit
def test_unit_has_every_section(unit: Unit) -> None:
    required = TEXT_FIELDS | NUMBER_FIELDS | FLAGS | WORD_LISTS | set(TABLES)
    assert required - set(unit) == set()
    assert set(unit) - required - set(OPTIONAL) - {"teams", "term_months"} == set()
    assert [name for name in sorted(TEXT_FIELDS) if not unit[name].strip()] == []
    assert [name for name in sorted(WORD_LISTS) if not unit[name] or repeated(unit[name])] == []


@each_unit
def test_rows_have_their_fields(unit: Unit) -> None:
    optional = {"criteria": {"artifacts"}}
    wrong = [
        (table, row)
        for table, fields in (TABLES | OPTIONAL).items()
        for row in unit.get(table, [])
        if not fields <= set(row) <= fields | optional.get(table, set())
    ]
    assert wrong == []
    assert [text for text in strings(unit) if not text.strip()] == []


@each_unit
def test_sections_have_the_size_of_the_template(unit: Unit) -> None:
    wrong = {
        table: len(unit[table]) for table, (low, high) in SIZES.items() if not low <= len(unit[table]) <= high
    }
    assert wrong == {}
    assert len(unit["rationale"].strip().split("\n\n")) in {2, 3}


@each_unit
def test_card_is_short_and_true(unit: Unit) -> None:
    assert len(unit["summary"]) <= 160
    assert len(unit["title"]) <= 120
    assert 0 < unit["hours_low"] <= unit["hours_high"] <= 40
    assert 1 <= unit["weeks"] <= 12
    assert {type(unit[flag]) for flag in FLAGS} == {bool}
    assert unit["competency"].startswith("Educator ")


@each_unit
def test_words_are_in_the_shared_lists(unit: Unit) -> None:
    standards = {f"{item['framework']}:{item['code']}" for item in STANDARDS["items"]}
    assert unit["issuer"] in ISSUERS
    assert set(unit["job_roles"]) - set(TAXONOMY["job_roles"]) == set()
    assert set(unit["topics"]) - set(TAXONOMY["topics"]) == set()
    assert set(unit["grade_bands"]) - set(TAXONOMY["grade_bands"]) == set()
    assert set(unit["standards"]) - standards == set()


@each_unit
def test_first_topic_has_a_glyph_for_the_badge(unit: Unit) -> None:
    assert f'id="g-{unit["topics"][0]}"' in SPRITE


@each_unit
def test_resources_are_sorted(unit: Unit) -> None:
    assert {row["kind"] for row in unit["resources"]} <= {"book", "article", "guide", "video", "tool"}
    assert {row["purpose"] for row in unit["resources"]} == {"learning", "further"}


@each_unit
def test_questions_can_be_answered_within_their_limits(unit: Unit) -> None:
    questions = unit["overview_questions"] + unit["reflection_questions"]
    assert repeated(row["key"] for row in questions) == []
    assert [row["key"] for row in questions if not 0 < row["min_words"] < row["max_words"] <= 600] == []


@each_unit
def test_evidence_kinds_are_what_the_requirements_ask(unit: Unit) -> None:
    requirements = unit["artifact_requirements"]
    assert repeated(row["key"] for row in requirements) == []
    assert [row["key"] for row in requirements if not 1 <= row["minimum"] <= row["maximum"] <= 10] == []
    asked = {kind for row in requirements for kind in row["kinds"]}
    assert asked - KINDS == set()
    assert set(unit["evidence_kinds"]) == asked


@each_unit
def test_without_students_asks_for_no_student_work(unit: Unit) -> None:
    if unit["without_students"]:
        assert "student-work" not in unit["evidence_kinds"]
        assert unit["earnable_remotely"] is True


@each_unit
def test_rubric_covers_the_three_parts(unit: Unit) -> None:
    parts = Counter(criterion["part"] for criterion in unit["criteria"])
    assert (parts[1], parts[3]) == (1, 1)
    assert parts[2] in {3, 4}
    assert repeated(criterion["key"] for criterion in unit["criteria"]) == []
    assert [c["title"] for c in unit["criteria"] if len(c["title"]) > 60] == []


@each_unit
def test_levels_fit_the_preset(unit: Unit) -> None:
    criteria = unit["criteria"]
    assert [c["key"] for c in criteria if c["preset"] not in PART_PRESETS[c["part"]]] == []
    assert [c["key"] for c in criteria if len(c["levels"]) != len(names(c))] == []
    assert [c["key"] for c in criteria if repeated(c["levels"])] == []


@each_unit
def test_every_artifact_is_read_by_a_criterion(unit: Unit) -> None:
    requirements = {row["key"] for row in unit["artifact_requirements"]}
    read_by = {c["key"]: set(c.get("artifacts", [])) for c in unit["criteria"]}
    assert set().union(*read_by.values()) == requirements
    assert [c["key"] for c in unit["criteria"] if (c["part"] == 2) != bool(read_by[c["key"]])] == []


@each_unit
def test_examples_are_scored_by_the_rubric(unit: Unit) -> None:
    criteria = {c["key"]: c for c in unit["criteria"]}
    for example in unit.get("examples", []):
        assert 150 <= len(example["text"].split()) <= 300
        scored = {note["criterion"]: note["level"] for note in example["annotations"]}
        assert set(scored) == set(criteria)
        assert len(scored) == len(example["annotations"])
        assert [key for key, level in scored.items() if level not in names(criteria[key])] == []
        below = [key for key, level in scored.items() if level != names(criteria[key])[-1]]
        assert example["outcome"] == ("not_yet" if below else "earned")


def test_four_units_show_an_example_of_each_outcome() -> None:
    shown = [sorted(e["outcome"] for e in unit["examples"]) for unit in UNITS.values() if "examples" in unit]
    assert shown == [["earned", "not_yet"]] * 4


def test_no_invented_address_stands_anywhere() -> None:
    everything = [*UNITS.values(), GROUPS, TAXONOMY, STANDARDS]
    assert [text for data in everything for text in strings(data) if ADDRESS.search(text)] == []


def test_no_passage_serves_two_units() -> None:
    """A sentence that fits two units says nothing about either."""
    passages = {
        slug: {text for text in strings(unit) if len(text.split()) >= 8} for slug, unit in UNITS.items()
    }
    cited = {row["citation"] for unit in UNITS.values() for row in unit["research"]}
    titles = {row["title"] for unit in UNITS.values() for row in unit["resources"]}
    shared = repeated(text for own in passages.values() for text in own)
    assert [text for text in shared if text not in cited | titles] == []


def test_every_issuer_says_that_it_is_a_demonstration() -> None:
    assert [issuer["name"] for issuer in ISSUERS.values() if not issuer["name"].endswith("(demo)")] == []
    assert {unit["issuer"] for unit in UNITS.values()} == set(ISSUERS)


@pytest.mark.parametrize("stack", GROUPS["stacks"], ids=lambda stack: stack["slug"])
def test_stack_can_be_completed(stack: dict[str, Any]) -> None:
    members = [slug for group in stack["groups"] for slug in group["members"]]
    assert set(members) - set(UNITS) == set()
    assert repeated(members) == []
    assert stack["issuer"] in ISSUERS
    assert stack["certificate"].endswith("(demo)")
    assert [g["title"] for g in stack["groups"] if not 1 <= g["minimum"] <= len(g["members"])] == []
    least = {
        "all": len(members),
        "n_of_m": min(stack["minimum"], len(members) - 1),
        "groups": sum(group["minimum"] for group in stack["groups"]),
    }
    assert stack["minimum"] == least[stack["rule"]]


@pytest.mark.parametrize("collection", GROUPS["collections"], ids=lambda collection: collection["slug"])
def test_collection_is_signed_and_has_members(collection: dict[str, Any]) -> None:
    assert len(collection["members"]) >= 2
    assert set(collection["members"]) - set(UNITS) == set()
    assert repeated(collection["members"]) == []
    assert min(len(collection[field]) for field in ("title", "curator", "editor", "description")) > 0


def test_library_without_students_is_complete() -> None:
    """Whoever filters by the two attributes finds what the editors listed, and nothing else."""
    listed = next(c for c in GROUPS["collections"] if c["slug"] == "outside-the-classroom-without-students")
    matching = {s for s, unit in UNITS.items() if unit["earnable_remotely"] and unit["without_students"]}
    assert set(listed["members"]) == matching


def test_groups_have_slugs_of_their_own() -> None:
    slugs = [group["slug"] for group in [*GROUPS["stacks"], *GROUPS["collections"]]]
    assert [slug for slug in slugs if SLUG.fullmatch(slug) is None or len(slug) > 50] == []
    assert repeated(slugs) == []
