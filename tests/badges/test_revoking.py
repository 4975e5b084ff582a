"""The procedure before a badge is revoked: who may do what and when, what shows at once, and what is never undone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Membership, User
from badges import checking, queries, rules, workflow
from badges.models import Award, Revocation, StatusList
from badges.openbadges.status import bit, decode_list
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from notifications.models import Message
from notifications.tasks import revocation_opened, revocation_waits, revoked
from tests import factories
from tests.browser import Server, enter
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def outsiders(people: People) -> list[User]:
    """Two more approvers of the issuer who had no part in anything."""
    rows = [factories.user(f"outside{number}@example.test") for number in (1, 2)]
    for row in rows:
        factories.member(row, people.northfield, Role.APPROVER)
    return rows


def opened(people: People, **fields: Any) -> Revocation:
    row = workflow.open_revocation(factories.award(people), people.approver, "It is a copy.")
    return changed(row, **fields)


def changed(row: Revocation, **fields: Any) -> Revocation:
    Revocation.objects.filter(pk=row.pk).update(**fields)
    return Revocation.objects.get(pk=row.pk)


def decided(row: Revocation, user: User, *, revoke: bool = True) -> Revocation:
    return workflow.decide_revocation(row, user, revoke=revoke, text="I read both.", answered=True)


def published_bit(status_list: Any, index: int) -> bool:
    """As anybody reads it, over HTTP."""
    answer = Client().get(f"/status/{status_list}")
    return bit(decode_list(answer.json()["credentialSubject"]["encodedList"]), index)


# --- the whole way ------------------------------------------------------------------------------------------------


def test_answered_revoked_appealed_restored(people: People, outsiders: list[User]) -> None:
    row = opened(people)
    award, first, second = row.award, *outsiders
    place = (award.status_list_id, award.status_index)
    assert checking.check(award.credential).valid
    workflow.answer_revocation(row, people.educator, "It is mine: here is the draft of March.")
    decided(row, first)
    assert published_bit(*place)
    row = workflow.appeal_revocation(row, people.educator, "The draft was not opened.")
    row = workflow.decide_appeal(row, second, restore=True, text="I opened it. It is hers.")
    award.refresh_from_db()
    assert (award.state, row.state, award.revocation_reason) == ("active", "restored", "")
    assert (award.status_list_id, award.status_index) != place
    assert award.credential["id"].endswith(str(award.pk))
    assert checking.check(award.credential).valid
    assert published_bit(*place)
    assert place[1] in queries.spent_places(award.status_list)
    kinds = (
        Entry.objects.filter(kind__startswith="badges.re").order_by("created").values_list("kind", flat=True)
    )
    assert [kind for kind in kinds if kind != "badges.reissued"] == [
        "badges.revocation_opened", "badges.revocation_answered", "badges.revocation_decided", "badges.revoked",
        "badges.revocation_appealed", "badges.revocation_reversed", "badges.restored",
    ]  # fmt: skip


def test_a_spent_place_stays_set_when_the_list_is_signed_anew(people: People, outsiders: list[User]) -> None:
    row = opened(people, answer_until=timezone.now())
    award = row.award
    place = (award.status_list_id, award.status_index)
    row = workflow.appeal_revocation(decided(row, outsiders[0]), people.educator, "Please look again.")
    workflow.decide_appeal(row, outsiders[1], restore=True, text="I did.")
    StatusList.objects.update(credential=None)
    assert published_bit(*place)


# --- every state, verb and role ------------------------------------------------------------------------------------

VERBS: dict[str, Callable[[Revocation, User], Revocation]] = {
    "answer": lambda row, user: workflow.answer_revocation(row, user, "No."),
    "revoke": decided,
    "keep": lambda row, user: decided(row, user, revoke=False),
    "appeal": lambda row, user: workflow.appeal_revocation(row, user, "Please."),
    "uphold": lambda row, user: workflow.decide_appeal(row, user, restore=False, text="No."),
    "restore": lambda row, user: workflow.decide_appeal(row, user, restore=True, text="Yes."),
}
WHO = {"answer": "educator", "appeal": "educator"}


def in_state(people: People, state: str) -> Revocation:
    """A procedure in this state, and the award as it is then."""
    soon = timezone.now() + timedelta(days=1)
    gone = {"revoked", "appealed", "upheld"}
    row = opened(people, state=state, answer_until=timezone.now(), appeal_until=soon)
    if state in gone:
        Award.objects.update(state="revoked")
    return Revocation.objects.get(pk=row.pk)


def test_each_verb_in_each_state_does_what_the_table_says(people: People, outsiders: list[User]) -> None:
    done: dict[tuple[str, str], str] = {}
    refused: dict[tuple[str, str], str] = {}
    for state in Revocation.State.values:
        for verb, act in VERBS.items():
            with transaction.atomic():
                row = in_state(people, state)
                user = people.educator if verb in WHO else outsiders[0]
                try:
                    done[(state, verb)] = act(row, user).state
                except TransitionError as error:
                    refused[(state, verb)] = error.state
                assert Revocation.objects.get().state == done.get((state, verb), state)
                transaction.set_rollback(True)
    table = {
        (state, verb): str(to)
        for verb, (frm, to, _kind) in workflow.PROCEDURE.items()
        for state in map(str, frm)
    }
    assert done == table
    assert all(said == state for (state, _verb), said in refused.items())


def test_each_verb_is_its_roles_alone(people: People, outsiders: list[User]) -> None:
    names = ("educator", "educator2", "assessor", "approver", "author", "district_admin", "admin")
    persons = {name: getattr(people, name) for name in names} | {"outsider": outsiders[0]}
    states = {
        "answer": "open",
        "revoke": "open",
        "keep": "open",
        "appeal": "revoked",
        "uphold": "appealed",
        "restore": "appealed",
    }
    may = set()
    for verb, act in VERBS.items():
        for name, person in persons.items():
            with transaction.atomic():
                try:
                    act(in_state(people, states[verb]), person)
                    may.add((verb, name))
                except (GuardError, PermissionDenied):
                    pass
                transaction.set_rollback(True)
    assert may == {
        *(("answer", "educator"), ("appeal", "educator"), ("revoke", "outsider"), ("keep", "outsider")),
        *(("uphold", "outsider"), ("restore", "outsider")),
    }


def test_who_had_a_part_decides_nothing_and_at_last_the_platform_does(
    people: People, outsiders: list[User]
) -> None:
    first, second = outsiders
    row = opened(people, answer_until=timezone.now())
    factories.member(people.assessor, people.northfield, Role.APPROVER)
    assert (rules.deciders(row), rules.may_settle(people.admin, row)) == ([first, second], False)
    row = workflow.appeal_revocation(decided(row, first), people.educator, "Please look again.")
    assert rules.deciders(row) == [second]
    Membership.objects.filter(user=second).update(state=Membership.State.ENDED)
    assert (rules.deciders(row), rules.may_settle(people.admin, row)) == ([], True)
    assert "Everybody at your organisation was involved" in page(people.approver, row)


def page(user: User, row: Revocation) -> str:
    return signed_in(user).get(f"/badges/revocations/{row.pk}/").content.decode()


# --- time and haste ------------------------------------------------------------------------------------------------


def test_nothing_is_decided_before_the_answer_or_the_day(people: People, outsiders: list[User]) -> None:
    row = opened(people)
    assert (row.answer_until - timezone.now()).days >= 11
    with pytest.raises(TransitionError, match="until"):
        decided(row, outsiders[0])
    changed(row, answer_until=timezone.now())
    assert decided(row, outsiders[0], revoke=False).state == "kept"
    assert Award.objects.get().state == "active"


def test_an_answer_that_came_since_is_read_first(people: People, outsiders: list[User]) -> None:
    row = opened(people, answer_until=timezone.now())
    client, url = signed_in(outsiders[0]), f"/badges/revocations/{row.pk}/"
    client.get(url)
    workflow.answer_revocation(row, people.educator, "Look at my draft of March.")
    given = {"verb": "decide", "outcome": "revoke", "text": "Nobody answered.", "answered": ""}
    late = client.post(url, given)
    said = late.content.decode()
    assert (late.status_code, "Look at my draft" in said, "Nobody answered." in said) == (409, True, True)
    assert late.context["form"]["answered"].value() == "1"
    assert client.post(url, given | {"answered": "1"}).status_code == 302
    assert Award.objects.get().state == "revoked"


def test_the_time_to_appeal_ends(people: People, outsiders: list[User]) -> None:
    row = decided(opened(people, answer_until=timezone.now()), outsiders[0])
    changed(row, appeal_until=timezone.now() - timedelta(minutes=1))
    client = signed_in(people.educator)
    late = client.post(f"/badges/{row.award_id}/revocation/", {"verb": "appeal", "appeal": "One word more."})
    assert (late.status_code, "One word more." in late.content.decode()) == (409, True)


@pytest.mark.django_db(transaction=True)
def test_two_deciders_and_an_answer_at_once_settle_it_once() -> None:
    people = cast()
    others = [factories.user(f"outside{number}@example.test") for number in (1, 2)]
    for other in others:
        factories.member(other, people.northfield, Role.APPROVER)
    row = opened(people, answer_until=timezone.now())

    def at_once(act: Callable[[], Any]) -> str:
        try:
            act()
        except TransitionError as error:
            return f"refused: {error.state}"
        else:
            return "done"
        finally:
            connection.close()

    def fresh() -> Revocation:
        return Revocation.objects.get(pk=row.pk)

    acts: list[Callable[[], Any]] = [
        lambda: decided(fresh(), others[0]),
        lambda: decided(fresh(), others[1], revoke=False),
        lambda: workflow.answer_revocation(fresh(), people.educator, "Wait."),
        lambda: workflow.reissue(Award.objects.get(), "corrected"),
    ]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(at_once, acts))
    end = fresh()
    assert results[:2].count("done") == 1
    assert Award.objects.get().state == ("revoked" if end.state == "revoked" else "active")
    assert published_bit(end.award.status_list_id, end.award.status_index) is (end.state == "revoked")


# --- places --------------------------------------------------------------------------------------------------------


# --- exceptions, mails, doors --------------------------------------------------------------------------------------


def test_a_stolen_key_takes_effect_at_once(people: People) -> None:
    award = factories.award(people)
    row = workflow.revoke_for_key(award, "The key was stolen.")
    assert workflow.revoke_for_key(award, "Again.") == row
    assert (row.ground, published_bit(award.status_list_id, award.status_index)) == ("key", True)
    with pytest.raises(TransitionError):
        workflow.appeal_revocation(row, people.educator, "It was mine.")


def test_holder_and_deciders_are_told_once_each(people: People, outsiders: list[User]) -> None:
    row = opened(people, answer_until=timezone.now())
    assert workflow.remind_deciders(10) == 1
    assert workflow.remind_deciders(10) == 0
    for kind, task in (("opened", revocation_opened), ("waits", revocation_waits)):
        entry = Entry.objects.get(kind=f"badges.revocation_{kind}")
        task(str(entry.pk))
        task(str(entry.pk))
    decided(row, outsiders[0])
    revoked(str(Entry.objects.get(kind="badges.revoked").pk))
    told = Message.objects.order_by("created").values_list("user", "kind", "context__step", "context__what")
    assert list(told) == [
        (people.educator.pk, "revoked", "opened", None),
        *((outsider.pk, "attention", None, "revocation") for outsider in outsiders),
        (people.educator.pk, "revoked", "revoked", None),
    ]


def test_the_api_has_the_same_verbs(people: People, outsiders: list[User]) -> None:
    award = factories.award(people, visibility="public")
    api = "/api/v1/revocations/"

    def post(user: User, path: str, **body: Any) -> Any:
        return signed_in(user).post(f"{api}{path}", body, content_type="application/json")

    assert post(people.educator2, "", award=str(award.pk), reason="No.").status_code == 403
    made = post(people.approver, "", award=str(award.pk), reason="A copy.")
    pk = made.json()["id"]
    assert (made.status_code, made.json()["state"], made.json()["verbs"]) == (201, "open", [])
    assert post(people.approver, "", award=str(award.pk), reason="A copy.").status_code == 409
    assert signed_in(people.educator2).get(f"{api}{pk}/").status_code == 404
    assert signed_in(people.educator).get(api).json()["results"][0]["verbs"] == ["answer"]
    assert post(people.approver, f"{pk}/answer/", text="I did not.").status_code == 403
    assert post(people.educator, f"{pk}/answer/", text="I did not.").json()["answer"] == "I did not."
    early = post(outsiders[0], f"{pk}/decide/", outcome="revoke", text="It is.")
    assert (early.status_code, early.json()["state"]) == (409, "open")
    done = post(outsiders[0], f"{pk}/decide/", outcome="revoke", text="It is.", answered=True)
    assert (done.status_code, done.json()["state"]) == (200, "revoked")
    assert post(people.educator, f"{pk}/appeal/", text="Look again.").json()["state"] == "appealed"
    last = post(outsiders[1], f"{pk}/decide-appeal/", outcome="uphold", text="It is.").json()
    assert (last["state"], Award.objects.get().state) == ("upheld", "revoked")


def test_a_platform_admin_and_an_approver_find_the_way_to_the_procedures(people: People) -> None:
    for user in (people.admin, people.approver):
        client = signed_in(user)
        assert 'href="/badges/issued/"' in client.get("/my/").content.decode()
        assert 'href="/badges/revocations/"' in client.get("/badges/issued/").content.decode()
    assert 'href="/badges/issued/"' not in signed_in(people.educator).get("/my/").content.decode()


def test_lists_are_paged_by_key_and_say_what_waits_for_whom(
    people: People, outsiders: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("badges.views.procedures.PAGE", 2)
    rows = [opened(people, answer_until=timezone.now()) for _number in range(3)]
    client = signed_in(outsiders[0])
    first = client.get("/badges/revocations/")
    second = client.get("/badges/revocations/" + first.context["next_url"])
    listed = [row.pk for answer in (first, second) for row, _mine in answer.context["rows"]]
    assert (sorted(listed), len(listed)) == (sorted(row.pk for row in rows), 3)
    assert [mine for _row, mine in first.context["rows"]] == [True, True]
    opener = signed_in(people.approver).get("/badges/revocations/")
    assert [mine for _row, mine in opener.context["rows"]] == [False, False]
    assert signed_in(people.educator).get("/badges/revocations/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_from_the_question_to_the_badge_that_is_valid_again(
    server: Server, new_page: Callable[..., Page]
) -> None:
    people = cast()
    others = [factories.user(f"outside{number}@example.test") for number in (1, 2)]
    for other in others:
        factories.member(other, people.northfield, Role.APPROVER)
    row = opened(people)
    hers, theirs = (
        f"{server.url}/badges/{row.award_id}/revocation/",
        f"{server.url}/badges/revocations/{row.pk}/",
    )
    phone = enter(new_page(viewport={"width": 390, "height": 800}), server, people.educator)
    phone.goto(f"{server.url}/my/")
    phone.get_by_role("link", name="A question about this badge").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("A question about your badge")
    phone.get_by_role("button", name="Send my answer").click()
    expect(phone.get_by_text("Write your answer in a sentence or two.").first).to_be_visible()
    phone.get_by_label("Your answer").fill("It is mine: here is the draft of March.")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("It is mine: here is the draft of March.")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    settle(
        enter(new_page(), server, others[0]),
        theirs,
        "The badge is revoked",
        "The draft is from another year.",
    )
    phone.goto(hers)
    phone.get_by_label("What was overlooked?").fill("The draft’s second page has the date.")
    phone.get_by_role("button", name="Send my appeal").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Your appeal is being read")
    settle(
        enter(new_page(), server, others[1]), theirs, "The badge is valid again", "The second page has it."
    )
    phone.reload()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Your badge is valid")
    assert Award.objects.get().state == "active"


def settle(page: Page, address: str, outcome: str, why: str) -> None:
    """Somebody decides, with the keyboard where it matters."""
    page.goto(address)
    page.get_by_label(outcome, exact=True).check()
    page.get_by_label("Why").fill(why)
    page.get_by_role("button", name="Decide in writing").click()
    expect(page.get_by_text(why)).to_be_visible()
