"""The issuer's pages about the look of its badges: all of them with previews, and one to change."""

from __future__ import annotations

import base64
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from badges import answers, issuing, pictures, rules
from badges.design_forms import DRAWN, PICTURE, DesignForm
from badges.models import BadgeDesign
from badges.openbadges.image import CHECK, SIZE, BadgePicture
from badges.queries.designs import design_for, designables
from badges.redrawing import MAX_BYTES
from badges.workflow.designing import Place, drop_design, save_design

PAGE = 24
SMALL = 160
MAX_BODY = MAX_BYTES + 2 * 1024**2


@require_safe
@login_required
def designs(request: HttpRequest) -> HttpResponse:
    """Every badge of one's issuers, each as it looks now."""
    issuers = list(rules.designed_by(request.user))
    if not issuers:
        raise PermissionDenied
    things = [(issuer, row) for issuer in issuers for row in designables(issuer)]
    page = Paginator(things, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "newer": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "older": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "badges/design_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def design(request: HttpRequest, slug: str) -> HttpResponse:
    """Change how badges look; the preview is drawn by the server, with or without script."""
    place = _place(request, slug)
    now = _current(place)
    form = _form(request, place, now)
    preview = request.POST.get("act") == "preview"
    if request.method == "POST" and form.is_valid() and not preview:
        save_design(place, cast(User, request.user), form.fields_to_keep())
        _say(request, form)
        return redirect("designs")
    shown = _data_url(place, now, form) if preview and form.is_valid() else ""
    context = {**_titles(place), **_addresses(request, place), "form": form, "own": _own(place, now)}
    context |= {
        "shown": shown,
        "chosen_again": bool(shown and request.FILES),
        "upload": bool(now and now.upload),
    }
    status = 400 if form.is_bound and form.errors else 200
    return render(
        request, "badges/design_edit.html", {**context, "demo_issuer": place.issuer.demo}, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def design_preview(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The badge as it looks now; to a form, as it would look."""
    place = _place(request, slug)
    now = _current(place)
    size = SMALL if "small" in request.GET else SIZE
    if request.method != "POST":
        content = pictures.drawn_png(_picture(place, now), size)
        return answers.send(request, content, "image/png", caching="private, no-cache")
    form = _form(request, place, now)
    if not form.is_valid():
        return _refused(form)
    content = pictures.drawn_png(_picture(place, _proposed(place, now, form)), size)
    return answers.send(request, content, "image/png", caching=answers.OWN)


design.takes_files = design_preview.takes_files = MAX_BODY  # type: ignore[attr-defined]


@require_POST
@login_required
def design_drop(request: HttpRequest, slug: str) -> HttpResponse:
    """Back to the issuer's look."""
    place = _place(request, slug)
    drop_design(place, cast(User, request.user))
    messages.success(request, _("Its own design is gone. The issuer's look holds now."))
    return redirect("designs")


# --- which badge --------------------------------------------------------------------------------------------


def _place(request: HttpRequest, slug: str) -> Place:
    """The issuer, and the one thing of its that the address may name."""
    issuer = get_object_or_404(rules.designed_by(request.user), slug=slug)
    unit, stack = request.GET.get("unit", ""), request.GET.get("stack", "")
    if "\0" in unit + stack:
        raise Http404
    if unit:
        return Place(issuer, get_object_or_404(rules.units_of(issuer), slug=unit))
    return (
        Place(issuer, None, get_object_or_404(rules.stacks_of(issuer), slug=stack))
        if stack
        else Place(issuer)
    )


def _current(place: Place) -> BadgeDesign | None:
    unit = place.micro_credential.pk if place.micro_credential else None
    return design_for(place.issuer.pk, micro_credential=unit, stack=place.stack.pk if place.stack else None)


def _own(place: Place, now: BadgeDesign | None) -> bool:
    """Whether the design that holds is this very thing's."""
    if now is None:
        return False
    unit = place.micro_credential.pk if place.micro_credential else None
    return (now.micro_credential_id, now.stack_id) == (unit, place.stack.pk if place.stack else None)


def _titles(place: Place) -> dict[str, Any]:
    """What the page is about, and what stands on the badge there."""
    if place.micro_credential:
        return {
            "heading": place.micro_credential.title,
            "title": place.micro_credential.title,
            "general": False,
        }
    if place.stack:
        return {"heading": place.stack.certificate, "title": place.stack.certificate, "general": False}
    words = _("Title of the micro-credential")
    return {
        "heading": _("All badges of %(issuer)s") % {"issuer": place.issuer.name},
        "title": words,
        "general": True,
    }


def _addresses(request: HttpRequest, place: Place) -> dict[str, str]:
    query = f"?unit={place.micro_credential.slug}" if place.micro_credential else ""
    query = f"?stack={place.stack.slug}" if place.stack else query
    names = {"preview": "design-preview", "drop": "design-drop"}
    return {key: reverse(name, args=[place.issuer.slug]) + query for key, name in names.items()}


# --- what is typed, and what it looks like ------------------------------------------------------------------


def _form(request: HttpRequest, place: Place, now: BadgeDesign | None) -> DesignForm:
    kept = bool(now and now.upload and _own(place, now))
    if request.method == "POST":
        return DesignForm(request.POST, request.FILES, kept=kept)
    palette = issuing.picture("", place.issuer).colours
    first = {"colour": palette.disc, "edge": palette.edge, "accent": palette.accent, "shape": "seal"}
    if now is not None:
        first = {name: getattr(now, name) for name in ("shape", "colour", "edge", "accent")}
    words = now.words if now and _own(place, now) else ""
    return DesignForm(initial={**first, "words": words, "source": PICTURE if kept else DRAWN}, kept=kept)


def _proposed(place: Place, now: BadgeDesign | None, form: DesignForm) -> BadgeDesign:
    """The design as it would be, without keeping it."""
    kept = now.upload if now and _own(place, now) else None
    own = {"issuer": place.issuer, "micro_credential": place.micro_credential, "stack": place.stack}
    return BadgeDesign(**own, **{"upload": kept, **form.fields_to_keep()})


def _picture(place: Place, look: BadgeDesign | None) -> BadgePicture:
    if place.micro_credential is None and place.stack is None:
        mark = CHECK
    else:
        mark = pictures.mark_of(place.micro_credential.pk if place.micro_credential else None)
    return pictures.designed(_titles(place)["title"], place.issuer, look, mark)


def _data_url(place: Place, now: BadgeDesign | None, form: DesignForm) -> str:
    content = pictures.drawn_png(_picture(place, _proposed(place, now, form)))
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def _refused(form: DesignForm) -> JsonResponse:
    errors = {name: [str(word) for word in words] for name, words in form.errors.items()}
    first = next(words[0] for words in errors.values())
    body = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": first, "errors": errors}
    return JsonResponse(body, status=400, content_type="application/problem+json")


def _say(request: HttpRequest, form: DesignForm) -> None:
    messages.success(
        request,
        _(
            "Saved. Pages and new downloads show it from now on. Copies made before keep their look and stay valid."
        ),
    )
    if form.cut:
        messages.info(
            request,
            _("The picture was not square, so its middle was taken. Look whether nothing is missing."),
        )
