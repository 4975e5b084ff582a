"""What is written about the program is true of it: addresses, settings, folders, commands, decisions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accounts.models import GradeBand, JobRole
from microcreds.demo.people import ACCOUNTS
from tests.source import ROOMS, ROOT

README = (ROOT / "README.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
FOLDERS = {*ROOMS, "docs", "static", "templates", "tests", "bench"}
HEADINGS = ["## Context", "## Decision", "## Consequences"]
# env.str("NAME"), also where the name stands in a helper's call; email_url only parses what EMAIL_URL read.
READ = re.compile(r"env\.\w+\(\s*\"([A-Z_]+)\"")


def rows(heading: str) -> list[str]:
    """The first cell of each row of the table under a heading."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| `")]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_files_that_are_named_exist(page: Path) -> None:
    named = [
        name for name in re.findall(r"`(\w+/[\w./-]*)`", page.read_text()) if name.split("/")[0] in FOLDERS
    ]
    assert [name for name in named if "_x." not in name and not (ROOT / name).exists()] == []


def test_the_settings_table_is_complete() -> None:
    read = READ.findall((ROOT / "microcreds" / "settings.py").read_text())
    assert sorted(rows("Settings")) == sorted(f"`{name}`" for name in set(read))


def test_the_map_shows_every_folder_and_the_rooms_in_the_order_of_the_street() -> None:
    folders = [row.strip("`/") for row in rows("A map of the house")]
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
    there = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert folders[: len(ROOMS)] == ROOMS
    assert set(folders) == there - ignored


def test_the_accounts_are_those_of_the_demonstration() -> None:
    named = re.findall(r"`(\w+)@demo\.test`", README)
    assert named == list(ACCOUNTS)


def test_commands_that_are_named_exist() -> None:
    everything = "\n".join(page.read_text() for page in PAGES)
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = [path.stem for path in (ROOT / "microcreds" / "management" / "commands").glob("[a-z]*.py")]
    assert set(re.findall(r"`make ([a-z-]+)", everything)) - set(targets) == set()
    assert set(re.findall(r"manage\.py ([a-z_]+)", everything)) - set(commands) == set()


def test_the_licence_is_the_same_everywhere() -> None:
    assert 'license = "AGPL-3.0-or-later"' in (ROOT / "pyproject.toml").read_text()
    assert "SPDX-License-Identifier: AGPL-3.0-or-later" in README


@pytest.mark.parametrize("page", DECISIONS, ids=relative)
def test_a_decision_is_short_and_has_three_parts(page: Path) -> None:
    lines = page.read_text().splitlines()
    assert len(lines) <= 30
    assert [line for line in lines if line.startswith("## ")] == HEADINGS
    assert lines[0].startswith(f"# {int(page.name[:4])}. ")


def test_decisions_are_numbered_and_listed() -> None:
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text()
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert [page.name for page in DECISIONS if f"({page.name})" not in listed] == []


def test_the_architecture_fits_on_a_page() -> None:
    assert len((ROOT / "docs" / "architecture.md").read_text().splitlines()) <= 80


def test_job_roles_and_grade_bands_are_the_catalogues_words_too() -> None:
    """Two rooms hold the same slugs (docs/decisions/0016-job-roles-are-closed-choices.md)."""
    taxonomy = (ROOT / "microcreds" / "demo" / "taxonomy.toml").read_text()
    for table, choices in (("job_roles", JobRole), ("grade_bands", GradeBand)):
        section = taxonomy.split(f"[{table}]\n", 1)[1].split("\n[", 1)[0]
        assert re.findall(r"^([\w-]+) =", section, re.MULTILINE) == choices.values
