"""Signing an award anew under its id: the document changes, the award and the day it was earned do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from badges import certifying, issuing, queries
from badges.models import Award
from badges.queries.endorsements import carried_by
from badges.queries.evidence import Piece, for_reissue, pieces_of
from badges.workflow.table import State
from journal import workflow as journal
from journal.workflow import TransitionError

# Why a document is signed anew; stands in the journal.
REASONS: Final = (
    "issuer_renamed",
    "address_changed",
    "evidence",
    "endorsed",
    "parts",
    "key_revoked",
    "term",
    "restored",
    "corrected",
)


def reissue(award: Award, why: str, actor: User | None = None) -> Award:
    """Sign the award's document anew: the same id, place in the status list and day earned, valid from now on."""
    if why not in REASONS:
        raise ValueError(f"{why} is no reason to sign anew.")
    with transaction.atomic():
        row = for_reissue(award.pk)
        if row.state == State.REVOKED:
            raise TransitionError(_("A revoked badge is not signed anew."), state=row.state)
        before = row.key.fragment if row.key else ""
        row.credential = _document(row, timezone.now())
        row.save(update_fields=["credential", "key", "issued_at"])
        data = {"why": why, "before": before, "key": row.key.fragment if row.key else ""}
        journal.record("badges.reissued", row, actor=actor, organisation_id=row.issuer_id, data=data)
    award.credential, award.key, award.issued_at = row.credential, row.key, row.issued_at
    return award


def _document(row: Award, now: datetime) -> dict[str, Any]:
    if row.stack is not None:
        data = certifying.award_data(row, list(row.named_parts.all()), now)
    else:
        levels = queries.levels_reached(row.submission) if row.submission else {}
        evidence = [issuing.shown_evidence(row.pk, piece) for piece in shown(row)]
        data = issuing.award_data(row, levels, now, evidence)
    data = replace(data, endorsements=tuple(carried_by(row)))
    return issuing.sign_data(row, data, now, recipient=_recipient(row))


def _recipient(row: Award) -> list[dict[str, Any]] | None:
    """Of somebody who left, the address is not known any more: her document goes on naming her as it did."""
    if row.earner.closed_at is None:
        return None
    named: list[dict[str, Any]] = row.credential["credentialSubject"]["identifier"]
    return named


def shown(award: Award) -> list[Piece]:
    """What she shows: openly where that may still be, else by its digest alone."""
    return [piece for piece in pieces_of(award) if piece.mode]
