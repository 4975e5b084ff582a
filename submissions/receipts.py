"""The receipt as a PDF: tagged, with every file, its size and its hash, made by Typst from our own document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils.translation import get_language

SOURCE = Path(settings.BASE_DIR) / "templates" / "submissions" / "receipt.typ"


def receipt_pdf(document: dict[str, Any]) -> bytes:
    """A PDF after PDF/UA-1. Where a name is written in letters the machine has no font for, it is a plain PDF.

    What people wrote travels as data, never as source, so it cannot be read as Typst's own language.
    """
    inputs = {"document": json.dumps({**document, "lang": (get_language() or "en").split("-")[0]})}
    source = SOURCE.read_bytes()
    try:
        return bytes(typst.compile(source, format="pdf", sys_inputs=inputs, pdf_standards="ua-1"))
    except typst.TypstError:
        return bytes(typst.compile(source, format="pdf", sys_inputs=inputs))
