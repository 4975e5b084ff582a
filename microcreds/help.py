"""Help in plain words: seven pages, no account needed."""

from __future__ import annotations

from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe


class Page(NamedTuple):
    """A help page: its address, its title and what one finds there."""

    slug: str
    title: str | Promise
    about: str | Promise


PAGES = (
    Page("what-this-is", _("What this is"), _("Micro-credentials in two minutes, and who is who here.")),
    Page(
        "first-micro-credential",
        _("Your first micro-credential"),
        _("From choosing one to sending it, step by step."),
    ),
    Page(
        "filming-and-pupils",
        _("Filming and pupils"),
        _("What to ask for, what to leave out, and how to film simply."),
    ),
    Page(
        "your-files",
        _("Your files"),
        _("How they get here on a bad line, what is done with them, and how long they are kept."),
    ),
    Page(
        "how-assessment-works", _("How assessment works"), _("Who scores, by what, and what “not yet” means.")
    ),
    Page(
        "what-it-is-worth",
        _("What it is worth"),
        _("What a badge proves, and what districts may do with it."),
    ),
    Page(
        "connected-programs",
        _("Connected programs"),
        _("How a wallet or another badge site reads your badges, what it gets, and how you stop it."),
    ),
)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The list of pages, and the ways to ask."""
    return render(request, "help/index.html", {"pages": PAGES})


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One page."""
    for candidate in PAGES:
        if candidate.slug == slug:
            return render(request, f"help/{slug}.html", {"pages": PAGES, "page": candidate})
    raise Http404
