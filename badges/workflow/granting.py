"""Granting: an issuer gives a badge to a whole list of people on its own judgement, every row answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import people_apart_from
from accounts.workflow import expect
from badges import keyring, queries, rules
from badges.granting import Grant, Press
from badges.keyring import Signer
from badges.models import Award, Batch, BatchRow, StatusList, new_salt
from badges.queries import Answer, Known, Waiting
from badges.sheets import Line
from badges.terms import end_of
from badges.workflow.placing import take_places
from badges.workflow.table import move
from catalog.models import MicroCredential, Version
from journal import workflow as journal
from journal.bulk import copy_rows, record_all
from journal.workflow import GuardError, TransitionError, Transitions

# Rows of one task and transaction: a killed worker costs two seconds of work, and a row less than a hundredth of a query.
CHUNK = 4_000
TRIES = 3
State = BatchRow.State
BATCHES: Transitions = {
    "start": (frozenset({Batch.State.CHECKED}), Batch.State.RUNNING, "badges.batch_started"),
    "drop": (frozenset({Batch.State.CHECKED}), Batch.State.DROPPED, "badges.batch_dropped"),
    "finish": (frozenset({Batch.State.RUNNING}), Batch.State.DONE, "badges.batch_done"),
}
_ROW = (
    *("batch", "number", "reference", "email", "name", "awarded_at", "narrative", "supporting", "columns"),
    *("state", "problem"),
)
_OWN = tuple(name.removesuffix("_id") for name in Grant.__annotations__)
_SAME = {
    field.name: field.attname
    for field in Award._meta.concrete_fields
    if field.name not in {*_OWN, "credential"}
}


# --- what its sender does -----------------------------------------------------------------------------------


def file_key(content: bytes) -> str:
    """The name under which the same file is the same batch."""
    return f"file:{hashlib.sha256(content).hexdigest()}"


def request_key(key: str, rows: Any) -> str:
    """The same for a program: what it calls its request, or else the rows themselves."""
    said = key or json.dumps(rows, sort_keys=True, ensure_ascii=False)
    return f"{'key' if key else 'rows'}:{hashlib.sha256(said.encode()).hexdigest()}"


def check_batch(user: User, unit: MicroCredential, name: str, key: str, lines: Sequence[Line]) -> Batch:
    """Keep a list with what is wrong with each row; nothing is awarded yet. The same list again is the same batch."""
    if not rules.may_grant(user, unit.issuer_id):
        raise PermissionDenied
    version = unit.current
    if version is None or unit.state != MicroCredential.State.PUBLISHED:
        words = _("Only a published micro-credential can be granted.")
        raise GuardError(words, {"micro_credential": [words]})
    if batch := _same(version, key):
        return batch
    try:
        with transaction.atomic():
            return _keep(user, unit, version, name, key, lines)
    except IntegrityError:
        return Batch.objects.exclude(state=Batch.State.DROPPED).get(
            issuer=unit.issuer_id, version=version, key=key
        )


def _same(version: Version, key: str) -> Batch | None:
    rows = Batch.objects.filter(version=version, key=key, issuer=version.micro_credential.issuer_id)
    return rows.exclude(key="").exclude(state=Batch.State.DROPPED).first()


def _keep(
    user: User, unit: MicroCredential, version: Version, name: str, key: str, lines: Sequence[Line]
) -> Batch:
    refused = sum(bool(line.problems) for line in lines)
    batch = Batch.objects.create(
        issuer_id=unit.issuer_id,
        version=version,
        by=user,
        name=name[:160],
        key=key,
        total=len(lines),
        answered=refused,
        refused=refused,
    )
    copy_rows(BatchRow, _ROW, (_kept(batch, line) for line in lines))
    data = {"rows": len(lines), "refused": refused}
    journal.record("badges.batch_checked", batch, actor=user, organisation_id=batch.issuer_id, data=data)
    return batch


def _kept(batch: Batch, line: Line) -> tuple[Any, ...]:
    state = State.REFUSED if line.problems else State.WAITING
    return (
        *(batch.pk, line.number, line.reference, line.email, line.name, line.awarded_at, line.narrative),
        *(line.supporting, line.columns, state, line.problem),
    )


def same_rows(batch: Batch, lines: Sequence[Line]) -> None:
    """Refuse a key that stands for another list already."""
    kept = BatchRow.objects.filter(batch=batch).order_by("number").values_list("number", "columns")
    if list(kept) != [(line.number, line.columns) for line in lines]:
        words = _("This Idempotency-Key was used for other rows. Use a new one for a new list.")
        raise TransitionError(words, state=batch.state, code="key")


def start_batch(batch: Batch, user: User) -> Batch:
    """Have it awarded in the background."""
    return _move(batch, user, "start", _("This list has been started already."))


def drop_batch(batch: Batch, user: User) -> Batch:
    """Set it aside before anything was awarded; the same file may be sent again."""
    return _move(batch, user, "drop", _("This list has been started. What is awarded can only be revoked."))


def _move(batch: Batch, user: User, verb: str, words: str) -> Batch:
    if not rules.may_grant(user, batch.issuer_id):
        raise PermissionDenied
    move(BATCHES, verb, batch, words, actor=user, organisation_id=batch.issuer_id)
    return batch


# --- what the background does -------------------------------------------------------------------------------


def advance_batch(pk: UUID) -> None:
    """Answer the next rows, all of them or none. Whoever holds the batch goes on; the journal calls for the rest."""
    for number in range(TRIES):
        try:
            with transaction.atomic():
                if batch := queries.lock_batch(pk):
                    _advance(batch, timezone.now())
        except IntegrityError:  # somebody signed up with one of the addresses at this moment
            if number == TRIES - 1:
                raise
        else:
            return


def _advance(batch: Batch, now: datetime) -> None:
    rows = queries.waiting(batch, CHUNK)
    answers = _answered(batch, rows, now) if rows else []
    if answers:
        queries.answer_rows(answers)
    done = len(rows) < CHUNK or batch.answered + len(answers) == batch.total
    frm, to, kind = BATCHES["finish"]
    journal.change(
        batch,
        kind if done else "badges.batch_advanced",
        frm=frm,
        to=to if done else batch.state,
        organisation_id=batch.issuer_id,
        answered=batch.answered + len(answers),
        refused=batch.refused + sum(one.state == State.REFUSED for one in answers),
        finished_at=now if done else None,
    )


def _answered(batch: Batch, rows: Sequence[Waiting], now: datetime) -> list[Answer]:
    """Sort out who gets what, then make all awards at once."""
    unit = batch.version.micro_credential
    queries.one_at_a_time(unit.pk)
    known = queries.known_people([row.email for row in rows], unit.pk)
    apart = set(people_apart_from(batch.by).values_list("pk", flat=True)) if batch.by else set()
    given: dict[UUID, int] = {}
    answers, chosen = [], []
    for row in rows:
        person = known.get(row.email)
        answer = _refusal(batch, row, person, apart, now) or (_once(row, person, given) if person else None)
        if answer:
            answers.append(answer)
        else:
            chosen.append(row)
    return answers + (_award(batch, chosen, known, now) if chosen else [])


def _refusal(
    batch: Batch, row: Waiting, person: Known | None, apart: set[UUID], now: datetime
) -> Answer | None:
    """Why this row gets no badge, if it gets none."""
    ends = end_of(row.awarded_at or now, batch.version.term_months)
    words = ""
    if ends and ends <= now:
        words = _("awarded_on: A badge of that day would have ended by now.")
    elif person is None:
        return None
    elif person.id == batch.by_id:
        words = _("email: This is you. Somebody else at your organisation has to grant you a badge.")
    elif person.id in apart:
        words = _(
            "email: You stand close to this person, so somebody else at your organisation has to decide."
        )
    elif not person.ready:
        words = _("email: The holder of this address has not confirmed it yet. Grant it when she has.")
    elif person.award and person.holds:
        return Answer(row.pk, State.ALREADY, "", person.award)
    return Answer(row.pk, State.REFUSED, words) if words else None


def _once(row: Waiting, person: Known, given: dict[UUID, int]) -> Answer | None:
    """One person may have several addresses."""
    first = given.setdefault(person.id, row.number)
    words = _("email: The same person as in row %(number)s, by another address of hers.") % {"number": first}
    return Answer(row.pk, State.ALREADY, words) if first != row.number else None


def _award(batch: Batch, rows: Sequence[Waiting], known: dict[str, Known], now: datetime) -> list[Answer]:
    """Accounts where there are none, then signed awards, each with an entry of its own in the journal."""
    unit = batch.version.micro_credential
    new = {row.email: row.name for row in rows if row.email not in known}
    ids = expect(new, by=batch.by_id, organisation_id=batch.issuer_id) if new else {}
    ids |= {email: person.id for email, person in known.items()}
    status_list, places = take_places(unit.issuer, len(rows))
    by = keyring.signer(unit.issuer)
    grants = [
        _grant(batch, row, ids[row.email], known.get(row.email), place, now)
        for row, place in zip(rows, places, strict=True)
    ]
    sample = _sample(batch, status_list, by, grants[0], now)
    press = Press(sample, by, now)
    signed = ((*grant, press.sign(grant, row.email)) for grant, row in zip(grants, rows, strict=True))
    same = {name: getattr(sample, column) for name, column in _SAME.items()}
    copy_rows(Award, (*_OWN, "credential"), signed, same)
    record_all(
        "badges.awarded",
        Award,
        [grant.id for grant in grants],
        actor=batch.by_id,
        organisation_id=batch.issuer_id,
        data={"batch": str(batch.pk)},
    )
    return [Answer(row.pk, State.AWARDED, "", grant.id) for row, grant in zip(rows, grants, strict=True)]


def _grant(
    batch: Batch, row: Waiting, earner: UUID, person: Known | None, place: int, now: datetime
) -> Grant:
    earned = min(row.awarded_at or now, now)
    return Grant(
        uuid4(),
        earner,
        person.award if person and not person.renewed else None,
        person.name if person else row.name,
        new_salt(),
        place,
        earned,
        end_of(earned, batch.version.term_months),
        row.narrative,
        row.supporting,
    )


def _sample(batch: Batch, status_list: StatusList, by: Signer, grant: Grant, now: datetime) -> Award:
    """An award with all that these have in common."""
    unit = batch.version.micro_credential
    return Award(
        id=grant.id,
        earner=User(pk=grant.earner_id, email="sample@invalid"),
        issuer=unit.issuer,
        micro_credential=unit,
        version=batch.version,
        origin=Award.Origin.GRANTED,
        status_list=status_list,
        status_index=grant.status_index,
        key=by.row,
        awarded_at=now,
        issued_at=now,
        created=now,
    )


def forget_granted(user: User) -> None:
    """She closed her account: what lists say about her goes; that a row was answered, and its badge, stay."""
    rows = BatchRow.objects.filter(award__earner=user)
    rows.update(email="", name="", reference="", narrative="", supporting=[], columns={})
    Award.objects.filter(earner=user, origin=Award.Origin.GRANTED).update(narrative="", supporting=[])
