"""What happened in the demonstration: a submission in every state, and a year of the district's badges.

Everything is done by the rooms' own verbs; only dates are moved back afterwards, so that reports have a year to show.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import workflow as accounts
from accounts.models import Membership, Organisation, User
from badges import workflow as badges
from badges.models import Award, Share
from catalog.models import ArtifactRequirement, Criterion, MicroCredential, Part, Question
from microcreds.demo import evidence
from microcreds.demo.feedback import point_at
from microcreds.demo.people import DOMAIN, SCHOOLS
from microcreds.demo.words import NOTES, OVERVIEW, REFLECTION, sentences
from review import workflow as review
from review.models import Assignment
from submissions import workflow as submissions
from submissions.files import IncomingFile
from submissions.models import Artifact, Enrolment, SchoolClass, Submission
from submissions.workflow.placing import attach

STRENGTH = "Your tally makes the change visible: by the third day eleven students take up a classmate's idea by name."
NEXT = "Let a student pose the closing question and note what it does to who speaks second."
MISSING = (
    "The plan names the moves, but the evidence shows them with the front tables only. Show one exchange from the back "
    "table, or say what you would change so that it can happen there."
)
SHOWN = "Here it can be seen."
SHORT = "Here I looked for the back table."
WHERE = "In the plan, under “Turn and talk”, and at the end of the exchange with the class."
STEP = "Film three minutes at the back tables while they talk, and say what you heard there."
ASKS_AI = "kqed-pbs"
AI_USE = "None for the evidence. A chat assistant helped me to shorten my answer to the second question; the words are mine."
SAME = (
    *(
        "kind",
        "state",
        "name",
        "content",
        "content_type",
        "size",
        "sha256",
        "received_size",
        "received_sha256",
        "scan",
    ),
)
MONTHS_AGO = ((9,), (6, 5), (2,), (0,))
SHARED = (
    "belonging-and-caring",
    "checking-for-understanding",
    "coaching-through-observation",
    "knowing-what-you-collect",
)


_checked: dict[str, Artifact] = {}  # sample kind → its first artifact, while the demo is being made


def load() -> None:
    """Make what is missing; running it again changes nothing."""
    _checked.clear()
    educator = _user("educator")
    if Enrolment.objects.filter(earner=educator).exists():
        return
    with transaction.atomic():
        _policies()
        _educator(educator)
        _second_educator(_user("educator2"))
        _year_of_badges()


def _policies() -> None:
    """One issuer keeps evidence for a year and asks about AI; the others keep to the defaults."""
    submissions.set_policy(Organisation.objects.get(slug=ASKS_AI), None, retention_days=365, asks_ai=True)


def _user(account: str) -> User:
    return User.objects.get(email=f"{account}@{DOMAIN}")


def _educator(educator: User) -> None:
    """One submission in every state for the account most people will try first."""
    submissions.open_class(educator, submissions.Terms("Period 3", 26, without=(4, 9)))
    start(educator, "productive-classroom-discourse", parts=1)
    hand_in(start(educator, "home-school-connections"))
    held = hand_in(start(educator, "transformative-collaboration"))
    half_scored(review.claim(held, _user("assessor")))
    judge(hand_in(start(educator, "seeking-well-being")), _user("assessor"), below=1, cites=True)
    retry = submissions.resubmit(
        Submission.objects.get(enrolment__earner=educator, state="not_yet"), educator
    )
    submissions.save(
        retry,
        educator,
        revision=retry.revision,
        answers={},
        resubmission_note="I added an exchange from the back table and changed the order of the opening.",
    )
    award = earn(educator, "belonging-and-caring", _user("assessor"), cites=True)
    badges.set_visibility(award, educator, Award.Visibility.PUBLIC)
    badges.share_with(award, educator, Organisation.objects.get(slug="riverbend"))
    earn(educator, "digital-equity", _user("assessor"), cites=True)


def _second_educator(educator: User) -> None:
    """Another district's educator: what she does must never show in the first one's."""
    hand_in(start(educator, "reading-data-to-regroup-students"))
    hand_in(start(educator, "checking-for-understanding"))
    award = earn(educator, "evaluating-online-information", stand_in("kqed-pbs"))
    badges.share_with(award, educator, Organisation.objects.get(slug="hillside"))
    earn(educator, "going-public-presenting-practice", stand_in("northfield"))


def _year_of_badges() -> None:
    """The district's other teachers earn through the year, most of them share; some have only begun."""
    riverbend = Organisation.objects.get(slug="riverbend")
    names = [name for school in SCHOOLS.values() for name in school]
    teachers = [User.objects.get(email=f"{name.lower().replace(' ', '.')}@{DOMAIN}") for name in names]
    for slug, months, group in zip(
        SHARED, MONTHS_AGO, (teachers[:9], teachers[6:], teachers[2:10], teachers[8:]), strict=True
    ):
        assessor = stand_in(_issuer(slug))
        for number, teacher in enumerate(group):
            award = earn(teacher, slug, assessor)
            if number % 8 != 7:
                badges.share_with(award, teacher, riverbend)
            move_back(award, months[number % len(months)])
    for teacher in teachers[:8]:
        submissions.enrol(teacher, MicroCredential.objects.get(slug="productive-classroom-discourse"))


def _issuer(slug: str) -> str:
    return MicroCredential.objects.values_list("issuer__slug", flat=True).get(slug=slug)


def stand_in(issuer: str) -> User:
    """Somebody who assesses for `issuer`: an account people can try, else `assessor2`, who is given the role."""
    assessor = _user("assessor2")
    accounts.give(assessor, Organisation.objects.get(slug=issuer), Membership.Role.ASSESSOR, actor=None)
    return User.objects.get(pk=assessor.pk)


def start(educator: User, slug: str, parts: int = 3) -> Submission:
    """Enrol and write; `parts` = 1 stops after the overview."""
    row = MicroCredential.objects.get(slug=slug)
    submission = submissions.enrol(educator, row, timezone.localdate() + timedelta(days=21))
    answers = {
        question.key: answer(question)
        for question in Question.objects.filter(version=row.current, part__lte=parts)
    }
    asked = row.issuer.slug == ASKS_AI and parts > 1
    submissions.save(
        submission, educator, revision=submission.revision, answers=answers, ai_use=AI_USE if asked else None
    )
    if parts > 1:
        for requirement in ArtifactRequirement.objects.filter(version=row.current):
            for _count in range(max(requirement.minimum, 1)):
                add_evidence(submission, educator, requirement)
    submission.refresh_from_db()
    return submission


def answer(question: Question) -> str:
    """Sentences of the right length for a question; another question of the same part begins elsewhere."""
    pool = (OVERVIEW, REFLECTION)[question.part == Part.REFLECTION]
    length = (question.min_words + question.max_words) // 2 or 90
    return sentences(pool, min(length, question.max_words - 40 or length), 7 * question.order)


def add_evidence(submission: Submission, educator: User, requirement: ArtifactRequirement) -> Artifact:
    """One piece of what a requirement asks for."""
    kind = requirement.kinds[0]
    if kind == "text":
        return submissions.add_text(
            submission, educator, requirement=requirement.key, title=requirement.title, text=NOTES
        )
    first = _checked.get(kind)
    if first and Artifact.objects.filter(pk=first.pk).exists():
        return answered(again(submission, requirement, first), educator)
    name, content = evidence.for_kind(kind)
    upload = IncomingFile(chunks=iter([content]), size=len(content), name=name)
    artifact = submissions.add_file(
        submission, educator, requirement=requirement.key, title=requirement.title, upload=upload
    )
    submissions.check(artifact)
    artifact.refresh_from_db()
    _checked[kind] = artifact
    return answered(artifact, educator)


def again(submission: Submission, requirement: ArtifactRequirement, first: Artifact) -> Artifact:
    """The same sample once more. Each visit to a decoder takes a second, and nobody waits for a hundred of them."""
    same = {name: getattr(first, name) for name in SAME}
    return attach(submission, requirement.key, (), title=requirement.title, **same)


def answered(artifact: Artifact, educator: User) -> Artifact:
    """Recordings show the class she has forms for; documents and recordings of those without a class show nobody."""
    shows = artifact.content_type.startswith(("image/", "video/", "audio/"))
    row = SchoolClass.objects.filter(owner=educator).first() if shows else None
    said = Artifact.Coverage.COVERED if row else Artifact.Coverage.NOBODY
    return submissions.cover(artifact, educator, said, [row.pk] if row else [])


def hand_in(submission: Submission) -> Submission:
    """Submit with every attestation."""
    keys = [attestation["key"] for attestation in submission.enrolment.version.attestations]
    return submissions.submit(submission, submission.enrolment.earner, keys)


def half_scored(assignment: Assignment) -> None:
    """A review that its assessor has begun."""
    first = (
        Criterion.objects.filter(version=assignment.submission.enrolment.version)
        .order_by("part", "order")
        .first()
    )
    if first:
        scores = {first.key: {"level": first.passing, "feedback": "Clear about who the students are."}}
        review.save(assignment, assignment.assessor, revision=0, scores=scores)


def judge(submission: Submission, assessor: User, below: int = 0, *, cites: bool = False) -> Submission:
    """Claim, score and complete; the first `below` criteria of Part 2 stay under their passing level.

    `cites`: the educator is shown a place of her evidence for each criterion of Part 2.
    """
    assignment = review.claim(submission, assessor)
    scores = {}
    for criterion in Criterion.objects.filter(version=submission.enrolment.version):
        short = criterion.part == 2 and below > 0
        below -= short
        scores[criterion.key] = {
            "level": criterion.passing - short,
            "feedback": MISSING if short else "Shown in the evidence, and explained in your own words.",
            **({"where": WHERE, "next_step": STEP} if short else {}),
        }
        if cites and criterion.part == Part.ARTIFACTS:
            point_at(assignment, criterion, SHORT if short else SHOWN)
    assignment.refresh_from_db()
    review.save(
        assignment, assessor, revision=assignment.revision, scores=scores, strength=STRENGTH, next_step=NEXT
    )
    review.complete(assignment, assessor)
    submission.refresh_from_db()
    return submission


def earn(educator: User, slug: str, assessor: User, *, cites: bool = False) -> Award:
    """The whole way to a badge."""
    return badges.award(judge(hand_in(start(educator, slug)), assessor, cites=cites))


def move_back(award: Award, months: int) -> None:
    """Let it have happened about the twelfth of a month, `months` ago: a month's awards stay together in reports."""
    now = timezone.now()
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    then = min(now, datetime(year, month + 1, 12, 9, tzinfo=UTC))
    Award.objects.filter(pk=award.pk).update(awarded_at=then)
    Share.objects.filter(award=award).update(created=then)
    Submission.objects.filter(award=award).update(submitted_at=then - timedelta(days=4), decided_at=then)
    Enrolment.objects.filter(submissions__award=award).update(created=then - timedelta(days=30))
