"""Awards signed by template: byte for byte what canonicalising each whole document gives, or refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badges.openbadges import documents, proofs
from badges.openbadges.reading import write_json
from badges.openbadges.template import Parts, UnfitError, template_of
from badges.openbadges.text import clean_name
from tests.badges import samples

TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029"), min_size=1, max_size=40
).filter(lambda text: text.strip() and "_:" not in text and documents_allow(text))
SALT = st.text("0123456789abcdef", min_size=32, max_size=32)
PROSE = st.lists(TEXT, min_size=1, max_size=3).map("\n".join)
EVIDENCE = st.builds(
    documents.EvidenceData,
    name=TEXT,
    url=st.sampled_from(["", "https://example.org/a?b=%20c", "https://example.org/c"]),
    narrative=st.one_of(st.just(""), PROSE),
)
MOMENT = st.integers(0, 10_000_000).map(lambda seconds: samples.NOW - timedelta(seconds=seconds))


def documents_allow(text: str) -> bool:
    """Whether the text may stand in a badge at all; what may not is another test's."""
    try:
        return bool(clean_name(text))
    except ValueError:
        return False


@st.composite
def achievements(draw: st.DrawFn) -> documents.AchievementData:
    """Achievements in any script, with several alignments and criteria."""
    named = st.builds(
        documents.AlignmentData,
        name=TEXT,
        url=st.integers().map(lambda number: f"https://badges.example/standards/{number}"),
        code=TEXT,
    )
    return replace(
        samples.ACHIEVEMENT,
        name=draw(TEXT),
        description=draw(TEXT),
        criteria_narrative=draw(TEXT),
        issuer=replace(samples.ISSUER, name=draw(TEXT)),
        alignments=tuple(draw(st.lists(named, max_size=4, unique_by=lambda one: one.url))),
        criteria=tuple(samples.criterion(number) for number in range(draw(st.integers(0, 3)))),
        tags=tuple(draw(st.lists(TEXT, max_size=2))),
        hours=draw(st.sampled_from([None, Decimal(6), Decimal("5.5")])),
    )


@st.composite
def awards(draw: st.DrawFn, achievement: documents.AchievementData) -> documents.AwardData:
    """Awards of one achievement to anybody at any time, with any levels reached."""
    results = [
        documents.ResultData(criterion=one.id, level=draw(st.sampled_from(one.levels)).id)
        for one in achievement.criteria
    ]
    return documents.AwardData(
        id=f"https://badges.example/badges/{draw(st.uuids())}",
        subject_id=f"urn:uuid:{draw(st.uuids())}",
        achievement=achievement,
        recipient_email=draw(st.emails()),
        recipient_salt=draw(SALT),
        status=documents.StatusData(
            list_url=f"https://badges.example/status/{draw(st.uuids())}", index=draw(st.integers(0, 131_071))
        ),
        valid_from=draw(MOMENT),
        awarded=draw(MOMENT),
        valid_until=draw(st.sampled_from([None, samples.NOW + timedelta(days=700)])),
        results=tuple(results),
        narrative=draw(st.one_of(st.just(""), PROSE)),
        evidence=tuple(draw(st.lists(EVIDENCE, max_size=1))),
    )


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_every_award_is_byte_for_byte_what_the_library_makes(data: st.DataObject) -> None:
    achievement = data.draw(achievements())
    key = samples.World().key
    method = key.method_for(samples.DID)
    for award in data.draw(st.lists(awards(achievement), min_size=2, max_size=3)):
        document = documents.credential(award)
        template = template_of(document, Parts.of(award))
        signed = template.signer(key, verification_method=method, created=samples.NOW)(Parts.of(award))
        assert template.canonical(Parts.of(award)) == proofs.canonicalise(document)
        assert signed == write_json(
            proofs.sign(document, key, verification_method=method, created=samples.NOW)
        )
        proofs.verify(json.loads(signed), key.private.public_key())


def test_one_achievement_has_one_template_and_another_content_another() -> None:
    award = replace(samples.AWARD, evidence=())
    other = replace(award, id=f"https://badges.example/badges/{UUID(int=7)}", recipient_salt="ab")
    renamed = replace(award, achievement=replace(samples.ACHIEVEMENT, name="Seeking well-being"))
    told = replace(award, narrative="Taught it for years.")
    found = [template_of(documents.credential(one), Parts.of(one)) for one in (award, other, renamed, told)]
    assert [found.index(one) for one in found] == [0, 0, 2, 3]


SAME = documents.AlignmentData(name="Learner", url="https://badges.example/standards/1")
UNFIT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "two alignments alike": ({"alignments": (SAME, SAME)}, {}),
    "a text like a slot": ({"name": "urn:x-slot:3; and more"}, {}),
    "a text like a node": ({"name": "see _:b1 there"}, {}),
    "a value with a quote": ({}, {"subject": 'urn:uuid:1"'}),
    "a value of two lines": ({}, {"subject": "urn:uuid:1\nurn:uuid:2"}),
    "a name with two meanings": ({}, {"subject": "https://badges.example/achievements/1"}),
    "an end that others lack": ({}, {"valid_until": "2027-01-01T00:00:00Z"}),
    "a narrative that others lack": ({}, {"narrative": "Taught it."}),
    "a level too many": ({}, {"levels": ("https://badges.example/a",) * 3}),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_is_not_certain_is_refused_and_left_to_the_library(name: str) -> None:
    content, changed = UNFIT[name]
    award = replace(samples.AWARD, evidence=(), achievement=replace(samples.ACHIEVEMENT, **content))
    with pytest.raises(UnfitError):
        template_of(documents.credential(award), Parts.of(award)).canonical(
            Parts.of(award)._replace(**changed)
        )
