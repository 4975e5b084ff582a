"""Her plan, her own rating and the task on paper, as pages; and that the rating is hers alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from catalog.models import Question
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from review import workflow as review
from submissions import workflow
from submissions.models import Enrolment, Milestone, Submission
from tests import factories
from tests.people import cast, signed_in
from tests.review.work import scored
from tests.submissions.stories import FULL, complete, decided

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Submission:
    return workflow.enrol(factories.user(), factories.published(title="Talk <b>"))


@pytest.fixture
def client(draft: Submission) -> Client:
    return signed_in(draft.enrolment.earner)


def ahead(number: int) -> str:
    return (timezone.localdate() + timedelta(days=number)).isoformat()


def plan(draft: Submission) -> str:
    return f"/enrolments/{draft.enrolment_id}/plan/"


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# --- the plan ---------------------------------------------------------------------------------------------


def test_without_a_date_the_page_offers_one(client: Client, draft: Submission) -> None:
    page = text(client.get(plan(draft)))
    assert "Only for you. Nobody holds you to it." in page
    assert ("Talk &lt;b&gt;" in page, "Save these days" in page) == (True, False)
    assert "Choose a day to aim for" in text(client.get("/my/"))
    answer = client.post(plan(draft), {"act": "target", "target_date": ahead(20)}, follow=True)
    assert "Your target date is saved, and the way to it laid out." in text(answer)
    assert Milestone.objects.count() == 4
    assert "Part 1 written by" in text(client.get("/my/"))


@pytest.mark.parametrize("given", ["-1", "4000", "soon", "2026-02-30", "99999-01-01"])
def test_a_wrong_date_says_so_on_its_field_and_stays_there(
    client: Client, draft: Submission, given: str
) -> None:
    given = ahead(int(given)) if given.lstrip("-").isdigit() else given
    answer = client.post(plan(draft), {"act": "target", "target_date": given})
    assert answer.status_code == 400
    assert 'id="id_target_date_error"' in text(answer)
    assert f'value="{given}"' in text(answer)
    assert Enrolment.objects.get().target_date is None


def test_days_are_moved_refused_on_their_field_and_reset(client: Client, draft: Submission) -> None:
    client.post(plan(draft), {"act": "target", "target_date": ahead(20)})
    days = {"part-1": ahead(4), "part-2": ahead(2), "part-3": ahead(18), "submit": "x"}
    wrong = client.post(plan(draft), {"act": "days", **days})
    assert (wrong.status_code, 'id="id_submit_error"' in text(wrong)) == (400, True)
    order = client.post(plan(draft), {"act": "days", **days, "submit": ahead(19)})
    assert "“Part 1 written” comes first" in text(order)
    assert f'value="{ahead(2)}"' in text(order)
    client.post(plan(draft), {"act": "days", **days, "part-2": ahead(10), "submit": ahead(19)})
    moved = Milestone.objects.get(key="part-2")
    assert (moved.day.isoformat(), moved.moved) == (ahead(10), True)
    assert "Moved by you." in text(client.get(plan(draft)))
    client.post(plan(draft), {"act": "reset"})
    moved.refresh_from_db()
    assert (moved.day.isoformat(), moved.moved) == (ahead(14), False)


def test_reminders_are_chosen_and_stopped_with_one_button(client: Client, draft: Submission) -> None:
    early = client.post(plan(draft), {"act": "reminders", "reminders": "milestones"})
    assert "Choose a target date first" in text(early)
    client.post(plan(draft), {"act": "reminders", "reminders": "weekly"})
    assert Enrolment.objects.get().reminders == "weekly"
    assert "Stop these reminders" in text(client.get(plan(draft)))
    client.post(plan(draft), {"act": "stop"})
    assert Enrolment.objects.get().reminders == "none"


@pytest.mark.parametrize("act", ["", "days", "reset", "fly"])
def test_what_cannot_be_is_refused_in_words(client: Client, draft: Submission, act: str) -> None:
    assert client.post(plan(draft), {"act": act}).status_code == 400


def test_nothing_is_planned_after_leaving(client: Client, draft: Submission) -> None:
    workflow.leave(draft.enrolment, draft.enrolment.earner)
    assert client.get(plan(draft))["Location"] == f"/submissions/{draft.pk}/"


def test_the_page_costs_few_queries(
    client: Client, draft: Submission, django_assert_max_num_queries: Any
) -> None:
    client.post(plan(draft), {"act": "target", "target_date": ahead(20)})
    with django_assert_max_num_queries(6):
        client.get(plan(draft))


# --- what is missing --------------------------------------------------------------------------------------


def test_every_part_says_what_it_lacks(client: Client, draft: Submission) -> None:
    page = text(client.get(f"/submissions/{draft.pk}/"))
    for words in (
        "One thing missing in Part 1",
        "One thing missing in Part 2",
        "One thing missing in Part 3",
    ):
        assert words in page
    workflow.save(draft, draft.enrolment.earner, revision=0, answers={"context": FULL["context"]})
    page = text(client.get(f"/submissions/{draft.pk}/"))
    assert ("Part 1 has all it needs" in page, "missing in Part 1" in page) == (True, False)


# --- on paper ---------------------------------------------------------------------------------------------


def test_the_empty_task_has_lines_to_write_on(client: Client, draft: Submission) -> None:
    Question.objects.filter(key="context").update(prompt="Who <b>are</b> they?")
    page = text(client.get(f"/submissions/{draft.pk}/print/"))
    for words in (
        "Who are your students?", "3 to 50 words", "Lesson plan", "plan at Proficient", "Passing level",
        "I removed or covered what could identify a student.", "This question still waits for your answer.",
    ):  # fmt: skip
        assert words in page
    assert page.count("paper-line") >= 5


def test_what_is_written_and_sent_stands_on_it(client: Client, draft: Submission) -> None:
    person = draft.enrolment.earner
    workflow.save(
        draft, person, revision=0, answers={"context": "## Mine\n\n<script>alert(1)</script> and **bold**"}
    )
    page = text(client.get(f"/submissions/{draft.pk}/print/"))
    assert ("<strong>bold</strong>" in page, "<script>alert" in page) == (True, False)
    workflow.submit(complete(person, draft.enrolment.micro_credential), person, ["privacy"])
    page = text(client.get(f"/submissions/{draft.pk}/print/"))
    assert (FULL["context"] in page, "still missing" in page, "paper-line" in page) == (True, False, False)


# --- her own rating ---------------------------------------------------------------------------------------


def rating(draft: Submission) -> str:
    return f"/submissions/{draft.pk}/self-rating/"


def test_she_rates_herself_on_the_very_rubric(client: Client, draft: Submission) -> None:
    page = text(client.get(rating(draft)))
    assert ("plan at Proficient" in page, page.count("checked")) == (True, 3)
    answer = client.post(rating(draft), {"context": "2", "plan": "1", "growth": ""}, follow=True)
    draft.refresh_from_db()
    assert (draft.self_rating, draft.revision) == ({"context": 2, "plan": 1}, 0)
    assert "Look at your own rating again" in text(answer)
    client.post(rating(draft), {"plan": "3"})
    draft.refresh_from_db()
    assert draft.self_rating == {"plan": 3}


@pytest.mark.parametrize("given", [{"plan": "4"}, {"plan": "x"}, {"plan": "0"}])
def test_a_level_that_is_none_is_refused_on_its_field(
    client: Client, draft: Submission, given: dict[str, str]
) -> None:
    answer = client.post(rating(draft), given)
    assert (answer.status_code, 'id="id_plan_error"' in text(answer)) == (400, True)


def test_the_verb_refuses_what_is_not_hers_and_what_the_rubric_does_not_have(draft: Submission) -> None:
    with pytest.raises(PermissionDenied):
        workflow.rate_self(draft, factories.user(), {"plan": 1})
    with pytest.raises(GuardError) as caught:
        workflow.rate_self(draft, draft.enrolment.earner, {"plan": 9, "kindness": 1})
    assert sorted(caught.value.errors) == ["kindness", "plan"]


def test_it_stays_as_it_was_once_submitted(client: Client, draft: Submission) -> None:
    person = draft.enrolment.earner
    workflow.rate_self(draft, person, {"plan": 1})
    workflow.submit(complete(person, draft.enrolment.micro_credential), person, ["privacy"])
    assert client.get(rating(draft))["Location"] == f"/submissions/{draft.pk}/"
    assert client.post(rating(draft), {"plan": "3"}).status_code == 409
    with pytest.raises(TransitionError):
        workflow.rate_self(draft, person, {"plan": 3})
    assert "Your own rating beside" not in text(client.get(f"/submissions/{draft.pk}/"))


def test_after_the_decision_both_stand_side_by_side(client: Client, draft: Submission) -> None:
    person = draft.enrolment.earner
    workflow.rate_self(draft, person, {"context": 2, "plan": 3})
    decided(person, draft.enrolment.micro_credential, below="plan")
    page = text(client.get(f"/submissions/{draft.pk}/"))
    beside = page[page.index('id="beside"') :]
    beside = beside[: beside.index("</section>")]
    assert (
        beside.count("> You</span>") + beside.count("You</span>"),
        beside.count("Your assessor</span>"),
    ) == (2, 2)
    assert (beside.count("You saw it as your assessor did."), beside.count("You saw it differently.")) == (
        1,
        1,
    )


MARK = "4e9c1f-hers-alone"


def test_nobody_else_learns_of_it() -> None:
    people = cast()
    draft = workflow.enrol(people.educator, factories.published(people.northfield))
    workflow.rate_self(draft, people.educator, {"plan": 1})
    Submission.objects.filter(pk=draft.pk).update(self_rating={"plan": 1, MARK: MARK})
    workflow.submit(complete(people.educator, draft.enrolment.micro_credential), people.educator, ["privacy"])
    assignment = scored(review.claim(draft, people.assessor))
    assessor, admin = signed_in(people.assessor), signed_in(people.admin)
    doors = [
        *((assessor, path) for path in ("/review/", "/api/v1/reviews/", f"/api/v1/reviews/{assignment.pk}/")),
        *((assessor, f"/review/{assignment.pk}/{path}") for path in ("", "complete/")),
        *((signed_in(people.district_admin), path) for path in ("/reports/", "/api/v1/reports/")),
        (signed_in(people.approver), "/review/completed/"),
        (admin, f"/admin/submissions/submission/{draft.pk}/change/"),
        (admin, "/admin/submissions/submission/"),
    ]
    seen = [(path, client.get(path)) for client, path in doors]
    review.complete(assignment, people.assessor)
    seen += [(path, client.get(path)) for client, path in doors]
    draft.refresh_from_db()
    assert draft.state == "earned"
    assert [path for path, answer in seen if answer.status_code not in {200, 302, 404}] == []
    assert [path for path, answer in seen if MARK in answer.content.decode()] == []
    assert MARK not in str(draft.manifest) + str(list(Entry.objects.values_list("data", flat=True)))
