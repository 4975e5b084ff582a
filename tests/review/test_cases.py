"""A likeness is for approvers to look at, never for assessors; a doubt becomes a case that people decide, in writing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from accounts.workflow import relate
from badges import workflow as badges
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from notifications import tasks as notifications
from notifications import workflow as messages
from notifications.models import Message
from review import rules, workflow
from review.models import Assignment, Case
from review.passages import passages
from submissions.models import Artifact, Likeness, Submission
from tests import factories
from tests.people import NAMES, People, cast, signed_in
from tests.review.work import scored
from tests.submissions.test_likeness import ESSAY, NEARLY, draft, picture, send

pytestmark = pytest.mark.django_db
IN_TWO_WEEKS = timedelta(days=14)
ASKED = {"passage": "A passage that was seen before.", "reason": "It stands elsewhere too."}


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def alike(people: People) -> Likeness:
    """What the educator handed in resembles what educator2 did."""
    unit = factories.published(people.northfield)
    send(draft(people.educator2, unit, ESSAY))
    send(draft(people.educator, unit, NEARLY))
    return Likeness.objects.get()


def approver(people: People) -> User:
    person = factories.user()
    factories.member(person, people.northfield, Membership.Role.APPROVER)
    return person


def opened(alike: Likeness, people: People) -> Case:
    day = timezone.localdate() + IN_TWO_WEEKS
    return workflow.open_case(alike, people.approver, answer_by=day, **ASKED)


def later(case: Case) -> Case:
    """The day has passed."""
    Case.objects.filter(pk=case.pk).update(answer_by=timezone.localdate() - timedelta(days=1))
    case.refresh_from_db()
    return case


def told(kind: str) -> list[Message]:
    for entry in Entry.objects.filter(kind=kind):
        task = notifications.case_answered if kind.endswith("answered") else notifications.case
        task(str(entry.pk))
    return list(Message.objects.filter(kind="case"))


class TestLooking:
    def test_both_passages_side_by_side_under_codes(self, people: People, alike: Likeness) -> None:
        client = signed_in(people.approver)
        listed = client.get("/review/likenesses/").content.decode()
        page = client.get(f"/review/likenesses/{alike.pk}/").content.decode()
        assert alike.newer.submission.code in listed
        assert alike.older.submission.code in page
        assert page.count("<mark>") == 4  # two passages, before and after what is her own
        for telling in [*NAMES.values(), *(person.email for person in User.objects.all())]:
            if telling not in (people.approver.name, people.approver.email):
                assert (telling in listed, telling in page) == (False, False)

    def test_nothing_to_it_says_why_and_is_gone_from_the_list(self, people: People, alike: Likeness) -> None:
        client, url = signed_in(people.approver), f"/review/likenesses/{alike.pk}/dismiss/"
        assert client.post(url, {"note": " "}).status_code == 400
        client.post(url, {"note": "The protocol we hand out."})
        alike.refresh_from_db()
        assert (alike.state, alike.note) == ("dismissed", "The protocol we hand out.")
        assert "Nothing to look at" in client.get("/review/likenesses/").content.decode()
        assert client.post(url, {"note": "Again."}).status_code == 409

    def test_declared_ones_stand_apart(self, people: People, alike: Likeness) -> None:
        Likeness.objects.update(declared=True)
        client = signed_in(people.approver)
        code = alike.newer.submission.code
        pages = [client.get(f"/review/likenesses/{query}").content.decode() for query in ("", "?declared=1")]
        assert [code in page for page in pages] == [False, True]

    def test_who_else_may_look(self, people: People, alike: Likeness) -> None:
        elsewhere, close, assessing = factories.user(), approver(people), approver(people)
        factories.member(elsewhere, people.lakes, Membership.Role.APPROVER)
        factories.member(assessing, people.northfield, Membership.Role.ASSESSOR)
        relate(close, people.educator2, "coaches")
        workflow.claim(alike.newer.submission, assessing)
        seen = [
            rules.likenesses_visible_to(one).count() for one in (people.approver, elsewhere, close, assessing)
        ]
        assert seen == [1, 0, 0, 0]
        for person in (people.assessor, people.educator, people.educator2, people.author, people.admin):
            client = signed_in(person)
            paths = ["", f"{alike.pk}/", f"{alike.pk}/newer.webp"]
            answers = [client.get(f"/review/likenesses/{path}").status_code for path in paths]
            assert answers == [403, 404, 404]

    def test_pages_by_key(self, people: People, alike: Likeness, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in ("review.doubts.PAGE", "review.views.doubts.PAGE"):
            monkeypatch.setattr(module, 1)
        send(draft(factories.user(), alike.newer.submission.enrolment.micro_credential, ESSAY))
        client = signed_in(people.approver)
        codes: list[Any] = []
        url = "?"
        for _page in range(3):
            answer = client.get(f"/review/likenesses/{url}")
            codes += [row.pk for row in answer.context["rows"]]
            url = answer.context["next_url"]
        assert (len(codes), len(set(codes)), url) == (3, 3, "")

    def test_closed_evidence_is_not_shown(self, people: People, alike: Likeness) -> None:
        Artifact.objects.filter(fingerprints=alike.older).update(state="quarantined")
        page = signed_in(people.approver).get(f"/review/likenesses/{alike.pk}/").content.decode()
        assert ("closed or deleted" in page, "<mark>" in page) == (True, False)

    def test_passages_are_bounded(self) -> None:
        words = " ".join(f"word{number}" for number in range(400))
        found = passages(f"Mine. {words} Mine again.", f"{words} Theirs.")
        assert [(one.words, len(one.newer.shared.split()), one.older.after) for one in found] == [
            (400, 80, "")
        ]
        assert passages("one two three four", "one two three four") == []


class TestAssessorsSeeNothing:
    def test_of_likenesses_and_cases(self, people: People, alike: Likeness) -> None:
        opened(alike, people)
        assignment = workflow.claim(alike.newer.submission, people.assessor)
        client = signed_in(people.assessor)
        paths = ["/review/", f"/review/{assignment.pk}/", "/api/v1/reviews/", "/api/v1/reviews/mine/"]
        texts = [client.get(path).content.decode() for path in [*paths, f"/api/v1/reviews/{assignment.pk}/"]]
        workflow.complete(scored(assignment), people.assessor)
        texts += [
            client.get(path).content.decode() for path in ("/review/completed/", f"/review/{assignment.pk}/")
        ]
        leaks = (
            *ASKED.values(),
            "ikeness",
            "resembles",
            "/cases/",
            str(alike.pk),
        )
        assert [(leak, at) for at, text in enumerate(texts) for leak in leaks if leak in text] == []
        assert client.get("/review/cases/").status_code == 403


class TestCase:
    def test_asked_answered_and_decided(self, people: People, alike: Likeness) -> None:
        day = (timezone.localdate() + IN_TWO_WEEKS).isoformat()
        url = f"/review/likenesses/{alike.pk}/case/"
        asking = signed_in(people.approver)
        too_soon = asking.post(url, {**ASKED, "answer_by": timezone.localdate().isoformat()})
        assert (too_soon.status_code, Case.objects.count()) == (400, 0)
        assert ASKED["reason"] in too_soon.content.decode()
        asking.post(url, {**ASKED, "answer_by": day})
        case, her = Case.objects.get(), signed_in(people.educator)
        self.is_told(case, people.educator)
        page = her.get(f"/cases/{case.pk}/").content.decode()
        for shown in ASKED.values():
            assert shown in page
        for hidden in (people.approver.name, alike.older.submission.code):
            assert hidden not in page
        assert her.post(f"/cases/{case.pk}/", {"answer": " "}).status_code == 400
        her.post(f"/cases/{case.pk}/", {"answer": "We planned it together."})
        self.is_decided(case, approver(people), people)
        page = her.get(f"/cases/{case.pk}/").content.decode()
        assert ("They wrote it together." in page, "will get in touch" in page) == (True, True)
        kinds = (
            Entry.objects.filter(kind__startswith="review.")
            .order_by("created")
            .values_list("kind", flat=True)
        )
        assert list(kinds) == [
            "review.likeness_raised", "review.case_opened", "review.case_answered", "review.case_decided",
        ]  # fmt: skip

    def is_told(self, case: Case, educator: User) -> None:
        message = told("review.case_opened")[0]
        messages.send(message)
        sent = mail.outbox[0]
        assert (sent.to, f"/cases/{case.pk}/" in sent.body) == ([educator.email], True)

    def is_decided(self, case: Case, uninvolved: User, people: People) -> None:
        users = {message.user for message in told("review.case_answered")}
        assert users == {people.educator, uninvolved}  # not who opened it
        client, url = signed_in(uninvolved), f"/review/cases/{case.pk}/"
        assert "We planned it together." in client.get(url).content.decode()
        assert client.post(url, {"finding": "guilty", "decision": "So."}).status_code == 400
        client.post(url, {"finding": "concern", "decision": "They wrote it together."})
        assert len(told("review.case_decided")) == 3
        case.refresh_from_db()
        assert (case.state, case.finding, case.decided_by) == ("decided", "concern", uninvolved)
        case.submission.refresh_from_db()
        assert case.submission.state == Submission.State.SUBMITTED  # no consequence by itself

    def test_only_the_uninvolved_decide(self, people: People, alike: Likeness) -> None:
        case = later(opened(alike, people))
        assessed, close, others = approver(people), approver(people), approver(people)
        factories.member(assessed, people.northfield, Membership.Role.ASSESSOR)
        workflow.claim(case.submission, assessed)
        relate(people.educator, close, "relative")
        relate(others, people.educator2, "evaluates")
        for person in (
            people.approver,
            assessed,
            close,
            others,
            people.assessor,
            people.educator,
            people.admin,
        ):
            with pytest.raises(GuardError):
                workflow.decide_case(case, person, finding="none", text="Nothing.")
        statuses = [signed_in(one).get(f"/review/cases/{case.pk}/").status_code for one in (close, others)]
        assert statuses == [404, 200]

    def test_time_to_answer_is_kept_and_its_end_too(self, people: People, alike: Likeness) -> None:
        case, uninvolved = opened(alike, people), approver(people)
        with pytest.raises(GuardError):
            workflow.decide_case(case, uninvolved, finding="none", text="Nothing.")
        late = workflow.decide_case(later(case), uninvolved, finding="none", text="Nothing.")
        with pytest.raises(TransitionError):
            workflow.answer_case(late, people.educator, "Too late?")
        assert Case.objects.get().answer == ""

    def test_of_somebody_who_left_only_the_decision_stays(self, people: People, alike: Likeness) -> None:
        case = opened(alike, people)
        workflow.answer_case(case, people.educator, "We planned it together.")
        assert workflow.let_go_of_person(people.educator) == 0  # it is still to be decided
        workflow.decide_case(Case.objects.get(), approver(people), finding="explained", text="So it is.")
        assert (workflow.let_go_of_person(people.assessor), workflow.let_go_of_person(people.educator)) == (
            0,
            1,
        )
        left = Case.objects.get()
        assert (left.passage, left.answer, left.decision) == ("", "", "So it is.")

    def test_an_answer_that_comes_while_it_is_being_decided_is_read_first(
        self, people: People, alike: Likeness
    ) -> None:
        case, uninvolved = later(opened(alike, people)), approver(people)
        workflow.answer_case(Case.objects.get(), people.educator, "Here it is.")
        with pytest.raises(TransitionError):
            workflow.decide_case(case, uninvolved, finding="concern", text="She said nothing.")
        assert Case.objects.get().state == "answered"

    def test_the_review_goes_on_and_nothing_is_revoked(self, people: People, alike: Likeness) -> None:
        case = opened(alike, people)
        row = Submission.objects.get(pk=alike.newer.submission_id)
        assert factories.reviewed(row, people.assessor).state == "earned"
        award = badges.award(row)
        admin = people.approver
        with pytest.raises(GuardError, match="before it is decided"):
            badges.open_revocation(award, admin, "It resembles something.")
        workflow.decide_case(later(case), approver(people), finding="concern", text="It does.")
        assert badges.open_revocation(award, admin, "We talked.", "case").award.state == "active"

    def test_one_at_a_time(self, people: People, alike: Likeness) -> None:
        opened(alike, people)
        first = alike.older
        unit = alike.newer.submission.enrolment.micro_credential
        other = Likeness.objects.create(
            newer=alike.newer, older=self.another(unit, first), kind="same", score=100, own=False
        )
        with pytest.raises(TransitionError, match="open already"):
            opened(other, people)
        other.refresh_from_db()
        assert (other.state, Case.objects.count(), Assignment.objects.count()) == ("open", 1, 0)

    def another(self, unit: Any, first: Any) -> Any:
        send(draft(factories.user(), unit, "Something else altogether."))
        row = type(first).objects.exclude(submission=first.submission).first()
        return row if row.submission_id != first.submission_id else first


def test_pictures_come_under_a_neutral_name(people: People) -> None:
    unit = factories.published(people.northfield)
    rows = [draft(person, unit) for person in (people.educator2, people.educator)]
    for row in rows:
        artifact = picture(row, 0x5A3C_96F0_1E2D_4B87, row.code)
        assert artifact.content is not None
        artifact.content.previews.create(
            kind="thumb", file=artifact.content.file, content_type="image/webp", size=9
        )
        send(row)
    alike = Likeness.objects.get()
    client: Client = signed_in(people.approver)
    assert client.get(f"/review/likenesses/{alike.pk}/").content.decode().count("<img ") == 2
    answer = client.get(f"/review/likenesses/{alike.pk}/older.webp", follow=True)
    assert answer["Content-Disposition"] == f'inline; filename="{rows[0].code}-older.webp"'
    assert b"".join(answer.streaming_content) == rows[0].code.encode()  # type: ignore[attr-defined]
