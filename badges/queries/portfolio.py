"""What a person holds, for programs that she allowed to read it: her awards and her badges from elsewhere, in one order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote
from uuid import UUID

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Coalesce, Length

from badges.models import Award, ExternalAward

BYTES = 5 * 1024**2  # of badges from elsewhere on one page; at least one is on it, however large


class Place(NamedTuple):
    """One badge in the order: which table it lies in, and where."""

    pk: UUID
    kind: str


class Held(NamedTuple):
    """A page of what she holds, in order, and how many there are."""

    rows: list[Award | ExternalAward]
    total: int


def portfolio(
    awards: QuerySet[Award],
    externals: QuerySet[ExternalAward],
    *,
    since: datetime | None,
    offset: int,
    limit: int,
) -> Held:
    """A page, the oldest first, so that what is issued later does not move what a program has read.

    Only what Open Badges 3.0 knows: a hosted 2.0 assertion is no credential.
    """
    ours = awards.annotate(moment=Coalesce("issued_at", "awarded_at"))
    theirs = externals.filter(document__type__contains=["VerifiableCredential"])
    theirs = theirs.annotate(moment=Coalesce("issued_at", "created"))
    if since is not None:
        ours, theirs = ours.filter(moment__gt=since), theirs.filter(moment__gt=since)
    places = _named(ours, "award").union(_named(theirs, "external"), all=True)
    page = places.order_by("moment", "pk")[offset : offset + limit]
    found = [Place(pk, kind) for pk, kind, _moment in page]
    return Held(_loaded(found, awards, externals), ours.count() + theirs.count())


def _named(rows: QuerySet[Any], kind: str) -> Any:
    named = rows.order_by().annotate(kind=Value(kind, output_field=CharField()))
    return named.values_list("pk", "kind", "moment")


def _loaded(
    places: list[Place], awards: QuerySet[Award], externals: QuerySet[ExternalAward]
) -> list[Award | ExternalAward]:
    """The rows of a page with their documents, cut where the bytes of others' badges would be too many."""
    sizes = externals.filter(pk__in=_of(places, "external")).annotate(size=Length(F("content")))
    places = _cut(places, dict(sizes.values_list("pk", "size")))
    rows: dict[UUID, Award | ExternalAward] = {
        row.pk: row for row in awards.filter(pk__in=_of(places, "award")).only("credential")
    }
    wanted = externals.filter(pk__in=_of(places, "external")).only("content", "media_type")
    rows |= {row.pk: row for row in wanted}
    return [rows[place.pk] for place in places if place.pk in rows]


def _of(places: Iterable[Place], kind: str) -> list[UUID]:
    return [place.pk for place in places if place.kind == kind]


def _cut(places: list[Place], sizes: dict[UUID, int]) -> list[Place]:
    total = 0
    for number, place in enumerate(places):
        total += sizes.get(place.pk, 0)
        if total > BYTES and number:
            return places[:number]
    return places


def same_credential(
    externals: QuerySet[ExternalAward], credential_id: str, issuer_id: str
) -> ExternalAward | None:
    """The badge from elsewhere that has this id of this issuer: one of its versions is kept.

    Compared as the specification says (Open Badges 3.0, credential equality): however the ids are escaped and spaced.
    """
    if not credential_id or not issuer_id:
        return None
    wanted = (_plain(credential_id), _plain(issuer_id))
    named = externals.order_by("created").values_list("pk", "credential_id", "issuer_id")
    pk = next((pk for pk, *ids in named if tuple(map(_plain, ids)) == wanted), None)
    return externals.defer("content").filter(pk=pk).first() if pk else None


def _plain(address: str) -> str:
    return unquote(address).strip()
