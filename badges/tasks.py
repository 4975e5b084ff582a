"""Ids → verb."""

from __future__ import annotations

import logging
import time
from uuid import UUID

from celery import shared_task
from django.db import DatabaseError

from accounts.models import Organisation, User
from badges import checking, queries, workflow
from badges.models import Award, ExternalAward, Recognition
from badges.openbadges.documents import BadgeDataError
from badges.openbadges.keys import SigningKeyError
from badges.openbadges.text import TextError
from badges.queries.endorsements import to_endorse_anew
from badges.workflow.allowing import stop_programs
from badges.workflow.endorsing import endorse_anew as sign_endorsement_anew
from journal.models import Entry
from journal.workflow import TransitionError
from submissions.models import Submission

logger = logging.getLogger(__name__)
BATCH = 200
NIGHTLY = 2_000
# Journal kind → why the documents are signed anew.
REISSUED = {
    "accounts.organisation_renamed": "issuer_renamed",
    "accounts.address_changed": "address_changed",
    "badges.key_revoked": "key_revoked",
}
NIGHT = 3000.0  # seconds


@shared_task
def award(entry_id: str) -> None:
    """A submission earned its badge."""
    entry = Entry.objects.get(pk=entry_id)
    if submission := Submission.objects.filter(pk=entry.subject_id).first():
        workflow.award(submission)


@shared_task
def heal() -> int:
    """Award what was earned and has no badge yet; one that fails does not hold up the others."""
    done = 0
    for submission in queries.earned_without_award()[:BATCH]:
        try:
            workflow.award(submission)
            done += 1
        except (BadgeDataError, SigningKeyError, TextError, OSError):
            logger.exception("no badge for submission %s", submission.pk)
    return done


@shared_task
def closed(entry_id: str) -> None:
    """Somebody closed her account: her badges stay valid for whoever has the file, and are shown to nobody here."""
    entry = Entry.objects.get(pk=entry_id)
    for row in Award.objects.filter(earner__pk=entry.subject_id).select_related("earner"):
        workflow.set_visibility(row, row.earner, Award.Visibility.PRIVATE, "")
    for user in User.objects.filter(pk=entry.subject_id):
        workflow.forget_holder(user)
        workflow.forget_granted(user)
    if person := User.objects.filter(pk=entry.subject_id).first():
        workflow.withdraw_links(person)
        workflow.hide_profile(person)
        stop_programs(person)
    for external in ExternalAward.objects.filter(owner__pk=entry.subject_id).select_related("owner"):
        workflow.forget_external(external, external.owner)


# --- keys and documents signed anew -----------------------------------------------------------------------------


@shared_task
def make_keys(entry_id: str) -> None:
    """An organisation began to issue: its keys, and the platform's own."""
    entry = Entry.objects.get(pk=entry_id)
    issuer = Organisation.objects.filter(pk=entry.subject_id).first()
    for one in (None, issuer) if issuer else ():
        workflow.make_keys(one)


@shared_task(time_limit=3600)
def sign_anew(entry_id: str) -> int:
    """The issuer has another name, the earner another address, or the key that signed was in other hands."""
    entry = Entry.objects.get(pk=entry_id)
    done, why = 0, REISSUED[entry.kind]
    for award in queries.to_sign_anew(entry.kind, entry.subject_id).iterator(chunk_size=BATCH):
        try:
            workflow.reissue(award, why)
            done += 1
        except (BadgeDataError, SigningKeyError, TextError, TransitionError):
            logger.exception("award %s not signed anew", award.pk)
    return done


@shared_task
def close_evidence(entry_id: str = "") -> int:
    """Evidence that may not stand open any more: of one event, or (nightly) all that ran out."""
    entry = Entry.objects.filter(pk=entry_id).first() if entry_id else None
    return workflow.close_evidence(queries.artifacts_of(entry) if entry else None)


@shared_task
def remind_deciders() -> int:
    """Procedures to revoke that can be decided now, and those that still wait."""
    return workflow.remind_deciders(BATCH)


@shared_task
def tell_of_ends() -> int:
    """Badges that end soon."""
    return workflow.tell_of_ends(BATCH)


# --- stacks and badges from elsewhere -------------------------------------------------------------------------


@shared_task
def certify(entry_id: str) -> None:
    """A badge came, went or came back: the certificates of the stacks it is a part of."""
    entry = Entry.objects.get(pk=entry_id)
    row = Award.objects.filter(pk=entry.subject_id, stack=None).select_related("earner").first()
    if row:
        workflow.settle_for(row)


@shared_task
def recognised(entry_id: str) -> None:
    """A badge from elsewhere counts for a part, or counts no more."""
    entry = Entry.objects.get(pk=entry_id)
    rows = Recognition.objects.select_related("external__owner", "item__group__stack__issuer")
    if row := rows.filter(pk=entry.subject_id).first():
        workflow.settle(row.external.owner, row.item.group.stack)


@shared_task
def external_changed(entry_id: str) -> None:
    """A badge from elsewhere holds no more, or again, or is gone: what it counted for."""
    entry = Entry.objects.select_related("actor").get(pk=entry_id)
    row = ExternalAward.objects.filter(pk=entry.subject_id).select_related("owner").first()
    stacks = queries.recognised_stacks(row) if row else queries.stacks_by_id(entry.data.get("stacks", []))
    owner = row.owner if row else entry.actor
    for stack in stacks:
        if isinstance(owner, User):
            workflow.settle(owner, stack)


@shared_task
def heal_certificates() -> int:
    """What lost tasks and the calendar left behind."""
    return workflow.heal_certificates(BATCH)


@shared_task(time_limit=3600)
def recheck_externals() -> int:
    """The nightly look at badges from elsewhere, those longest unchecked first; as many as fit into the time."""
    until, done = time.monotonic() + NIGHT, 0
    for row in queries.due_for_check()[:NIGHTLY].iterator(chunk_size=20):
        if time.monotonic() > until:
            break
        workflow.recheck_external(row, checking.check(bytes(row.content)))
        done += 1
    return done


# --- granting to lists of people ------------------------------------------------------------------------------


@shared_task
def grant(entry_id: str) -> None:
    """A list was started or went on: answer its next rows."""
    workflow.advance_batch(UUID(Entry.objects.get(pk=entry_id).subject_id))


@shared_task
def heal_grants() -> int:
    """Take up lists whose worker was lost; one that a worker has in hand is left to it, one that fails holds up no other."""
    done = 0
    for pk in queries.unanswered_batches().values_list("pk", flat=True)[:BATCH]:
        try:
            workflow.advance_batch(pk)
            done += 1
        except (BadgeDataError, SigningKeyError, TextError, DatabaseError):
            logger.exception("list %s not answered", pk)
    return done


@shared_task(time_limit=3600)
def endorse_anew(entry_id: str) -> int:
    """An endorser has another name, or its key was in other hands: what it stands behind is signed by the one it has now."""
    entry, done = Entry.objects.get(pk=entry_id), 0
    for row in to_endorse_anew(entry.kind, entry.subject_id).iterator(chunk_size=BATCH):
        try:
            sign_endorsement_anew(row)
            done += 1
        except (BadgeDataError, SigningKeyError, TextError, TransitionError):
            logger.exception("endorsement %s not signed anew", row.pk)
    return done


@shared_task
def carry(entry_id: str) -> None:
    """An endorsement of an award was given or withdrawn: the award's document carries those that hold."""
    entry = Entry.objects.get(pk=entry_id)
    if "award" not in entry.data:
        return
    rows = Award.objects.filter(pk=entry.data["award"]).exclude(state=Award.State.REVOKED)
    if row := rows.first():
        workflow.reissue(row, "endorsed")
