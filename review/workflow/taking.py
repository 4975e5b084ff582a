"""Taking whatever is due next, without choosing and without waiting for others who do the same."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from review import rules
from review.models import Assessment, Assignment
from review.queries import next_due
from review.workflow.claiming import take
from submissions.models import Submission


def claim_next(assessor: User) -> Assignment | None:
    """Take the next due submission that is hers to read; None where nothing waits for her.

    Rows that somebody else is just taking are passed over, so that nobody waits while there is another.
    """
    queue = rules.queue_for(assessor)
    with transaction.atomic():
        assessment = _first(queue, assessor)
        if assessment is None:
            return None
        submission = Submission.objects.select_related("enrolment__micro_credential").get(
            pk=assessment.submission_id
        )
        return take(assessment, submission, assessor)


def _first(queue: QuerySet[Assessment], assessor: User) -> Assessment | None:
    """The first row nobody has locked, from the issuer whose queue is due first.

    Where all are locked she waits for one: what somebody is just taking may have a second reading to give.
    """
    for head in next_due(queue, rules.issuers_assessed(assessor), 1):
        rows = queue.filter(issuer=head.issuer_id).order_by("due", "pk")
        for skip in (True, False):
            if row := rows.select_for_update(skip_locked=skip, of=["self"]).first():
                return row
    return None
