"""Checking a badge, by anybody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from rest_framework.throttling import SimpleRateThrottle

from badges import checking, presenting
from badges.forms import MAX_UPLOAD, VerifyForm
from badges.openbadges.reading import MAX_BYTES


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
        form = VerifyForm(initial=_typed(request))
        return render(request, "badges/verify.html", {"form": form, "refused": words}, status=429)
    form = VerifyForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "badges/verify.html", {"form": form}, status=400)
    report = checking.check(form.source(), form.cleaned_data.get("email", ""))
    told = checking.told(report)
    # Whose badge it is may be asked again with another address, without bringing the badge again.
    form = VerifyForm(initial=_typed(request) if told["someone_elses"] else None)
    context = {"form": form, "checks": presenting.checks(report), **told}
    return render(request, "badges/verify.html", context)


def _typed(request: HttpRequest) -> dict[str, Any]:
    return {name: request.POST.get(name, "") for name in ("credential", "email")}


verify.takes_files = True  # type: ignore[attr-defined]
