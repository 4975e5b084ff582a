"""What can happen to a claim, to a likeness and to a case: one function a verb."""

from __future__ import annotations

from review.workflow.claiming import REMIND, claim, free_place, lapse, recuse, release, remind
from review.workflow.completing import complete, missing
from review.workflow.doubting import (
    PATIENCE,
    answer_case,
    decidable,
    decide_case,
    dismiss,
    let_go_of_person,
    open_case,
)
from review.workflow.drafting import (
    LONGEST,
    NAMES,
    WRITTEN,
    EditedElsewhere,
    StaleDraft,
    continue_here,
    draft,
    locked_for,
    save,
)
from review.workflow.entering import enter, leave
from review.workflow.folding import fold, fold_rating, recount
from review.workflow.settling import agree, deliver, settle
from review.workflow.table import ASSESSMENT, ENDED, HELD, OVERALL, TRANSITIONS, available
from review.workflow.taking import claim_next

__all__ = [
    "ASSESSMENT",
    "ENDED",
    "HELD",
    "LONGEST",
    "NAMES",
    "OVERALL",
    "PATIENCE",
    "REMIND",
    "TRANSITIONS",
    "WRITTEN",
    "EditedElsewhere",
    "StaleDraft",
    "agree",
    "answer_case",
    "available",
    "claim",
    "claim_next",
    "complete",
    "continue_here",
    "decidable",
    "decide_case",
    "deliver",
    "dismiss",
    "draft",
    "enter",
    "fold",
    "fold_rating",
    "free_place",
    "lapse",
    "leave",
    "let_go_of_person",
    "locked_for",
    "missing",
    "open_case",
    "recount",
    "recuse",
    "release",
    "remind",
    "save",
    "settle",
]
