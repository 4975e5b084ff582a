"""Stacks to complete, and badges of an issuer that is not ours: one that is its own key (did:key), so nobody is asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from badges import workflow
from badges.models import Award, ExternalAward, Recognition
from badges.openbadges import documents, proofs, verification
from badges.openbadges.fetched import nothing
from badges.openbadges.keys import SigningKey
from badges.openbadges.outcomes import Outcome, Report, Step
from catalog.models import MicroCredential, Stack, StackGroup, StackItem
from journal.models import Entry
from microcreds.wiring import WIRING
from tests import factories
from tests.people import People

DAY = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
FINE = ("document", "proof", "issuer", "dates", "status")


def stack(
    people: People, *groups: int, rule: str = "all", minimum: int = 0, **fields: Any
) -> tuple[Stack, list[MicroCredential]]:
    """A stack of northfield's with so many parts in each group, of which one is needed where the rule says groups."""
    row = Stack.objects.create(
        slug="talk",
        title="Talk",
        description="About talk.",
        issuer=people.northfield,
        rule=rule,
        minimum=minimum,
        certificate="Talk Certificate",
        **fields,
    )
    units = [factories.published(people.northfield) for _number in range(sum(groups))]
    rest = iter(units)
    for order, size in enumerate(groups):
        group = StackGroup.objects.create(stack=row, title=f"Group {order}", minimum=1, order=order)
        for place in range(size):
            StackItem.objects.create(group=group, micro_credential=next(rest), order=place)
    return row, units


def foreign(email: str, *, key: SigningKey | None = None, **changes: Any) -> dict[str, Any]:
    """A signed badge of somebody else's, given to this address."""
    key = key or SigningKey.generate()
    did = f"did:key:{key.multikey}"
    issuer = documents.IssuerData(id=did, name="Harbor Institute")
    achievement = documents.AchievementData(
        id="https://harbor.example/achievements/talk",
        name="Leading Talk",
        description="Leads a discussion.",
        criteria_narrative="A recording and a plan.",
        issuer=issuer,
    )
    award = documents.AwardData(
        **{
            "id": f"urn:uuid:{uuid4()}",
            "subject_id": f"urn:uuid:{uuid4()}",
            "achievement": achievement,
            "recipient_email": email,
            "recipient_salt": "00112233445566778899aabbccddeeff",
            "status": documents.StatusData(list_url="https://harbor.example/status/1", index=1),
            "valid_from": DAY,
            "awarded": DAY,
            **changes,
        }
    )
    document = documents.credential(award)
    del document["credentialStatus"]
    return proofs.sign(document, key, verification_method=f"{did}#{key.multikey}", created=DAY)


def report(document: dict[str, Any], **outcomes: str) -> Report:
    """What a verifier would say about it: everything fine, but for these steps."""
    steps = [Step(name, Outcome(outcomes.get(name, "ok")), f"{name}.") for name in FINE]
    return Report(tuple(steps), document)


def kept(user: User, **changes: Any) -> ExternalAward:
    """A badge from elsewhere of hers, checked by the real verifier, without the process around it."""
    content = json.dumps(foreign(user.email, **changes)).encode()
    checked = verification.verify(content, fetch=nothing, now=timezone.now())
    return workflow.keep_external(user, content, "application/json", checked)


def recognised(people: People, external: ExternalAward, unit: MicroCredential) -> Recognition:
    """It counts for a part."""
    item = StackItem.objects.select_related("group__stack").get(micro_credential=unit)
    row = workflow.ask_recognition(external, item, external.owner)
    return workflow.answer_recognition(row, people.approver, accept=True, words="The same work.")


def asked_to_count(people: People, row: Stack, unit: MicroCredential) -> Recognition:
    """A question of the educator's that waits for an answer."""
    item = StackItem.objects.create(
        group=StackGroup.objects.create(stack=row, minimum=1), micro_credential=unit
    )
    document = foreign(people.educator.email)
    content = json.dumps(document).encode()
    external = workflow.keep_external(people.educator, content, "application/json", report(document))
    return workflow.ask_recognition(external, item, people.educator)


def follow() -> None:
    """What the journal's entries lead to, until nothing new happens."""
    while entries := list(Entry.objects.filter(dispatched_at=None).order_by("created")):
        for entry in entries:
            for task in WIRING.get(entry.kind, ()):
                import_string(task)(str(entry.pk))
        Entry.objects.filter(pk__in=[entry.pk for entry in entries]).update(dispatched_at=timezone.now())


def certificate(user: User) -> Award:
    """Her one certificate."""
    return Award.objects.get(earner=user, stack__isnull=False)


def soon(days: int) -> datetime:
    """In so many days."""
    return timezone.now() + timedelta(days=days)
