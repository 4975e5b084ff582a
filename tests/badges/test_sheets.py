"""Lists of people as spreadsheets write them: read whole, or refused with the place and the reason."""

from __future__ import annotations

from typing import Any

import pytest

from badges import sheets

GOOD = [(2, {"email": "a@b.org", "name": "Zoë"})]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("email,name\na@b.org,Zoë".encode(), GOOD),
        ("\ufeffE-mail;Name\r\na@b.org;Zoë\r\n\r\n".encode(), None),
        ("\ufeffEMAIL;Name\r\na@b.org;Zoë\r\n\r\n".encode(), GOOD),
        ("email\tname\na@b.org\tZoë".encode("utf-16"), GOOD),
        ('"email","name"\n"a@b.org"," Zoë "'.encode(), GOOD),
        ("email,name\n\n\na@b.org,Zoë".encode(), [(4, GOOD[0][1])]),
    ],
)
def test_lists_are_read_as_spreadsheets_write_them(content: bytes, rows: Any) -> None:
    if rows is None:
        with pytest.raises(sheets.SheetError, match=r"one of them must be “email”\. It says: e_mail, name"):
            sheets.read_csv(content)
    else:
        assert sheets.read_csv(content) == rows


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"email,name\n", "There is no row below the header."),
        ("email,name\na@b.org,Zoë".encode("latin-1"), "Line 2 is not in UTF-8"),
        (b"PK\x03\x04\x00\x00", "This is not a CSV file"),
        (
            b'email,name\na@b.org,"Zo\nb@b.org,x',
            "The row that begins in line 2 cannot be read: a quotation mark",
        ),
        (b"email,name,Name\na@b.org,x,y", "The column “name” is there twice."),
        (
            b"email\n" + b"a@b.org\n" * 20_001,
            "The list has more than 20000 rows. Send up to 20000 at a time.",
        ),
        (b"email\n" + b"a" * (10 * 1024**2), "The file is larger than 10 MB."),
    ],
)
def test_lists_that_cannot_be_read_are_refused_with_the_place(content: bytes, words: str) -> None:
    with pytest.raises(sheets.SheetError) as error:
        sheets.read_csv(content)
    assert str(error.value).startswith(words)
