"""Her own plan: the target date, the days on the way to it, and reminders if she wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError, TransitionError, record
from submissions import queries, reminders
from submissions.models import Enrolment, Milestone
from submissions.plan import Key, done_stages, lay_out
from submissions.workflow.table import Joined, check_own, lock_enrolment

TARGET_HORIZON = timedelta(days=5 * 366)


def set_target(enrolment: Enrolment, user: User, target_date: date | None) -> None:
    """Her own date; nobody holds her to it. The days on the way follow, but for those she moved herself."""
    check_own(enrolment, user)
    check_target(target_date)
    with transaction.atomic():
        current = _lock(enrolment)
        current.target_date = enrolment.target_date = target_date
        current.save(update_fields=["target_date"])
        lay(current)


def check_target(target_date: date | None) -> None:
    """From today on (yesterday in UTC is still today somewhere), and not in a far future by a slip of the hand."""
    if target_date is None:
        return
    today = timezone.now().date()
    if target_date < today - timedelta(days=1):
        raise _refused(_("Choose a day from today on."))
    if target_date > today + TARGET_HORIZON:
        raise _refused(_("Choose a day within the next five years."))


def move_milestones(enrolment: Enrolment, user: User, days: Mapping[str, date]) -> None:
    """Days of her own choice; those that stay as they were are not asked about."""
    check_own(enrolment, user)
    with transaction.atomic():
        current = _lock(enrolment)
        target = _target(current)
        rows = _rows(current)
        stored = {key: row.day for key, row in rows.items()}
        moved = {key: day for key, day in days.items() if key in stored and day != stored[key]}
        _check_days(moved, {**stored, **moved}, target, _done(current))
        for key, day in moved.items():
            Milestone.objects.filter(pk=rows[key].pk).update(day=day, moved=True, reminded_at=None)


def _check_days(moved: Mapping[str, date], days: Mapping[str, date], target: date, done: set[str]) -> None:
    """Every wrong day at once, each with words for its own field."""
    errors: dict[str, list[str]] = {}
    before: Key | None = None
    for key in Key:
        if key in done:
            if key in moved:
                errors[str(key)] = [_("This is done already.")]
            continue
        day = days[key]
        if key in moved and day < timezone.localdate():
            errors[str(key)] = [_("Choose a day from today on.")]
        elif key in moved and day > target:
            words = _("This is after your target date, %(day)s.") % {
                "day": date_format(target, "DATE_FORMAT")
            }
            errors[str(key)] = [words]
        elif before is not None and day < days[before] and {key, before} & set(moved):
            words = _("“%(before)s” comes first, on %(day)s. Choose that day or a later one.")
            errors[str(key)] = [
                words % {"before": before.label, "day": date_format(days[before], "DATE_FORMAT")}
            ]
        before = key
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors)


def reset_plan(enrolment: Enrolment, user: User) -> None:
    """Lay out the time that is left anew, as suggested."""
    check_own(enrolment, user)
    with transaction.atomic():
        current = _lock(enrolment)
        if _target(current) < timezone.localdate():
            raise _refused(_("This day has passed. Choose another one from today on."))
        Milestone.objects.filter(enrolment=current).update(moved=False)
        lay(current)


def set_reminders(enrolment: Enrolment, user: User, choice: str) -> None:
    """Only what she asked for; *none* is what everybody begins with."""
    check_own(enrolment, user)
    if choice not in Enrolment.Reminders.values:
        words = _("Choose one of the answers.")
        raise GuardError(words, {"reminders": [words]})
    with transaction.atomic():
        current = _lock(enrolment)
        if choice == Enrolment.Reminders.MILESTONES:
            if current.target_date is None:
                words = _("Choose a target date first: without one there is no milestone to remind you of.")
                raise GuardError(words, {"reminders": [words]})
            _rows(current)
        current.reminders = enrolment.reminders = choice
        current.save(update_fields=["reminders"])


def remind(now: datetime) -> int:
    """Journal a reminder for everyone who asked for one that is due now, each once; returns how many."""
    return sum(1 for enrolment, keys in reminders.due(now) if _remind(enrolment, keys, now))


def _remind(enrolment: Enrolment, keys: list[str], now: datetime) -> bool:
    with transaction.atomic():
        lock_enrolment(enrolment)
        if keys:
            due = Milestone.objects.filter(enrolment=enrolment, key__in=keys, reminded_at=None)
            if not due.update(reminded_at=now):
                return False
        elif reminders.lately(enrolment, now):
            return False
        record("submissions.reminder_due", enrolment, data={"milestones": keys})
    return True


def _lock(enrolment: Enrolment) -> Enrolment:
    current = lock_enrolment(enrolment)
    if current.state != Joined.ACTIVE:
        raise TransitionError(_("There is nothing to plan here any more."), state=current.state)
    return current


def _target(enrolment: Enrolment) -> date:
    if enrolment.target_date is None:
        raise _refused(_("Choose a target date first."))
    return enrolment.target_date


def _refused(words: str) -> GuardError:
    return GuardError(words, {"target_date": [words]})


def _done(enrolment: Enrolment) -> set[str]:
    item = queries.work_of(Q(enrolment=enrolment.pk), timezone.localdate())[0]
    return done_stages(item.state, item.steps)


def _rows(enrolment: Enrolment) -> dict[str, Milestone]:
    """The stored days; laid out first where the date was chosen before there were plans."""
    rows = Milestone.objects.filter(enrolment=enrolment)
    if rows.count() < len(Key):
        lay(enrolment)
    return {row.key: row for row in rows.all()}


def lay(enrolment: Enrolment) -> None:
    """Lay out the days she did not choose; without a target date there are none."""
    if enrolment.target_date is None:
        Milestone.objects.filter(enrolment=enrolment).delete()
        return
    done = _done(enrolment)
    rows = {row.key: row for row in Milestone.objects.filter(enrolment=enrolment)}
    fixed = {key: row.day for key, row in rows.items() if row.moved}
    days = lay_out(timezone.localdate(), enrolment.target_date, done=done, fixed=fixed)
    Milestone.objects.bulk_create(
        _changed(enrolment, rows, days),
        update_conflicts=True,
        unique_fields=["enrolment", "key"],
        update_fields=["day", "moved", "reminded_at"],
    )


def _changed(enrolment: Enrolment, rows: dict[str, Milestone], days: dict[str, date]) -> Iterator[Milestone]:
    for key in Key:
        row, today = rows.get(key), timezone.localdate()
        day = days.get(str(key), row.day if row else today)  # what is done keeps its day
        if row is None or (row.day != day and not row.moved):
            yield Milestone(enrolment=enrolment, key=key, day=day)
