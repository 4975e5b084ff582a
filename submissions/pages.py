"""What the pages of an attempt show, laid out by parts: a draft's fields, a sent one's texts and outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from mimetypes import guess_type
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Part
from submissions import queries
from submissions.asking import asked
from submissions.beside import beside
from submissions.checklist import AI, NOTE, TEAM, Missing
from submissions.differences import differences
from submissions.expecting import expected
from submissions.forms import ANSWER, DraftForm
from submissions.kinds import KINDS
from submissions.models import Artifact, Submission
from submissions.models.evidence import SPOKEN
from submissions.places import places_of
from submissions.queries import Whole
from submissions.showing import link_standing, room_left, spoken, standing
from submissions.workflow import StaleRevision, ratable
from submissions.workflow.coaching import gate_of

LABELS = {kind.content_type: kind.label for kind in KINDS}
USEFUL = {
    1: gettext_lazy("Not useful"),
    2: gettext_lazy("A little useful"),
    3: gettext_lazy("Useful"),
    4: gettext_lazy("Very useful"),
}
SIGNS = {"video/": "video", "audio/": "audio", "image/": "image"}


Troubles = Mapping[str, str] | None  # artifact id → words about what was just tried with it


def draft(whole: Whole, form: DraftForm, troubles: Troubles = None) -> dict[str, Any]:
    """Fields by part, what is missing, and the one next step."""
    gaps = whole.gaps
    places = [_gap(form, gap) for gap in gaps]
    steps = queries.steps_of(gaps)
    return {
        "form": form,
        "parts": [
            {
                **_draft_part(whole, form, part, step, troubles),
                "gaps": [gap for gap in places if gap["part"] == part["number"]],
            }
            for part, step in zip(whole.parts, steps, strict=True)
        ],
        "note": form[NOTE] if NOTE in form.fields else None,
        "ai_use": form[AI] if AI in form.fields else None,
        "contribution": form[TEAM] if TEAM in form.fields else None,
        "statements": [field for field in form if field.name.startswith("attest-")],
        "gaps": places,
        "steps": steps,
        "steps_label": _("%(done)d of 3 parts complete") % {"done": steps.count("done")},
        "next_step": queries.next_step(whole.submission, gaps),
        "next_url": queries.anchor(gaps),
        "upload_max": settings.UPLOAD_MAX_BYTES,
        "appealed": next((one for one in whole.attempts if one.appealed == "open"), None),
        "passed": passed_rows(whole),
        "again": [row for row in passed_rows(whole) if not row["stays"]],
        "still_open": open_criteria(whole),
        "gate": gate_of(whole.submission),
        "expected": expected(whole.submission.enrolment.micro_credential_id),
        "earlier": [one for one in whole.attempts if one.attempt < whole.submission.attempt],
    }


CAUSES = {
    "added": gettext_lazy("“%s” is new"),
    "removed": gettext_lazy("“%s” was taken out"),
    "answer": gettext_lazy("you changed your answer to “%s”"),
}


def passed_rows(whole: Whole, part: int | None = None) -> list[dict[str, Any]]:
    """What had passed before this draft, of one part or of all: whether it stays so, and if not, why."""
    return [
        {
            "title": one.criterion.title,
            "attempt": one.attempt,
            "stays": one.stays,
            "causes": [CAUSES[cause.kind] % Truncator(cause.title).chars(60) for cause in one.causes],
        }
        for one in whole.carry.passed
        if part in (None, one.criterion.part)
    ]


def open_criteria(whole: Whole) -> list[str]:
    """Titles of the criteria a further attempt is about."""
    kept = {str(one.criterion.pk) for one in whole.carry.passed}
    return [row["title"] for row in whole.template["criteria"] if kept and row["id"] not in kept]


def backing(whole: Whole, artifact: Artifact) -> dict[str, str]:
    """Words beside a piece that also backs what has passed: to be left as it is, or already read again."""
    key = str(artifact.pk)
    stays = [one.criterion.title for one in whole.carry.passed if key in one.backed_by and one.stays]
    again = [one.criterion.title for one in whole.carry.again if key in {cause.key for cause in one.causes}]
    words = _("Also backs %s, which has passed. Leave it as it is, and that stays passed.")
    warning = _("This piece also backs %s, which had passed: it will be read again.")
    return {
        "backs": words % _quoted(stays) if stays else "",
        "reopens": warning % _quoted(again) if again else "",
    }


def _quoted(titles: list[str]) -> str:
    return ", ".join(f"“{title}”" for title in titles)


def _gap(form: DraftForm, gap: Missing) -> dict[str, Any]:
    """A gap with a link to its place on the page and the beginning of what it belongs to."""
    name = next((name for name in (gap.field, ANSWER + gap.field) if name in form.fields), None)
    titles = {row["key"]: row["title"] for row in form.whole.template["requirements"]}
    target = form[name].id_for_label if name else f"requirement-{gap.field}"
    titles[SPOKEN] = _("Spoken reflection")
    label = form[name].label if name else titles.get(gap.field, "")
    return {"text": gap.text, "url": f"#{target}", "part": gap.part, "label": Truncator(str(label)).chars(70)}


def _draft_part(
    whole: Whole, form: DraftForm, part: dict[str, Any], step: str, troubles: Troubles
) -> dict[str, Any]:
    return {
        **part,
        "step": step,
        "backup_days": settings.BACKUP_DAYS,
        "fields": [form[ANSWER + question["key"]] for question in part["questions"]],
        "passed": passed_rows(whole, part["number"]),
        "requirements": [_requirement(whole, form, row, troubles) for row in part["requirements"]],
        "spoken": _spoken(whole, form, troubles) if part["number"] == Part.REFLECTION else None,
        "previous": [
            outcome(row, whole.previous[row["id"]]) for row in part["criteria"] if row["id"] in whole.previous
        ],
    }


def _requirement(whole: Whole, form: DraftForm, row: dict[str, Any], troubles: Troubles) -> dict[str, Any]:
    key = row["key"]
    names = ("file", "title", "link", "text", "criteria")
    fields = {name: form[f"{name}-{key}"] for name in names if f"{name}-{key}" in form.fields}
    return {
        **row,
        **_held(whole, key, row["maximum"], troubles),
        "fields": fields,
        "open": any(fields[name].errors or fields[name].value() for name in ("link", "text")),
    }


def _spoken(whole: Whole, form: DraftForm, troubles: Troubles) -> dict[str, Any]:
    """The spoken reflection beside the written answers of Part 3."""
    return {**_held(whole, SPOKEN, 1, troubles), "fields": {"file": form[f"file-{SPOKEN}"]}}


def _held(whole: Whole, key: str, maximum: int, troubles: Troubles) -> dict[str, Any]:
    """The evidence under one key, and how much more fits."""
    held = [artifact for artifact in whole.artifacts if artifact.requirement == key]
    left = room_left(maximum, held)
    return {
        "key": key,
        "artifacts": [
            {**shown(one, troubles), **backing(whole, one), "coverage": asked(whole, one, troubles)}
            for one in held
        ],
        "left": left,
    }


def holdings(whole: Whole, troubles: Troubles = None) -> list[dict[str, Any]]:
    """Every list of evidence of an attempt, as its page has them."""
    rows = [(row["key"], row["maximum"]) for row in whole.template["requirements"]]
    return [_held(whole, key, maximum, troubles) for key, maximum in [*rows, (SPOKEN, 1)]]


def place_of(artifact: Artifact) -> str:
    """The id of the part of the page it stands in."""
    return f"requirement-{artifact.requirement}"


def is_draft(whole: Whole) -> bool:
    """Whether evidence can still be changed."""
    return bool(whole.submission.state == Submission.State.DRAFT)


def shown(artifact: Artifact, troubles: Troubles = None) -> dict[str, Any]:
    """A piece of evidence as `submissions/_held.html` shows it, with where else it is used."""
    row = _shown(artifact, troubles)
    elsewhere = ""
    if artifact.team_id:
        elsewhere = _("Team artifact")
    elif artifact.reused_from_id:
        elsewhere = _("Also used in another micro-credential, declared")
    return {**row, "meta": " · ".join(filter(None, [row["meta"], elsewhere]))}


def _shown(artifact: Artifact, troubles: Troubles) -> dict[str, Any]:
    if artifact.kind == Artifact.Kind.LINK:
        return {
            "artifact": artifact,
            "name": artifact.title,
            "url": artifact.url,
            "sign": "link",
            "meta": artifact.url,
            "standing": link_standing(artifact, troubles),
        }
    if artifact.kind == Artifact.Kind.TEXT:
        return {
            "artifact": artifact,
            "name": artifact.title,
            "url": "",
            "sign": "text",
            "meta": "",
            "text": artifact.text,
        }
    return _file(artifact, troubles)


def _file(artifact: Artifact, troubles: Troubles) -> dict[str, Any]:
    """A file: how it stands, and, once it is ready, what it is and where it opens."""
    now = standing(artifact, troubles)
    ready = artifact.state == Artifact.State.READY
    kind_of = artifact.content_type or guess_type(artifact.name)[0] or ""
    sign = next((name for start, name in SIGNS.items() if kind_of.startswith(start)), "plan")
    meta = [now["size"]]
    if ready:
        kind = str(LABELS.get(artifact.content_type, artifact.content_type))
        meta = [kind, now["size"], artifact.get_scan_display()]
    if artifact.title != artifact.name:
        meta.insert(0, artifact.name)
    if artifact.submission.attempt > 1:
        meta.append(artifact.get_origin_display())
    url = reverse("artifact-file", args=[artifact.pk]) if ready else ""
    return {
        "artifact": artifact,
        "name": artifact.title,
        "url": url,
        "sign": sign,
        "meta": " · ".join(meta),
        "standing": now,
        "picture": _picture(artifact) if ready else "",
    }


def _picture(artifact: Artifact) -> str:
    """The address of the small picture that stands for it."""
    drawn = getattr(artifact, "drawn", ())
    kind = next((one for one in ("thumb", "poster", "first_page", "waveform") if one in drawn), "")
    return reverse("artifact-preview", args=[artifact.pk, kind]) if kind else ""


def reading(whole: Whole) -> dict[str, Any]:
    """Texts, evidence and, once decided, the outcome of every criterion."""
    submission = whole.submission
    return {
        "parts": [
            {
                **part,
                "answers": [
                    {"question": question["prompt"], "text": submission.answers.get(question["key"], "")}
                    for question in part["questions"]
                ],
                "requirements": [
                    {
                        **row,
                        "artifacts": [
                            {**shown(one), "coverage": asked(whole, one)}
                            for one in whole.artifacts
                            if one.requirement == row["key"]
                        ],
                    }
                    for row in part["requirements"]
                ],
                "spoken": [shown(one) for one in spoken(whole.artifacts)]
                if part["number"] == Part.REFLECTION
                else [],
            }
            for part in whole.parts
        ],
        "outcomes": (outcomes := outcomes_of(whole)),
        "to_do": [one for one in outcomes if not one["passed"]],
        "useful": useful(submission),
        "beside": beside(whole),
        "passed": sum(one["passed"] for one in whole.outcomes.values()),
        "others": [one for one in whole.attempts if one.id != submission.pk],
        "newest": whole.attempts[-1] if not whole.latest else None,
        "words": queries.WAITING[queries.State(submission.state)],
    }


def outcomes_of(whole: Whole) -> list[dict[str, Any]]:
    """Each criterion with what was said about it and the places that were cited."""
    return [
        {**outcome(row, whole.outcomes[row["id"]]), "places": places_of(whole, row)}
        for row in whole.template["criteria"]
        if row["id"] in whole.outcomes
    ]


def useful(submission: Submission) -> list[dict[str, Any]]:
    """How useful the feedback was, to choose from; nothing once the time is over."""
    if not ratable(submission):
        return []
    return [
        {"value": value, "words": words, "chosen": value == submission.useful}
        for value, words in USEFUL.items()
    ]


def outcome(criterion: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What the assessor said about one criterion, with the words of its levels."""
    level = next((one for one in criterion["levels"] if one["order"] == given["level"]), None)
    passing = next((one for one in criterion["levels"] if one["passing"]), None)
    return {
        "key": criterion["key"],
        "title": criterion["title"],
        "part": criterion["part"],
        "level": level,
        "passing": passing,
        "passed": given["passed"],
        "feedback": given["feedback"],
        "next_step": given["next_step"],
        "carried_from": given["carried_from"],
        "state": "passed" if given["passed"] else "not_yet",
    }


def differing(form: DraftForm, stale: StaleRevision) -> Iterable[dict[str, Any]]:
    """Every text that was sent and is not what is stored: both, and what differs between them."""
    stored = flat(stale)
    for name, mine in form.texts.items():
        theirs = stored.get(name, "")
        if mine != theirs:
            yield {
                "name": name,
                "label": form[name].label,
                "mine": mine,
                "theirs": theirs,
                "differences": differences(theirs, mine),
                "id": f"mine-{name}",
            }


def flat(stale: StaleRevision) -> dict[str, str]:
    """The stored texts by the names that forms and autosave send."""
    beside = {NOTE: stale.resubmission_note, AI: stale.ai_use, TEAM: stale.contribution}
    return {**{ANSWER + key: text for key, text in stale.answers.items()}, **beside}
