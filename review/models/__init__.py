"""The tables of this room."""

from __future__ import annotations

from review.models.cases import Appeal, Case, Unblinding
from review.models.claims import Assessment, Assignment, Note, Score
from review.models.comments import Comment, CommentUse
from review.models.figures import AssessorMonth, LevelCount, OutcomeCount, Tally, UsefulCount
from review.models.licences import Anchor, Calibration, Check, Licence, Permission, TrueScore
from review.models.policy import Absence, AssessmentPolicy

__all__ = [
    "Absence",
    "Anchor",
    "Appeal",
    "Assessment",
    "AssessmentPolicy",
    "AssessorMonth",
    "Assignment",
    "Calibration",
    "Case",
    "Check",
    "Comment",
    "CommentUse",
    "LevelCount",
    "Licence",
    "Note",
    "OutcomeCount",
    "Permission",
    "Score",
    "Tally",
    "TrueScore",
    "Unblinding",
    "UsefulCount",
]
