"""Badges that end: their holders are told in time, and may earn them once more. That one has ended is told by its date alone."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from badges import queries, rules
from badges.models import Award
from badges.terms import NOTICE, RENEWABLE
from badges.workflow.table import State
from catalog.models import MicroCredential
from journal import workflow as journal
from journal.workflow import TransitionError
from submissions import workflow as submissions
from submissions.models import Enrolment, Submission


def renewal_problem(award: Award) -> str:
    """Why this badge cannot be renewed now, in words for its holder; nothing where it can."""
    unit = award.micro_credential
    if unit is None or award.valid_until is None:
        return _("This badge does not end, so there is nothing to renew.")
    if award.state == State.REVOKED:
        return _("This badge is revoked, so it cannot be renewed.")
    if Award.objects.filter(renews=award).exists():
        return _("This badge has been renewed.")
    if timezone.now() < award.valid_until - RENEWABLE:
        return _("You can renew this badge from three months before it ends.")
    if unit.state != MicroCredential.State.PUBLISHED:
        return _("This micro-credential is not open for enrolment now.")
    return ""


def renew(award: Award, user: User) -> Submission:
    """Enrol once more in the version there is now; the badge earned with it goes on where this one ends."""
    if not rules.is_earner(user, award):
        raise PermissionDenied
    if problem := renewal_problem(award):
        raise TransitionError(problem, state=award.state)
    unit = award.micro_credential
    mine = Enrolment.objects.filter(earner=user, micro_credential=unit, state=Enrolment.State.EARNED)
    enrolment = mine.select_related("micro_credential__current").first()
    if enrolment is not None:
        return submissions.renew(enrolment, user)
    return submissions.enrol(user, unit)  # type: ignore[arg-type]


def tell_of_ends(limit: int) -> int:
    """Three months and two weeks before the end, each once; whoever has renewed already is left alone."""
    told = 0
    for notice, later in zip(NOTICE, (*NOTICE[1:], timedelta(0)), strict=True):
        due = queries.ending_within(later, notice)
        for award in due[:limit]:
            with transaction.atomic():
                if (
                    locked := due.filter(pk=award.pk)
                    .select_for_update(of=("self",), skip_locked=True)
                    .first()
                ):
                    data = {"days": notice.days}
                    journal.record("badges.ends_soon", locked, organisation_id=locked.issuer_id, data=data)
                    told += 1
    return told
