"""The badge's page and files, and what its earner decides there."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import User
from badges import answers, checking, issuing, pages, pictures, posting, presenting, queries, rules, workflow
from badges.downloading import FILES
from badges.forms import VisibilityForm
from badges.models import Award
from badges.openbadges import jwt
from badges.queries.sharing import for_showing, page_stamp
from badges.sharing_forms import PersonForm
from catalog.remembering import known, recalled, unchanged


class PersonThrottle(SimpleRateThrottle):
    """So many guesses a minute at whose a badge is, of one asker and at one badge: a list of addresses is not tried out."""

    scope = "person"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": view or self.get_ident(request)}


@answers.for_programs()
@require_safe
def badge(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The public badge; programs get the credential from the same address."""
    if media_type := answers.machine_type(request):
        award = rules.readable_by(request.user).filter(pk=pk).first()
        return _credential(request, award, media_type) if award else answers.not_shared(request)
    if known(request):
        return _badge_page(request, pk)
    stamp = page_stamp(pk)
    return _marked(recalled(request, stamp, lambda: _badge_page(request, pk), checking.MEMORY), stamp)


def _unchanged(request: HttpRequest, pk: UUID) -> HttpResponseBase | None:
    """That the page she kept still shows what is so."""
    if answers.machine_type(request):
        return None
    stamp = page_stamp(pk)
    response = unchanged(request, stamp)
    return response and _marked(response, stamp)


badge.unchanged = _unchanged  # type: ignore[attr-defined]


def _marked(response: HttpResponseBase, stamp: str | None) -> HttpResponseBase:
    patch_vary_headers(response, ["Accept", "Cookie"])
    if stamp and not stamp.startswith(Award.Visibility.PUBLIC):
        response["X-Robots-Tag"] = "noindex"
    return response


def _badge_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    award = for_showing(rules.readable_by(request.user).filter(pk=pk)).first()
    if award is None:
        return answers.not_shared(request)
    return _answer(request, award, _page(request, award))


def _answer(request: HttpRequest, award: Award, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "badges/badge.html", context, status=status)
    patch_vary_headers(response, ["Accept"])
    answers.keep_from_searches(response, award)
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def badge_person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Whether it is this person's: a typed address against the hash in the badge. Nothing of it is kept."""
    award = for_showing(rules.readable_by(request.user).filter(pk=pk)).first()
    if award is None:
        return answers.not_shared(request)
    if request.method != "POST":
        return redirect("badge", pk=pk)
    answer, status = asked_whose(request, award)
    response = _answer(request, award, _page(request, award) | answer, status)
    response["Cache-Control"] = answers.OWN
    return response


def asked_whose(request: HttpRequest, award: Award) -> tuple[dict[str, Any], int]:
    """What a typed address comes to, and the status to say it with."""
    form = PersonForm(request.POST)
    if not form.is_valid():
        return {"person": form}, 400
    throttles = (None, f"badge-{award.pk}")
    if not all(PersonThrottle().allow_request(request, view) for view in throttles):  # type: ignore[arg-type]
        words = _("That was a lot of tries. Please wait a minute.")
        form.add_error("email", words)
        return {"person": form}, 429
    return pages.answered(award, form), 200


@require_safe
def badge_qr(request: HttpRequest, pk: UUID, kind: str) -> HttpResponseBase:
    """The page's address as a sign for phones."""
    award = rules.readable_by(request.user).filter(pk=pk).first()
    if award is None or kind not in posting.QR_TYPES:
        return answers.not_shared(request)
    content = posting.qr(issuing.absolute(reverse("badge", args=[pk])), kind)
    return answers.send(request, content, posting.QR_TYPES[kind], caching=answers.caching_of_picture(award))


@answers.for_programs()
@require_safe
def badge_id(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The credential's id itself: the document for programs, the way to the page for people."""
    media_type = answers.machine_type(request)
    if media_type is None:
        response = redirect("badge", pk=pk)
        patch_vary_headers(response, ["Accept"])
        return response
    award = rules.readable_by(request.user).filter(pk=pk).first()
    return _credential(request, award, media_type) if award else answers.not_shared(request)


def _credential(request: HttpRequest, award: Award, media_type: str) -> HttpResponseBase:
    caching = answers.caching_of(award)
    if media_type == jwt.MEDIA_TYPE:
        response = answers.send(request, issuing.jwt_of(award).encode(), media_type, caching=caching)
    else:
        response = answers.send_json(request, award.credential, media_type, caching=caching)
    answers.keep_from_searches(response, award)
    patch_vary_headers(response, ["Accept"])
    return response


@answers.for_programs()
@require_safe
def badge_download(request: HttpRequest, pk: UUID, kind: str) -> HttpResponseBase:
    """The badge to keep: its JSON, its picture with the JSON inside as PNG or SVG, or its certificate on paper."""
    award = queries.for_page(rules.readable_by(request.user)).filter(pk=pk).first()
    if award is None or kind not in FILES:
        return answers.not_shared(request)
    content, content_type = FILES[kind](award)
    filename = f"{award.slug}.{kind}"
    caching = answers.caching_of(award)
    response = answers.send(request, content, content_type, caching=caching, filename=filename)
    answers.keep_from_searches(response, award)
    return response


@answers.for_programs()
@require_safe
def badge_image(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The picture alone, for pages and previews."""
    award = queries.for_page(rules.readable_by(request.user)).filter(pk=pk).first()
    if award is None:
        return answers.not_shared(request)
    content = pictures.png_of(award)
    response = answers.send(request, content, "image/png", caching=answers.caching_of_picture(award))
    answers.keep_from_searches(response, award)
    return response


def _page(request: HttpRequest, award: Award, form: VisibilityForm | None = None) -> dict[str, Any]:
    owner = rules.is_earner(request.user, award)
    place = pages.own_place(award)
    context = {
        **pages.shown(award, place, award.name_shown),
        "owner": owner,
        "renewal": queries.renewal_of(award, request.user),
        "card": issuing.absolute(reverse("badge-card", args=[award.pk])),
    }
    if owner:
        picture = issuing.absolute(place.picture)
        context |= {
            "form": form or VisibilityForm(initial=_chosen(request, award)),
            "districts": list(rules.districts_of(request.user, award)),
            "linkedin": presenting.linkedin(award, place.address),
            "mail": posting.mail(award.title, place.address),
            "embed": posting.embed(award.title, award.issuer.name, place.address, picture),
        }
    return context


# --- what the earner decides --------------------------------------------------------------------------------


def _own(request: HttpRequest, pk: UUID) -> Award:
    """Her own award; a stranger gets 404, somebody it is shown to 403."""
    award = get_object_or_404(for_showing(rules.readable_by(request.user)), pk=pk)
    if not rules.is_earner(request.user, award):
        raise PermissionDenied
    return award


@require_POST
@login_required
def badge_share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show it in one tap, or change who may see it and under which name."""
    award = _own(request, pk)
    form = VisibilityForm({**_chosen(request, award), **request.POST.dict()})
    if not form.is_valid():
        return render(request, "badges/badge.html", _page(request, award, form), status=400)
    workflow.set_visibility(award, cast(User, request.user), **form.cleaned_data)
    messages.success(request, _said(award))
    return redirect("badge", pk=pk)


def _chosen(request: HttpRequest, award: Award) -> dict[str, str]:
    """What she chose before; her account's name where the badge was awarded before she gave it."""
    first = award.visibility == Award.Visibility.PRIVATE and not award.name_shown
    name = cast(User, request.user).name if first else award.name_shown
    return {"visibility": award.visibility, "name_shown": name}


def _said(award: Award) -> str:
    return {
        Award.Visibility.PRIVATE: _("Only you can see this badge now."),
        Award.Visibility.UNLISTED: _("Anyone with the link can see this badge now."),
        Award.Visibility.PUBLIC: _("Everybody can see this badge now."),
    }[Award.Visibility(award.visibility)]


@require_POST
@login_required
def badge_district(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Share with a district of hers, or take it back."""
    award = _own(request, pk)
    user = cast(User, request.user)
    slug = request.POST.get("organization", "").replace("\0", "")
    district = get_object_or_404(rules.districts_of(user, award), slug=slug)
    if request.POST.get("end"):
        workflow.unshare(award, user, district)
        words = _("%(district)s no longer sees this badge.")
    else:
        workflow.share_with(award, user, district)
        words = _("%(district)s can count this badge now. It sees the badge, never your evidence.")
    messages.success(request, words % {"district": district})
    return redirect("badge", pk=pk)
