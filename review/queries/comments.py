"""The comment bank in its order: what helped comes first."""

from __future__ import annotations

from django.db.models import F, FloatField, Q, QuerySet, Value
from django.db.models.functions import Cast

from review.models import Assignment, Comment

WORDS = 8  # of a search


def ranked(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """By how often the following attempt passed the criterion (Laplace's rule: one of two before anything is known), then by
    use."""
    passed, followed = Cast(F("passed"), FloatField()), Cast(F("followed"), FloatField())
    rate = (passed + Value(1.0)) / (followed + Value(2.0))
    return comments.annotate(rate=rate).order_by("-rate", "-used", "pk")


def searched(comments: QuerySet[Comment], text: str) -> QuerySet[Comment]:
    """Those that hold every word."""
    for word in text.replace("\x00", " ").split()[:WORDS]:
        comments = comments.filter(text__icontains=word)
    return comments


def fitting(comments: QuerySet[Comment], assignment: Assignment, criterion: str) -> QuerySet[Comment]:
    """What may be said about a criterion of a review: of the same issuer, and of nothing else in particular."""
    unit = assignment.submission.enrolment.micro_credential
    here = Q(micro_credential=None) | Q(micro_credential=unit, criterion_key__in=["", criterion])
    return comments.filter(here, issuer=unit.issuer_id)
