"""How an issuer assesses, as a form; and when an assessor is away."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from review.models import AssessmentPolicy
from review.workflow import checklist_of

HELP = {
    "double_first": _("Each of them gets two readings by two people who never see each other’s."),
    "double_rate": _("Which ones is drawn when they enter the queue, by a recorded seed. 0: none."),
    "same_district": _("Where an educator asks for it herself, this holds for her in any case."),
    "returning": _("For another attempt, when she comes back with what was missing."),
    "check_days": _("Only where there is a checklist. It does not count as an attempt."),
    "stall_days": _("Then the submission returns to the queue; the draft stays the assessor’s."),
    "promise_floor": _("Educators are promised what the queue has shown lately, never less than this …"),
    "promise_cap": _("… and never more than this."),
    "licensed_only": _(
        "As soon as there are enough anchors. Until then founding assessors score, and the page says so."
    ),
    "anchor_rate": _("Assessors know that they exist, not which they are."),
    "offer_days": _("Then it is offered to the next."),
}
GROUPS = (
    (_("Two readings"), ("double_first", "double_rate")),
    (_("Who reads"), ("same_district", "returning", "mode", "offer_days")),
    (_("Completeness first"), ("checklist", "check_days")),
    (_("Time"), ("claim_days", "stall_days", "promise_floor", "promise_cap", "escalate_days", "appeal_days")),
    (
        _("Calibration"),
        ("licensed_only", "anchors_needed", "qualify_at", "anchor_rate", "window", "pause_below"),
    ),
)


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Every rule in words, in groups; the checklist as one line each."""

    checklist = forms.CharField(
        label=_("What must be there"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One line each, such as “The plan names the class”. The first reader ticks them off before scoring."
        ),
    )
    anyway = forms.BooleanField(
        label=_("Save it all the same: more people will join"),
        required=False,
    )

    class Meta:
        model = AssessmentPolicy
        fields = tuple(name for _title, names in GROUPS for name in names)
        help_texts = HELP

    def __init__(self, data: Any = None, *, instance: AssessmentPolicy, initial: Any = None) -> None:
        lines = "\n".join(row["text"] for row in instance.checklist)
        super().__init__(data, instance=instance, initial={"checklist": lines, **(initial or {})})
        for name in (name for _title, names in GROUPS for name in names):
            rule = AssessmentPolicy._meta.get_field(name)
            if name != "checklist" and isinstance(rule, models.Field):
                self.fields[name].validators += rule.validators

    def clean_checklist(self) -> list[dict[str, str]]:
        return checklist_of(self.cleaned_data["checklist"])

    def groups(self) -> list[dict[str, Any]]:
        """The fields under their headings."""
        return [{"title": title, "fields": [self[name] for name in names]} for title, names in GROUPS]

    def rules(self) -> dict[str, Any]:
        """Clean data for `workflow.set_policy`."""
        return {name: value for name, value in self.cleaned_data.items() if name != "anyway"}

    def _post_clean(self) -> None:
        """The verb validates the row; the form never writes to its instance."""


class AwayForm(forms.Form):
    """Until when."""

    until = forms.DateField(
        label=_("Away until, that day included"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Choose a day."), "invalid": _("Enter a date as 2026-12-24.")},
    )


class AssignForm(forms.Form):
    """Who is to read it, out of those who may."""

    assessor = forms.ModelChoiceField(
        label=_("Assessor"),
        queryset=User.objects.none(),
        empty_label=_("Choose"),
        error_messages={
            "required": _("Choose an assessor."),
            "invalid_choice": _("This person cannot take it."),
        },
    )

    def __init__(self, *args: Any, people: Collection[User], **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["assessor"]
        field.queryset = User.objects.filter(pk__in=[one.pk for one in people])
