"""Stacks in the demonstration: one begun, one completed here, one completed with a badge of an issuer that is not ours."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from badges import checking
from badges import workflow as badges
from badges.models import ExternalAward
from badges.openbadges import documents, proofs
from badges.openbadges.keys import SigningKey
from catalog.models import MicroCredential, Stack, StackItem
from microcreds.demo import history
from microcreds.demo.people import DOMAIN

BEGUN = "checking-for-understanding"
COMPLETED, LAST = "responsive-instruction", "reading-data-to-regroup-students"
WITH_OTHER, PART = "going-public-with-policy-and-pedagogy", "going-public-framing-a-problem"
SAME = (
    "The badge asks for a problem that was observed, put into one page and tried on a reader who decides. "
    "That is what our first part asks for, and its criteria are at least as strict."
)


def load() -> None:
    """Make what is missing; running it again changes nothing."""
    if ExternalAward.objects.filter(owner__email__endswith=f"@{DOMAIN}").exists():
        return
    with transaction.atomic():
        _begin(User.objects.get(email=f"educator@{DOMAIN}"))
        _complete()
        _count_another(User.objects.get(email=f"educator2@{DOMAIN}"))


def _begin(educator: User) -> None:
    """Her first part of two; the other is a draft of hers."""
    history.earn(educator, BEGUN, _reader(BEGUN))


def _complete() -> None:
    """One of those who hold the first part earns the second."""
    held = User.objects.filter(awards__micro_credential__slug=BEGUN, awards__shares__isnull=False)
    teacher = held.order_by("email").first()
    if teacher is not None:
        award = history.earn(teacher, LAST, _reader(LAST))
        badges.settle_for(award)


def _reader(slug: str) -> User:
    return history.stand_in(MicroCredential.objects.values_list("issuer__slug", flat=True).get(slug=slug))


def _count_another(educator: User) -> None:
    """A badge from elsewhere, which the stack's approver counts for the part it stands for."""
    content = json.dumps(_foreign(educator.email), indent=2).encode()
    external = badges.keep_external(educator, content, "application/json", checking.check(content))
    item = StackItem.objects.select_related("group__stack").get(
        group__stack__slug=WITH_OTHER, micro_credential__slug=PART
    )
    asked = badges.ask_recognition(external, item, educator)
    badges.answer_recognition(asked, User.objects.get(email=f"approver@{DOMAIN}"), accept=True, words=SAME)
    badges.settle(educator, Stack.objects.select_related("issuer").get(slug=WITH_OTHER))


def _foreign(email: str) -> dict[str, Any]:
    """A badge whose issuer is its own key, so that nobody has to be asked to check it."""
    key, day = SigningKey.generate(), timezone.now() - timedelta(days=200)
    did = f"did:key:{key.multikey}"
    achievement = documents.AchievementData(
        id="https://harbor.example/achievements/naming-a-problem",
        name="Naming a Problem Worth Solving",
        description="Puts a problem of a school into one page that somebody who decides can act on.",
        criteria_narrative="A problem observed in one's own school, one page about it, and what a reader asked back.",
        issuer=documents.IssuerData(id=did, name="Harbor Teaching Institute (demo)"),
        kind="Badge",
    )
    award = documents.AwardData(
        id=uuid5(NAMESPACE_URL, f"harbor:{email}").urn,
        subject_id=uuid5(NAMESPACE_URL, f"harbor:{email}:subject").urn,
        achievement=achievement,
        recipient_email=email,
        recipient_salt=documents.new_salt(),
        status=documents.StatusData(list_url="https://harbor.example/status/1", index=0),
        valid_from=day,
        awarded=day,
    )
    document = documents.credential(award)
    del document["credentialStatus"]  # this issuer keeps no list
    return proofs.sign(document, key, verification_method=f"{did}#{key.multikey}", created=day)
