"""Programs that a person let read or bring her badges."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

from accounts.models import User


@dataclass
class Allowed:
    """A program, what it may do, and since when."""

    program: Application
    since: datetime
    scopes: set[str] = field(default_factory=set)


def allowed_programs(user: User) -> list[Allowed]:
    """Programs that can get at something of hers now or with a token they hold; the newest first."""
    live = Q(expires__gt=timezone.now()) | Q(refresh_token__revoked=None, refresh_token__isnull=False)
    tokens = AccessToken.objects.filter(live, user=user, application__isnull=False)
    found: dict[int, Allowed] = {}
    for token in tokens.select_related("application").order_by("created"):
        one = found.setdefault(token.application_id, Allowed(token.application, token.created))
        one.scopes |= set(token.scope.split())
    return sorted(found.values(), key=lambda one: one.since, reverse=True)


def tokens_of(
    user: User, program: Application | None = None
) -> list[QuerySet[AccessToken | RefreshToken | Grant]]:
    """Everything by which the program, or any, gets at something of hers."""
    of = {"user": user} if program is None else {"user": user, "application": program}
    return [model.objects.filter(**of) for model in (Grant, RefreshToken, AccessToken)]


def tokens_of_the_gone() -> list[QuerySet[AccessToken | RefreshToken | Grant]]:
    """The same of people whose accounts are closed."""
    gone = Q(user__is_active=False) | Q(user__closed_at__isnull=False)
    return [model.objects.filter(gone) for model in (Grant, RefreshToken, AccessToken)]


def unused_programs(age: timedelta) -> QuerySet[Application]:
    """Programs that registered themselves so long ago and hold nothing of anybody's."""
    held = AccessToken.objects.filter(application=OuterRef("pk"), user__isnull=False)
    source = Application.RegistrationSource.DCR
    rows = Application.objects.filter(registration_source=source, created__lt=timezone.now() - age)
    unused: QuerySet[Application] = rows.exclude(Exists(held))
    return unused
