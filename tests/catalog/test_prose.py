"""What people wrote looks as they meant it, and can be nothing but text."""

from __future__ import annotations

import re

import pytest

from catalog.prose import authored, written

HARMLESS = re.compile(
    r'</?(?:p|strong|em|ul|ol|li|br|h[2-6])>|<ol start="\d+">|<a href="(?:https?|mailto):[^"]*"[^>]*>|</a>'
)


def test_the_marks_of_the_toolbar() -> None:
    text = "# Why\n\nOne **bold** and *slanted* word.\nSame paragraph.\n\n## How\n\n- a\n- b\n\n1. [here](https://example.org/a)"
    assert written(text, 4).replace("\n", "") == (
        "<h4>Why</h4><p>One <strong>bold</strong> and <em>slanted</em> word.<br>Same paragraph.</p><h5>How</h5>"
        "<ul><li>a</li><li>b</li></ul>"
        '<ol><li><a href="https://example.org/a" target="_blank" rel="noopener noreferrer nofollow">here</a></li></ol>'
    )


def test_levels_that_were_skipped_are_not_skipped_on_the_page() -> None:
    assert written("### One\n\n###### Two").replace("\n", "") == "<h3>One</h3><h4>Two</h4>"
    assert (
        written("# a\n## b\n### c\n#### d", 5).replace("\n", "") == "<h5>a</h5><h6>b</h6><h6>c</h6><h6>d</h6>"
    )


def test_old_plain_texts_look_as_before() -> None:
    text = "First line\nsecond line &amp; more\n\n---\n    a < b > c\n2 * 3 * 4 snake_case_word `x` ![i](j)\nA title\n====="
    assert re.sub("</?p>", "", written(text)) == (
        "First line<br>\nsecond line &amp;amp; more\n---<br>\na &lt; b &gt; c<br>\n"
        "2 * 3 * 4 snake_case_word `x` ![i](j)<br>\nA title<br>\n=====\n"
    )


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1)) [x](JaVaScRiPt:alert(1)) [x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](&#106;avascript:alert(1)) [x](vbscript:x) [x](//evil.example) [x](/account/delete/)",
    '[x](https://example.org/"onmouseover="alert(1)) [y](https://e.org "t\\" onclick=x")',
    "&lt;script&gt; &#60;script&#62;",
    "![x](https://example.org/spy.png) <https://example.org/> `<b>`",
    "- " * 1_000 + "deep",
    "\n".join("  " * depth + f"- level{depth}" for depth in range(200)),
    "1. " * 13_000,
    "[" * 40_000,
    "[a](b" * 8_000,
    "*a **b " * 5_000,
    "]" * 40_000,
    "\\" * 40_000,
    "\x00\u202e\ufeff",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12].encode("ascii", "replace").decode())
def test_no_answer_can_be_more_than_text(text: str) -> None:
    assert "<" not in HARMLESS.sub("", written(text))


def test_no_word_is_left_out_however_deep_it_stands() -> None:
    deep = "\n".join("  " * depth + f"- level{depth}." for depth in range(100))
    assert [depth for depth in range(100) if f"level{depth}." not in written(deep)] == []


def test_authors_may_quote_and_rule() -> None:
    assert (
        authored("> so\n\n***\n\n<b>x</b>").replace("\n", "")
        == "<blockquote><p>so</p></blockquote><hr><p>&lt;b&gt;x&lt;/b&gt;</p>"
    )
