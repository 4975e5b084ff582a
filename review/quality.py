"""An issuer's page of figures: each part drawn, in words, and as the table behind the drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from review import reliability
from review.queries import figures
from review.queries.figures import Decided, Given, Ruler, Span, Tallies
from review.reliability import RELIABLE, TENTATIVE, Halo, Reliability, Severity, Truth
from review.withholding import LEAST, Share, withheld
from submissions.pages import USEFUL
from submissions.promise import percentile

HOTSPOTS = 10
ATTEMPTS = 4  # the last row holds all later ones
ALIKE = 0.05  # of the level range: less is no difference worth words
EXCESS = 0.2  # of the reviews: flat ones beyond chance
Cell = str | int | float


@dataclass(frozen=True)
class Mark:
    """A drawn row: a dot with whiskers or a bar, by hundredths of the width; `words` beside it."""

    label: str
    words: str
    at: str = ""
    low: str = ""
    high: str = ""
    bar: str = ""


@dataclass(frozen=True)
class Part:
    """One figure of the page. `ticks`: the lines behind the drawing, (place, words)."""

    key: str
    title: str
    note: str
    head: list[str]
    rows: list[list[Cell]]
    marks: list[Mark] = field(default_factory=list)
    ticks: list[tuple[str, str]] = field(default_factory=list)
    empty: str = ""


@dataclass(frozen=True)
class Quality:
    """Everything an issuer may know about the scoring of one version over a span of months."""

    days: tuple[int | None, int | None]  # half, and nine of ten, within so many
    decided: int | None
    late: Share
    parts: list[Part]

    def part(self, key: str) -> Part | None:
        return next((part for part in self.parts if part.key == key), None)


def quality(version: UUID, since: date | None, *, names_assessors: bool) -> Quality:
    """Read the rollups and put them together; people's own figures only where they may be named."""
    span = Span((version,), since)
    rulers = figures.rulers([version])[version]
    tallies, given, decided = figures.tallies(span), figures.given(span), figures.decided(span)
    parts = [agreement(rulers, tallies), hotspots(rulers, tallies), difficulty(rulers, given)]
    if names_assessors:
        parts += assessors(rulers, given, figures.reviews(span))
    parts += [attempts(decided), by_month(figures.months(span)), ratings(figures.useful(span))]
    taken = Counter[int]()
    for row in decided:
        taken[row.days] += row.n
    n = taken.total()
    late = Share(n, sum(row.n for row in decided if row.late))
    half, most = percentile(taken.items(), 50), percentile(taken.items(), 90)
    return Quality((half, most), withheld(n), late, parts)


# --- criteria ---------------------------------------------------------------------------------------------


def measured(ruler: Ruler, tallies: Tallies) -> Reliability:
    """A criterion's figures, with the same interval however often it is asked for."""
    patterns = tallies.readings.get(ruler.id, [])
    return reliability.measure(patterns, ruler.levels, ruler.passing, seed=ruler.id.int % 2**32)


def agreement(rulers: list[Ruler], tallies: Tallies) -> Part:
    rows: list[list[Cell]] = []
    marks = []
    for ruler in rulers:
        found = measured(ruler, tallies)
        truth = reliability.against_truth(tallies.anchors.get(ruler.id, []))
        ends = [_percent(end) if end is not None else "" for end in (found.alpha, found.low, found.high)]
        marks.append(Mark(ruler.title, f"{found.words} {_against(truth)}", *ends))
        rows.append([ruler.title, *_agreement_cells(found), truth.scores, _cell(truth.kappa)])
    head = [
        *(_("Criterion"), _("Double scores"), _("Agreed on passing (%)"), _("Same level (%)")),
        *(_("Same or next level (%)"), _("Alpha"), pgettext("interval", "From"), pgettext("interval", "To")),
        *(_("Blind anchors scored"), _("Kappa against anchors")),
    ]
    note = _(
        "The dot is Krippendorff’s alpha, the line the range in which it probably lies: 1 is full agreement, 0 what "
        "chance would give. Only readings count whose assessors saw nothing of each other."
    )
    ticks = [
        (_percent(TENTATIVE), _("from 0.667 on: careful conclusions")),
        (_percent(RELIABLE), _("from 0.8 on: reliable")),
    ]
    return Part("agreement", _("How far two assessors agree"), note, head, rows, marks, ticks)


def _agreement_cells(found: Reliability) -> list[Cell]:
    if not found.enough:
        return [found.units, *[_("not enough yet")] * 6]
    passing = None if found.agreed is None else found.agreed / found.units
    shares = [_hundredth(value) for value in (passing, found.exact, found.adjacent)]
    return [found.units, *shares, *(_cell(value) for value in (found.alpha, found.low, found.high))]


def _against(truth: Truth) -> str:
    if truth.exact is None:
        said = _("Not enough blind anchors yet: %(n)s scored, and figures take %(least)s.")
        return said % {"n": truth.scores, "least": reliability.MINIMUM}
    if truth.kappa is None:
        return _(
            "Against blind anchors: the same level in %(percent)s %% (too little variation for kappa)."
        ) % {"percent": round(100 * truth.exact)}
    kappa = formats.number_format(round(truth.kappa, 2), 2)
    return _("Against blind anchors: weighted kappa %(kappa)s.") % {"kappa": kappa}


def hotspots(rulers: list[Ruler], tallies: Tallies) -> Part:
    """Which two levels assessors most often disagree between, a criterion and pair at a time."""
    found: list[tuple[int, Ruler, int, int]] = []
    for ruler in rulers:
        pairs = Counter[tuple[int, int]]()
        for levels, n in tallies.readings.get(ruler.id, []):
            if levels[0] != levels[-1]:
                pairs[levels[0], levels[-1]] += n
        found += [(n, ruler, low, high) for (low, high), n in pairs.items() if n >= LEAST]
    found = sorted(found, key=lambda row: -row[0])[:HOTSPOTS]
    rows: list[list[Cell]] = []
    marks = []
    for n, ruler, low, high in found:
        pair = f"{ruler.names[low - 1]} – {ruler.names[high - 1]}"
        crosses = low < ruler.passing <= high
        words = f"{formats.number_format(n)} · {_('passed or not')}" if crosses else formats.number_format(n)
        marks.append(Mark(f"{ruler.title}: {pair}", words, bar=_percent(n / found[0][0])))
        rows.append([ruler.title, pair, n, _("yes") if crosses else _("no")])
    head = [_("Criterion"), _("Levels given"), _("Submissions"), _("Decides about passing")]
    note = _("Where the wording of a rubric may need work: pairs of levels given to the same submission.")
    empty = _("No pair of levels was given %(least)s times or more.") % {"least": LEAST}
    return Part("hotspots", _("Where assessors disagree"), note, head, rows, marks, empty=empty)


def difficulty(rulers: list[Ruler], given: list[Given]) -> Part:
    """A first attempt has at most two readings, so ten scores are five people at least."""
    rows: list[list[Cell]] = []
    marks = []
    for ruler in rulers:
        first = [row for row in given if row.first and row.criterion == ruler.id]
        share = Share(
            sum(row.n for row in first), sum(row.n for row in first if row.level >= ruler.passing), each=2
        )
        marks.append(_bar(ruler.title, share))
        rows.append([ruler.title, _shown(share.shown), _shown(share.percent)])
    head = [_("Criterion"), _("Scores at first attempts"), _("At or above passing (%)")]
    note = _("The share of scores at or above the passing level, at first attempts only.")
    return Part("difficulty", _("How hard each criterion is"), note, head, rows, marks)


# --- assessors --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Habits:
    """How one assessor scores, next to the others."""

    severity: Severity
    halo: Halo

    @property
    def severity_words(self) -> str:
        value = self.severity.value
        if value is None:
            return _("not enough scores yet")
        if abs(value) < ALIKE:
            return _("scores like the others")
        said = _("about %(percent)s %% lower than the others") if value > 0 else None
        said = said or _("about %(percent)s %% higher than the others")
        return said % {"percent": round(100 * abs(value))}

    @property
    def halo_words(self) -> str:
        if self.halo.share is None or self.halo.excess is None:
            return _("not enough reviews yet")
        figures_ = {"share": round(100 * self.halo.share), "chance": round(100 * (self.halo.expected or 0))}
        said = _("all criteria alike in %(share)s %% of reviews; chance would give %(chance)s %%") % figures_
        return f"{said} · {_('worth a look')}" if self.halo.excess >= EXCESS else said


def habits(rulers: list[Ruler], given: list[Given], flat: dict[UUID, tuple[int, int]]) -> dict[UUID, Habits]:
    """By assessor; `flat`: her (reviews, how many of them flat)."""
    tops = {ruler.id: ruler.top for ruler in rulers}
    severities = reliability.mean_severity(
        ((row.assessor, row.criterion, row.level, row.n) for row in given), tops
    )
    counts: dict[UUID, list[tuple[UUID, int, int]]] = {}
    for row in given:
        counts.setdefault(row.assessor, []).append((row.criterion, row.level, row.n))
    return {
        who: Habits(
            severities.get(who, Severity(0, None)),
            reliability.halo(flats, n, counts.get(who, []), tops),
        )
        for who, (n, flats) in flat.items()
    }


def own(assessor: UUID, since: date | None, read: Iterable[UUID] = ()) -> list[tuple[UUID, Habits]]:
    """One assessor's habits, by version. Numbers of reviews are left out: with them she could reckon which of her
    reviews were of blind anchors or still wait for a second reading. So could she if a version appeared only once one of
    them was counted: those she has `read` are there from the first."""
    flat = {**dict.fromkeys(read, (0, 0)), **figures.reviewed_by(assessor, since)}
    rulers = figures.rulers(flat)
    given = figures.given(Span(tuple(flat), since))
    found = []
    for version, counts in flat.items():
        criteria = {ruler.id for ruler in rulers[version]}
        rows = [row for row in given if row.criterion in criteria]
        found.append((version, habits(rulers[version], rows, {assessor: counts})[assessor]))
    return found


def assessors(
    rulers: list[Ruler], given: list[Given], reviews: dict[UUID, tuple[str, int, int, int]]
) -> list[Part]:
    found = habits(rulers, given, {who: (row[1], row[2]) for who, row in reviews.items()})
    severity: list[list[Cell]] = []
    halo: list[list[Cell]] = []
    severity_marks, halo_marks = [], []
    for who, (name, n, _flat, seconds) in reviews.items():
        own = found[who]
        value, share, chance = own.severity.value, own.halo.share, own.halo.expected
        severity_marks.append(Mark(name, own.severity_words, "" if value is None else _percent(0.5 + value)))
        minutes = round(seconds / n / 60) if n else 0
        severity.append([name, n, minutes, own.severity.scores, _hundredth(value)])
        ends = sorted((share, chance)) if share is not None and chance is not None else ()
        halo_marks.append(
            Mark(name, own.halo_words, "" if share is None else _percent(share), *map(_percent, ends))
        )
        halo.append([name, n, _hundredth(share), _hundredth(chance)])
    return [
        _severity_part(severity, severity_marks),
        Part(
            "halo",
            _("One impression for everything?"),
            _(
                "The dot is the share of reviews that gave every criterion the same place; the line leads to what chance "
                "would give. Work that is good in one thing is often good in others: compare colleagues."
            ),
            [_("Assessor"), _("Reviews"), _("All criteria alike (%)"), _("By chance (%)")],
            halo,
            halo_marks,
            empty=_("No reviews yet."),
        ),
    ]


def _severity_part(rows: list[list[Cell]], marks: list[Mark]) -> Part:
    head = [
        *(_("Assessor"), _("Reviews"), _("Minutes a review"), _("Scores compared")),
        _("Lower than the others (% of the level range)"),
    ]
    note = _(
        "Each assessor against the mean of all others on the same criteria. Right of the middle: lower scores. Real "
        "attempts differ, so this is a reason to talk, never a verdict."
    )
    ticks = [(_percent(0.5), _("like the others"))]
    return Part(
        "severity", _("Strict or lenient"), note, head, rows, marks, ticks, empty=_("No reviews yet.")
    )


# --- outcomes ---------------------------------------------------------------------------------------------


def attempts(decided: list[Decided]) -> Part:
    rows: list[list[Cell]] = []
    marks = []
    for number in range(1, ATTEMPTS + 1):
        same = [row for row in decided if min(row.attempt, ATTEMPTS) == number]
        share = Share(sum(row.n for row in same), sum(row.n for row in same if row.earned))
        if not share.whole:
            continue
        label = _("Attempt %(n)s") if number < ATTEMPTS else _("Attempt %(n)s or later")
        marks.append(_bar(label % {"n": number}, share))
        rows.append([label % {"n": number}, _shown(share.shown), _shown(share.percent)])
    head = [_("Attempt"), _("Decided"), _("Earned (%)")]
    note = _("How many earn at each attempt, and how many there still are.")
    empty = _("Nothing was decided in these months.")
    return Part("attempts", _("Attempt by attempt"), note, head, rows, marks, empty=empty)


def by_month(counted: dict[date, int]) -> Part:
    most = max(counted.values(), default=0) or 1
    rows: list[list[Cell]] = []
    marks = []
    for month, n in counted.items():
        shown = withheld(n)
        words = _shown_words(shown)
        marks.append(Mark(formats.date_format(month, "YEAR_MONTH_FORMAT"), words, bar=_length(shown, most)))
        rows.append([f"{month:%Y-%m}", _shown(shown)])
    head = [_("Month"), _("Decided")]
    empty = _("Nothing was decided in these months.")
    return Part("months", _("Decided by month"), _("Submissions decided."), head, rows, marks, empty=empty)


def ratings(counts: Counter[int]) -> Part:
    said = {rating: str(words) for rating, words in sorted(USEFUL.items(), reverse=True)}
    most = max(counts.values(), default=0) or 1
    shown = {rating: withheld(counts[rating]) for rating in said}
    marks = [
        Mark(words, _shown_words(shown[rating]), bar=_length(shown[rating], most))
        for rating, words in said.items()
    ]
    rows: list[list[Cell]] = [[words, _shown(shown[rating])] for rating, words in said.items()]
    note = _("What educators said about the feedback they got, in sum; assessors are not told.")
    empty = _("Nobody rated her feedback in these months.")
    part = Part(
        "feedback",
        _("How useful the feedback was"),
        note,
        [_("Answer"), _("Educators")],
        rows,
        marks,
        empty=empty,
    )
    return part if counts.total() else Part(part.key, part.title, note, part.head, [], empty=empty)


# --- how things are written -------------------------------------------------------------------------------


def _bar(label: str, share: Share) -> Mark:
    return Mark(label, share.words, bar="" if share.percent is None else f"{share.percent}%")


def _length(shown: int | None, most: int) -> str:
    return "" if shown is None else _percent(shown / most)


def _percent(value: float) -> str:
    """A place or a length within the drawing."""
    return f"{100 * min(max(value, 0.0), 1.0):.2f}%"


def _shown(value: int | None) -> Cell:
    return _("withheld") if value is None else value


def _shown_words(value: int | None) -> str:
    return _("withheld") if value is None else formats.number_format(value)


def _hundredth(value: float | None) -> Cell:
    return _("not enough yet") if value is None else round(100 * value)


def _cell(value: float | None) -> Cell:
    return _("none") if value is None else round(value, 2)
