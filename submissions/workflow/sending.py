"""Submitting an attempt, taking it back, starting the next one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.queries.template import template_of
from journal.workflow import GuardError, TransitionError
from submissions import sealing
from submissions.checklist import missing
from submissions.coverage import registers
from submissions.expecting import expected
from submissions.models import Artifact, Policy, SchoolClass, Submission
from submissions.queries import held
from submissions.workflow.coaching import check_gate
from submissions.workflow.table import (
    UNSENT,
    WORDS,
    State,
    available,
    check_earner,
    copy,
    lock_draft,
    lock_enrolment,
    move,
    new_code,
    note,
)


def submit(
    submission: Submission, user: User, accepted_keys: Collection[str], outside: bool | None = None
) -> Submission:
    """Hand it in: complete, attested, from a verified address. The evidence is sealed as it is now.

    `outside`: to be assessed by somebody outside her district; as said before, where nothing is said now.
    """
    check_earner(submission, user)
    if not EmailAddress.objects.filter(user=user, verified=True).exists():
        raise GuardError(
            _("Confirm your e-mail address first: we send the outcome there. Your work is saved."),
            {"email": [_("Confirm your e-mail address first.")]},
        )
    with transaction.atomic():
        lock_enrolment(submission.enrolment)
        _check_appeal(submission)
        current = lock_draft(submission)
        artifacts = list(Artifact.objects.filter(submission=submission).exclude(state=Artifact.State.DELETED))
        _check_ready(current, artifacts, accepted_keys)
        check_gate(current)
        now = timezone.now()
        said = {"version": str(current.enrolment.version_id), "accepted_at": now.isoformat()}
        statements = [{**row, **said} for row in _statements(current)]
        manifest = sealing.manifest_of(current, artifacts, statements, now)
        move(
            submission, "submit", user, manifest=manifest, seal=sealing.seal_of(manifest), submitted_at=now,
            attestations=statements, promised_on=expected(current.enrolment.micro_credential_id).day,
            outside=current.outside if outside is None else outside,
        )  # fmt: skip
    return submission


def _check_ready(submission: Submission, artifacts: list[Artifact], accepted_keys: Collection[str]) -> None:
    """Everything that is missing at once, gaps and statements, so that nobody is sent back twice."""
    known = registers(SchoolClass.objects.filter(pk__in={pk for one in artifacts for pk in one.classes}))
    gaps = missing(
        template_of(submission.enrolment.version),
        answers=submission.answers,
        held=[held(artifact, known) for artifact in artifacts],
        attempt=submission.attempt,
        note=submission.resubmission_note,
        ai_use=submission.ai_use if _asks_ai(submission) else None,
        contribution=submission.contribution if any(one.team_id for one in artifacts) else None,
    )
    errors: dict[str, list[Any]] = {}
    for gap in gaps:
        errors.setdefault(gap.field, []).append(gap.text)
    for row in _statements(submission):
        if row["key"] not in accepted_keys:
            errors[f"attest-{row['key']}"] = [_("Please confirm this before you submit.")]
    if errors:
        words = _("A few things are still missing. Everything you typed is saved.")
        raise GuardError(words if gaps else _("Please confirm each statement before you submit."), errors)


def _check_appeal(submission: Submission) -> None:
    """An appeal against the attempt before may still change what there is to do."""
    waiting = Submission.objects.filter(
        enrolment=submission.enrolment_id, appealed=Submission.Appealed.OPEN
    ).exists()
    if waiting:
        words = _(
            "Your appeal is still being read. You can send this attempt once it is answered or taken back."
        )
        raise GuardError(words, state=submission.state)


def _asks_ai(submission: Submission) -> bool:
    """Whether the issuer wants to know what AI help was used."""
    return Policy.objects.filter(
        organisation=submission.enrolment.micro_credential.issuer_id, asks_ai=True
    ).exists()


def _statements(submission: Submission) -> list[dict[str, str]]:
    """What is to be confirmed, as worded in the version she joined."""
    return [{"key": row["key"], "text": row["text"]} for row in submission.enrolment.version.attestations]


def withdraw(submission: Submission, user: User) -> Submission:
    """Take it back to correct something, as long as nobody has begun to read."""
    check_earner(submission, user)
    move(submission, "withdraw", user, **UNSENT)
    return submission


def resubmit(submission: Submission, user: User) -> Submission:
    """Start the next attempt from this one: texts and evidence are there to be improved."""
    check_earner(submission, user)
    with transaction.atomic():
        lock_enrolment(submission.enrolment)
        current = Submission.objects.get(pk=submission.pk)
        if "resubmit" not in available(current, user):
            raise TransitionError(WORDS[State(current.state)], state=current.state)
        new = Submission.objects.create(
            enrolment=submission.enrolment, code=new_code(), attempt=submission.attempt + 1, state=State.DRAFT
        )
        copy(submission, new)
        note("submissions.resubmitted", new, user, {"after": str(submission.pk)})
    return new
