"""`/` and `/my/`: the only pages that look into many rooms."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.queries import next_question, profile_of
from badges.queries import awards_of, begun
from catalog.queries.explorer import as_cards
from catalog.queries.groups import groupings
from catalog.remembering import remembered
from catalog.rules import visible_to
from submissions.models import Submission
from submissions.queries import WorkItem, my_work

SHOWN = 6
State = Submission.State


@require_safe
@remembered
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the way in. The same for everybody, so nobody is looked up."""
    newest = visible_to(AnonymousUser()).filter(state="published").order_by("-published_at", "title")
    context = {"newest": as_cards(newest)[:SHOWN], "groupings": groupings(12)}
    return render(request, "microcreds/home.html", context)


@require_safe
@login_required
def my(request: HttpRequest) -> HttpResponse:
    """What do I do next? One step stands out; below it all one's work and badges."""
    user = cast(User, request.user)
    work = my_work(user)
    badges = awards_of(user)
    context = {
        "next": work[0] if work and work[0].state in {State.NOT_YET, State.DRAFT} else None,
        "open": [item for item in work if item.state != State.EARNED],
        "badges": badges,
        "stacks": begun(user),
        "first_steps": [] if badges else first_steps(work),
        "question": next_question(user, profile_of(user)),
    }
    return render(request, "microcreds/my.html", context)


def first_steps(work: list[WorkItem]) -> list[dict[str, Any]]:
    """The checklist of somebody new, until the first badge is there."""
    item = work[0] if work else None
    sent = any(row.submission.attempt > 1 or row.state != State.DRAFT for row in work)
    steps = item.steps if item and not sent else ["done" if sent else "todo"] * 3
    url = item.url.split("#")[0] if item else ""
    rows = [
        (_("Choose a micro-credential and enrol"), bool(work), reverse("explore"), _("Close to next week’s lessons is easiest.")),
        (_("Answer the overview questions"), steps[0] == "done", f"{url}#part-1", ""),
        (_("Add your evidence"), steps[1] == "done", f"{url}#part-2", ""),
        (_("Write your reflection and submit"), sent, f"{url}#part-3", ""),
        (_("Read your feedback"), any(row.decided_at for row in work), "", _("We will write to you.")),
    ]  # fmt: skip
    now = next((place for place, row in enumerate(rows) if not row[1]), None)
    return [
        {
            "title": title,
            "url": "" if link.startswith("#") else link,
            "detail": detail,
            "state": "done" if done else "now" if place == now else "todo",
        }
        for place, (title, done, link, detail) in enumerate(rows)
    ]
