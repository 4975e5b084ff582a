"""What people type to show their badges, and to ask whose one is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from badges.models import Award, PublicProfile


class PersonForm(forms.Form):
    """An address to compare with the one a badge was issued to."""

    use_required_attribute = False

    email = forms.EmailField(
        label=_("Check it is this person"),
        max_length=254,
        widget=forms.EmailInput(
            attrs={"autocomplete": "off", "placeholder": _("Their e-mail address"), "class": "control"}
        ),
        error_messages={"required": _("Type the e-mail address that the person gave you.")},
    )


class AwardsField(forms.MultipleChoiceField):
    """Badges of one's own, to tick."""

    widget = forms.CheckboxSelectMultiple

    def offer(self, awards: Iterable[Award]) -> None:
        """Choose among these."""
        self.choices = [(str(row.pk), f"{row.listed_title} · {row.issuer.name}") for row in awards]


class LinkForm(forms.Form):
    """A link of several badges."""

    title = forms.CharField(
        label=_("For whom"), max_length=120, help_text=_("Only you read this: “Principal of Oak School”.")
    )
    awards = AwardsField(
        label=_("Badges to show"), help_text=_("Private ones too: this link alone shows them.")
    )
    name_shown = forms.CharField(
        label=_("Name on the page"),
        max_length=120,
        required=False,
        help_text=_("Leave it empty to show no name."),
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("After this day the link shows nothing. Empty: until you withdraw it."),
        widget=forms.DateInput(attrs={"type": "date", "class": "control--auto"}),
    )

    def __init__(self, *args: Any, awards: Iterable[Award], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["awards"].offer(awards)  # type: ignore[attr-defined]

    def expires_at(self) -> datetime | None:
        """The end of the last day, where she is."""
        day = self.cleaned_data["expires_on"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None


class ProfileForm(forms.Form):
    """A public page."""

    shown = forms.BooleanField(label=_("Show my page to everybody"), required=False)
    slug = forms.CharField(
        label=_("Address"),
        max_length=60,
        help_text=_("The end of the page’s address: small letters, digits, hyphens."),
    )
    name_shown = forms.CharField(label=_("Name on the page"), max_length=120)
    headline = forms.CharField(
        label=_("What you do"),
        max_length=160,
        required=False,
        help_text=_("One line, such as “Teaches grade 4”."),
    )
    awards = AwardsField(
        label=_("Badges on the page"),
        required=False,
        help_text=_("Only badges that everybody may see can stand there."),
    )

    def __init__(self, *args: Any, awards: Iterable[Award], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["awards"].offer(awards)  # type: ignore[attr-defined]

    @staticmethod
    def told(profile: PublicProfile, chosen: Iterable[Award]) -> dict[str, Any]:
        """What a profile says now."""
        return {
            "shown": profile.state == PublicProfile.State.SHOWN,
            "slug": profile.slug,
            "name_shown": profile.name_shown,
            "headline": profile.headline,
            "awards": [str(row.pk) for row in chosen if row.on_profile],
        }
