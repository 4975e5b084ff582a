"""What passed stays passed while what backs it is the same; whatever is exchanged has it read again, said before and after."""

from __future__ import annotations

from typing import Any

import pytest

from catalog import workflow as catalog
from catalog.models import ArtifactRequirement, Criterion, MicroCredential, Part
from microcreds.demo import evidence
from review.workflow import enter
from submissions import workflow
from submissions.carrying import passed_before
from submissions.models import Artifact, Outcome, Submission, Team
from submissions.models.evidence import SPOKEN
from tests import factories
from tests.people import People, cast, signed_in
from tests.submissions.stories import decided

pytestmark = pytest.mark.django_db

ALL = ["context", "plan", "shared"]


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def unit(people: People) -> MicroCredential:
    """Two requirements: `plan` backs the criterion of that name, `film` backs `shared`, and tags may cross."""
    version = factories.draft(people.northfield)
    film = ArtifactRequirement.objects.create(
        version=version, key="film", title="Film", description="A film.", kinds=["plan"], minimum=0, maximum=2
    )
    factories.criterion(version, "shared", Part.ARTIFACTS, factories.PROFICIENCY).requirements.add(film)
    catalog.publish(version, actor=None)
    version.micro_credential.refresh_from_db()
    return version.micro_credential


def second(people: People, unit: MicroCredential, *more: dict[str, Any]) -> Submission:
    """The draft after an attempt in which everything passed but `growth`."""
    draft = workflow.enrol(people.educator, unit)
    workflow.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    workflow.add_text(draft, people.educator, requirement="plan", text="First we look, then we talk.")
    for one in more:
        workflow.add_text(draft, people.educator, **one)
    first = workflow.submit(draft, people.educator, ["privacy"])
    workflow.begin_review(first, people.assessor)
    rows = Criterion.objects.filter(version=first.enrolment.version_id)
    outcomes = [
        workflow.OutcomeData(row.pk, row.passing - (row.key == "growth"), row.key != "growth", "Look again.")
        for row in rows
    ]
    workflow.decide(first, people.assessor, outcomes=outcomes, strength="Clear.", next_step="Film it.")
    return workflow.resubmit(first, people.educator)


def standing(draft: Submission) -> dict[str, list[tuple[str, str]]]:
    """Criterion → why it is open again; an empty list where it stays passed."""
    rows = passed_before(draft).passed
    return {one.criterion.key: [(cause.kind, cause.title) for cause in one.causes] for one in rows}


def test_untouched_everything_stays_and_enters_so(people: People, unit: MicroCredential) -> None:
    draft = second(people, unit)
    assert standing(draft) == {key: [] for key in ALL}
    workflow.save(
        draft, people.educator, revision=0, resubmission_note="More.",
        answers={"growth": "I wait and then ask on", "context": factories.ANSWERS["context"] + "\r\n "},
    )  # fmt: skip
    assert standing(draft) == {key: [] for key in ALL}
    workflow.submit(draft, people.educator, ["privacy"])
    assessment = enter(draft)
    kept = {row.key: assessment.carried[str(row.pk)]["attempt"] for row in carried(draft)}
    assert (kept, assessment.reopened) == (dict.fromkeys(ALL, 1), [])


def carried(draft: Submission) -> Any:
    return Criterion.objects.filter(version=draft.enrolment.version_id, key__in=ALL)


def test_a_changed_answer_opens_its_part_and_only_that(people: People, unit: MicroCredential) -> None:
    draft = second(people, unit)
    workflow.save(draft, people.educator, revision=0, answers={"context": "Twelve quiet sixth graders"})
    assert standing(draft) == {
        "context": [("answer", "Who are your students?")], "plan": [], "shared": [],
    }  # fmt: skip
    workflow.save(draft, people.educator, revision=1, answers={"context": factories.ANSWERS["context"]})
    assert standing(draft)["context"] == []


def test_an_exchanged_piece_opens_what_it_is_read_for_by_tag_not_by_place(
    people: People, unit: MicroCredential
) -> None:
    both: dict[str, Any] = {
        "requirement": "film",
        "text": "What we said.",
        "title": "Talk",
        "criteria": ["shared", "context"],
    }
    draft = second(people, unit, both)
    film = draft.artifacts.get(requirement="film")
    workflow.remove_artifact(film, people.educator)
    gone = [("removed", "Talk")]
    assert standing(draft) == {"context": gone, "plan": [], "shared": gone}
    workflow.add_text(draft, people.educator, **{**both, "criteria": ["shared"]})
    assert standing(draft) == {"context": gone, "plan": [], "shared": []}, (
        "the same words, tagged to one less"
    )
    workflow.add_text(draft, people.educator, requirement="plan", text="A second plan.", title="Second")
    assert standing(draft)["plan"] == [("added", "Second")]


def test_the_same_bytes_uploaded_again_are_the_same_piece(people: People, unit: MicroCredential) -> None:
    draft = second(people, unit)
    first = draft.enrolment.submissions.get(attempt=1)
    kept = factories.kept(first, evidence.plan(), "application/pdf", "plan.pdf")
    Artifact.objects.filter(pk=kept.pk).update(received_sha256="a" * 64, criteria=["plan"])
    assert standing(draft)["plan"] == [("removed", kept.title)]
    # Cleaned anew the copy may differ in a byte; what she sent is the same.
    again = Artifact.objects.create(
        submission=draft, kind="file", requirement="plan", criteria=["plan"], title="plan again.pdf",
        sha256="b" * 64, received_sha256="a" * 64,
    )  # fmt: skip
    assert standing(draft)["plan"] == []
    again.received_sha256 = "c" * 64
    again.save()
    assert [kind for kind, _title in standing(draft)["plan"]] == ["added", "removed"]


def test_spoken_team_and_links(people: People, unit: MicroCredential) -> None:
    draft = second(people, unit)
    Outcome.objects.filter(criterion__key="growth").update(passed=True)
    Artifact.objects.filter(submission=draft).update(
        team=Team.objects.create(version=draft.enrolment.version, name="T")
    )
    assert standing(draft)["plan"] == [], "shared with a team it is the same piece"
    Artifact.objects.create(
        submission=draft, kind="file", requirement=SPOKEN, criteria=["plan"], title="Spoken", sha256="d" * 64
    )
    assert (standing(draft)["growth"], standing(draft)["plan"]) == (
        [("added", "Spoken")],
        [("added", "Spoken")],
    )
    Artifact.objects.filter(requirement=SPOKEN).delete()
    first = draft.enrolment.submissions.get(attempt=1)
    link = {
        "kind": "link",
        "requirement": "film",
        "criteria": ["shared"],
        "title": "Site",
        "url": "https://a.test/",
    }
    Artifact.objects.create(submission=first, sha256="e" * 64, received_sha256="f" * 64, **link)
    mine = Artifact.objects.create(submission=draft, sha256="e" * 64, received_sha256="f" * 64, **link)
    assert standing(draft)["shared"] == []
    Artifact.objects.filter(pk=mine.pk).update(sha256="1" * 64, received_sha256="2" * 64)
    assert [kind for kind, _title in standing(draft)["shared"]] == ["added", "removed"], (
        "a copy that shows another page"
    )
    Artifact.objects.filter(pk=mine.pk).update(state="uploading", sha256="", received_sha256="")
    Artifact.objects.filter(submission=first, requirement="film").update(state="deleted")
    assert standing(draft)["shared"] == [], "what was deleted in its time was not taken out by her"


def test_she_is_told_before_and_after_on_the_page_and_in_the_api(
    people: People, unit: MicroCredential
) -> None:
    draft = second(people, unit)
    client, address = signed_in(people.educator), f"/submissions/{draft.pk}/"
    page = client.get(address).content.decode()
    assert "This attempt is about: Growth." in page
    assert "Also backs “Plan”, which has passed." in page
    assert "will be read again" not in page
    piece = draft.artifacts.get()
    client.post(f"/artifacts/{piece.pk}/delete/")
    workflow.add_text(draft, people.educator, requirement="plan", text="Another plan.", title="Another")
    page = client.get(address).content.decode()
    assert "This piece also backs “Plan”, which had passed: it will be read again." in page
    assert "Had passed, and will be read again" in page
    rows = client.get(f"/api/v1/submissions/{draft.pk}/").json()["passed_before"]
    assert [(row["criterion"], row["stays"]) for row in rows] == [
        ("context", True), ("plan", False), ("shared", True),
    ]  # fmt: skip
    saved = client.patch(
        f"/api/v1/submissions/{draft.pk}/",
        {"revision": 0, "answers.context": "New words here"},
        "application/json",
    )
    assert saved.json()["reopened"] == ["context", "plan"]


def test_a_first_attempt_carries_nothing(people: People, unit: MicroCredential) -> None:
    assert passed_before(workflow.enrol(people.educator, unit)).passed == []
    assert decided(people.educator2, unit).state == "earned"
