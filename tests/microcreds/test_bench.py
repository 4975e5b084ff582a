"""The benchmark of pages: the shape of its table and its counts. Times are for people to read."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command

from bench import pages
from bench.__main__ import main
from bench.table import HEADINGS, Row, lines

ROW = re.compile(
    r"pages: [\w ,-]+ \| [\d.]+ ms \| [\d.]+ ms bare view \| [\d.]+× \| \d quer(y|ies), [\d,]+ bytes \| ≤ [\d.]+×"
)
BYTES = 30 * 1024


def test_the_table_has_a_line_for_each_row() -> None:
    row = Row("pages: explorer", "1.00 ms", "0.80 ms bare view", 1.25, "1 query, 100 bytes", "≤ 1.5×")
    table = lines([row, row])
    assert [cell.strip() for cell in table[0].split("|")] == list(HEADINGS)
    assert [cell.strip() for cell in table[2].split("|")][3] == "1.25×"
    assert len(table) == 4
    assert len({line.index("|") for line in (table[0], *table[2:])}) == 1


@pytest.mark.parametrize(("name", "value"), [("NAME", "nothing"), ("ROWS", "many")])
def test_nonsense_is_one_line(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    assert main() == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.django_db(transaction=True)
def test_pages_are_compared_and_their_queries_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    # The pages are one educator's; making the others' year of badges takes half a minute.
    monkeypatch.setattr("microcreds.demo.history._year_of_badges", lambda: None)
    monkeypatch.setattr("microcreds.demo.assessing.load", lambda: None)
    call_command("demo")
    rows = list(pages.compared(1))
    for line in lines(rows)[2:]:
        assert ROW.fullmatch(re.sub(r" +", " ", line)), line
    counts = {row.what.removeprefix("pages: "): row.counts.split(" ")[0] for row in rows}
    assert counts == {
        "explorer": "1",
        "micro-credential": "1",
        "public badge": "1",
        "my path, signed in": "6",
        "explorer, signed in": "3",
        "micro-credential, signed in": "3",
    }
    assert all(int(re.findall(r"([\d,]+) bytes", row.counts)[0].replace(",", "")) < BYTES for row in rows)
