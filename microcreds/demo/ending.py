"""How badges end in the demonstration: by their term, and by a procedure that waits for an answer or was won on appeal."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from badges import rules
from badges import workflow as badges
from badges.models import Award, Revocation
from badges.terms import end_of
from microcreds.demo import history
from microcreds.demo.people import DOMAIN
from submissions.models import Submission

TERM = "vetting-digital-tools"
DOUBTED_UNIT = "going-public-presenting-practice"
LEFT = timedelta(days=60)
ASKED = (
    "Page two of the plan is word for word in a unit that a publisher sells. "
    "Please tell us how the two came to be alike."
)
DOUBTED = (
    "A reader says the recording was made in another teacher’s room. We have to ask before we leave it so."
)
ANSWERED = "It was my own class: our room was painted that week, and we met next door for four days."
TAKEN = "The answer does not say when the recording was made, and the room is not hers."
APPEAL = "The school’s notice about the painted rooms names the four days. I have sent it to the office; please read it."
GIVEN = "The notice names the room and the days, and the recording falls within them. The doubt has gone."


def load() -> None:
    """Make what is missing; running it again changes nothing."""
    if Revocation.objects.filter(award__earner__email__endswith=f"@{DOMAIN}").exists():
        return
    with transaction.atomic():
        _ends_soon(_user("educator"))
        waits = Award.objects.filter(
            earner=_user("educator2"), issuer__slug="northfield", state="active"
        ).first()
        if waits is not None:
            badges.open_revocation(waits, _user("approver"), ASKED)
        _won()


def _user(account: str) -> User:
    return User.objects.get(email=f"{account}@{DOMAIN}")


def _ends_soon(educator: User) -> None:
    """Earned so long ago that two months are left of its term."""
    award = history.earn(educator, TERM, history.stand_in("cosn"))
    months = award.version.term_months if award.version else None
    now = timezone.now()
    term = end_of(now, months)
    if term is None:
        return
    then = now - (term - now) + LEFT
    Award.objects.filter(pk=award.pk).update(awarded_at=then, valid_until=end_of(then, months))
    Submission.objects.filter(award=award).update(submitted_at=then - timedelta(days=4), decided_at=then)
    badges.reissue(award, "term")


def _won() -> None:
    """Asked, answered, revoked, appealed and restored, each by somebody else."""
    held = User.objects.filter(awards__shares__organisation__slug="riverbend").exclude(
        pk=_user("educator").pk
    )
    teacher = held.order_by("-email").first()
    if teacher is None:
        return
    award = history.earn(teacher, DOUBTED_UNIT, history.stand_in("northfield"))
    row = badges.open_revocation(award, _user("approver"), DOUBTED)
    row = badges.answer_revocation(row, award.earner, ANSWERED)
    row = badges.decide_revocation(row, _user("issuer"), revoke=True, text=TAKEN, answered=True)
    row = badges.appeal_revocation(row, award.earner, APPEAL)
    decider = next(iter(rules.deciders(row)), _user("admin"))
    badges.decide_appeal(row, decider, restore=True, text=GIVEN)
