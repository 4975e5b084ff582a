"""`/stop/`: whoever holds a code ends the use of a pupil's recordings, without an account."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from rest_framework.throttling import SimpleRateThrottle

from journal.workflow import TransitionError
from submissions import paperwork, stops, workflow
from submissions.models import Consent
from submissions.rules import consents_of


class StopThrottle(SimpleRateThrottle):
    """Nobody tries codes by the thousand; a school's parents behind one address still get through."""

    scope = "stop"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def stop(request: HttpRequest) -> HttpResponse:
    """Ask for the code; say what it covers; stop at once. The same code later shows what became of it."""
    language = paperwork.language(request.POST.get("language") or request.GET.get("language"))
    typed = (request.POST.get("code") if request.method == "POST" else request.GET.get("code")) or ""
    if request.method != "POST":
        return _page(request, "ask", language, typed)
    if not StopThrottle().allow_request(request, None):  # type: ignore[arg-type]
        return _page(request, "slow", language, typed, status=429)
    consent = consents_of(workflow.tidy_code(typed[:40])).select_related("school_class").first()
    if consent is None:
        return _page(request, "unknown", language, typed, status=400)
    return _known(request, consent, language)


def _known(request: HttpRequest, consent: Consent, language: str) -> HttpResponse:
    if request.POST.get("step") == "stop":
        try:
            workflow.stop(consent)
        except TransitionError:
            consent.refresh_from_db()  # somebody was quicker: the page shows what became of it
    if consent.state != Consent.State.STOPPED:
        return _page(request, "confirm", language, consent.code, consent)
    after = stops.aftermath(consent)
    return _page(request, "stopped", language, consent.code, consent, after=after)


def _page(
    request: HttpRequest, step: str, language: str, code: str, consent: Consent | None = None,
    *, after: stops.Aftermath | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "step": step,
        "form_language": language,
        "other_language": "en" if language == "es" else "es",
        "words": f"submissions/stop_{language}.html",
        "code": code[:40].replace("\x00", ""),
        "consent": consent,
        "after": after,
        "backup_days": settings.BACKUP_DAYS,
        "delete_by": consent.stopped_at + workflow.STOP_PATIENCE if consent and consent.stopped_at else None,
        "expired": consent is not None and consent.school_class.expires < timezone.localdate(),
        "title": {"en": "Stop the use of a recording", "es": "Detener el uso de una grabación"}[language],
    }
    return render(request, "submissions/stop.html", context, status=status)
