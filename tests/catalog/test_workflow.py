"""What publishing, retiring and counting do."""

from __future__ import annotations

import pytest

from accounts.models import User
from catalog import workflow
from catalog.models import FacetCount, Framework, MicroCredential, Standard, Version
from catalog.queries.words import hours_band
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from tests import factories

pytestmark = pytest.mark.django_db


def count(key: str) -> int:
    return FacetCount.objects.get(key=key).count


def test_publish_copies_the_version_into_the_explorer() -> None:
    framework = Framework.objects.create(slug="intasc", title="InTASC", publisher="CCSSO")
    standard = Standard.objects.create(framework=framework, code="3", title="Learning Environments")
    version = factories.draft(title="Listening to families", hours_low=3, hours_high=4, without_students=True)
    version.terms.set([factories.term("role", "teacher"), factories.term("topic", "family-connection")])
    version.standards.add(standard)

    workflow.publish(version, actor=None)

    row = MicroCredential.objects.get(pk=version.micro_credential_id)
    assert row.state == MicroCredential.State.PUBLISHED
    assert row.current_id == version.pk
    assert (row.title, row.hours_low, row.hours_high) == ("Listening to families", 3, 4)
    assert row.facets == [
        "evidence:plan",
        "hours:under-5",
        "issuer:northfield",
        "role:teacher",
        "standard:intasc:3",
        "topic:family-connection",
        "without_students:1",
    ]
    assert row.published_at == Version.objects.get(pk=version.pk).published_at


def test_publish_writes_one_entry_with_ids_only() -> None:
    author: User = factories.user()
    version = factories.draft()
    workflow.publish(version, author)
    entry = Entry.objects.get(kind="catalog.published")
    assert entry.actor == author
    assert entry.data == {"micro_credential": str(version.micro_credential_id), "number": 1}
    assert entry.organisation_id == version.micro_credential.issuer_id


def test_publishing_twice_is_refused() -> None:
    version = factories.draft()
    workflow.publish(version, None)
    with pytest.raises(TransitionError):
        workflow.publish(version, None)
    assert Entry.objects.filter(kind="catalog.published").count() == 1


def test_an_incomplete_template_is_refused_by_field() -> None:
    version = factories.draft(hours_low=9, hours_high=3, competency=" ")
    version.requirements.all().delete()
    version.criteria.filter(part=3).delete()
    with pytest.raises(GuardError) as refusal:
        workflow.publish(version, None)
    assert sorted(refusal.value.errors) == ["competency", "criteria", "hours_low", "requirements"]
    version.refresh_from_db()
    assert version.state == Version.State.DRAFT


def test_a_criterion_must_pass_above_its_lowest_level() -> None:
    version = factories.draft()
    version.criteria.filter(part=1).update(passing=1)
    with pytest.raises(GuardError) as refusal:
        workflow.publish(version, None)
    assert sorted(refusal.value.errors) == ["criteria"]


def test_an_organisation_that_does_not_issue_cannot_publish() -> None:
    version = factories.draft(factories.organisation("hillside", "district"))
    with pytest.raises(GuardError) as refusal:
        workflow.publish(version, None)
    assert sorted(refusal.value.errors) == ["issuer"]


def test_counts_keep_zero_and_follow_retirement() -> None:
    teacher, coach = factories.term("role", "teacher"), factories.term("role", "instructional-coach")
    row = factories.published(terms=[teacher])
    factories.published(terms=[teacher])
    assert (count("role:teacher"), count(f"role:{coach.slug}"), count("all")) == (2, 0, 2)

    workflow.retire(row, None)

    assert (count("role:teacher"), count("all")) == (1, 1)
    assert row.state == MicroCredential.State.RETIRED
    with pytest.raises(TransitionError):
        workflow.retire(row, None)


def test_a_retired_one_publishes_no_further_version() -> None:
    row = factories.published()
    workflow.retire(row, None)
    version = factories.draft()
    version.micro_credential, version.number = row, 2
    version.save()
    with pytest.raises(TransitionError):
        workflow.publish(version, None)
    version.refresh_from_db()
    assert version.state == Version.State.DRAFT


def test_figures_reach_the_version() -> None:
    version = factories.published().current
    assert version is not None
    workflow.publish_figures(version, {"agreement": 0.8})
    version.refresh_from_db()
    assert version.figures == {"agreement": 0.8}


@pytest.mark.parametrize(("hours", "band"), [(4, "under-5"), (5, "5-8"), (8, "5-8"), (9, "over-8")])
def test_hours_bands(hours: int, band: str) -> None:
    assert hours_band(hours) == band
