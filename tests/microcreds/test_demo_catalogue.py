"""The demo catalogue loads through the real verbs, completely and only once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Organisation
from catalog.models import Collection, FacetCount, MicroCredential, Stack, StackItem, Version
from journal.models import Entry
from microcreds.demo import catalogue

pytestmark = pytest.mark.django_db
SLUGS = sorted(
    tomllib.loads(path.read_text())["slug"] for path in (catalogue.HERE / "micro_credentials").glob("*.toml")
)


def snapshot() -> list[int]:
    tables = [MicroCredential, Version, Stack, StackItem, Collection, FacetCount, Organisation, Entry]
    return [model._default_manager.count() for model in tables]


@pytest.fixture(scope="module", autouse=True)
def _loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Loaded once; what a test does to it is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        catalogue.load()
        yield
        transaction.set_rollback(True)


def test_everything_is_published_and_a_second_run_changes_nothing() -> None:
    rows = MicroCredential.objects.filter(state="published")
    assert sorted(rows.values_list("slug", flat=True)) == SLUGS
    assert FacetCount.objects.get(key="all").count == len(SLUGS)
    assert all("(demo)" in name for name in Organisation.objects.values_list("name", flat=True))
    keys = {tuple(item["key"] for item in version.attestations[:3]) for version in Version.objects.all()}
    assert keys == {("student-privacy", "academic-integrity", "release")}
    before = snapshot()
    catalogue.load()
    assert snapshot() == before


def test_a_missing_one_is_completed() -> None:
    row = MicroCredential.objects.get(slug=SLUGS[0])
    StackItem.objects.filter(micro_credential=row).delete()
    MicroCredential.objects.filter(pk=row.pk).update(slug="renamed")
    catalogue.load()
    assert MicroCredential.objects.filter(slug=SLUGS[0], state="published").count() == 1
