"""What every page's frame needs. Anonymous visitors cost no query: the session decides, not `request.user`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import Access, Role, access_of
from notifications.queries import unread_count
from review.rules.quality import READERS


def navigation(request: HttpRequest) -> dict[str, Any]:
    """`viewer` (or None), `nav` (list of {label, url, current}) and `unread`, `demo` for base.html."""
    viewer = _viewer(request)
    access = access_of(viewer) if viewer else Access()
    return {
        "viewer": viewer,
        "nav": _marked(request.path, _links(access, viewer)),
        "unread": unread_count(viewer) if viewer else 0,
        "demo": settings.DEMO,
    }


def _viewer(request: HttpRequest) -> User | None:
    if not hasattr(request, "session") or SESSION_KEY not in request.session:
        return None
    user = request.user
    return user if isinstance(user, User) else None


def _links(access: Access, viewer: User | None) -> list[tuple[str, str]]:
    links = [(_("Explore"), reverse("explore"))]
    if viewer:
        links.append((_("My path"), reverse("my")))
    if access.assesses:
        links.append((_("Review"), reverse("review-queue")))
    elif access.of(Role.AUTHOR):
        links.append((_("Anchors"), reverse("review-anchors")))
    if access.of(Role.COACH):
        links.append((_("Coaching"), reverse("conversations")))
    if access.issues or (viewer and viewer.is_superuser):
        links.append((_("Issued badges"), reverse("awards-issued")))
    if access.of(Role.AUTHOR, Role.ADMIN):
        links.append((_("Badge design"), reverse("designs")))
    if access.of(Role.APPROVER, Role.ADMIN):
        links.append((_("Recognition"), reverse("recognitions")))
    if access.of(*READERS):
        links.append((_("Quality"), reverse("review-quality")))
    if access.reports:
        links.append((_("Reports"), reverse("reports")))
    links.append((_("Help"), reverse("help")))
    return links


def _marked(path: str, links: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """The place one is at is the longest address that leads there."""
    here = max((url for _label, url in links if path.startswith(url)), key=len, default="")
    return [{"label": label, "url": url, "current": url == here} for label, url in links]
