"""Named reads of this room. The desk has to fit in few queries."""

from __future__ import annotations

from review.queries.changed import Changes, changes
from review.queries.clocks import Clock, clock_of, clocks_of, stood_still
from review.queries.comments import fitting, ranked, searched
from review.queries.due import check_by, check_due
from review.queries.evidence import WORDS_SHOWN, Answer, Item, answers, evidence, look, recognisable, sources
from review.queries.giving import to_give_out
from review.queries.notes import Placed, kinds_of, notes, piece_of
from review.queries.policy import policy_of
from review.queries.queue import CAP, PAGE, CountOf, Waiting, completed, mine, next_due, waiting
from review.queries.rubric import Earlier, Line, Verdict, name_of, rubric, verdict
from review.queries.sizing import guess, media_seconds, usual_minutes

__all__ = [
    "CAP",
    "PAGE",
    "WORDS_SHOWN",
    "Answer",
    "Changes",
    "Clock",
    "CountOf",
    "Earlier",
    "Item",
    "Line",
    "Placed",
    "Verdict",
    "Waiting",
    "answers",
    "changes",
    "check_by",
    "check_due",
    "clock_of",
    "clocks_of",
    "completed",
    "evidence",
    "fitting",
    "guess",
    "kinds_of",
    "look",
    "media_seconds",
    "mine",
    "name_of",
    "next_due",
    "notes",
    "piece_of",
    "policy_of",
    "ranked",
    "recognisable",
    "rubric",
    "searched",
    "sources",
    "stood_still",
    "to_give_out",
    "usual_minutes",
    "verdict",
    "waiting",
]
