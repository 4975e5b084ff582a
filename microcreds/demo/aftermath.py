"""What follows a decision, and what waits now: next attempts, appeals, a name looked up, comments, ratings, a queue."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from microcreds.demo import history
from microcreds.demo.calibrating import in_order
from microcreds.demo.feedback import scores
from microcreds.demo.readings import Scene, read, read_by, revised_plan
from review import workflow as review
from review.models import Assessment, Assignment, Comment
from submissions import workflow as submissions
from submissions.models import Conversation, Submission
from submissions.workflow import coaching

SHARED = "You open other tabs, and the class sees it. Say before each one why you leave the page and what you hope to find."
PROPOSED = "Three words from a student’s own answer say more than the number of students who answered."
OWN = "Which of the three questions did this student ask first? Start your feedback there."
HERE = "Ask the pair for a second source before they decide."
ASKED = "My students search now, but they stop at the first result. I would like to talk about what I ask them next."
ADVICE = "Bring the recording. Let us listen for the first minute after they find something, and write down what you say."
PLAN = "I listened: I praise the first find. Next week I will only ask what a second page adds."
NOTE = "I taught the lesson again with a source I had never seen, and changed the plan for it."
APPEAL = (
    "The overview was found to quote no answers. The second paragraph of my first text quotes two of them; "
    "please read it again with the rubric beside it."
)
APPEAL_2 = "My reflection names a student’s move that was not made: the last paragraph tells of it. I ask for a second look."
ANSWER = (
    "I read the reflection and both readings. The last paragraph tells of a student who doubted everything; it does not show "
    "it in her work, which is what the rubric asks for. The decision stands. One marked page of hers would close the gap."
)
UNBLINDED = (
    "The educator asked for a corrected name on her badge, so I looked up which account it belongs to."
)
RATINGS = (4, 3, 4, 4, 3, 3, 4, 2, 3, 4, 3, 4, 3, 4)
LATE = 13  # days since the ageing one was handed in


def fill_bank(scene: Scene) -> dict[str, Comment]:
    """One's own, one offered, two shared by the issuer; what comes of the shared one is counted later."""
    reader, approver, issuer = scene.people["assessor2"], scene.people["approver"], scene.unit.issuer_id
    shared, proposed, _own = (review.keep_comment(reader, issuer, text) for text in (SHARED, PROPOSED, OWN))
    here = review.keep_comment(scene.people["Iris Nolan"], issuer, HERE)
    for comment, owner in ((shared, reader), (proposed, reader), (here, scene.people["Iris Nolan"])):
        review.propose(comment, owner)
    review.approve_comment(shared, approver)
    review.approve_comment(here, approver)
    return {"modeled": shared}


def follow_up(scene: Scene, done: list[Submission]) -> None:
    """Two come back and are read anew, two appeal, one name is looked up, one waits for her coach."""
    replaced = again(scene, done[5], replaces=True)
    read_by(scene, replaced, ("-33--", "-33--"), ("Leyla Demir", "Iris Nolan"))
    better = again(scene, done[2])
    read_by(scene, better, ("-3---", "-3---"), ("Leyla Demir", "Owen Pike"))
    for one in (replaced, better):
        review.count_comments(Assessment.objects.get(submission=one))
    review.open_appeal(done[13], done[13].enrolment.earner, APPEAL)
    answered = review.open_appeal(done[9], done[9].enrolment.earner, APPEAL_2)
    review.answer_appeal(answered, scene.people["approver"], finding="stands", text=ANSWER)
    review.unblind(done[0], scene.people["Marta Lindqvist"], UNBLINDED)
    draft = submissions.resubmit(done[8], done[8].enrolment.earner)
    conversation = talk(scene.people["coach"], draft)
    coaching.write(conversation, done[8].enrolment.earner, PLAN)


def talk(coach: User, draft: Submission) -> Conversation:
    """She asks, the coach takes it and answers."""
    conversation = coaching.ask(draft, draft.enrolment.earner, ASKED)
    coaching.take(conversation, coach)
    coaching.write(conversation, coach, ADVICE)
    return conversation


def again(scene: Scene, before: Submission, *, replaces: bool = False) -> Submission:
    """The next attempt, after a conversation with the coach; `replaces`: with another plan."""
    educator = before.enrolment.earner
    draft = submissions.resubmit(before, educator)
    coaching.close(talk(scene.people["coach"], draft), educator)
    submissions.save(
        draft, educator, revision=draft.revision, answers={}, resubmission_note=NOTE, ai_use=history.AI_USE
    )
    draft.refresh_from_db()
    if replaces:
        revised_plan(draft, educator)
        draft.refresh_from_db()
    return history.hand_in(draft)


def rate(decided: list[Submission]) -> None:
    """How useful the feedback was; the issuer reads sums."""
    for submission, rating in zip(decided, RATINGS, strict=False):
        submissions.rate_feedback(submission, submission.enrolment.earner, rating)


def leave_open(scene: Scene, at: int, before: Submission) -> None:
    """What waits: an adjudication, an attempt sent back as incomplete, one that ages, one being read, one offered."""
    review.set_away(scene.people["Leyla Demir"], timezone.localdate() + timedelta(days=10))
    read(scene, at, ("23232", "23332"), ("assessor2", "Owen Pike"))
    _send_back(scene, at + 1)
    _let_age(scene, at + 2)
    _begin(scene, at + 3)
    whole = review.enter(again(scene, before))
    review.offer(whole)


def _send_back(scene: Scene, at: int) -> None:
    claim = review.claim(history.hand_in(scene.start(at)), scene.people["Iris Nolan"])
    lacking = [review.to_check(claim)[-1]["key"]]
    note = "Two of the three students’ later tasks are there. Add the third, and send it again: nothing was scored yet."
    review.return_incomplete(claim, scene.people["Iris Nolan"], lacking, note)


def _let_age(scene: Scene, at: int) -> None:
    submission = history.hand_in(scene.start(at))
    whole = review.enter(submission)
    then = timezone.now() - timedelta(days=LATE)
    Submission.objects.filter(pk=submission.pk).update(
        submitted_at=then, promised_on=timezone.localdate() + timedelta(days=1)
    )
    Assessment.objects.filter(pk=whole.pk).update(entered_at=then, due=timezone.now() + timedelta(days=1))
    whole.refresh_from_db()
    review.escalate(whole)


def _begin(scene: Scene, at: int) -> Assignment:
    """Two of five criteria are scored."""
    reader = scene.people["Iris Nolan"]
    submission = history.hand_in(scene.start(at))
    claim = review.claim(submission, reader)
    review.check_complete(claim, reader, [item["key"] for item in review.to_check(claim)])
    claim.refresh_from_db()
    given = scores("23---", in_order(submission.enrolment.version))
    return review.save(claim, reader, revision=claim.revision, scores=given)
