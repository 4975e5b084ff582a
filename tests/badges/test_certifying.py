"""Whatever happens to its parts, in whatever order: a certificate is valid if and only if its stack's rule is met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from badges import checking, queries, workflow
from badges.models import Award, ExternalAward, Recognition
from badges.openbadges.status import bit, decode_list
from catalog.models import MicroCredential, Stack, StackItem
from tests import factories
from tests.badges.stacked import foreign, report, stack
from tests.people import People, cast

pytestmark = pytest.mark.django_db
Earned = Callable[[set[int]], bool]
RULES: dict[str, tuple[tuple[int, ...], int, Earned]] = {
    "all": ((4,), 0, lambda parts: parts == {0, 1, 2, 3}),
    "n_of_m": ((4,), 2, lambda parts: len(parts) >= 2),
    "groups": ((2, 2), 0, lambda parts: bool(parts & {0, 1}) and bool(parts & {2, 3})),
}


@dataclass
class History:
    """One educator's way through one stack. The verbs are those of a year: each is called on one of four parts."""

    people: People
    stack: Stack
    units: list[MicroCredential]
    awards: list[Award]
    externals: list[ExternalAward]
    places: int = field(default=100_000)

    def earn(self, part: int) -> None:
        self._awards(part).update(state="active", valid_until=None)

    def revoke(self, part: int) -> None:
        self._awards(part).update(state="revoked")

    def suspend(self, part: int) -> None:
        self._awards(part).filter(state="active").update(state="suspended")

    def expire(self, part: int) -> None:
        self._awards(part).update(valid_until=timezone.now() - timedelta(days=1))

    def renew(self, part: int) -> None:
        """A second badge of the same micro-credential, in place of one that ended."""
        award, self.places = self.awards[part], self.places + 1
        copied = {
            f.attname: getattr(award, f.attname) for f in award._meta.concrete_fields if not f.primary_key
        }
        copied |= {"submission_id": None, "renews_id": award.pk, "status_index": self.places}
        Award.objects.create(**{**copied, "state": "active", "valid_until": None})

    def recognise(self, part: int) -> None:
        external = self.externals[part]
        if Recognition.objects.filter(external=external).exists() or not queries.holds(external):
            return
        item = StackItem.objects.select_related("group__stack").get(micro_credential=self.units[part])
        asked = workflow.ask_recognition(external, item, self.people.educator)
        workflow.answer_recognition(asked, self.people.approver, accept=True, words="The same.")

    def withdraw(self, part: int) -> None:
        for row in Recognition.objects.filter(external=self.externals[part], state="accepted"):
            workflow.withdraw_recognition(row, self.people.approver, "Not the same.")

    def fail(self, part: int) -> None:
        ExternalAward.objects.filter(pk=self.externals[part].pk).update(outcome="failed")

    def mend(self, part: int) -> None:
        ExternalAward.objects.filter(pk=self.externals[part].pk).update(outcome="ok")

    def forget(self, part: int) -> None:
        for row in ExternalAward.objects.filter(pk=self.externals[part].pk):
            workflow.forget_external(row, self.people.educator)

    def _awards(self, part: int) -> Any:
        return Award.objects.filter(micro_credential=self.units[part])

    def counting(self) -> set[int]:
        """The parts for which something counts now, as one would find out by hand."""
        found = set()
        for part, external in enumerate(self.externals):
            rows = [row for row in self._awards(part) if row.state == "active" and not row.expired]
            ok = ExternalAward.objects.filter(pk=external.pk, outcome="ok").exists()
            counted = Recognition.objects.filter(external=external, state="accepted").exists()
            if rows or (ok and counted):
                found.add(part)
        return found


EVENTS = [name for name in vars(History) if not name.startswith("_") and name not in ("counting", "places")]

EXAMPLES = 4


@pytest.fixture
def people() -> People:
    return cast()


def external(people: People, number: int) -> ExternalAward:
    document = foreign(people.educator.email)
    return workflow.keep_external(
        people.educator, b"%d" % number, "application/json", report(document, status="ok")
    )


@pytest.mark.parametrize("rule", list(RULES))
def test_a_certificate_is_valid_if_and_only_if_the_rule_is_met(people: People, rule: str) -> None:
    groups, minimum, met = RULES[rule]
    row, units = stack(people, *groups, rule=rule, minimum=minimum)
    awards = [factories.award(people, unit) for unit in units]
    externals = [external(people, number) for number in range(len(units))]
    events = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 3)), min_size=4, max_size=9)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(["suspend", "revoke"]), st.sets(st.integers(0, 3)), events)
    def lived(on_revoked: str, first: set[int], events: list[tuple[str, int]]) -> None:
        with transaction.atomic():
            row.on_revoked = on_revoked
            row.save()
            history = History(people, row, units, awards, externals)
            for part in first:
                history.revoke(part)
            for name, part in [("mend", 0), *events]:
                getattr(history, name)(part)
                workflow.settle(people.educator, row)
                check(history, met)
            transaction.set_rollback(True)

    lived()


def check(history: History, met: Earned) -> None:
    certificates = Award.objects.filter(stack=history.stack).exclude(state="revoked")
    states = list(certificates.values_list("state", flat=True))
    assert len(states) <= 1
    assert (states == ["active"]) == met(history.counting())
    if states == ["active"]:
        award = certificates.select_related("status_list").get()
        parts = queries.parts_of(award)
        assert all(part.holds for part in parts)  # type: ignore[attr-defined]
        named = [item["id"] for item in award.credential["evidence"]]
        assert named == [part.address for part in parts]
        document = checking.status_document(award.status_list)
        assert not bit(decode_list(document["credentialSubject"]["encodedList"]), award.status_index)
