"""Named reads of awards: what issuing needs, what pages show, one's own badges, stacks."""

from __future__ import annotations

from badges.queries.awards import (
    BadgeCard,
    Reached,
    awards_of,
    earned_without_award,
    for_list,
    for_page,
    levels_reached,
    lock_list,
    newest_list,
    older_than,
    reached,
    revoked_indexes,
    row_versions,
    to_award,
)
from badges.queries.stacks import Progress, progress

__all__ = [
    "BadgeCard",
    "Progress",
    "Reached",
    "awards_of",
    "earned_without_award",
    "for_list",
    "for_page",
    "levels_reached",
    "lock_list",
    "newest_list",
    "older_than",
    "progress",
    "reached",
    "revoked_indexes",
    "row_versions",
    "to_award",
]
