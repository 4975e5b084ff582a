"""Is everything there? Looked at before anything is scored; what is incomplete goes back the promised day, not counted."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError, TransitionError
from review.models import Assessment, Assignment
from review.queries import policy_of
from review.workflow.drafting import LONGEST, held
from review.workflow.table import ENDED, State, Whole, change, change_assessment, lock_assessment, record
from submissions import workflow as submissions


def to_check(assignment: Assignment) -> list[dict[str, str]]:
    """The items this reader ticks before she scores, each {key, text}; nothing once she did, or where the issuer asks none.

    Each reader does it herself: that one is not asked would tell her that another one reads.
    """
    assessment = assignment.assessment
    begun = assignment.revision or assignment.role != Assignment.Role.READING
    if assessment is None or begun or assessment.checked_by_id == assignment.assessor_id:
        return []
    if hasattr(assignment, "checklist"):  # the desk fetched it beside the claim
        items = list(assignment.checklist or [])
    else:
        items = list(policy_of(assessment.issuer_id).checklist)
    return [] if items and _scored(assignment) else items


def check_complete(assignment: Assignment, user: User, present: Collection[str]) -> Assignment:
    """Everything on the list is there: scoring may begin."""
    with transaction.atomic():
        row, assessment = _begin(assignment, user)
        items = _items(assessment)
        if any(item["key"] not in present for item in items):
            words = _(
                "Tick everything that is there. Where something is missing, the submission goes back instead."
            )
            raise GuardError(words, {"present": [words]}, state=row.state)
        if assessment.checked_at is None:
            assessment.checked_at, assessment.checked_by = timezone.now(), user
            assessment.save(update_fields=["checked_at", "checked_by"])
        row.revision += 1
        row.saved_at = timezone.now()
        row.save(update_fields=["revision", "saved_at"])
        record("review.checked", row, user)
    return row


def return_incomplete(
    assignment: Assignment, user: User, lacking: Collection[str], note: str = ""
) -> Assessment:
    """Send it back to the educator, who reads what is missing and a note. `lacking` are keys of the checklist.

    Nothing was scored and it counts as no attempt; handed in again it enters the queue with the same draw.
    """
    with transaction.atomic():
        _lock_readings(assignment)
        row, assessment = _begin(assignment, user)
        texts = [item["text"] for item in _items(assessment) if item["key"] in lacking]
        _check(texts, note, row)
        now = timezone.now()
        change_assessment(
            "return", assessment, user, {"lacking": texts}, checked_at=now, checked_by=user, places=0
        )
        change("return", row, user)
        for other in Assignment.objects.filter(assessment=assessment, state=State.CLAIMED):
            change("lapse", other, None)
        if row.submission.anchor:
            submissions.conclude_anchor(row.submission, user)
        else:
            submissions.return_incomplete(row.submission, user, texts, note)
    return assessment


def _lock_readings(assignment: Assignment) -> None:
    """Claims before the assessment, in one order: whoever saves or sends meanwhile waits, and nobody for each other."""
    rows = Assignment.objects.filter(assessment=assignment.assessment_id, state=State.CLAIMED)
    list(rows.select_for_update().order_by("pk"))


def _begin(assignment: Assignment, user: User) -> tuple[Assignment, Assessment]:
    """The claim and its assessment, locked."""
    row = held(assignment, user)
    assessment = lock_assessment(row.submission)
    if assessment is None or assessment.state != Whole.OPEN or row.role != Assignment.Role.READING:
        raise TransitionError(ENDED[State.RELEASED], state=row.state)
    return row, assessment


def _scored(assignment: Assignment) -> bool:
    return assignment.scores.filter(level__isnull=False).exists()


def _items(assessment: Assessment) -> list[dict[str, str]]:
    return list(policy_of(assessment.issuer_id).checklist)


def _check(texts: list[str], note: str, row: Assignment) -> None:
    if _scored(row):
        words = _(
            "You have begun to score this. Say in your feedback what is missing, and send the decision."
        )
        raise GuardError(words, state=row.state)
    errors: dict[str, list[str]] = {}
    if not texts:
        errors["lacking"] = [_("Choose what is missing.")]
    if "\x00" in note:
        errors["note"] = [_("This text holds characters that cannot be stored.")]
    elif len(note) > LONGEST:
        errors["note"] = [_("Please keep this under %(n)s characters.") % {"n": f"{LONGEST:,}"}]
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors, state=row.state)


def guard_checked(assignment: Assignment, assessment: Assessment) -> None:
    """No reading is sent before somebody looked whether everything is there. For whoever works without the pages."""
    if assignment.role == Assignment.Role.READING and assessment.checked_at is None and _items(assessment):
        words = _("Check first whether everything is there.")
        raise GuardError(words, {"present": [words]}, state=assignment.state)
