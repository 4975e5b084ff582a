"""The demonstration's careful issuer has something true to show on every page of assessment, and is made once."""

from __future__ import annotations

import pytest

from accounts.models import Organisation, User
from catalog.models import Version
from journal.models import Entry
from microcreds.demo import assessing, catalogue, people
from review import rules
from review import workflow as review
from review.models import Anchor, Appeal, Assessment, Calibration, Comment, Licence
from review.queries import policy_of
from review.rules.staffing import staffing

pytestmark = pytest.mark.django_db


def of(account: str) -> User:
    return User.objects.get(email=f"{account}@{people.DOMAIN}")


def enough(slug: str) -> bool:
    issuer = Organisation.objects.get(slug=slug)
    return staffing(issuer, policy_of(issuer.pk)).enough


def test_the_careful_issuer_shows_its_reliability() -> None:
    catalogue.load()
    people.load()
    assessing.load()
    figures = Version.objects.get(micro_credential__slug=assessing.UNIT).figures
    assert (figures["calibrated"], figures["double_scored"]) == (True, 24)
    assert figures["alpha_low"] < figures["alpha_high"]
    assert sum(review.recount().values()) == 0
    assert [enough("kqed-pbs"), enough("lakes")] == [True, False]
    drifting = Licence.objects.get(state=Licence.State.PAUSED)
    assert drifting.assessor.name == "Owen Pike"
    assert Calibration.objects.filter(passed=True, kind="qualifying").count() == 4
    assert Anchor.objects.filter(state=Anchor.State.READY).count() == 7
    waiting = rules.adjudicable_by(of("approver"))
    assert waiting.count() == 1
    assert Assessment.objects.filter(settled=Assessment.Settled.ADJUDICATED).count() == 2
    assert sorted(Appeal.objects.values_list("state", flat=True)) == ["answered", "open"]
    assert Assessment.objects.get(reserved_why="offered").reserved_for == of("assessor2")
    assert Assessment.objects.exclude(escalated_at=None).count() == 1
    assert Assessment.objects.filter(state=Assessment.State.RETURNED).count() == 1
    assert Assessment.objects.exclude(reopened=[]).count() == 1
    assert Comment.objects.filter(state="shared", followed=1, passed=1).count() == 1
    before = Entry.objects.count()
    assessing.load()
    assert Entry.objects.count() == before
