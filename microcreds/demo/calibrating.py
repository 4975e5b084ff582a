"""The demonstration's calibration set: anchors with their permissions, those who qualified on them, and one who drifts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from catalog.models import Criterion, Version
from microcreds.demo.feedback import scores, why
from review import workflow as review
from review.models import Anchor, Assignment, Calibration, Check, Licence
from submissions import workflow as submissions
from submissions.models import Submission

Use = Anchor.Use
USES = (Use.CALIBRATION, Use.CALIBRATION, Use.CALIBRATION, Use.PRACTICE, Use.LIVE, Use.LIVE, Use.LIVE)
CHECKED_AGO = (70, 34, 3)  # days


def build_set(sources: list[tuple[Submission, str]], approver: User) -> list[tuple[Anchor, str]]:
    """An anchor of each source with its true levels, once its educator has said yes."""
    return [
        (_build(source, levels, approver, use), levels)
        for (source, levels), use in zip(sources, USES, strict=True)
    ]


def _build(source: Submission, levels: str, approver: User, use: str) -> Anchor:
    permission = review.ask_permission(source, approver)
    review.answer_permission(permission, source.enrolment.earner, "give")
    anchor = review.build_anchor(permission, approver, use)
    truth = {
        one.key: {"level": int(level), "justification": why(one, int(level))}
        for one, level in zip(in_order(anchor.version), levels, strict=True)
    }
    return review.make_ready(review.write_truth(anchor, approver, truth), approver)


def in_order(version: Version) -> list[Criterion]:
    return list(Criterion.objects.filter(version=version).order_by("part", "order"))


def calibrate(
    version: Version, assessor: User, given: dict[Anchor, str], kind: str = Calibration.Kind.QUALIFYING
) -> Calibration:
    """One run through a set; `given`: the levels she gives, by anchor."""
    run = review.start_calibration(version, assessor, kind)
    by_copy = {anchor.submission_id: levels for anchor, levels in given.items()}
    criteria = in_order(version)
    for desk in Assignment.objects.filter(calibration=run):
        levels = {
            key: {"level": one["level"]} for key, one in scores(by_copy[desk.submission_id], criteria).items()
        }
        review.save(desk, assessor, revision=0, scores=levels)
        review.complete(desk, assessor)
    run.refresh_from_db()
    return run


def qualify(version: Version, anchors: list[tuple[Anchor, str]], people: dict[str, User]) -> None:
    """Four qualify, one of them after practice; the fifth is not there yet."""
    usual = {anchor: levels for anchor, levels in anchors if anchor.use == Use.CALIBRATION}
    low = dict.fromkeys(usual, "11111")
    near = {anchor: levels.replace("22", "21", 1) for anchor, levels in usual.items()}
    for name in ("Iris Nolan", "Leyla Demir"):
        _date(calibrate(version, people[name], usual), 122)
    _date(calibrate(version, people["Owen Pike"], near), 121)
    _date(calibrate(version, people["Tobias Grant"], low), 119)
    _date(calibrate(version, people["assessor2"], near), 118)
    practice = {anchor: levels for anchor, levels in anchors if anchor.use == Use.PRACTICE}
    _date(calibrate(version, people["assessor2"], practice, Calibration.Kind.PRACTICE), 64)


def _date(run: Calibration, ago: int) -> None:
    then = timezone.now() - timedelta(days=ago)
    Calibration.objects.filter(pk=run.pk).update(created=then - timedelta(hours=3), completed_at=then)
    Assignment.objects.filter(calibration=run).update(
        claimed_at=then - timedelta(hours=3), ended_at=then, active_seconds=1500
    )
    Licence.objects.filter(calibration=run).update(since=then)


def check_blind(anchors: list[tuple[Anchor, str]], steady: User, drifting: User) -> list[Assignment]:
    """Blind copies that two assessors read: one still reads like the set, the other has come to wave things through."""
    live = [(anchor, levels) for anchor, levels in anchors if anchor.use == Use.LIVE]
    return [
        reading
        for (anchor, levels), ago in zip(live, CHECKED_AGO, strict=True)
        for reading in _check(anchor, levels, (steady, drifting), timezone.now() - timedelta(days=ago))
    ]


def _check(anchor: Anchor, levels: str, readers: tuple[User, User], at: datetime) -> list[Assignment]:
    copy = submissions.shadow(
        anchor.submission, waiting=True, promised_on=(timezone.now() + timedelta(days=9)).date()
    )
    whole = review.enter(copy, anchor=anchor)
    criteria = in_order(anchor.version)
    claims = [review.claim(copy, reader) for reader in readers]
    for claim, given in zip(claims, (levels, "23332"), strict=True):
        review.save(
            claim, claim.assessor, revision=0, scores=scores(given, criteria), strength="Clear.", next_step="Go on."
        )  # fmt: skip
        review.complete(claim, claim.assessor)
    type(whole).objects.filter(pk=whole.pk).update(
        entered_at=at - timedelta(days=4), decided_at=at, due=at + timedelta(days=5)
    )
    rows = Assignment.objects.filter(pk__in=[claim.pk for claim in claims])
    rows.update(claimed_at=at - timedelta(days=2), ended_at=at, active_seconds=1300)
    Check.objects.filter(anchor=anchor).update(created=at)
    type(copy).objects.filter(pk=copy.pk).update(submitted_at=at - timedelta(days=4))
    return claims
