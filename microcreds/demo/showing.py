"""How the demonstration's educator shows her badges: a public page, and a link for one principal."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from badges import workflow as badges
from badges.models import Award, ShareLink
from microcreds.demo.people import DOMAIN

SLUG = "demo-educator"
TITLE = "Principal of Oak School"


@transaction.atomic
def load() -> None:
    """Once: what is there stays as people changed it."""
    educator = User.objects.get(email=f"educator@{DOMAIN}")
    if ShareLink.objects.filter(owner=educator).exists():
        return
    awards = Award.objects.filter(earner=educator, state=Award.State.ACTIVE)
    public = awards.filter(visibility=Award.Visibility.PUBLIC)
    badges.save_profile(
        educator,
        slug=SLUG,
        name_shown=educator.name,
        headline="Teaches grade 4 and makes talk visible",
        shown=True,
        awards=list(public.values_list("pk", flat=True)),
    )
    badges.make_link(
        educator,
        TITLE,
        list(awards.order_by("awarded_at").values_list("pk", flat=True)),
        name_shown=educator.name,
        expires_at=timezone.now() + timedelta(days=60),
    )
