"""From rows of a list to signed credentials, thousands at a time: what they share is made once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from badges import issuing
from badges.keyring import Signer
from badges.models import Award, BatchRow
from badges.openbadges import documents, proofs
from badges.openbadges.template import Parts, UnfitError, template_of


class Press:
    """Signs awards that are alike. Made from one of them, it makes no query for the others."""

    def __init__(self, sample: Award, by: Signer, now: datetime) -> None:
        """`sample` has everything loaded that `issuing.award_data` needs."""
        self._base = replace(issuing.award_data(sample, {}, now), narrative="", evidence=(), valid_until=None)
        self._id = self._base.id.removesuffix(str(sample.pk))
        self._by, self._now = by, now
        self._signs: dict[tuple[object, ...], Callable[[Parts], str]] = {}

    def data(self, award: Award, email: str, row: BatchRow) -> documents.AwardData:
        """What the award's credential says; the same as `issuing.award_data` of the stored award."""
        return replace(
            self._base,
            id=f"{self._id}{award.pk}",
            subject_id=f"urn:uuid:{award.pk}",
            recipient_email=email,
            recipient_salt=award.salt,
            status=replace(self._base.status, index=award.status_index),
            valid_until=award.valid_until,
            awarded=award.awarded_at,
            narrative=issuing.prose(row.narrative) if row.narrative else "",
            evidence=tuple(map(issuing.supporting_data, row.supporting)),
        )

    def sign(self, award: Award, email: str, row: BatchRow) -> str:
        """The signed credential as JSON text."""
        data = self.data(award, email, row)
        parts = Parts.of(data)
        try:
            return self._signer(parts, data)(parts)
        except UnfitError:
            return self._whole(data)

    def _signer(self, parts: Parts, data: documents.AwardData) -> Callable[[Parts], str]:
        found = self._signs.get(parts.shape)
        if found is None:
            template = template_of(documents.credential(data), parts)
            found = template.signer(self._by, verification_method=self._by.method, created=self._now)
            self._signs[parts.shape] = found
        return found

    def _whole(self, data: documents.AwardData) -> str:
        document = documents.credential(data)
        signed = proofs.sign(document, self._by, verification_method=self._by.method, created=self._now)
        return json.dumps(signed, ensure_ascii=False)
