"""No withheld figure can be worked out, by anybody who also knows the rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.suppression import Shown, Tally, protect

# Every shared award is (who, month, school, micro-credential).
Records = list[tuple[int, int, int, int]]
PLACES = 3
RECORDS = st.lists(
    st.tuples(st.integers(0, 6), *(st.integers(0, PLACES - 1) for _ in range(3))), min_size=0, max_size=16
)


def tallies(records: Records) -> tuple[Tally, list[list[Tally]]]:
    """What the database would count."""
    tables = []
    for column in (1, 2, 3):
        people: dict[int, set[int]] = defaultdict(set)
        counts = Counter(record[column] for record in records)
        for record in records:
            people[record[column]].add(record[0])
        tables.append([Tally(counts[place], len(people[place])) for place in range(PLACES)])
    return Tally(len(records), len({record[0] for record in records})), tables


def parts(number: int, total: int) -> Iterator[tuple[int, ...]]:
    """All ways to write `total` as `number` terms of at least 1."""
    if number == 0:
        yield from [()] if total == 0 else []
        return
    for first in range(1, total - number + 2):
        for rest in parts(number - 1, total - first):
            yield (first, *rest)


def possible(shown: Shown, ceiling: int) -> list[list[set[int]]]:
    """By trying everything: the values each withheld cell may have, given all that is shown in all tables."""
    values: list[list[set[int]]] = [[set() for _ in cells] for cells in shown.tables]
    for total in [shown.total] if shown.total is not None else range(1, ceiling):
        ways = []
        for cells in shown.tables:
            known = sum(value for value in cells if value is not None)
            ways.append(list(parts(cells.count(None), total - known)))
        if not all(ways):
            continue
        for table, (cells, found) in enumerate(zip(shown.tables, ways, strict=True)):
            places = [place for place, value in enumerate(cells) if value is None]
            for way in found:
                for place, value in zip(places, way, strict=True):
                    values[table][place].add(value)
    return values


@given(RECORDS)
@settings(max_examples=400, deadline=None)
def test_no_withheld_cell_has_only_one_possible_value(records: Records) -> None:
    total, tables = tallies(records)
    shown = protect(total, tables)
    for cells, values in zip(shown.tables, possible(shown, total.count + PLACES + 2), strict=True):
        for value, options in zip(cells, values, strict=True):
            assert value is not None or len(options) > 1


@given(RECORDS)
@settings(max_examples=400, deadline=None)
def test_a_withheld_total_is_not_the_sum_of_anything_shown(records: Records) -> None:
    total, tables = tallies(records)
    shown = protect(total, tables)
    if shown.total is None:
        assert all(None in cells for cells in shown.tables)


@given(RECORDS)
@settings(max_examples=400, deadline=None)
def test_what_is_shown_is_true_and_never_sensitive(records: Records) -> None:
    total, tables = tallies(records)
    shown = protect(total, tables)
    pairs = [(total, shown.total)]
    for cells, values in zip(tables, shown.tables, strict=True):
        pairs += zip(cells, values, strict=True)
    for tally, value in pairs:
        assert value is None or (value == tally.count and not tally.sensitive)
        assert value == 0 or tally.count > 0


def candidates(counts: Sequence[int]) -> Iterator[list[Tally]]:
    """Every set of people that could stand behind these counts, as far as the rule can tell them apart."""
    for people in product(*({min(1, count), min(4, count), min(5, count)} for count in counts)):
        yield [Tally(count, number) for count, number in zip(counts, people, strict=True)]


@given(st.lists(st.integers(0, 8), min_size=1, max_size=4), st.data())
@settings(max_examples=150, deadline=None)
def test_a_reader_who_runs_the_algorithm_herself_learns_no_more(
    counts: list[int], data: st.DataObject
) -> None:
    cells = [Tally(count, data.draw(st.integers(min(1, count), count))) for count in counts]
    total = Tally(sum(counts), max(cell.people for cell in cells))
    shown = protect(total, [cells])
    row = shown.tables[0]
    hidden = [place for place, value in enumerate(row) if value is None]
    known = sum(value for value in row if value is not None)
    seen: dict[int, set[int]] = defaultdict(set)
    for whole in [shown.total] if shown.total is not None else range(1, sum(counts) + 3):
        for way in parts(len(hidden), whole - known):
            values = [value or 0 for value in row]
            for place, value in zip(hidden, way, strict=True):
                values[place] = value
            if any(
                protect(Tally(whole, people), [guess]) == shown
                for guess in candidates(values)
                for people in {
                    max(cell.people for cell in guess),
                    min(whole, sum(cell.people for cell in guess)),
                }
            ):
                for place, value in zip(hidden, way, strict=True):
                    seen[place].add(value)
    assert all(len(seen[place]) > 1 for place in hidden)


def one_each(*counts: int) -> list[Tally]:
    """Cells in which everybody has one award."""
    return [Tally(count, count) for count in counts]


def test_large_figures_stay() -> None:
    assert protect(Tally(30, 30), [one_each(10, 20), one_each(30, 0)]) == Shown(30, [[10, 20], [30, 0]])


def test_a_school_with_one_teacher_is_withheld_with_the_next_smallest() -> None:
    one_teacher = Tally(6, 1)
    shown = protect(Tally(36, 31), [[*one_each(20), one_teacher, *one_each(10)]])
    assert shown == Shown(36, [[20, None, None]])


def test_two_cells_of_one_each_would_be_forced_by_their_sum() -> None:
    assert protect(Tally(16, 16), [one_each(1, 1, 6, 8)]) == Shown(16, [[None, None, None, 8]])


def test_a_sensitive_total_is_withheld_in_every_table() -> None:
    assert protect(Tally(9, 4), [[Tally(9, 4), Tally()], [Tally(5, 2), Tally(4, 3)]]) == Shown(
        None, [[None, 0], [None, None]]
    )


def test_where_no_choice_of_cells_would_do_nothing_is_told() -> None:
    assert protect(Tally(5, 5), [one_each(1, 1, 1, 1, 1), one_each(5, 0)]) == Shown(
        None, [[None, None, None, None, None], [None, 0]]
    )


def test_nothing_is_no_secret() -> None:
    assert protect(Tally(), [[Tally()], []]) == Shown(0, [[0], []])
