"""Small papers to hand in: a document that opens, made as the program that writes it would."""

from __future__ import annotations

import io

import pikepdf


def pdf(title: str = "", pages: int = 1) -> bytes:
    """A PDF with blank pages; its title and author stand in its properties."""
    document = pikepdf.new()
    for _page in range(pages):
        document.add_blank_page(page_size=(200, 200))
    if title:
        document.docinfo["/Title"] = title
        document.docinfo["/Author"] = title
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()


PDF = pdf()
