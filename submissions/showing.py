"""How a file stands on the page while it comes in, is checked, and after: words, a sign, and what one can do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from submissions.models import Artifact
from submissions.models.evidence import SPOKEN
from submissions.workflow.checking import GIVEN_UP, WAITING

State = Artifact.State
UNDER_WAY = (State.RECEIVED, State.CHECKING)
NO_ROOM = (State.REJECTED, State.DELETED)  # what was refused or deleted takes up none
SIGNS = {
    State.UPLOADING: "upload",
    State.RECEIVED: "clock",
    State.CHECKING: "eye",
    State.READY: "check",
    State.REJECTED: "alert",
    State.QUARANTINED: "lock",
    State.DELETED: "cross",
}
WORDS = {
    State.UPLOADING: gettext_lazy("Not all of it is here yet. Choose the same file again and it goes on."),
    State.RECEIVED: gettext_lazy(
        "It is here and waits to be checked. You can go on; nothing is needed from you."
    ),
    State.CHECKING: gettext_lazy("It is being checked. You can go on; nothing is needed from you."),
    State.READY: gettext_lazy("Ready"),
    State.REJECTED: gettext_lazy("Cannot be used."),
    State.QUARANTINED: gettext_lazy("Closed: nobody can open it."),
    State.DELETED: gettext_lazy("Deleted. Its hash stays in the manifest."),
}


def standing(artifact: Artifact, troubles: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What `submissions/_standing.html` shows below a file's name. `troubles` are words about what was just tried."""
    state = State(artifact.state)
    words = str(WORDS[state])
    if state == State.CHECKING and artifact.problem_code == WAITING:
        words = _("%s It is tried again by itself.") % artifact.problem
    elif artifact.problem and state in (State.REJECTED, State.QUARANTINED):
        words = f"{words} {artifact.problem}"
    if state == State.READY and artifact.delete_on:
        words = _("Kept until %s, then deleted.") % date_format(artifact.delete_on, "DATE_FORMAT")
    if state == State.DELETED:
        words = _("%(words)s Copies in backups can no longer be read %(days)d days after that.") % {
            "words": words,
            "days": settings.BACKUP_DAYS,
        }
    return {
        "state": state.value,
        "sign": SIGNS[state],
        "words": words,
        "under_way": state in UNDER_WAY,
        "progress": artifact.progress if state == State.CHECKING else None,
        "bad": state in (State.REJECTED, State.QUARANTINED),
        "retry": state == State.REJECTED and artifact.problem_code == GIVEN_UP,
        "captions": state == State.READY and artifact.content_type.startswith(("video/", "audio/")),
        "trouble": (troubles or {}).get(str(artifact.pk), ""),
        "size": filesizeformat(artifact.size or artifact.received_size),
    }


def link_standing(artifact: Artifact, troubles: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The same for a link: whether there is a copy, which is what assessors read, and how to make a fresh one."""
    shown = standing(artifact, troubles)
    if artifact.state == State.READY and artifact.sealed and artifact.captured_at:
        moment = date_format(timezone.localtime(artifact.captured_at), "DATETIME_FORMAT")
        shown["words"] = _("Assessors read the copy made on %s.") % moment
        shown["copy_url"] = reverse("artifact-file", args=[artifact.pk])
    elif artifact.state == State.READY:
        shown["words"] = _("Not sealed, may show names: no copy could be made. %s") % artifact.problem
        shown["sign"] = "alert"
    elif artifact.state in UNDER_WAY:
        shown["words"] = _("A copy is being made, for assessors to read. You can go on.")
    shown.update(retry=artifact.state in (State.READY, State.REJECTED), again=True, captions=False)
    return shown


def room_left(maximum: int, held: Iterable[Artifact]) -> int:
    """How many more fit, counted as the verbs count."""
    return maximum - sum(artifact.state not in NO_ROOM for artifact in held)


def spoken(artifacts: Iterable[Artifact]) -> list[Artifact]:
    """The spoken reflection, which stands beside Part 3."""
    return [artifact for artifact in artifacts if artifact.requirement == SPOKEN]
