"""One file that checks a badge without any server: a page with all it runs, and where wanted with all it needs to know."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders

_HERE = Path(__file__).parent
_PLACE = re.compile(r"{{ (\w+) }}")


def page(carried: Mapping[str, Any] | None = None) -> str:
    """The verifier. `carried`: {exported, dids: {did: document}, lists: {address: token}, token}, each where there is one.

    Nothing in a script element may look like its end, so that a badge's text cannot become a part of the page.
    """
    data = json.dumps(dict(carried or {}), ensure_ascii=False).replace("<", "\\u003c")
    parts = {"css": _css(), "script": (_HERE / "verifier.js").read_text(), "carried": data}
    return _PLACE.sub(lambda place: parts[place[1]], (_HERE / "verifier.html").read_text())


@cache
def _css() -> str:
    """The platform's own colours, type and spaces, light and dark, and what this page makes of them."""
    tokens = finders.find("css/tokens.css")
    if not isinstance(tokens, str):
        raise FileNotFoundError("static/css/tokens.css")
    return Path(tokens).read_text() + (_HERE / "verifier.css").read_text()
