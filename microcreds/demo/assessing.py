"""How one issuer of the demonstration assesses: everything read twice, a calibration set, and what comes of differences.

Everything is done by the rooms' own verbs; dates are moved back afterwards, so that half a year can be looked at.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from badges import workflow as badges
from catalog.models import MicroCredential
from microcreds.demo import aftermath, calibrating, people
from microcreds.demo.readings import Scene, read, set_back
from review import workflow as review
from review.models import Assessment, AssessmentPolicy
from submissions import workflow as submissions
from submissions.models import Submission

UNIT = "evaluating-online-information"
POLICY = {
    "double_first": 40, "double_rate": 25, "returning": AssessmentPolicy.Returning.FRESH, "promise_cap": 12,
    "licensed_only": True, "anchors_needed": 3, "window": 3, "anchor_rate": 0,
}  # fmt: skip
CHECKLIST = """The plan names at least three sources
The recording can be heard
Before and after are there for three students"""
HOLIDAYS = ((1, 1), (7, 4), (12, 25))
# A digit a criterion, as two readers gave them; the first seven become anchors.
FOUNDING = (
    ("23332", "23332"), ("22321", "22311"), ("13212", "13112"), ("23332", "23332"),
    ("22222", "21222"), ("23311", "23311"), ("23322", "23322"),
)  # fmt: skip
READ = (
    ("23332", "23332"), ("22222", "22212"), ("22332", "22332"), ("23332", "23332"), ("12221", "12211"),
    ("23232", "23232"), ("23332", "23332"), ("23322", "23312"), ("11121", "11111"), ("23331", "23331"),
    ("23332", "23332"), ("23232", "23332"), ("22322", "13321"), ("13332", "13332"), ("23332", "23332"),
)  # fmt: skip
SETTLED = {11: ("23332", "approver"), 12: ("22322", "Marta Lindqvist")}  # place in READ → levels, by whom
PAIRS = (
    ("assessor2", "Leyla Demir"), ("Owen Pike", "Iris Nolan"), ("assessor2", "Iris Nolan"),
    ("Leyla Demir", "Owen Pike"), ("Iris Nolan", "Leyla Demir"), ("Owen Pike", "assessor2"),
)  # fmt: skip


def load() -> None:
    """Make it once; running it again changes nothing."""
    issuer = Organisation.objects.get(slug=people.CAREFUL)
    if AssessmentPolicy.objects.filter(organisation=issuer).exists():
        return
    with transaction.atomic():
        scene = _scene()
        _policies(issuer, POLICY)
        founded = [
            read(scene, at, FOUNDING[at], ("Iris Nolan", "Tobias Grant")) for at in range(len(FOUNDING))
        ]
        truth = [(one, levels[0]) for one, levels in zip(founded, FOUNDING, strict=True)]
        anchors = calibrating.build_set(truth, scene.people["Marta Lindqvist"])
        calibrating.qualify(founded[0].enrolment.version, anchors, scene.people)
        first = len(FOUNDING)
        scene.bank = aftermath.fill_bank(scene)
        done = [
            read(scene, first + at, READ[at], PAIRS[at % len(PAIRS)], SETTLED.get(at))
            for at in range(len(READ))
        ]
        aftermath.follow_up(scene, done)
        aftermath.rate([*founded, *done])
        calibrating.check_blind(anchors, scene.people["assessor2"], scene.people["Owen Pike"])
        _draw_nothing(issuer)
        _date_back(founded, done)
        _policies(issuer, {**POLICY, "anchor_rate": 6, "checklist": review.checklist_of(CHECKLIST)})
        aftermath.leave_open(scene, first + len(READ), done[7])
        review.fold()
        for submission in Submission.objects.filter(
            enrolment__micro_credential=scene.unit, useful__isnull=False
        ):
            review.fold_rating(submission)
        review.reckon(scene.unit)
        review.publish_quality()


def _scene() -> Scene:
    known = {
        name: User.objects.get(email=f"{name}@{people.DOMAIN}") for name in ("assessor2", "approver", "coach")
    }
    known |= {name: User.objects.get(email=people.address(name)) for name in people.COLLEAGUES}
    names = [name for school in people.SCHOOLS.values() for name in school]
    rows = {one.email: one for one in User.objects.filter(email__endswith=f"@{people.DOMAIN}")}
    educators = [rows[people.address(name)] for name in (*names, *people.NEIGHBOURS)]
    unit = MicroCredential.objects.select_related("current", "issuer").get(slug=UNIT)
    return Scene(unit, known, educators)


def _policies(issuer: Organisation, fields: dict[str, object]) -> None:
    review.set_policy(issuer, None, fields)
    year = timezone.localdate().year
    submissions.set_policy(
        issuer, None, retention_days=365, asks_ai=True, coach_after=1, time_zone="America/Los_Angeles",
        holidays=[date(one, *day) for one in (year, year + 1) for day in HOLIDAYS],
    )  # fmt: skip


def _date_back(founded: list[Submission], done: list[Submission]) -> None:
    """The founding ones half a year ago, then one or so a week; what followed each comes along."""
    for number, submission in enumerate(founded):
        set_back(submission, 172 - 5 * number)
    for number, submission in enumerate(done):
        set_back(submission, 112 - 7 * number)


def _draw_nothing(issuer: Organisation) -> None:
    """What is long decided draws no blind anchor any more: its draw is made while the rate is nought."""
    for whole in Assessment.objects.filter(issuer=issuer, anchor=None):
        review.seed(whole)
    for submission in Submission.objects.filter(
        enrolment__micro_credential__issuer=issuer, state=Submission.State.EARNED, award=None
    ):
        badges.award(submission)
