"""Teams: educators who share artifacts, each with her own reflection and statement of contribution."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Version
from submissions.models.work import Enrolment


class Team(models.Model):
    """A declared team working on one version of a micro-credential."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("team"), max_length=80)
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """One person's place in a team, from the invitation on."""

    class State(models.TextChoices):
        INVITED = "invited", _("Invited")
        JOINED = "joined", _("Joined")
        DECLINED = "declined", _("Declined")
        LEFT = "left", _("Left")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField()
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    enrolment = models.ForeignKey(Enrolment, null=True, on_delete=models.CASCADE, related_name="team_places")
    state = models.CharField(max_length=8, choices=State.choices, default=State.INVITED)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "email"],
                condition=models.Q(state__in=["invited", "joined"]),
                name="team_place_once",
            ),
            models.UniqueConstraint(
                fields=["enrolment"], condition=models.Q(state="joined"), name="one_team_an_enrolment"
            ),
            models.CheckConstraint(
                name="team_member_state",
                condition=models.Q(state__in=["invited", "joined", "declined", "left"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} {self.email}"
