"""Named reads of this room. The desk has to fit in few queries."""

from __future__ import annotations

from review.queries.evidence import WORDS_SHOWN, Answer, Item, answers, evidence, look, sources
from review.queries.policy import policy_of
from review.queries.queue import CAP, PAGE, CountOf, Waiting, completed, mine, next_due, waiting
from review.queries.rubric import Earlier, Line, Verdict, name_of, rubric, verdict

__all__ = [
    "CAP",
    "PAGE",
    "WORDS_SHOWN",
    "Answer",
    "CountOf",
    "Earlier",
    "Item",
    "Line",
    "Verdict",
    "Waiting",
    "answers",
    "completed",
    "evidence",
    "look",
    "mine",
    "name_of",
    "next_due",
    "policy_of",
    "rubric",
    "sources",
    "verdict",
    "waiting",
]
