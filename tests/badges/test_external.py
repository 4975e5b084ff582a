"""Badges from elsewhere: kept byte for byte, hers alone, checked again, counted where an issuer says so."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import png
import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from playwright.sync_api import Page, expect

from badges import checking, queries, rules, tasks, workflow
from badges.models import Award, ExternalAward, Recognition
from badges.openbadges.baking import bake_png
from badges.openbadges.keys import SigningKey
from badges.openbadges.summary import belongs_to, summary
from catalog.models import StackItem
from journal.models import Entry
from journal.workflow import GuardError, TransitionError, record
from microcreds import exporting
from notifications.models import Message
from tests import factories
from tests.badges.stacked import certificate, follow, foreign, kept, recognised, report, soon, stack
from tests.browser import Server, enter
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


def picture() -> bytes:
    """One grey dot."""
    file = io.BytesIO()
    png.from_array([[128]], "L").write(file)
    return file.getvalue()


# --- bringing one -----------------------------------------------------------------------------------------


def test_a_badge_comes_back_byte_for_byte_and_only_to_its_holder(people: People) -> None:
    text = json.dumps(foreign(people.educator.email), indent=3) + "\n"
    content = bake_png(picture(), text)
    client = signed_in(people.educator)
    for name, body in (("badge.png", content), ("badge.json", text.encode())):
        answer = client.post(
            "/badges/other/", {"file": SimpleUploadedFile(name, body), "address": "", "text": ""}
        )
        row = ExternalAward.objects.latest("created")
        assert (answer.status_code, answer["Location"]) == (302, f"/badges/other/{row.pk}/")
        assert (row.outcome, row.is_hers, row.name, row.issuer_name) == (
            "ok",
            True,
            "Leading Talk",
            "Harbor Institute",
        )
        assert client.get(f"/badges/other/{row.pk}/file/").content == body
        assert "Leading Talk" in client.get(f"/badges/other/{row.pk}/").content.decode()
        for other in (people.educator2, people.approver, people.admin):
            assert signed_in(other).get(f"/badges/other/{row.pk}/").status_code == 404
            assert signed_in(other).get(f"/badges/other/{row.pk}/file/").status_code == 404
    client.post("/badges/other/", {"text": text})
    assert list(ExternalAward.objects.order_by("created").values_list("media_type", flat=True)) == [
        "image/png", "application/json",
    ]  # fmt: skip
    pieces = {piece.name: piece.body for piece in exporting._pieces(people.educator)}
    assert pieces[f"badges/elsewhere/{row.pk}.json"] == text.encode()


def test_what_is_not_valid_is_refused_step_by_step(people: People) -> None:
    document = foreign(people.educator.email)
    document["credentialSubject"]["achievement"]["name"] = "Something greater"
    client = signed_in(people.educator)
    answer = client.post("/badges/other/", {"text": json.dumps(document)})
    page = answer.content.decode()
    assert (answer.status_code, ExternalAward.objects.count()) == (400, 0)
    assert ("This badge is not valid, so it is not kept." in page, "Its signature" in page) == (True, True)
    assert "Something greater" in page  # what she pasted is still there
    for given, words in (
        ({}, "Choose a file, or give"), ({"text": "hello"}, "not kept"), ({"address": "nonsense"}, "not a web address"),
        ({"text": "{}", "address": "https://a.example/b"}, "one badge at a time"),
        ({"address": "https://127.0.0.1:1/badge.json"}, "private network"),
        ({"address": "http://127.0.0.1:8000/badges/1.json"}, "one of ours"),
    ):  # fmt: skip
        answer = client.post("/badges/other/", given)
        assert (given, answer.status_code, words in answer.content.decode()) == (given, 400, True)
    own = factories.award(people)
    with pytest.raises(GuardError, match="issued here"):
        workflow.keep_external(people.educator, b"1", "application/json", report(own.credential))
    with pytest.raises(GuardError, match="cannot be kept"):
        workflow.keep_external(people.educator, b"2", "application/json", report({"id": "a\x00b"}))


def test_what_could_not_be_checked_or_names_somebody_else_is_kept_and_does_not_count(people: People) -> None:
    row, units = stack(people, 1)
    item = StackItem.objects.select_related("group__stack").get(micro_credential=units[0])
    document = foreign(people.educator.email)
    half = workflow.keep_external(
        people.educator, b"1", "application/json", report(document, status="unknown")
    )
    theirs = workflow.keep_external(
        people.educator, b"2", "application/json", report(foreign("somebody@example.test"))
    )
    ended = kept(people.educator, valid_until=soon(1))
    ExternalAward.objects.filter(pk=ended.pk).update(expires_at=soon(-1))
    ended.refresh_from_db()
    for external, words in ((half, "Not everything"), (theirs, "confirmed e-mail"), (ended, "expired")):
        assert words in workflow.why_it_does_not_count(external)
        with pytest.raises(GuardError, match=words):
            workflow.ask_recognition(external, item, people.educator)
    EmailAddress.objects.create(user=people.educator, email="Somebody@Example.test", verified=False)
    workflow.recheck_external(theirs, report(theirs.document))
    assert theirs.is_hers is False
    EmailAddress.objects.filter(email="Somebody@Example.test").update(verified=True)
    workflow.recheck_external(theirs, report(theirs.document))
    assert (theirs.is_hers, workflow.why_it_does_not_count(theirs)) == (True, "")
    assert queries.progress(row, people.educator).done == 0


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"recipient": {"type": "email", "hashed": False, "identity": "Maya@Example.org"}}, True),
        ({"recipient": {"type": "email", "identity": "other@example.org"}}, False),
        ({"recipient": {"type": "email", "hashed": True, "salt": "s", "identity": "sha256$b9e8"}}, False),
        ({"recipient": {"type": "url", "identity": "maya@example.org"}}, False),
        ({"credentialSubject": {"id": "mailto:maya@example.org"}}, True),
        (
            {"credentialSubject": [{"identifier": {"hashed": "yes", "identityHash": "maya@example.org"}}]},
            True,
        ),
        ({"credentialSubject": "text", "recipient": ["x"]}, False),
    ],
)
def test_whose_badge_it_is(document: dict[str, Any], expected: bool) -> None:
    assert belongs_to(document, "maya@example.org") is expected


def test_a_hosted_assertion_is_read_too() -> None:
    found = summary(
        {
            "id": "https://a.example/1", "issuedOn": "2025-05-01", "expires": "2030-01-01T00:00:00Z",
            "badge": {"id": "https://a.example/class", "name": "Old", "criteria": "https://a.example/how",
                      "issuer": {"id": "https://a.example", "name": "A"}},
        }
    )  # fmt: skip
    assert (found.name, found.issuer_name, found.criteria_url) == ("Old", "A", "https://a.example/how")
    assert (
        found.issued_at is not None and found.issued_at.year,
        found.expires_at and found.expires_at.year,
    ) == (2025, 2030)
    assert (
        summary(
            {"badge": 7, "issuer": 3, "issuedOn": 9, "credentialSubject": {"achievement": {"name": 4}}}
        ).name
        == ""
    )


# --- again ------------------------------------------------------------------------------------------------


def test_the_nightly_check_pauses_what_rests_on_a_badge_that_ended(people: People, monkeypatch: Any) -> None:
    _row, units = stack(people, 1)
    external = kept(people.educator)
    recognised(people, external, units[0])
    follow()
    assert tasks.recheck_externals() == 0
    ExternalAward.objects.update(checked_at=timezone.now() - timedelta(days=1))
    monkeypatch.setattr(checking, "check", lambda source: report(external.document, status="unknown"))
    assert tasks.recheck_externals() == 1
    external.refresh_from_db()
    assert (external.outcome, external.steps[-1]["name"]) == ("ok", "recheck")
    external.steps[-1]["since"] = (timezone.now() - timedelta(days=15)).isoformat()
    workflow.recheck_external(external, report(external.document, status="unknown"))
    follow()
    assert (external.outcome, certificate(people.educator).state) == ("unknown", "suspended")
    workflow.recheck_external(external, report(external.document))
    follow()
    assert certificate(people.educator).state == "active"
    workflow.recheck_external(external, report(external.document, status="failed"))
    follow()
    assert certificate(people.educator).state == "suspended"


# --- counting it ------------------------------------------------------------------------------------------


def test_who_answers_and_who_does_not(people: People) -> None:
    _row, units = stack(people, 1)
    item = StackItem.objects.select_related("group__stack").get(micro_credential=units[0])
    external = kept(people.educator)
    asked = workflow.ask_recognition(external, item, people.educator)
    with pytest.raises(TransitionError):
        workflow.ask_recognition(external, item, people.educator)
    with pytest.raises(PermissionDenied):
        workflow.ask_recognition(external, item, people.educator2)
    follow()
    assert [row.user for row in Message.objects.filter(kind="recognition")] == [people.approver]
    lakes = factories.user()
    factories.member(lakes, people.lakes, "approver")
    near = factories.user()
    factories.member(near, people.northfield, "approver")
    factories.member(near, people.oak, "educator")
    for person in (lakes, near, people.author, people.assessor, people.educator):
        with pytest.raises(PermissionDenied):
            workflow.answer_recognition(asked, person, accept=True, words="Yes.")
    factories.member(people.educator, people.northfield, "approver")
    assert rules.recognitions_visible_to(people.educator).count() == 0
    with pytest.raises(GuardError):
        workflow.answer_recognition(asked, people.approver, accept=True, words=" ")
    workflow.answer_recognition(asked, people.approver, accept=False, words="Other work.")
    with pytest.raises(TransitionError, match="answered"):
        workflow.answer_recognition(asked, people.approver, accept=True, words="Yes.")
    follow()
    told = Message.objects.get(kind="recognition", user=people.educator)
    assert (told.context["what"], told.context["words"]) == ("declined", "Other work.")
    assert queries.begun(people.educator) == []


def test_one_badge_counts_for_one_part(people: People) -> None:
    _row, units = stack(people, 2)
    external = kept(people.educator)
    recognised(people, external, units[0])
    other = StackItem.objects.select_related("group__stack").get(micro_credential=units[1])
    with pytest.raises(GuardError, match="one part"):
        workflow.ask_recognition(external, other, people.educator)


@pytest.mark.parametrize(("rule", "ends"), [("suspend", "suspended"), ("revoke", "revoked")])
def test_the_issuer_withdraws_what_it_counted_and_says_why(people: People, rule: str, ends: str) -> None:
    _row, units = stack(people, 2, on_revoked=rule)
    factories.award(people, units[0])
    asked = recognised(people, kept(people.educator), units[1])
    follow()
    award = certificate(people.educator)
    url = f"/badges/recognitions/{asked.pk}/"
    for person in (people.author, people.educator):
        assert signed_in(person).post(f"{url}withdraw/", {"words": "No."}).status_code == 404
        with pytest.raises(PermissionDenied):
            workflow.withdraw_recognition(asked, person, "No.")
    client = signed_in(people.approver)
    assert "Withdraw this" in client.get(url).content.decode()
    empty = client.post(f"{url}withdraw/", {"words": " "})
    assert (empty.status_code, "Say why" in empty.content.decode()) == (400, True)
    assert client.post(f"{url}withdraw/", {"words": "Another person's work."}).status_code == 302
    assert client.post(f"{url}withdraw/", {"words": "Again."}).status_code == 409
    assert "Withdraw this" not in client.get(url).content.decode()
    follow()
    award.refresh_from_db()
    assert (award.state, queries.progress(_row, people.educator).done) == (ends, 1)
    told = Message.objects.get(kind="recognition", user=people.educator, context__what="withdrawn")
    assert told.context["words"] == "Another person's work."
    entry = Entry.objects.get(kind="badges.recognition_withdrawn")
    assert (entry.actor_id, entry.subject_id) == (people.approver.pk, str(asked.pk))
    factories.award(people, units[1])
    follow()
    assert Award.objects.get(earner=people.educator, stack=_row, state="active")


def test_somebody_who_leaves_takes_them_along(people: People) -> None:
    _row, units = stack(people, 1)
    recognised(people, kept(people.educator), units[0])
    follow()
    people.educator.closed_at = timezone.now()
    people.educator.save()
    tasks.closed(str(record("test", people.educator).pk))
    follow()
    assert (ExternalAward.objects.count(), Recognition.objects.count()) == (0, 0)
    assert Award.objects.get(stack__isnull=False).state == "active"


@pytest.mark.django_db(transaction=True)
def test_from_a_file_to_a_certificate_in_a_browser(page: Page, server: Server, tmp_path: Any) -> None:
    people = cast()
    _row, units = stack(people, 2)
    factories.award(people, units[0], visibility="unlisted")
    path = tmp_path / "talk.json"
    path.write_text(json.dumps(foreign(people.educator.email, key=SigningKey.generate())))
    enter(page, server, people.educator)
    page.goto(f"{server.url}/my/")
    page.get_by_role("link", name="My badges from elsewhere").click()
    page.get_by_label("Badge file").set_input_files(path)
    page.get_by_role("button", name="Check and keep it").click()
    expect(page.get_by_role("heading", name="Leading Talk")).to_be_visible()
    page.goto(f"{server.url}/stacks/talk/")
    region = page.locator("#stack-progress")
    expect(region).to_contain_text("1 of 2")
    region.get_by_text("Count a badge from elsewhere").click()
    region.get_by_role("button", name="Ask the issuer").click()
    expect(page.locator("#stack-progress")).to_contain_text("Asked whether a badge counts")
    enter(page, server, people.approver)
    page.goto(f"{server.url}/badges/recognitions/")
    page.get_by_role("link", name="Leading Talk").click()
    expect(page.get_by_text("A recording and a plan.")).to_be_visible()
    page.get_by_label("It counts for this part").check()
    page.get_by_label("Why").fill("The same work, as the criteria show.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("heading", name="Answered")).to_be_visible()
    follow()
    enter(page, server, people.educator)
    page.goto(f"{server.url}/stacks/talk/progress/")
    page.get_by_role("link", name="Your certificate").click()
    expect(page.get_by_role("heading", name="Talk Certificate")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/my/", "/stacks/talk/"):
        page.goto(f"{server.url}{path}")
        expect(page.get_by_text("Talk Certificate").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
