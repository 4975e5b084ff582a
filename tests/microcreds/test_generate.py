"""Data at scale belongs to the demonstration and is shaped like real work."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import Membership, User
from badges.models import Award, Share
from catalog.models import MicroCredential
from microcreds.demo import scale
from submissions.models import Enrolment, Submission
from tests import factories

pytestmark = pytest.mark.django_db


def generate(**numbers: int) -> str:
    said = io.StringIO()
    call_command("generate", **numbers, stdout=said)
    return said.getvalue()


def test_real_people_are_left_alone() -> None:
    factories.user("maya@school.example")
    with pytest.raises(CommandError, match="real people"):
        generate(educators=1)
    assert User.objects.count() == 1


@pytest.fixture(scope="module")
def _small(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demonstration's people and catalogue, without their long history; what a test adds is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        for part in ("history", "stacks", "showing", "ending", "assessing"):
            patch.setattr(f"microcreds.demo.{part}.load", lambda: None)
        generate()  # loads what is missing
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("_small")
def test_people_work_and_badges_are_added() -> None:
    assert generate(educators=5, submissions=12, awards=6).startswith("5 educators, 12 submissions, 6 awards")
    made = User.objects.filter(email__startswith="generated-")
    assert made.count() == 5
    assert not any(person.has_usable_password() for person in made)
    assert Membership.objects.filter(user__in=made).count() == 10
    states = Counter(Submission.objects.values_list("state", flat=True))
    assert states == {"earned": 6, "draft": 2, "submitted": 2, "not_yet": 2}
    assert Counter(Enrolment.objects.values_list("state", flat=True)) == {"earned": 6, "active": 6}
    assert Award.objects.filter(submission__state="earned", issuer__demo=True).count() == 6
    assert Share.objects.count() == 4
    award = Award.objects.all()[0]
    assert award.credential["id"].endswith(f"/badges/{award.pk}")


@pytest.mark.usefixtures("_small")
def test_more_may_be_added_later() -> None:
    generate(educators=2, submissions=2, awards=1)
    generate(educators=2, submissions=2, awards=1)
    assert Award.objects.count() == 2
    assert Submission.objects.values("code").distinct().count() == 4


@pytest.mark.usefixtures("_small")
def test_too_few_people_are_told() -> None:
    units = MicroCredential.objects.filter(state="published").count()
    with pytest.raises(CommandError, match="ask for 2 educators or more"):
        generate(educators=1, submissions=units + 1)


@pytest.mark.parametrize(
    ("value", "cell"), [(None, r"\N"), ("a\tb\\c\nd", r"a\tb\\c\nd"), (True, "True"), ([], "{}")]
)
def test_cells_are_written_as_copy_reads_them(value: Any, cell: str) -> None:
    field = User._meta.get_field("name")
    assert scale._cell(field, {"name": value}, None) == cell
