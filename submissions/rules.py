"""Who may see and change enrolments and attempts: the earner, and nobody else in this room."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from submissions.models import Artifact, Enrolment, Submission

Person = User | AnonymousUser


def enrolments_visible_to(user: Person) -> QuerySet[Enrolment]:
    """The earner's own."""
    return Enrolment.objects.filter(earner=user.pk) if user.pk else Enrolment.objects.none()


def submissions_visible_to(user: Person) -> QuerySet[Submission]:
    """The earner's own attempts, earlier ones too; assessors come through the review room."""
    return Submission.objects.filter(enrolment__earner=user.pk) if user.pk else Submission.objects.none()


def artifacts_visible_to(user: Person) -> QuerySet[Artifact]:
    """What the earner herself attached."""
    return (
        Artifact.objects.filter(submission__enrolment__earner=user.pk) if user.pk else Artifact.objects.none()
    )


def is_earner(user: Person, submission: Submission) -> bool:
    """Whether this attempt is hers."""
    return user.pk is not None and submission.enrolment.earner_id == user.pk
