"""The look keeps its promises: no inline script or style, values in one file, every sign drawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string

from microcreds.staticfiles import ManifestStorage
from microcreds.templatetags.look import PILLS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static/css").rglob("*.css"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
QUOTED = re.compile(r'"[^"]*"')
VALUE = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|hwb|lab|lch|oklab|oklch)\(|\b\d*\.?\d+(?:px|rem|pt)\b"
    r"|:\s*(?:white|black|red|green|blue|gr[ae]y|gold|orange)\b"
)


def relative(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def rules(path: Path) -> str:
    return QUOTED.sub('""', COMMENT.sub("", path.read_text()))


def drawn() -> set[str]:
    return set(re.findall(r'id="([\w-]+)"', (ROOT / "static/img/sprite.svg").read_text()))


@pytest.mark.parametrize("name", relative(TEMPLATES))
def test_template_has_no_inline_script_or_style(name: str) -> None:
    source = (ROOT / name).read_text()
    tags = "".join(re.findall(r"<[a-zA-Z][^>]*>", source))
    assert re.findall(r"\sstyle\s*=", tags) == []
    assert re.findall(r"\son[a-z]+\s*=", tags) == []
    assert [tag for tag in re.findall(r"<script[^>]*>", source) if "src=" not in tag] == []
    assert ("<style" in source) is (name == "templates/emails/base.html")


@pytest.mark.parametrize("name", relative(TEMPLATES))
def test_every_sign_a_template_names_is_drawn(name: str) -> None:
    source = (ROOT / name).read_text()
    named = set(re.findall(r"{% icon \"([\w-]+)\"", source)) | set(
        re.findall(r'icon_name="([\w-]+)"', source)
    )
    assert named - drawn() == set()


def test_every_state_has_a_sign_and_words() -> None:
    assert {pill.sign for pill in PILLS.values()} - drawn() == set()
    assert [state for state, pill in PILLS.items() if not str(pill.words)] == []


@pytest.mark.parametrize("name", [n for n in relative(SHEETS) if not n.endswith("/tokens.css")])
def test_values_stand_in_the_tokens_only(name: str) -> None:
    lines = [
        line
        for line in rules(ROOT / name).splitlines()
        if not line.lstrip().startswith(("@media", "@container"))
    ]
    assert [line.strip() for line in lines if VALUE.search(line)] == []


def test_every_token_used_is_defined() -> None:
    everything = "\n".join(rules(path) for path in SHEETS)
    assert (
        set(re.findall(r"var\((--[\w-]+)", everything)) - set(re.findall(r"(--[\w-]+)\s*:", everything))
        == set()
    )


def test_every_part_of_the_stylesheet_is_imported() -> None:
    sheet = (ROOT / "static/css/app.css").read_text()
    imported = {f"static/css/{part}" for part in re.findall(r'@import "([^"]+)"', sheet)}
    parts = {name for name in relative(SHEETS) if "/pages/" not in name and not name.endswith("/app.css")}
    assert imported == parts


def test_every_behaviour_exists_and_starts() -> None:
    folder = ROOT / "static/js"
    loaded = re.findall(r'import\("\./(\w+)\.js"\)', (folder / "app.js").read_text())
    assert loaded != []
    assert [
        name for name in loaded if "export function start(" not in (folder / f"{name}.js").read_text()
    ] == []


def test_the_stylesheet_is_served_as_one_file(tmp_path: Path) -> None:
    storage = ManifestStorage(location=tmp_path, base_url="/static/")
    source = ManifestStorage(location=ROOT / "static", base_url="/static/")
    names = [str(path.relative_to(ROOT / "static")) for path in SHEETS]
    paths = {name: (source, name) for name in names if "/pages/" not in name}
    list(storage.post_process(paths))
    written = list(tmp_path.rglob("*.css"))
    assert len(written) == 1
    sheet = written[0].read_text()
    assert "@import" not in sheet
    assert sheet.count("@layer components {") == sum("/components/" in name for name in names)


@pytest.mark.parametrize("name", ["400", "403", "404", "409", "500", "403_csrf"])
def test_an_error_page_needs_no_context(name: str) -> None:
    assert render_to_string(f"{name}.html").count("<h1") == 1


def test_bars_are_as_long_as_their_values_and_a_withheld_one_tells_nothing() -> None:
    rows = [{"label": "a", "value": 40}, {"label": "b", "value": 10}, {"label": "c", "value": None}]
    page = render_to_string("components/_bar_chart.html", {"title": "Awards", "rows": rows})
    assert re.findall(r'class="chart-bar" width="([\d.]+)"', page) == ["100.00", "25.00"]
    assert page.count('class="chart-withheld"') == 1


def test_an_unknown_state_is_shown_by_its_name_with_a_sign() -> None:
    page = Template('{% include "components/_state.html" with state="odd_one" only %}').render(Context())
    assert "Odd one" in page
    assert "#dot" in page


def test_an_earned_badge_turns_gold_and_is_spoken_when_it_stands_alone() -> None:
    page = Template('{% load look %}{% badge "c2" "assessment" earned=True label="Reading data" %}').render(
        Context()
    )
    assert 'class="badge badge--c2 badge--earned"' in page
    assert 'role="img" aria-label="Reading data"' in page
    assert "#g-assessment" in page
