"""What the page shows of the one question about a piece of evidence: the answer, and what else can be said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from submissions import coverage
from submissions.coverage import Register
from submissions.models import Artifact
from submissions.models.consent import Purpose
from submissions.queries import State, Whole

Said = Artifact.Coverage
TYPED = ("label", "number", "without", "all")  # the fields of the smallest class


def asked(
    whole: Whole, artifact: Artifact, troubles: Mapping[str, str] | None = None
) -> dict[str, Any] | None:
    """For `submissions/_coverage.html`; nothing where it is not asked. `troubles`: what was just refused, by `typed`'s keys."""
    said = troubles or {}
    stopped = artifact.state == Artifact.State.QUARANTINED and artifact.problem_code == coverage.STOPPED
    if not stopped and (artifact.state in coverage.CLOSED or not coverage.asks(artifact)):
        return None
    gap = coverage.gap(artifact, Purpose.ASSESSMENT, whole.classes)
    chosen = {UUID(str(one)) for one in artifact.classes}
    return {
        "stopped": stopped,
        "editable": whole.submission.state == State.DRAFT and not stopped,
        "said": artifact.coverage,
        "answer": "" if stopped else answer(artifact, whole, chosen),
        "good": not gap,
        "unsure": artifact.coverage == Said.UNSURE,
        "words": "" if gap in {"", "open", "unsure"} else coverage.WORDS[gap] % artifact.title,
        "classes": [option(one, chosen) for one in usable(whole)],
        "covered": bool(chosen) and artifact.coverage == Said.COVERED,
        "problem": said.get(f"coverage-{artifact.pk}", ""),
        "typed": {name: said.get(f"class-{artifact.pk}-{name}", "") for name in TYPED},
    }


def usable(whole: Whole) -> list[Register]:
    """Her own classes whose forms are still valid."""
    today = timezone.localdate()
    return [one for one in whole.own_classes if not one.expired(today)]


def option(one: Register, chosen: Iterable[UUID]) -> dict[str, Any]:
    """A class to be chosen with one tap."""
    return {"id": one.id, "label": one.label, "chosen": one.id in set(chosen), "except": without(one)}


def without(one: Register) -> str:
    """Who must not be recognisable, by numbers."""
    numbers = one.uncovered
    if not numbers:
        return ""
    words = ngettext("Pupil %s is not in it.", "Pupils %s are not in it.", len(numbers))
    return words % get_text_list([str(number) for number in numbers], _("and"))


def answer(artifact: Artifact, whole: Whole, chosen: Iterable[UUID]) -> str:
    """What she said, in a sentence or two."""
    if artifact.coverage == Said.NOBODY:
        return _("Nobody is recognisable.")
    if artifact.coverage == Said.UNSURE:
        return _("You are not sure.")
    if artifact.coverage != Said.COVERED:
        return ""
    named = [whole.classes[one] for one in chosen if one in whole.classes]
    labels = get_text_list([one.label for one in named], _("and"))
    sentence = _("Everyone recognisable is covered: %s.") % labels
    return " ".join([sentence, *filter(None, map(without, named))])
