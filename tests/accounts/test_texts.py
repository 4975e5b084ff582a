"""Words that come to stand in signed documents are refused at the field, in words, where they hold control characters."""

from __future__ import annotations

import pytest
from allauth.account.signals import email_changed
from django import forms
from django.contrib.admin import site
from django.test import Client, RequestFactory

from accounts import adapter
from accounts.models import Organisation, User
from accounts.texts import plain_line, plain_lines
from badges.models import Award
from catalog.models import Stack, Standard, Term, Version
from journal.models import Entry
from tests import factories
from tests.people import cast, signed_in

ANY_SCRIPT = ["Zoë Ærø", "שלום עולם", "رفاهية", "学び合い", "👩🏽‍🏫", 'a "b" ]]> <c> & \\']


@pytest.mark.parametrize("text", ANY_SCRIPT)
def test_any_script_is_taken(text: str) -> None:
    plain_line(text)
    plain_lines(f"{text}\r\n\t{text}")


@pytest.mark.parametrize("character", ["\x07", "\x1b", "\x85", "\u202e", "\u2066", "\u2028"])
def test_control_characters_are_refused_by_name(character: str) -> None:
    for check in (plain_line, plain_lines):
        with pytest.raises(forms.ValidationError, match=f"U\\+{ord(character):04X}"):
            check(f"a{character}b")


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), [(Organisation, "name"), (Organisation, "about"), (Stack, "title"), (Version, "competency"), (Standard, "title"), (Term, "name"), (User, "name")])  # fmt: skip
def test_pages_of_the_admin_refuse_them_at_the_field(model: type, field: str) -> None:
    request = RequestFactory().get("/")
    request.user = factories.user(is_superuser=True, is_staff=True)
    admin = site._registry[model]
    found = admin.formfield_for_dbfield(model._meta.get_field(field), request)  # type: ignore[attr-defined]
    with pytest.raises(forms.ValidationError, match=r"U\+202E"):
        found.clean("Northfield\u202e")  # type: ignore[union-attr]
    assert found.clean("Northfield 学び") == "Northfield 学び"  # type: ignore[union-attr]


@pytest.mark.django_db
def test_another_address_is_written_down() -> None:
    person = factories.user()
    email_changed.send(sender=adapter.AccountAdapter, request=None, user=person)
    assert Entry.objects.get(kind="accounts.address_changed").subject_id == str(person.pk)


@pytest.mark.django_db
def test_a_name_with_one_is_refused_on_the_profile_and_an_old_one_breaks_no_picture() -> None:
    people = cast()
    wrong = signed_in(people.educator).post("/account/", {"name": "Maya\u202e", "time_zone": "UTC"})
    assert (wrong.status_code, "U+202E" in wrong.content.decode()) == (400, True)
    User.objects.filter(pk=people.educator.pk).update(name="Maya\u202e\x07 Okafor")
    people.educator.refresh_from_db()
    award = factories.award(people, visibility="public")
    assert award.name_shown == "Maya Okafor"
    Award.objects.update(name_shown="Maya\u202e")
    assert Client().get(f"/badges/{award.pk}/card.png").status_code == 200
