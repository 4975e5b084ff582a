"""One's own badges from elsewhere: brought, checked, downloaded again, deleted."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from badges import answers, checking, fetching, presenting, queries, rules, workflow
from badges.external_forms import SUFFIXES, ExternalForm, media_type_of
from badges.models import ExternalAward
from badges.openbadges.fetched import Unreachable, content_of
from badges.openbadges.summary import summary
from badges.views.verifying import VerifyThrottle
from journal.workflow import GuardError

MAX_BODY = 7 * 1024**2


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def externals(request: HttpRequest) -> HttpResponse:
    """My badges from elsewhere, and the form that adds one."""
    if request.method != "POST":
        return _listed(request, ExternalForm())
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        return _listed(
            request, ExternalForm(), 413, refused=_("This is larger than 5 MB. Badges are smaller.")
        )
    if not VerifyThrottle().allow_request(request, None):  # type: ignore[arg-type]
        words = _("That was a lot of checks. Please wait a minute and try again.")
        return _listed(request, ExternalForm(request.POST), 429, refused=words)
    form = ExternalForm(request.POST, request.FILES)
    if not form.is_valid():
        return _listed(request, form, 400)
    return _add(request, form)


externals.takes_files = True  # type: ignore[attr-defined]


def _add(request: HttpRequest, form: ExternalForm) -> HttpResponse:
    user = cast(User, request.user)
    try:
        content = form.content() or _fetched(form.cleaned_data["address"])
        row = workflow.keep_external(user, content, media_type_of(content), checking.check(content))
    except Unreachable as error:
        form.add_error("address", str(error))
    except workflow.NotKeptError as error:
        checks = presenting.kept_checks(workflow.steps_of(error.report))
        return _listed(request, form, 400, refused=error.message, checks=checks)
    except GuardError as error:
        form.add_error(None, error.message)
    else:
        messages.success(request, _("Kept, exactly as it came."))
        return redirect("external", pk=row.pk)
    return _listed(request, form, 400)


def _fetched(address: str) -> bytes:
    """What lies at an address she named; where a fetch may go is the guard's to say."""
    if fetching.is_own(address):
        raise Unreachable(
            _("This address is one of ours: what was issued here stands among your badges already.")
        )
    return content_of(lambda url: fetching.elsewhere(url, fetching.PICTURES), address)


def _listed(request: HttpRequest, form: ExternalForm, status: int = 200, **more: Any) -> HttpResponse:
    rows = queries.externals_listed(rules.externals_visible_to(request.user))
    shown = [{"row": row, "why": workflow.why_it_does_not_count(row)} for row in rows]
    context = {"externals": shown, "form": form, **more}
    return render(request, "badges/external_list.html", context, status=status)


@require_safe
@login_required
def external(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One of them: what it says, what was checked, what it counts for."""
    row = get_object_or_404(rules.externals_visible_to(request.user), pk=pk)
    asked = rules.asked_about(row)
    context = {
        "external": row,
        "found": summary(row.document),
        "why": workflow.why_it_does_not_count(row),
        "checks": presenting.kept_checks(row.steps),
        "recognitions": list(queries.recognitions_listed(asked).order_by("-created")),
        "suffix": SUFFIXES.get(row.media_type, "bin").upper(),
    }
    return render(request, "badges/external.html", context)


@require_safe
@login_required
def external_file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The badge as it came, byte for byte."""
    row = get_object_or_404(rules.externals_visible_to(request.user), pk=pk)
    media_type = row.media_type if row.media_type in SUFFIXES else "application/octet-stream"
    filename = f"badge-{row.digest[:12]}.{SUFFIXES.get(row.media_type, 'bin')}"
    return answers.send(request, bytes(row.content), media_type, caching=answers.OWN, filename=filename)


@require_POST
@login_required
def external_check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Check it again, now."""
    row = get_object_or_404(rules.externals_visible_to(request.user), pk=pk)
    if not VerifyThrottle().allow_request(request, None):  # type: ignore[arg-type]
        messages.error(request, _("That was a lot of checks. Please wait a minute and try again."))
        return redirect("external", pk=pk)
    workflow.recheck_external(row, checking.check(bytes(row.content)), cast(User, request.user))
    words = {
        ExternalAward.Outcome.OK: _("Checked again: it is valid."),
        ExternalAward.Outcome.FAILED: _("Checked again: it is not valid any more. Below stands why."),
        ExternalAward.Outcome.UNKNOWN: _("Checked again: not everything could be checked."),
    }[ExternalAward.Outcome(row.outcome)]
    messages.info(request, words)
    return redirect("external", pk=pk)


@require_POST
@login_required
def external_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete it for good."""
    row = get_object_or_404(rules.externals_visible_to(request.user), pk=pk)
    workflow.forget_external(row, cast(User, request.user))
    messages.success(request, _("Deleted."))
    return redirect("externals")
