"""The comment bank: sentences worth using again, and what came of them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from catalog.models import Criterion, MicroCredential
from review.models.claims import Assignment


class Comment(models.Model):
    """A reusable comment: an assessor's own, and the issuer's once an approver agreed to share it.

    `followed` counts the later attempts in which the criterion it was used on was scored again, `passed` those in which
    it then passed: the bank ranks by their ratio.
    """

    class State(models.TextChoices):
        OWN = "own", _("Mine")
        PROPOSED = "proposed", _("Offered to the issuer")
        SHARED = "shared", _("Shared by the issuer")
        RETIRED = "retired", _("Taken out")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    issuer = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    micro_credential = models.ForeignKey(
        MicroCredential, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    criterion_key = models.SlugField(blank=True)
    text = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OWN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    used = models.PositiveIntegerField(default=0)
    followed = models.PositiveIntegerField(default=0)
    passed = models.PositiveIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["issuer", "state"], name="comment_shared"),
            models.Index(fields=["owner", "issuer"], name="comment_mine"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="comment_state",
                condition=models.Q(state__in=["own", "proposed", "shared", "retired"]),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class CommentUse(models.Model):
    """That a comment was used on a criterion of a review; counted once the following attempt is decided."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="uses")
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="+")
    criterion = models.ForeignKey(Criterion, on_delete=models.CASCADE, related_name="+")
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["comment", "assignment", "criterion"], name="comment_use_once")
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} in {self.assignment_id}"
