"""Her own rating on the very rubric, before anybody else's: private, and only while she can still change her work."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.queries.template import template_of
from journal.workflow import GuardError
from submissions.models import Submission
from submissions.workflow.table import check_earner, lock_draft


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
