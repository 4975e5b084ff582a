"""What of the work behind a badge the holder shows: a piece itself, only the proof that it was assessed, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from badges import rules
from badges.models import Award, ShownEvidence
from badges.openbadges.text import TextError, clean_name
from badges.queries.evidence import Piece, open_evidence, openable_among, pieces_of
from badges.workflow.reissuing import reissue
from badges.workflow.table import State
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError

Mode = ShownEvidence.Mode
LONGEST_NAME = 160


@dataclass(frozen=True)
class Choice:
    """How one piece is to be shown (a `Mode`, or nothing), and under which name."""

    mode: str
    name: str


def show_evidence(award: Award, user: User, choices: Mapping[UUID, Choice]) -> Award:
    """Show these pieces with the badge, and no others. The document is signed anew under its id."""
    if not rules.is_earner(user, award):
        raise PermissionDenied
    if award.state == State.REVOKED:
        raise TransitionError(_("A revoked badge is not signed anew."), state=award.state)
    pieces = {piece.artifact: piece for piece in pieces_of(award)}
    rows = _rows(award, pieces, choices)
    with transaction.atomic():
        ShownEvidence.objects.filter(award=award).delete()
        ShownEvidence.objects.bulk_create(rows)
        data = {"open": [str(row.artifact) for row in rows if row.mode == Mode.OPEN]}
        data["digest"] = [str(row.artifact) for row in rows if row.mode == Mode.DIGEST]
        journal.record("badges.evidence_shown", award, actor=user, organisation_id=award.issuer_id, data=data)
        return reissue(award, "evidence", user)


def _rows(award: Award, pieces: Mapping[UUID, Piece], choices: Mapping[UUID, Choice]) -> list[ShownEvidence]:
    errors: dict[str, list[str]] = {}
    rows = []
    for order, piece in enumerate(pieces.values()):
        choice = choices.get(piece.artifact)
        if choice is None or not choice.mode:
            continue
        name, problem = _checked(piece, choice)
        if problem:
            errors[str(piece.artifact)] = [problem]
        rows.append(
            ShownEvidence(award=award, artifact=piece.artifact, mode=choice.mode, name=name, order=order)
        )
    if set(choices) - set(pieces):
        errors["__all__"] = [_("One of these pieces is not part of what was assessed.")]
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors)
    return rows


def _checked(piece: Piece, choice: Choice) -> tuple[str, str]:
    """The name, and what is wrong with the choice, in words."""
    try:
        name = clean_name(choice.name) or piece.requirement
    except TextError as error:
        return "", str(error)
    if len(name) > LONGEST_NAME:
        return name[:LONGEST_NAME], _("Please keep the name under 160 characters.")
    if not name:
        return "", _("Give this piece a name, so that people know what it is.")
    if choice.mode not in Mode.values:
        return name, _("Choose one of the options.")
    if choice.mode == Mode.OPEN and not piece.openable:
        return name, _(
            "This piece can be shown only as a proof: not everybody in it agreed to a public badge."
        )
    return name, ""


def close_evidence(artifacts: Collection[UUID] | None = None) -> int:
    """What may not be open any more becomes a digest, and its badge is signed anew: of these artifacts, or of all."""
    rows = open_evidence().select_related("award")
    rows = rows if artifacts is None else rows.filter(artifact__in=artifacts)
    found = list(rows)
    openable = openable_among([row.artifact for row in found])
    closed = [row for row in found if row.artifact not in openable]
    for award in {row.award_id: row.award for row in closed}.values():
        with transaction.atomic():
            mine = [row.pk for row in closed if row.award_id == award.pk]
            ShownEvidence.objects.filter(pk__in=mine).update(mode=Mode.DIGEST)
            journal.record(
                "badges.evidence_closed", award, organisation_id=award.issuer_id, data={"pieces": len(mine)}
            )
            if award.state != State.REVOKED:
                reissue(award, "evidence")
    return len(closed)
