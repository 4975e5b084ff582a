"""The page of a draft is one form: texts, new evidence, date and statements travel together, so nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from submissions.checklist import AI, NOTE, TEAM, limits
from submissions.files import IncomingFile
from submissions.kinds import accept
from submissions.models import Enrolment
from submissions.models.evidence import SPOKEN
from submissions.plan import Plan
from submissions.queries import Whole

ANSWER = "answers."


class Text(forms.CharField):
    """Text as it was typed: no stripping, one kind of line end; the verb says what cannot be kept."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, strip=False, **options)
        self.validators = []

    def to_python(self, value: Any) -> str:
        return str(value or "").replace("\r\n", "\n").replace("\r", "\n")


class DraftForm(forms.Form):
    """Everything a draft's page can send. Fields are named as autosave sends them: `answers.<question>`."""

    def __init__(
        self,
        whole: Whole,
        data: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        revision: int | None = None,
    ) -> None:
        self.whole = whole
        super().__init__(data, files, initial=_initial(whole))
        self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput, required=True, min_value=0)
        if whole.submission.attempt > 1:
            self.fields[NOTE] = Text(label=_("What did you change?"), widget=_area("note", 0, 0))
        for question in whole.template["questions"]:
            widget = _area(question["key"], question["min_words"], question["max_words"])
            self.fields[ANSWER + question["key"]] = Text(
                label=question["prompt"], help_text=limits(question), widget=widget
            )
        for requirement in whole.template["requirements"]:
            self._evidence_fields(requirement)
        self._file_field(SPOKEN, _("Spoken reflection"), "audio/*")
        if whole.asks_ai:
            self.fields[AI] = Text(
                label=_("What help of AI did you use?"),
                help_text=_(
                    "In your own words: which tool, for what, and what you changed. Or that you used none. "
                    "Assessors read it with your evidence."
                ),
                widget=_area(AI, 0, 0),
            )
        if whole.of_a_team:
            self.fields[TEAM] = Text(
                label=_("What did you yourself contribute to your team’s work?"),
                help_text=_("In your own words, without names. Assessors read it with your evidence."),
                widget=_area(TEAM, 0, 0),
            )
        self._closing_fields()

    def _closing_fields(self) -> None:
        """What stands below the three parts: the statements, and her own date."""
        for statement in self.whole.submission.enrolment.version.attestations:
            box = forms.CheckboxInput(attrs={"data-autosave-skip": ""})
            self.fields[f"attest-{statement['key']}"] = forms.BooleanField(
                label=statement["text"], required=False, widget=box
            )
        if self.whole.recognisable:
            self.fields["outside"] = forms.BooleanField(
                label=_("I ask to be assessed by somebody outside my district"),
                required=False,
                initial=self.whole.submission.outside,
                help_text=_("It may take longer. Your work is read in the same way."),
                widget=forms.CheckboxInput(attrs={"data-autosave-skip": ""}),
            )
        self.fields["target_date"] = forms.DateField(
            label=_("Your target date"),
            required=False,
            widget=forms.DateInput(attrs={"type": "date", "data-autosave-skip": ""}, format="%Y-%m-%d"),
        )

    def _evidence_fields(self, requirement: Mapping[str, Any]) -> None:
        key = requirement["key"]
        skip = {"data-autosave-skip": ""}
        choices = [
            (row["key"], row["title"])
            for row in self.whole.template["criteria"]
            if key in row["requirements"]
        ]
        self._file_field(key, requirement["title"], accept())
        self.fields[f"title-{key}"] = Text(
            label=_("What is it?"), widget=forms.TextInput(attrs={**skip, "maxlength": 160})
        )
        self.fields[f"link-{key}"] = Text(
            label=_("Web address"), widget=forms.URLInput(attrs={**skip, "placeholder": "https://"})
        )
        self.fields[f"text-{key}"] = Text(
            label=_("Your text"), widget=forms.Textarea(attrs={**skip, "rows": 5})
        )
        if len(choices) > 1:
            self.fields[f"criteria-{key}"] = forms.MultipleChoiceField(
                label=_("Counts for"), choices=choices, required=False, initial=[value for value, _name in choices],
                widget=forms.CheckboxSelectMultiple(attrs=skip),
            )  # fmt: skip

    def _file_field(self, key: str, label: Any, accepted: str) -> None:
        self.fields[f"file-{key}"] = forms.FileField(
            label=label, required=False, allow_empty_file=True,
            widget=forms.FileInput(attrs={"accept": accepted, "data-autosave-skip": ""}),
        )  # fmt: skip
        self.fields[f"file-{key}"].validators = []

    # what was sent

    @property
    def answers(self) -> dict[str, str]:
        """Question key → text, for the questions that were on the page that sent this."""
        return {
            name.removeprefix(ANSWER): self.cleaned_data[name]
            for name in self.fields
            if name.startswith(ANSWER) and name in self.data and name in self.cleaned_data
        }

    @property
    def note(self) -> str | None:
        return self.cleaned_data.get(NOTE) if NOTE in self.data else None

    @property
    def ai_use(self) -> str | None:
        return self.cleaned_data.get(AI) if AI in self.data else None

    @property
    def contribution(self) -> str | None:
        return self.cleaned_data.get(TEAM) if TEAM in self.data else None

    @property
    def texts(self) -> dict[str, str]:
        """Everything typed that was sent, by the names of the fields."""
        beside = {NOTE: self.note, AI: self.ai_use, TEAM: self.contribution}
        sent = {name: text for name, text in beside.items() if text is not None}
        return {**{ANSWER + key: text for key, text in self.answers.items()}, **sent}

    @property
    def outside(self) -> bool | None:
        """Whether she asks for somebody outside her district; None where nothing of hers shows her."""
        return bool(self.cleaned_data.get("outside")) if "outside" in self.fields else None

    @property
    def accepted(self) -> list[str]:
        """Keys of the statements that are ticked."""
        return [
            statement["key"]
            for statement in self.whole.submission.enrolment.version.attestations
            if self.cleaned_data.get(f"attest-{statement['key']}")
        ]

    def texts_changed(self) -> bool:
        """Whether what was sent differs from what is stored; evidence alone never meets a stale revision."""
        stored = _texts(self.whole)
        return any(text != stored.get(name, "") for name, text in self.texts.items())

    def new_evidence(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Filled-in evidence fields: (field to blame, kind, arguments for the verb)."""
        for key in [*(row["key"] for row in self.whole.template["requirements"]), SPOKEN]:
            clean = self.cleaned_data.get
            shared = {
                "requirement": key,
                "criteria": clean(f"criteria-{key}") or [],
                "title": clean(f"title-{key}") or "",
            }
            if upload := clean(f"file-{key}"):
                incoming = IncomingFile(upload.chunks(), upload.size, upload.name)
                yield f"file-{key}", "file", {**shared, "upload": incoming}
            if url := (clean(f"link-{key}") or "").strip():
                yield f"link-{key}", "link", {**shared, "url": url}
            if (text := clean(f"text-{key}") or "").strip():
                yield f"text-{key}", "text", {**shared, "text": text}

    def blame(self, errors: Mapping[str, list[Any]], fallback: str | None = None) -> None:
        """Put a verb's words on the fields they belong to."""
        for name, words in errors.items():
            self.add_error(self._field(name) or fallback, [str(word) for word in words])

    def _field(self, name: str) -> str | None:
        for candidate in (ANSWER + name, f"file-{name}", name):
            if candidate in self.fields:
                return candidate
        return None


COUNTED = {
    "data-words": _("Words: %n%"),
    "data-words-short": _("Words: %n%. At least %d% more."),
    "data-words-near": _("Words: %n%. %d% left."),
    "data-words-long": _("Words: %n%. %d% too many."),
}


def keeping_both(data: QueryDict, whole: Whole) -> QueryDict:
    """After a conflict: every text that differs follows the stored one instead of replacing it."""
    joined = data.copy()
    for name, stored in _texts(whole).items():
        if name in data and stored.strip() and (mine := Text().to_python(data[name])) != stored:
            joined[name] = f"{stored}\n\n{mine}"
    return joined


def _area(key: str, low: int, high: int) -> forms.Textarea:
    counted = {"data-wordcount": "", "data-min": low, "data-max": high, **COUNTED} if low or high else {}
    return forms.Textarea(attrs={"rows": 8 if high > 100 else 5, "data-write": "", **counted})


def _initial(whole: Whole) -> dict[str, Any]:
    submission = whole.submission
    return {
        "revision": submission.revision,
        "target_date": submission.enrolment.target_date,
        **_texts(whole),
    }


def _texts(whole: Whole) -> dict[str, str]:
    stored = whole.submission
    beside = {NOTE: stored.resubmission_note, AI: stored.ai_use, TEAM: stored.contribution}
    return {**beside, **{ANSWER + key: text for key, text in stored.answers.items()}}


def _day(**attrs: Any) -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", **attrs}, format="%Y-%m-%d")


class TargetForm(forms.Form):
    """Her own date, on its own. The verb allows for time zones; here we know hers."""

    target_date = forms.DateField(
        required=False,
        label=_("Your target date"),
        help_text=_("Only for you. Nobody holds you to it."),
        widget=_day(),
    )

    def clean_target_date(self) -> date | None:
        chosen: date | None = self.cleaned_data["target_date"]
        if chosen and chosen < timezone.localdate():
            raise forms.ValidationError(_("Choose a day from today on."))
        return chosen


class DaysForm(forms.Form):
    """The day of each stage; what is done is not asked again."""

    def __init__(self, plan: Plan, data: QueryDict | None = None) -> None:
        super().__init__(data)
        span = {"min": timezone.localdate().isoformat(), "max": plan.target.isoformat()}
        for stage in plan.stages:
            if stage.state != "done":
                self.fields[stage.key] = forms.DateField(
                    label=stage.label, initial=stage.day, widget=_day(**span)
                )


class RemindersForm(forms.Form):
    """None, unless she asks for them."""

    reminders = forms.ChoiceField(
        label=_("Remind me by mail"), choices=Enrolment.Reminders.choices, widget=forms.RadioSelect
    )


class SelfRatingForm(forms.Form):
    """A level for each criterion, in the rubric's own words; none is required."""

    def __init__(self, criteria: list[dict[str, Any]], data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        for row in criteria:
            levels = [(str(level["order"]), level["title"]) for level in row["levels"]]
            self.fields[row["key"]] = forms.ChoiceField(
                label=row["title"], choices=[("", _("No rating")), *levels], required=False
            )

    @property
    def levels(self) -> dict[str, int]:
        """Criterion key → level, where one was chosen."""
        return {key: int(value) for key, value in self.cleaned_data.items() if value}
