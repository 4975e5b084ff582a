"""What a badge's documents say, held against the published schemas."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from badges.openbadges import documents
from badges.openbadges.documents import BadgeDataError
from badges.openbadges.reading import write_json
from badges.openbadges.text import TextError, clean_name, clean_text
from tests.badges import samples

SCHEMAS = Path(__file__).parents[3] / "shared/data/ob_schemas"


def schema_errors(name: str, document: dict[str, Any]) -> list[str]:
    path = SCHEMAS / name
    if not path.exists():
        pytest.skip(f"The published schema {name} is not beside the repository.")
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft201909Validator(json.loads(path.read_text()))
    return [error.message for error in validator.iter_errors(document)]


def test_signed_credential_fits_the_published_schema() -> None:
    document = samples.World().signed(valid_until=samples.NOW + timedelta(days=365))
    assert schema_errors("ob_v3p0_achievementcredential_schema.json", document) == []


def test_smallest_credential_fits_the_published_schema() -> None:
    achievement = documents.AchievementData(
        id=samples.BASE, name="N", description="D", criteria_narrative="C", issuer=samples.ISSUER
    )
    document = samples.World().signed(achievement=achievement, results=(), evidence=(), hours_earned=None)
    assert schema_errors("ob_v3p0_achievementcredential_schema.json", document) == []
    assert sorted(document["credentialSubject"]["achievement"]) == [
        "achievementType", "creator", "criteria", "description", "id", "name", "type",
    ]  # fmt: skip


def test_issuer_profile_fits_the_published_schema() -> None:
    document = documents.issuer_document(replace(samples.ISSUER, description="Two\nlines", email="a@b.test"))
    assert schema_errors("ob_v3p0_profile_schema.json", document) == []


def test_rubric_becomes_result_descriptions() -> None:
    first = documents.achievement(samples.ACHIEVEMENT)["resultDescription"][0]
    assert first["resultType"] == "RubricCriterionLevel"
    assert first["requiredLevel"] == f"{samples.BASE}#c1-2"
    assert [level["points"] for level in first["rubricCriterionLevel"]] == ["0", "1", "2"]


def test_results_name_levels_of_the_rubric() -> None:
    result = documents.credential(samples.AWARD)["credentialSubject"]["result"]
    assert result == [
        {
            "type": ["Result"],
            "resultDescription": f"{samples.BASE}#c{n}",
            "achievedLevel": f"{samples.BASE}#c{n}-2",
        }
        for n in (1, 2)
    ]


def test_result_outside_the_rubric_is_refused() -> None:
    wrong = documents.ResultData(criterion=f"{samples.BASE}#c1", level=f"{samples.BASE}#c2-2")
    with pytest.raises(BadgeDataError):
        documents.credential(replace(samples.AWARD, results=(wrong,)))


def test_passing_level_outside_its_criterion_is_refused() -> None:
    wrong = replace(samples.criterion(1), required_level=f"{samples.BASE}#c2-2")
    with pytest.raises(BadgeDataError):
        documents.achievement(replace(samples.ACHIEVEMENT, criteria=(wrong,)))


def test_recipient_is_a_salted_hash_and_nothing_else_of_the_person() -> None:
    subject = documents.credential(samples.AWARD)["credentialSubject"]
    expected = hashlib.sha256(b"maya@example.org00112233445566778899aabbccddeeff").hexdigest()
    assert subject["identifier"] == [
        {
            "type": "IdentityObject",
            "hashed": True,
            "identityHash": f"sha256${expected}",
            "identityType": "emailAddress",
            "salt": samples.AWARD.recipient_salt,
        }
    ]
    assert "maya" not in write_json(documents.credential(samples.AWARD))


def test_two_salts_are_never_alike() -> None:
    assert len({documents.new_salt() for _ in range(100)}) == 100


def test_status_is_one_object() -> None:
    assert documents.credential(samples.AWARD)["credentialStatus"] == {
        "id": f"{samples.LIST_URL}#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": samples.LIST_URL,
    }


@pytest.mark.parametrize(("hours", "written"), [("5", 5), ("5.0", 5), ("5.5", 5.5), ("1E+1", 10)])
def test_whole_hours_are_written_as_whole_numbers(hours: str, written: float) -> None:
    number = documents.achievement(replace(samples.ACHIEVEMENT, hours=Decimal(hours)))["creditsAvailable"]
    assert (number, type(number)) == (written, type(written))


def test_alignment_needs_an_address() -> None:
    with pytest.raises(BadgeDataError):
        documents.achievement(
            replace(samples.ACHIEVEMENT, alignments=(documents.AlignmentData(name="Learner", url=""),))
        )


def test_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        documents.credential(replace(samples.AWARD, valid_from=samples.NOW.replace(tzinfo=None)))


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_empty_name_is_refused(name: str) -> None:
    with pytest.raises(BadgeDataError):
        documents.achievement(replace(samples.ACHIEVEMENT, name=name))


@pytest.mark.parametrize(
    "bad", ["a\x00b", "a\x1bb", "a\nb", "a\tb", "a\x85b", "a\u202eb", "a\u2066b", "a\u2028b", "\ud800"]
)
def test_control_characters_are_refused_in_names(bad: str) -> None:
    with pytest.raises(TextError):
        clean_name(bad)
    with pytest.raises(TextError):
        documents.credential(replace(samples.AWARD, achievement=replace(samples.ACHIEVEMENT, name=bad)))


def test_texts_keep_lines_and_lose_tabs() -> None:
    assert clean_text("one\r\ntwo\rthree\tfour ") == "one\ntwo\nthree four"
    with pytest.raises(TextError):
        clean_text("a\x0bb")


@pytest.mark.parametrize(
    "name", ["Zoë Ærø", "שלום עולם", "رفاهية", "学び合い", "👩🏽‍🏫 Belonging", 'a "b" ]]> <c> & \\']
)
def test_any_script_is_a_name(name: str) -> None:
    assert clean_name(f" {name} ") == name
