"""People's Markdown as HTML: authors' pages and educators' answers, never more than a few harmless tags."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import nh3
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

SCHEMES = {"http", "https", "mailto"}
AUTHOR_TAGS = {"p", "strong", "em", "ul", "ol", "li", "blockquote", "a", "code", "h3", "h4", "br", "hr"}
WRITTEN_TAGS = {"p", "strong", "em", "ul", "ol", "li", "a", "br", "h2", "h3", "h4", "h5", "h6"}
RULES = ["heading", "list", "emphasis", "link", "newline", "escape"]
DEEPEST = 40  # every list counts twice: itself and its item
BRACKETS = 1_000  # the parser looks far ahead from every bracket, and nobody writes so many links

_author = MarkdownIt("commonmark", {"html": False})


def _absolute(url: str) -> bool:
    return url.partition(":")[0].lower() in SCHEMES


def _writer(rules: Sequence[str]) -> MarkdownIt:
    """Only what the toolbar offers; line breaks stay, entities and tags are letters like any others."""
    made = MarkdownIt("zero", {"html": False, "breaks": True, "maxNesting": DEEPEST}).enable(rules)
    made.validateLink = _absolute  # type: ignore[method-assign]
    return made


_written = _writer(RULES)
_linkless = _writer([rule for rule in RULES if rule != "link"])


@lru_cache(maxsize=512)
def authored(text: str) -> SafeString:
    """An author's Markdown; the same few texts are on every page of a micro-credential, so they are remembered."""
    html = _author.render(text)
    return SafeString(nh3.clean(html, tags=AUTHOR_TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES))


def written(text: str, top: int = 3) -> SafeString:
    """What an educator or an assessor wrote. Its headings begin at level `top`, below those of the page.

    Private, so it is not remembered. What is nested deeper than the parser goes is shown as it was typed: the parser
    would leave those words out.
    """
    parser = _linkless if text.count("[") > BRACKETS else _written
    tokens = parser.parse(text)
    if any(token.level >= DEEPEST - 2 for token in tokens):
        return mark_safe(linebreaks(text, autoescape=True))
    _shift(tokens, top)
    return SafeString(
        nh3.clean(
            parser.renderer.render(tokens, parser.options, {}),
            tags=WRITTEN_TAGS,
            attributes={"a": {"href"}, "ol": {"start"}},
            url_schemes=SCHEMES,
            link_rel="noopener noreferrer nofollow",
            set_tag_attribute_values={"a": {"target": "_blank"}},
        )
    )


def _shift(tokens: Sequence[Token], top: int) -> None:
    """The levels that were used become `top`, `top + 1`, … so that no page skips one."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    ranks = {tag: rank for rank, tag in enumerate(sorted({token.tag for token in headings}))}
    for token in headings:
        token.tag = f"h{min(6, top + ranks[token.tag])}"
