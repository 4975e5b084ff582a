"""Joining a micro-credential, and leaving."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import MicroCredential, Version
from journal.workflow import GuardError, TransitionError, change, record
from submissions.models import Enrolment, Submission
from submissions.queries import SET_ASIDE
from submissions.workflow.planning import check_target, lay
from submissions.workflow.retaining import start_clock
from submissions.workflow.table import (
    ENROLMENT,
    Joined,
    State,
    check_own,
    copy,
    lock_enrolment,
    move,
    new_code,
)


def enrol(user: User, micro_credential: MicroCredential, target_date: date | None = None) -> Submission:
    """Join and get the attempt to work on. Doing it twice, or at the same time, joins once."""
    if existing := current_attempt(user, micro_credential):
        return existing
    version = micro_credential.current
    if micro_credential.state != MicroCredential.State.PUBLISHED or version is None:
        raise GuardError(_("This micro-credential is not open for enrolment now."))
    check_target(target_date)
    try:
        with transaction.atomic():
            return _join(user, micro_credential, version, target_date)
    except IntegrityError:
        if existing := current_attempt(user, micro_credential):
            return existing
        raise


def renew(enrolment: Enrolment, user: User) -> Submission:
    """Earn it once more, in the version there is now: what was earned stays, and a new enrolment begins beside it."""
    check_own(enrolment, user)
    micro_credential = enrolment.micro_credential
    version = micro_credential.current
    if micro_credential.state != MicroCredential.State.PUBLISHED or version is None:
        raise GuardError(_("This micro-credential is not open for enrolment now."))
    frm, to, kind = ENROLMENT["renew"]
    try:
        with transaction.atomic():
            change(enrolment, kind, frm=frm, to=to, actor=user, organisation_id=micro_credential.issuer_id)
            return _join(user, micro_credential, version, None)
    except TransitionError:
        if existing := current_attempt(user, micro_credential):
            return existing
        raise


def current_attempt(user: User, micro_credential: MicroCredential) -> Submission | None:
    """The newest attempt of the enrolment she has, if she has one that counts."""
    mine = Submission.objects.filter(
        enrolment__earner=user,
        enrolment__micro_credential=micro_credential,
        enrolment__state__in=[Joined.ACTIVE, Joined.EARNED],
    )
    mine = mine.exclude(SET_ASIDE)
    return mine.select_related("enrolment__micro_credential").order_by("-attempt").first()


def _join(
    user: User, micro_credential: MicroCredential, version: Version, target_date: date | None
) -> Submission:
    earlier = _left_before(user, micro_credential)
    enrolment = Enrolment.objects.create(
        earner=user,
        micro_credential=micro_credential,
        version=version,
        target_date=target_date,
    )
    submission = Submission.objects.create(enrolment=enrolment, code=new_code())
    record("submissions.enrolled", enrolment, actor=user, organisation_id=micro_credential.issuer_id)
    if earlier is not None:
        copy(earlier, submission)
    if target_date:
        lay(enrolment)
    return submission


def _left_before(user: User, micro_credential: MicroCredential) -> Submission | None:
    """The work she left behind on this same version: coming back finds it again."""
    left = Submission.objects.filter(
        enrolment__earner=user, enrolment__version=micro_credential.current_id, enrolment__state=Joined.LEFT
    )
    return left.order_by("-created").first()


def leave(enrolment: Enrolment, user: User) -> None:
    """Stop working on it. What she wrote stays readable, and is there again if she enrols again."""
    check_own(enrolment, user)
    frm, to, kind = ENROLMENT["leave"]
    with transaction.atomic():
        lock_enrolment(enrolment)
        attempts = Submission.objects.filter(enrolment=enrolment)
        if attempts.filter(state=State.IN_REVIEW).exists():
            raise TransitionError(
                _("An assessor is reading your work. You can leave once you have the outcome."),
                state=State.IN_REVIEW,
            )
        if attempts.filter(appealed=Submission.Appealed.OPEN).exists():
            raise TransitionError(
                _("Your appeal is still being read. You can leave once it is answered or taken back."),
                state=State.NOT_YET,
            )
        issuer = enrolment.micro_credential.issuer_id
        change(enrolment, kind, frm=frm, to=to, actor=user, organisation_id=issuer)
        for attempt in attempts.filter(state__in=[State.DRAFT, State.SUBMITTED]):
            move(attempt, "set_aside", user)
            start_clock(attempt)
