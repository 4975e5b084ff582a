"""What needs an approver now, of what she may deal with."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from accounts.rules import Person, Role, organisations_of
from review.models import Assessment, Comment
from review.rules.appeals import appeals_visible_to
from review.rules.reading import adjudicable_by, uninvolved

LIVE = [Assessment.State.OPEN, Assessment.State.ADJUDICATION]


def attention_of(user: Person) -> dict[str, QuerySet[Any]]:
    """Kind of need → rows. Nothing about people she is close to, and nothing for whoever is no approver."""
    issuers = organisations_of(user, [Role.APPROVER])
    if not isinstance(user, User) or not issuers:
        return {}
    live = Assessment.objects.filter(issuer__in=issuers, anchor=None, state__in=LIVE)
    hers = live.filter(submission__in=uninvolved(user))
    return {
        "late": hers.filter(escalated_at__isnull=False),
        "differing": adjudicable_by(user),
        "appeals": appeals_visible_to(user).filter(state="open"),
        "nobody": hers.filter(state=Assessment.State.OPEN, places__gt=0, nobody_at__isnull=False),
        "comments": Comment.objects.filter(state=Comment.State.PROPOSED, issuer__in=issuers),
    }
