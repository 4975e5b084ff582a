"""Her own rating and her assessor's, side by side: for her alone, and only once there is a decision."""

from __future__ import annotations

from typing import Any

from submissions.models import Submission
from submissions.queries import Whole

DECIDED = {Submission.State.EARNED, Submission.State.NOT_YET}


def beside(whole: Whole) -> list[dict[str, Any]]:
    """Each criterion she rated, with both marks on its levels; nothing where she rated none or nothing is decided."""
    mine = whole.submission.self_rating
    if whole.submission.state not in DECIDED:
        return []
    return [
        {
            "title": row["title"],
            "levels": [
                {
                    **level,
                    "mine": level["order"] == mine[row["key"]],
                    "theirs": level["order"] == whole.outcomes[row["id"]]["level"],
                }
                for level in row["levels"]
            ],
            "same": mine[row["key"]] == whole.outcomes[row["id"]]["level"],
        }
        for row in whole.template["criteria"]
        if row["key"] in mine and row["id"] in whole.outcomes
    ]
