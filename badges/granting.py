"""From rows of a list to signed credentials, thousands at a time: what they share is made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from badges import issuing
from badges.keyring import Signer
from badges.models import Award
from badges.openbadges import documents, proofs
from badges.openbadges.documents import identity_hash
from badges.openbadges.reading import write_json
from badges.openbadges.template import Parts, UnfitError, template_of


class Grant(NamedTuple):
    """What an award has of its own; the names are those of its columns."""

    id: UUID
    earner_id: UUID
    renews_id: UUID | None
    name_shown: str
    salt: str
    status_index: int
    awarded_at: datetime
    valid_until: datetime | None
    narrative: str
    supporting: list[dict[str, str]]


class Press:
    """Signs awards that are alike. Made from one of them, it makes no query for the others."""

    def __init__(self, sample: Award, by: Signer, now: datetime) -> None:
        """`sample` has everything loaded that `issuing.award_data` needs."""
        self._base = issuing.award_data(sample, {}, now)
        self._id = self._base.id.removesuffix(str(sample.pk))
        self._by, self._now = by, now
        self._signs: dict[tuple[object, ...], Callable[[Parts], str]] = {}
        self._moments: dict[datetime | None, str] = {None: ""}

    def sign(self, grant: Grant, email: str) -> str:
        """The signed credential as JSON text."""
        parts = self._parts(grant, email)
        try:
            return (self._signs.get(parts.shape) or self._signer(parts, grant, email))(parts)
        except UnfitError:
            document = documents.credential(self._data(grant, email))
            method = self._by.method
            return write_json(proofs.sign(document, self._by, verification_method=method, created=self._now))

    def _data(self, grant: Grant, email: str) -> documents.AwardData:
        """What the award says; the same as `issuing.award_data` of the stored row."""
        return replace(
            self._base,
            id=f"{self._id}{grant.id}",
            subject_id=f"urn:uuid:{grant.id}",
            recipient_email=email,
            recipient_salt=grant.salt,
            status=replace(self._base.status, index=grant.status_index),
            valid_until=grant.valid_until,
            awarded=grant.awarded_at,
            narrative=issuing.prose(grant.narrative),
            evidence=tuple(map(issuing.supporting_data, grant.supporting)),
        )

    def _parts(self, grant: Grant, email: str) -> Parts:
        """The same as the template takes it; texts of a list are written as they are signed."""
        pk, index, url = str(grant.id), str(grant.status_index), self._base.status.list_url
        return Parts(
            f"{self._id}{pk}",
            self._moment(self._now),
            self._moment(grant.valid_until),
            self._moment(grant.awarded_at),
            f"urn:uuid:{pk}",
            identity_hash(email, grant.salt),
            grant.salt,
            f"{url}#{index}",
            index,
            url,
            (),
            grant.narrative,
            tuple([(one["url"], one["name"], one["narrative"]) for one in grant.supporting]),
        )

    def _moment(self, moment: datetime | None) -> str:
        text = self._moments.get(moment)
        if text is None and moment is not None:
            text = self._moments[moment] = proofs.timestamp(moment)
        return text or ""

    def _signer(self, parts: Parts, grant: Grant, email: str) -> Callable[[Parts], str]:
        template = template_of(documents.credential(self._data(grant, email)), parts)
        signer = template.signer(self._by, verification_method=self._by.method, created=self._now)
        self._signs[parts.shape] = signer
        return signer
