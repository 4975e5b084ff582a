"""Her ratings: of herself on the very rubric, private, while she can still change her work; later of the feedback she got."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.queries.template import template_of
from journal.workflow import GuardError, TransitionError, record
from submissions.models import Submission
from submissions.workflow.table import WORDS, State, check_earner, lock_draft

USEFUL = range(1, 5)
RATING_TIME = timedelta(days=60)  # after the decision


def rate_self(submission: Submission, user: User, levels: Mapping[str, int]) -> Submission:
    """Keep her levels by criterion key, replacing those before. It costs no revision: no text is concerned."""
    check_earner(submission, user)
    with transaction.atomic():
        current = lock_draft(submission)
        _check_levels(current, levels)
        current.self_rating = dict(levels)
        current.save(update_fields=["self_rating"])
    submission.self_rating = current.self_rating
    return submission


def _check_levels(submission: Submission, levels: Mapping[str, int]) -> None:
    known = {
        row["key"]: {level["order"] for level in row["levels"]}
        for row in template_of(submission.enrolment.version)["criteria"]
    }
    errors: dict[str, list[str]] = {}
    for key, level in levels.items():
        if key not in known:
            errors[key] = [_("There is no such criterion.")]
        elif level not in known[key]:
            errors[key] = [_("Choose one of the levels of this criterion.")]
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors)


def rate_feedback(submission: Submission, user: User, rating: int) -> Submission:
    """Say how useful the feedback was, 1 to 4; again, if she changes her mind. The issuer sees sums, the assessor nothing."""
    check_earner(submission, user)
    words = _("Choose one of the four answers.")
    if rating not in USEFUL:
        raise GuardError(words, {"rating": [words]}, state=submission.state)
    with transaction.atomic():
        rows = Submission.objects.select_for_update(of=["self"]).select_related("enrolment__micro_credential")
        current = rows.get(pk=submission.pk)
        if not ratable(current):
            raise TransitionError(
                _("The time to rate this feedback is over.")
                if current.decided_at
                else WORDS[State(current.state)],
                state=current.state,
            )
        before, current.useful = current.useful, rating
        if before != rating:
            current.save(update_fields=["useful"])
            issuer, said = current.enrolment.micro_credential.issuer_id, {"rating": rating, "before": before}
            record("submissions.feedback_rated", current, actor=user, organisation_id=issuer, data=said)
    submission.useful = rating
    return submission


def ratable(submission: Submission) -> bool:
    """Whether there is feedback she may rate now."""
    at = submission.decided_at
    if at is None or submission.state not in (State.EARNED, State.NOT_YET):
        return False
    return timezone.now() - at <= RATING_TIME
