"""Who may score, adjudicate, look into doubts, and read what was scored."""

from __future__ import annotations

from review.rules.doubts import cases_visible_to, likenesses_visible_to, may_decide, own_cases
from review.rules.reading import (
    adjudicable_by,
    anchors_known_to,
    assessable_by,
    assignments_visible_to,
    calibrated_versions,
    is_paused,
    issuers_assessed,
    may_assess,
    may_go_on,
    may_open_evidence,
    may_write,
    own_assignments,
    people_close_to,
    queue_for,
    reads_completed,
    uninvolved,
)

__all__ = [
    "adjudicable_by",
    "anchors_known_to",
    "assessable_by",
    "assignments_visible_to",
    "calibrated_versions",
    "cases_visible_to",
    "is_paused",
    "issuers_assessed",
    "likenesses_visible_to",
    "may_assess",
    "may_decide",
    "may_go_on",
    "may_open_evidence",
    "may_write",
    "own_assignments",
    "own_cases",
    "people_close_to",
    "queue_for",
    "reads_completed",
    "uninvolved",
]
