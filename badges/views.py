"""The badge's page with what its earner decides, and the issuer's pages about what it has awarded."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import User
from accounts.rules import organisations_of
from badges import answers, checking, issuing, presenting, queries, rules, workflow
from badges.forms import MAX_UPLOAD, RevokeForm, VerifyForm, VisibilityForm
from badges.models import Award
from badges.openbadges import documents
from badges.openbadges.baking import bake_png
from badges.openbadges.image import badge_svg
from badges.openbadges.reading import MAX_BYTES, write_json
from badges.pictures import badge_png
from catalog.queries import groups
from catalog.remembering import known, recalled
from catalog.rules import issuers
from journal.workflow import GuardError, TransitionError

PAGE = 30


@require_safe
def badge(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The public badge; programs get the credential from the same address."""
    if media_type := answers.machine_type(request):
        award = rules.readable_by(request.user).filter(pk=pk).first()
        return _credential(request, award, media_type) if award else answers.not_shared(request)
    if known(request):
        return _badge_page(request, pk)
    stamp = queries.row_versions(pk)
    response = recalled(request, stamp, lambda: _badge_page(request, pk), checking.MEMORY)
    patch_vary_headers(response, ["Accept", "Cookie"])
    return response


def _badge_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    award = queries.for_page(rules.readable_by(request.user).filter(pk=pk)).first()
    if award is None:
        return answers.not_shared(request)
    response = render(request, "badges/badge.html", _page(request, award))
    patch_vary_headers(response, ["Accept"])
    return response


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
    response = answers.send_json(request, award.credential, media_type, caching=answers.caching_of(award))
    patch_vary_headers(response, ["Accept"])
    return response


@require_safe
def badge_download(request: HttpRequest, pk: UUID, kind: str) -> HttpResponseBase:
    """The badge to keep: its JSON, its picture with the JSON inside, or the drawing alone."""
    award = queries.for_page(rules.readable_by(request.user)).filter(pk=pk).first()
    if award is None or kind not in ("json", "png", "svg"):
        return answers.not_shared(request)
    text = write_json(award.credential)
    picture = issuing.picture(award.version, award.issuer)
    content, content_type = text.encode(), "application/json"
    if kind == "png":
        content, content_type = bake_png(badge_png(picture), text), "image/png"
    elif kind == "svg":
        content, content_type = badge_svg(picture).encode(), "image/svg+xml"
    filename = f"{award.micro_credential.slug}.{kind}"
    caching = answers.caching_of(award)
    return answers.send(request, content, content_type, caching=caching, filename=filename)


@require_safe
def badge_image(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The picture alone, for pages and previews."""
    award = queries.for_page(rules.readable_by(request.user)).filter(pk=pk).first()
    if award is None:
        return answers.not_shared(request)
    content = badge_png(issuing.picture(award.version, award.issuer))
    caching = answers.OWN_HOUR if award.visibility == Award.Visibility.PRIVATE else answers.HOUR
    return answers.send(request, content, "image/png", caching=caching)


def _page(request: HttpRequest, award: Award, form: VisibilityForm | None = None) -> dict[str, Any]:
    report = checking.check_award(award)
    owner = rules.is_earner(request.user, award)
    address = issuing.absolute(reverse("badge", args=[award.pk]))
    context = {
        "award": award,
        "owner": owner,
        "demo": award.issuer.demo,
        "checks": presenting.checks(report),
        "verdict": "revoked" if award.state == Award.State.REVOKED else str(report.outcome),
        "handed_in": presenting.handed_in(award),
        "reached": queries.reached(award),
        "address": address,
        "description": presenting.described(award),
        "picture": issuing.absolute(reverse("badge-image", args=[award.pk])),
    }
    if owner:
        context |= {
            "form": form or VisibilityForm(initial=_chosen(request, award)),
            "districts": list(rules.districts_of(request.user, award)),
            "linkedin": presenting.linkedin(award, address),
        }
    return context


# --- what the earner decides --------------------------------------------------------------------------------


def _own(request: HttpRequest, pk: UUID) -> Award:
    """Her own award; a stranger gets 404, somebody it is shown to 403."""
    award = get_object_or_404(queries.for_page(rules.readable_by(request.user)), pk=pk)
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
    district = get_object_or_404(rules.districts_of(user, award), slug=request.POST.get("organization", ""))
    if request.POST.get("end"):
        workflow.unshare(award, user, district)
        words = _("%(district)s no longer sees this badge.")
    else:
        workflow.share_with(award, user, district)
        words = _("%(district)s can count this badge now. It sees the badge, never your evidence.")
    messages.success(request, words % {"district": district})
    return redirect("badge", pk=pk)


@require_safe
@login_required
def stack_progress(request: HttpRequest, slug: str) -> HttpResponse:
    """How far one is with a stack; its page loads this region."""
    stack = get_object_or_404(groups.stacks(), slug=slug)
    progress = queries.progress(stack, cast(User, request.user))
    return render(request, "badges/stack_progress.html", {"stack": stack, "progress": progress})


# --- the issuer's pages -------------------------------------------------------------------------------------


@require_safe
@login_required
def issued(request: HttpRequest) -> HttpResponse:
    """What one's issuer has awarded, newest first; names only of those who show them."""
    awards = rules.issued_visible_to(request.user)
    moment, pk = _place(request)
    rows = list(queries.older_than(queries.for_list(awards), moment, pk)[: PAGE + 1])
    if not rows and moment is None and not _issues(request):
        raise PermissionDenied
    context = {"awards": rows[:PAGE], "older": _older(rows)}
    return render(request, "badges/award_list.html", context)


def _issues(request: HttpRequest) -> bool:
    user = cast(User, request.user)
    return user.is_superuser or bool(organisations_of(user, rules.REVOKERS))


def _place(request: HttpRequest) -> tuple[datetime | None, UUID | None]:
    try:
        moment = parse_datetime(request.GET.get("before", "").replace(" ", "+"))
        return moment, UUID(request.GET.get("at", ""))
    except ValueError:
        return None, None


def _older(rows: list[Award]) -> str:
    if len(rows) <= PAGE:
        return ""
    last = rows[PAGE - 1]
    return f"?{urlencode({'before': last.awarded_at.isoformat(), 'at': str(last.pk)})}"


@login_required
def badge_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a badge back, with a reason; asks on a page of its own."""
    award = get_object_or_404(queries.for_list(rules.awards_visible_to(request.user)), pk=pk)
    if not rules.may_revoke(request.user, award):
        raise PermissionDenied
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            workflow.revoke(award, cast(User, request.user), form.cleaned_data["reason"])
        except GuardError as error:
            form.add_error("reason", error.errors["reason"])
        except TransitionError as error:
            return render(request, "409.html", {"message": error.message}, status=409)
        else:
            messages.success(request, _("Revoked. Every copy of the badge shows it from now on."))
            return redirect("awards-issued")
    context = {"award": award, "form": form}
    return render(request, "badges/award_revoke.html", context, status=400 if form.is_bound else 200)


# --- documents for machines ---------------------------------------------------------------------------------


@require_safe
def platform_did(request: HttpRequest) -> HttpResponseBase:
    """The platform's public keys."""
    document = issuing.platform_did_document()
    return answers.send_json(request, document, "application/did+ld+json", caching=answers.MINUTES)


@require_safe
def issuer_did(request: HttpRequest, slug: str) -> HttpResponseBase:
    """An issuer's public keys, old ones too."""
    issuer = get_object_or_404(issuers(), slug=slug)
    document = issuing.issuer_did_document(issuer.slug)
    return answers.send_json(request, document, "application/did+ld+json", caching=answers.MINUTES)


@require_safe
def status(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A status list; asked for anew each time, so that a revocation shows at once."""
    row = get_object_or_404(rules.status_lists(), pk=pk)
    document = checking.status_document(row)
    return answers.send_json(request, document, "application/vc+ld+json", caching=answers.FRESH)


@require_safe
def achievement(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What was achieved: one published version with its rubric."""
    document = documents.achievement_document(
        issuing.achievement_data(get_object_or_404(rules.achievements(), pk=pk))
    )
    return answers.send_json(request, document, "application/ld+json", caching=answers.HOUR)


@require_safe
def achievement_image(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The badge as it is drawn for everybody who earns this version."""
    version = get_object_or_404(rules.achievements(), pk=pk)
    content = badge_png(issuing.picture(version, version.micro_credential.issuer))
    return answers.send(request, content, "image/png", caching=answers.HOUR)


# --- checking -----------------------------------------------------------------------------------------------


class VerifyThrottle(SimpleRateThrottle):
    """The same allowance for the page as for the API, counted together."""

    scope = "verify"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Check any badge, without an account. It changes nothing, so it needs no token against forgery."""
    if request.method != "POST":
        return render(request, "badges/verify.html", {"form": VerifyForm()})
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_UPLOAD + MAX_BYTES:
        words = _("This is larger than 5 MB. Badges are smaller, so nothing was read.")
        return render(request, "badges/verify.html", {"form": VerifyForm(), "refused": words}, status=413)
    if not VerifyThrottle().allow_request(request, None):  # type: ignore[arg-type]
        words = _("That was a lot of checks. Please wait a minute and try again.")
        return render(request, "badges/verify.html", {"form": VerifyForm(), "refused": words}, status=429)
    form = VerifyForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "badges/verify.html", {"form": form}, status=400)
    report = checking.check(form.source())
    context = {"form": VerifyForm(), "checks": presenting.checks(report), **checking.told(report)}
    return render(request, "badges/verify.html", context)


verify.takes_files = True  # type: ignore[attr-defined]
