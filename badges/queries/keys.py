"""Issuers' keys with what they signed, for those who answer for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from accounts.models import Organisation
from badges.models import Award, IssuerKey, Revocation
from badges.queries.evidence import signed_since
from journal.models import Entry

MOST_NAMED = 50


@dataclass(frozen=True)
class KeyLine:
    """One key. `waiting` are awards it signed after it was in other hands, `renewed` those signed anew since, `revoked` those given up."""

    key: IssuerKey
    signs: bool
    awards: int
    waiting: int
    renewed: tuple[UUID, ...]
    renewed_count: int
    revoked: int


def key_rings(issuers: Sequence[Organisation]) -> list[tuple[Organisation, list[KeyLine]]]:
    """Each issuer with its keys, the one that signs first."""
    keys = IssuerKey.objects.filter(issuer__in=issuers).order_by("algorithm", "-number").defer("secret")
    rows = list(keys)
    counted = dict(_signed_by(rows))
    lines = [_line(row, counted.get(row.pk, 0)) for row in rows]
    return [(one, [line for line in lines if line.key.issuer_id == one.pk]) for one in issuers]


def _signed_by(keys: Iterable[IssuerKey]) -> Iterable[tuple[UUID | None, int]]:
    rows = Award.objects.filter(key__in=list(keys)).order_by().values_list("key")
    return rows.annotate(number=Count("pk")).values_list("key", "number")


def _line(key: IssuerKey, awards: int) -> KeyLine:
    renewed: tuple[UUID, ...] = ()
    waiting = count = revoked = 0
    if key.revoked_from is not None:
        waiting = signed_since(key).exclude(state=Award.State.REVOKED).count()
        given_up = Revocation.objects.filter(ground=Revocation.Ground.KEY, award__key=key)
        revoked = given_up.filter(state=Revocation.State.REVOKED).count()
        entries = Entry.objects.filter(
            kind="badges.reissued",
            organisation_id=key.issuer_id,
            data__why="key_revoked",
            data__before=key.fragment,
        )
        count = entries.count()
        newest = entries.order_by("-created").values_list("subject_id", flat=True)[:MOST_NAMED]
        renewed = tuple(UUID(subject) for subject in newest)
    signs = key.retired_at is None and key.revoked_from is None
    return KeyLine(key, signs, awards, waiting, renewed, count, revoked)
