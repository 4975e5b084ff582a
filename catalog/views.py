"""The public pages of the catalog. A visitor without a session costs no query about who she is."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.rules import Person
from catalog import rules
from catalog.models import MicroCredential, Version
from catalog.queries import groups, paging
from catalog.queries.explorer import CAP, Results, as_cards, explore
from catalog.queries.filters import SORTS
from catalog.queries.template import parts_of, template_of
from catalog.remembering import STAND_IN, kept, known, remembered, with_token

PER_PAGE = 12
SORT_WORDS = {
    "best": _("Best match"),
    "title": _("A–Z"),
    "newest": _("Newest"),
    "shortest": _("Shortest first"),
}
GROUPINGS = 24


@require_safe
@remembered
def explorer(request: HttpRequest) -> HttpResponse:
    """Search and filters; without any, the stacks and collections too."""
    shared = kept(request, lambda: _found(request)) if known(request) else _found(request)
    return render(request, "catalog/explorer.html", {"shared": shared})


def _found(request: HttpRequest) -> dict[str, str]:
    """What the explorer says to everybody: the question as it was understood, and the page's main part."""
    results = explore(rules.explorable(), request.GET, PER_PAGE)
    context = {
        "results": results,
        "unknown": ", ".join(f"{name} “{value}”" for name, value in results.filters.unknown),
        "cap": CAP,
        **_links(results),
    }
    if not results.filters.narrowed and not request.GET.get("cursor"):
        context["groupings"] = groups.groupings(GROUPINGS)
    return {"q": results.filters.q, "main": render_to_string("catalog/_explorer.html", context)}


@require_safe
@remembered
def micro_credential(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole template, every part visible without an account."""
    page = kept(request, lambda: _public_page(slug)) if known(request) else _public_page(slug)
    if page is None:
        page = _page_of(get_object_or_404(rules.visible_to(_reader(request)), slug=slug))
    main = with_token(request, page["main"])
    return render(request, "catalog/micro_credential.html", {**page, "main": main})


def _public_page(slug: str) -> dict[str, str] | None:
    """What the page says to everybody; None where there is nothing that everybody may read."""
    rows = rules.public().select_related("issuer", "current").defer("search")
    row = rows.filter(slug=slug).first()
    return _page_of(row) if row else None


def _page_of(row: MicroCredential) -> dict[str, str]:
    version = _version_of(row)
    template = template_of(version)
    context = {
        "row": row,
        "version": version,
        "template": template,
        "parts": parts_of(template),
        "stacks": groups.stacks_with(row),
        "collections": groups.collections_with(row),
        "names": {item["key"]: item["title"] for item in template["criteria"]},
        "csrf_token": STAND_IN,
    }
    main = render_to_string("catalog/_micro_credential.html", context)
    return {"title": version.title, "summary": version.summary, "main": main}


@require_safe
@remembered
def collection(request: HttpRequest, slug: str) -> HttpResponse:
    """A curated list with its editor's name."""
    row = get_object_or_404(groups.collections(), slug=slug)
    rows = groups.members_of(row, rules.visible_to(_reader(request)))
    return render(request, "catalog/collection.html", {"collection": row, "rows": rows})


@require_safe
@remembered
def stack(request: HttpRequest, slug: str) -> HttpResponse:
    """What leads to a certificate, with its rule in words."""
    row = get_object_or_404(groups.stacks(), slug=slug)
    members = groups.groups_of(row, rules.visible_to(_reader(request)))
    return render(request, "catalog/stack.html", {"stack": row, "groups": members})


@require_safe
@remembered
def issuer(request: HttpRequest, slug: str) -> HttpResponse:
    """Who an issuer is and what it publishes."""
    row = get_object_or_404(rules.issuers(), slug=slug)
    published = rules.explorable().filter(issuer=row)
    order = paging.ORDERS["title"]
    try:
        page = paging.page(as_cards(published), order, request.GET.get("cursor", ""), PER_PAGE)
    except paging.BadCursor:
        page = paging.page(as_cards(published), order, "", PER_PAGE)
    context = {"issuer": row, "page": page, "stacks": groups.stacks().filter(issuer=row), **_page_links(page)}
    return render(request, "catalog/issuer.html", context)


def _reader(request: HttpRequest) -> Person:
    """The person reading, without asking the database about a visitor who has no session."""
    return request.user if SESSION_KEY in request.session else AnonymousUser()


def _version_of(row: MicroCredential) -> Version:
    """The current version, or the newest draft for those who may see one."""
    return row.current or get_object_or_404(row.versions.order_by("-number")[:1])


def _links(results: Results) -> dict[str, Any]:
    filters, page = results.filters, results.page
    return {
        "sorts": [
            {
                "label": SORT_WORDS[sort],
                "query": filters.sorted(sort).query_string(),
                "current": sort == filters.order,
            }
            for sort in SORTS
            if sort != "best" or filters.q
        ],
        "next_url": f"?{filters.query_string(cursor=page.next)}" if page.next else "",
        "previous_url": f"?{filters.query_string(cursor=page.previous)}" if page.previous else "",
    }


def _page_links(page: paging.Page[MicroCredential]) -> dict[str, str]:
    return {
        "next_url": f"?cursor={page.next}" if page.next else "",
        "previous_url": f"?cursor={page.previous}" if page.previous else "",
    }
