"""Lists of people to grant a badge to, as they come from other systems: read whole or refused in words, then row by row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.openbadges.proofs import is_address
from badges.openbadges.text import TextError, clean_name, clean_text

MOST_ROWS: Final = 20_000
MOST_BYTES: Final = 10 * 1024**2
MOST_COLUMNS: Final = 40
LONGEST: Final = {
    "email": 254,
    "name": 120,
    "awarded_on": 10,
    "narrative": 5_000,
    "evidence_name": 160,
    "evidence_url": 500,
    "evidence_narrative": 5_000,
    "reference": 80,
}
COLUMNS: Final = tuple(LONGEST)
EARLIEST: Final = date(1950, 1, 1)
EXAMPLE: Final = (
    ("maya@example.org", "Maya Ortiz", "2025-06-30", "Led the district’s discussion study group for two years.",
     "Study group plan", "https://example.org/study-group", "", "HR-1042"),
)  # fmt: skip
_SEPARATORS: Final = ",;\t|"
_BOMS: Final = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_URL: Final = URLValidator(schemes=["http", "https"])
_BROKEN: Final = re.compile(r"%(?![0-9A-Fa-f]{2})|#.*#")


class SheetError(ValueError):
    """The list as a whole cannot be read; says why and where, in words for whoever made it."""


@dataclass
class Line:
    """One row, checked: what it says, and what is wrong with it, column by column."""

    number: int
    columns: dict[str, str]
    email: str = ""
    name: str = ""
    reference: str = ""
    narrative: str = ""
    awarded_at: datetime | None = None
    supporting: list[dict[str, str]] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def problem(self) -> str:
        """All of it, a line a column."""
        return "\n".join(f"{column}: {words}" if column else words for column, words in self.problems.items())


# --- the list as a whole --------------------------------------------------------------------------------------


def read_csv(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their numbers in it, the header being 1."""
    rows = _rows(_decoded(content))
    first = next(rows, None)
    if first is None:
        raise SheetError(_("The file is empty."))
    header = _header(first[1])
    return _counted((number, _columns(header, cells)) for number, cells in rows)


def read_rows(rows: Any) -> list[tuple[int, dict[str, str]]]:
    """The same of a list that a program sends: objects of texts."""
    if not isinstance(rows, list):
        raise SheetError(_("Send a list of rows."))
    return _counted((number, _member(number, row)) for number, row in enumerate(rows, start=1))


def _counted(rows: Iterable[tuple[int, dict[str, str]]]) -> list[tuple[int, dict[str, str]]]:
    """All of them, unless they are none or too many: then the rest is not even read."""
    found = list(islice(rows, MOST_ROWS + 1))
    if not found:
        raise SheetError(_("There is no row below the header."))
    if len(found) > MOST_ROWS:
        words = _("The list has more than %(most)s rows. Send up to %(most)s at a time.")
        raise SheetError(words % {"most": MOST_ROWS})
    return found


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise SheetError(_("The file is larger than 10 MB. Send it in parts."))
    encoding = next((name for mark, name in _BOMS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        words = _(
            "Line %(line)s is not in UTF-8. In your spreadsheet, choose “CSV UTF-8” when you save the list."
        )
        raise SheetError(words % {"line": line}) from error
    if "\x00" in text:
        raise SheetError(
            _("This is not a CSV file. In your spreadsheet, choose “CSV UTF-8” when you save the list.")
        )
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that say anything, one by one, numbered as a spreadsheet shows them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    begins = 1
    try:
        for number, cells in enumerate(reader, start=1):
            begins = reader.line_num + 1
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        words = _(
            "The row that begins in line %(line)s cannot be read: a quotation mark is not closed, or stands in the middle of a cell, or a cell is far too long."
        )
        raise SheetError(words % {"line": begins}) from error


def _separator(text: str) -> str:
    """Whatever parts the header's columns most: spreadsheets write commas, semicolons or tabs, by country."""
    head = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    return max(_SEPARATORS, key=head.count)


def _header(cells: list[str]) -> list[str]:
    names = ["_".join(cell.strip().lower().replace("-", " ").split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise SheetError(_("The column “%(name)s” is there twice.") % {"name": twice[0][:80]})
    if "email" not in names:
        words = _("The first line must name the columns, and one of them must be “email”. It says: %(found)s")
        raise SheetError(words % {"found": ", ".join(names)[:200] or "–"})
    if len(names) > MOST_COLUMNS:
        raise SheetError(_("The list has more than %(most)s columns.") % {"most": MOST_COLUMNS})
    return [name or f"column_{place}" for place, name in enumerate(names, start=1)]


def _columns(header: list[str], cells: list[str]) -> dict[str, str]:
    columns = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
    more = [cell for cell in cells[len(header) :] if cell.strip()]
    return {**columns, "": " | ".join(more)} if more else columns


def _member(number: int, row: Any) -> dict[str, str]:
    if not isinstance(row, Mapping) or len(row) > MOST_COLUMNS:
        raise SheetError(_("Row %(number)s is not an object of texts.") % {"number": number})
    plain = {name: "" if value is None else value for name, value in row.items()}
    if not all(isinstance(value, str) and "\x00" not in value + name for name, value in plain.items()):
        raise SheetError(_("Row %(number)s is not an object of texts.") % {"number": number})
    return {name: value.strip() for name, value in plain.items()}


# --- row by row -----------------------------------------------------------------------------------------------


def checked(rows: Iterable[tuple[int, dict[str, str]]]) -> list[Line]:
    """Each row with what is wrong with it; of two rows of one address the first counts."""
    seen: dict[str, int] = {}
    lines = [_line(number, columns) for number, columns in rows]
    for line in lines:
        first = seen.setdefault(line.email, line.number) if line.email else line.number
        if first != line.number:
            words = _("Row %(number)s has the same address. Nobody gets a badge twice.")
            line.problems.setdefault("email", words % {"number": first})
    return lines


def _line(number: int, columns: dict[str, str]) -> Line:
    line = Line(number, columns)
    if "" in columns:
        line.problems[""] = _("This row has more cells than the header names: %(more)s") % {
            "more": columns[""][:200]
        }
    given = {name: _text(line, name) for name in COLUMNS}
    line.email = _email(line, given["email"])
    line.name, line.reference, line.narrative = given["name"], given["reference"], given["narrative"]
    line.awarded_at = _day(line, given["awarded_on"])
    line.supporting = _supporting(line, given)
    return line


def _text(line: Line, name: str) -> str:
    """One cell as a signature bears it; what is too long or cannot be signed is a problem of its column."""
    value = line.columns.get(name, "")
    if len(value) > LONGEST[name]:
        words = _("This is longer than %(most)s characters.") % {"most": LONGEST[name]}
        line.problems[name] = words
        return ""
    try:
        if name.endswith("narrative"):
            return "\n".join(part.rstrip() for part in clean_text(value).splitlines())
        return " ".join(clean_name(value).split())
    except TextError as error:
        line.problems[name] = str(error)
        return ""


def _email(line: Line, value: str) -> str:
    if "email" in line.problems:
        return ""
    try:
        validate_email(value)
    except ValidationError:
        words = _("“%(value)s” is not an e-mail address.") if value else _("There is no e-mail address.")
        line.problems["email"] = words % {"value": value[:80]} if value else words
        return ""
    return value.lower()


def _day(line: Line, value: str) -> datetime | None:
    """Noon of the day in UTC, which is the same day nearly everywhere; nothing is today."""
    if not value:
        return None
    today = timezone.now().date()
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or len(value) != 10:
        line.problems["awarded_on"] = _("Write the day as 2025-06-30: year, month, day.")
    elif day > today + timedelta(days=1):
        line.problems["awarded_on"] = _("This day is still to come.")
    elif day < EARLIEST:
        line.problems["awarded_on"] = _("This day is too long ago.")
    else:
        return datetime.combine(day, time(12), UTC)
    return None


def _supporting(line: Line, given: Mapping[str, str]) -> list[dict[str, str]]:
    name, url, narrative = given["evidence_name"], given["evidence_url"], given["evidence_narrative"]
    if url and not _is_web_address(url):
        line.problems["evidence_url"] = _(
            "This is not a whole web address. It begins with https:// or http://, and has neither spaces nor quotation marks."
        )
    if not (name or url or narrative):
        return []
    if not (name or url or {"evidence_name", "evidence_url"} & line.problems.keys()):
        line.problems["evidence_name"] = _("Say what the evidence is called.")
    return [{"name": name or url, "url": url, "narrative": narrative}]


def _is_web_address(url: str) -> bool:
    """As a browser opens it and as a signature bears it: one that could not be signed would hold up all rows beside it."""
    try:
        _URL(url)
    except ValidationError:
        return False
    return is_address(url) and not _BROKEN.search(url)
