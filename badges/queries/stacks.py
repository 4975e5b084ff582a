"""How far a person is with stacks: what she earned here, and what counts from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from badges.models import Award, CertificatePart, ExternalAward, Recognition, Revocation
from catalog.models import MicroCredential, Stack, StackItem

Accepted = Recognition.State.ACCEPTED


@dataclass(frozen=True)
class Member:
    """One part of a stack, and what counts for it: an award of hers, or a badge from elsewhere."""

    item: StackItem
    award: UUID | None
    external: UUID | None
    asked: str  # state of the newest question whether a badge from elsewhere counts

    @property
    def earned(self) -> bool:
        """Whether it counts now."""
        return self.award is not None or self.external is not None

    @property
    def micro_credential(self) -> MicroCredential:
        """What this part is."""
        return self.item.micro_credential


@dataclass(frozen=True)
class Progress:
    """How far a person is with a stack: `done` of `needed`, and every member with what counts for it."""

    done: int
    needed: int
    members: list[Member]

    @property
    def complete(self) -> bool:
        """Whether the stack's rule is met; nothing is never enough."""
        return 0 < self.needed <= self.done

    @property
    def steps(self) -> list[str]:
        """One mark a part that is needed, done ones first."""
        now = ["now"] if self.done < self.needed else []
        return ["done"] * self.done + now + ["todo"] * (self.needed - self.done - len(now))

    @property
    def next(self) -> MicroCredential | None:
        """The first part that would bring her further."""
        if self.done >= self.needed:
            return None
        full = _full_groups(self.members)
        rows = [row for row in self.members if not row.earned]
        wanted = [row for row in rows if row.item.group_id not in full] or rows
        return wanted[0].micro_credential if wanted else None


@dataclass(frozen=True)
class Begun:
    """A stack somebody has begun, with its certificate if there is one."""

    stack: Stack
    progress: Progress
    certificate: UUID | None
    state: str


def lasting(now: datetime, field: str = "valid_until") -> Q:
    """Not expired."""
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gt": now})


def counting_awards(now: datetime) -> QuerySet[Award]:
    """Badges that count for a part: valid, not expired, no certificates."""
    return Award.objects.filter(lasting(now), state=Award.State.ACTIVE, stack=None)


def counting_externals(now: datetime) -> QuerySet[ExternalAward]:
    """Badges from elsewhere that hold: verified, hers, not expired."""
    rows = ExternalAward.objects.filter(outcome=ExternalAward.Outcome.OK, is_hers=True)
    return rows.filter(lasting(now, "expires_at"))


def counting_recognitions(now: datetime) -> QuerySet[Recognition]:
    """Badges from elsewhere that an issuer counts for a part, as long as they hold."""
    return Recognition.objects.filter(state=Accepted, external__in=counting_externals(now))


def _items(user: User) -> QuerySet[StackItem, Any]:
    """Parts with what counts for them now."""
    now = timezone.now()
    awards = counting_awards(now).filter(earner=user, micro_credential=OuterRef("micro_credential"))
    recognitions = Recognition.objects.filter(external__owner=user, item=OuterRef("pk"))
    counted = counting_recognitions(now).filter(external__owner=user, item=OuterRef("pk"))
    return StackItem.objects.annotate(
        award=Subquery(awards.order_by("awarded_at", "pk").values("pk")[:1]),
        external=Subquery(counted.order_by("decided_at", "pk").values("external")[:1]),
        asked=Subquery(recognitions.order_by("-created").values("state")[:1]),
    )


def _member(row: Any) -> Member:
    return Member(row, row.award, row.external, row.asked or "")


def progress(stack: Stack, user: User) -> Progress:
    """Count by the stack's rule: all of them, a number of them, or a number from each group."""
    rows = _items(user).filter(group__stack=stack).select_related("group", "micro_credential__issuer")
    rows = rows.defer("micro_credential__search")
    return counted(stack, [_member(row) for row in rows.order_by("group__order", "group", "order")])


def counted(stack: Stack, members: list[Member]) -> Progress:
    """By the rule. What stands in two groups counts in both, yet once where the number alone matters."""
    groups = {row.item.group_id: row.item.group.minimum for row in members}
    if stack.rule == Stack.Rule.GROUPS:
        done = Counter(row.item.group_id for row in members if row.earned)
        enough = sum(min(done[group], minimum) for group, minimum in groups.items())
        return Progress(enough, sum(groups.values()), members)
    earned = {row.item.micro_credential_id for row in members if row.earned}
    all_of_them = len({row.item.micro_credential_id for row in members})
    needed = all_of_them if stack.rule == Stack.Rule.ALL else stack.minimum
    return Progress(min(len(earned), needed), needed, members)


def _full_groups(members: Iterable[Member]) -> set[int]:
    """Groups that a rule of groups asks nothing more of."""
    rows = list(members)
    if not rows or rows[0].item.group.stack.rule != Stack.Rule.GROUPS:
        return set()
    done = Counter(row.item.group_id for row in rows if row.earned)
    return {row.item.group_id for row in rows if done[row.item.group_id] >= row.item.group.minimum}


def begun(user: User) -> list[Begun]:
    """Stacks of which a part counts for her, or whose certificate she has; in one query."""
    certificates = Award.objects.filter(earner=user, stack=OuterRef("group__stack")).exclude(state="revoked")
    rows = _items(user).annotate(
        certificate=Subquery(certificates.values("pk")[:1]),
        certificate_state=Subquery(certificates.values("state")[:1]),
    )
    rows = rows.filter(group__stack__in=_begun_ids(user))
    rows = rows.select_related("group__stack__issuer", "micro_credential").defer("micro_credential__search")
    found = rows.order_by("group__stack__title", "group__stack", "group__order", "group", "order")
    return [
        _begun(list(parts)) for _stack, parts in groupby(found.iterator(), lambda row: row.group.stack_id)
    ]


def _begun(rows: list[Any]) -> Begun:
    stack = rows[0].group.stack
    members = [_member(row) for row in rows]
    return Begun(stack, counted(stack, members), rows[0].certificate, rows[0].certificate_state or "")


def _begun_ids(user: User) -> QuerySet[StackItem, Any]:
    now = timezone.now()
    awards = counting_awards(now).filter(earner=user).values("micro_credential")
    items = counting_recognitions(now).filter(external__owner=user).values("item")
    hers = Award.objects.filter(earner=user, stack__isnull=False).exclude(state="revoked").values("stack")
    parts = Q(micro_credential__in=awards) | Q(pk__in=items) | Q(group__stack__in=hers)
    return StackItem.objects.filter(parts).values("group__stack")


# --- certificates -------------------------------------------------------------------------------------------


def certificate_of(user: User, stack: Stack) -> Award | None:
    """The one certificate that is not revoked."""
    rows = Award.objects.filter(earner=user, stack=stack).exclude(state=Award.State.REVOKED)
    return rows.select_related("issuer", "stack", "status_list", "earner").first()


def stacks_counting(award: Award) -> QuerySet[Stack]:
    """The stacks a badge is a part of."""
    items = StackItem.objects.filter(micro_credential=award.micro_credential_id)
    return Stack.objects.filter(pk__in=items.values("group__stack"))


def parts_of(certificate: Award) -> list[CertificatePart]:
    """What a certificate names, each with `holds`: whether it counts now.

    A badge from elsewhere holds as long as it is valid and its recognition was not withdrawn. One that went with the part
    it counted for was not: what a stack asks for later takes a certificate from nobody.
    """
    return list(_parts(timezone.now()).filter(certificate=certificate).select_related("part", "external"))


def _parts(now: datetime) -> QuerySet[Any, Any]:
    ours = counting_awards(now).filter(pk=OuterRef("part"))
    theirs = counting_externals(now).filter(pk=OuterRef("external"))
    withdrawn = Recognition.objects.filter(
        external=OuterRef("external"), item=OuterRef("item"), state=Recognition.State.DECLINED
    )
    return CertificatePart.objects.annotate(holds=Exists(ours) | Exists(theirs) & ~Exists(withdrawn))


def shaken() -> QuerySet[Award]:
    """Certificates that stand although a part does not hold any more, and paused ones whose parts all hold again."""
    through = _parts(timezone.now()).filter(certificate=OuterRef("pk"), holds=False)
    rows = Award.objects.filter(stack__isnull=False, earner__closed_at=None)
    broken = Q(Exists(through), state=Award.State.ACTIVE)
    healed = Q(~Exists(through), state=Award.State.SUSPENDED)
    return rows.filter(broken | healed).order_by("pk")


# Whoever has met a stack's rule and has no certificate of it, in one pass.
COMPLETED = """
WITH counted AS (
    SELECT a.earner_id AS person, i.id AS item
      FROM badges_award a JOIN catalog_stackitem i ON i.micro_credential_id = a.micro_credential_id
     WHERE a.state = 'active' AND (a.valid_until IS NULL OR a.valid_until > %(now)s)
    UNION
    SELECT e.owner_id, r.item_id
      FROM badges_recognition r JOIN badges_externalaward e ON e.id = r.external_id
     WHERE r.state = 'accepted' AND e.outcome = 'ok' AND e.is_hers
       AND (e.expires_at IS NULL OR e.expires_at > %(now)s)
), held AS (
    SELECT c.person, g.stack_id, g.id AS part, g.minimum, count(*) AS number
      FROM counted c JOIN catalog_stackitem i ON i.id = c.item JOIN catalog_stackgroup g ON g.id = i.group_id
     GROUP BY c.person, g.stack_id, g.id, g.minimum
), asked AS (
    SELECT s.id AS stack_id, s.rule, CASE s.rule WHEN 'all' THEN count(i.id) WHEN 'n_of_m' THEN s.minimum
           ELSE (SELECT sum(g2.minimum) FROM catalog_stackgroup g2
                  WHERE g2.stack_id = s.id AND EXISTS (SELECT FROM catalog_stackitem i2 WHERE i2.group_id = g2.id))
           END AS needed
      FROM catalog_stack s JOIN catalog_stackgroup g ON g.stack_id = s.id JOIN catalog_stackitem i ON i.group_id = g.id
     GROUP BY s.id
)
SELECT h.person, h.stack_id
  FROM held h JOIN asked a ON a.stack_id = h.stack_id JOIN accounts_user u ON u.id = h.person AND u.closed_at IS NULL
 WHERE a.needed > 0 AND NOT EXISTS (
       SELECT FROM badges_award c WHERE c.earner_id = h.person AND c.stack_id = h.stack_id
          AND (c.state <> 'revoked' OR NOT EXISTS (
              SELECT FROM badges_revocation r WHERE r.award_id = c.id AND r.ground = 'part')))
 GROUP BY h.person, h.stack_id, a.rule, a.needed
HAVING sum(CASE a.rule WHEN 'groups' THEN least(h.number, h.minimum) ELSE h.number END) >= a.needed
 LIMIT %(limit)s
"""


def completed_without_certificate(limit: int) -> list[tuple[UUID, int]]:
    """(person, stack) where a lost task left a certificate unwritten."""
    with connection.cursor() as cursor:
        cursor.execute(COMPLETED, {"now": timezone.now(), "limit": limit})
        return list(cursor.fetchall())


def certificate_refused(user: User, stack: Stack) -> bool:
    """Whether her certificate was revoked for a reason of its own: then earning a part anew brings no other one."""
    rows = Award.objects.filter(earner=user, stack=stack, state=Award.State.REVOKED)
    return rows.exclude(Exists(Revocation.objects.filter(award=OuterRef("pk"), ground="part"))).exists()
