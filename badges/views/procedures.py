"""Procedures to revoke: the issuer's list and pages, and the holder's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from badges import queries, rules, workflow
from badges.models import Revocation
from badges.revocation_forms import (
    AnswerForm,
    AppealForm,
    DecideAppealForm,
    DecideForm,
    OpenForm,
    WrittenForm,
)
from journal.workflow import GuardError, TransitionError

PAGE = 30
FORMS: dict[str, type[WrittenForm]] = {
    "answer": AnswerForm,
    "appeal": AppealForm,
    "decide": DecideForm,
    "decide_appeal": DecideAppealForm,
}


# --- the issuer -------------------------------------------------------------------------------------------------


@require_safe
@login_required
@never_cache
def revocations(request: HttpRequest) -> HttpResponse:
    """All procedures of one's issuers, what waits first; which of them wait for her is said."""
    user = cast(User, request.user)
    if not rules.deals_with_revocations(user):
        raise PermissionDenied
    rows = queries.revocations_page(rules.revocations_visible_to(user), _after(request), PAGE)
    shown = rows[:PAGE]
    context = {
        "rows": [(row, bool(workflow.procedure_verbs(row, user))) for row in shown],
        "next_url": f"?after={shown[-1].pk}" if len(rows) > PAGE else "",
    }
    return render(request, "badges/revocation_list.html", context)


def _after(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("after", ""))
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def badge_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Announce that a badge may be revoked, with the reason; nothing happens to it yet."""
    user = cast(User, request.user)
    award = get_object_or_404(queries.for_list(rules.awards_visible_to(user)), pk=pk)
    if not rules.may_revoke(user, award):
        raise PermissionDenied
    form = OpenForm(request.POST or None, case=workflow.case_found(award) is not None)
    problem: Any = ""
    if request.method == "POST" and form.is_valid():
        try:
            row = workflow.open_revocation(award, user, **form.given())
        except GuardError as error:
            form.refuse(error.errors, error.message)
        except TransitionError as error:
            problem = error.message
        else:
            messages.success(
                request, _("Announced. The holder has been written to; the badge is valid meanwhile.")
            )
            return redirect("revocation", row.pk)
    context = {
        "award": award, "form": form, "problem": problem, "days": workflow.ANSWER_DAYS,
        "open": queries.latest_revocation(award),
    }  # fmt: skip
    status = 409 if problem else 400 if form.is_bound else 200
    return render(request, "badges/award_revoke.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def revocation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was said so far; whoever was not involved decides here."""
    user = cast(User, request.user)
    row = get_object_or_404(queries.revocations_listed(rules.revocations_visible_to(user)), pk=pk)
    return _page(request, row, user, "badges/revocation.html")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def badge_revocation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The holder's page: why, what she can do, and by when."""
    user = cast(User, request.user)
    row = queries.revocations_listed(rules.own_revocations(user)).filter(award=pk).first()
    if row is None:
        raise Http404
    return _page(request, row, user, "badges/badge_revocation.html")


# --- both -------------------------------------------------------------------------------------------------------


def _page(request: HttpRequest, row: Revocation, user: User, template: str) -> HttpResponse:
    if request.method != "POST":
        return _show(request, row, user, template)
    verb = request.POST.get("verb", "")
    if verb not in FORMS:
        return _show(request, row, user, template, status=400)
    form = FORMS[verb](request.POST)
    if not form.is_valid():
        return _show(request, row, user, template, form=form, verb=verb, status=400)
    try:
        done = VERBS[verb](row, user, form.cleaned_data)
    except GuardError as error:
        form.refuse(error.errors, error.message)
        return _show(request, row, user, template, form=form, verb=verb, status=400)
    except TransitionError as error:
        row.refresh_from_db()
        return _show(request, row, user, template, form=form, verb=verb, problem=error.message, status=409)
    messages.success(request, done)
    return redirect(request.path)


def _show(
    request: HttpRequest,
    row: Revocation,
    user: User,
    template: str,
    *,
    form: WrittenForm | None = None,
    verb: str = "",
    problem: Any = "",
    status: int = 200,
) -> HttpResponse:
    """The page with the form for what she may do now; what she typed stays even where it is too late for it."""
    verbs = workflow.procedure_verbs(row, user)
    verb = verb or next(iter(verbs), "")
    if form is None and verb:
        form = FORMS[verb](initial={"answered": row.answered_at is not None})
    if isinstance(form, DecideForm) and problem:
        given = request.POST.copy()
        given["answered"] = "1" if row.answered_at else ""
        form = DecideForm(given)
    holder = rules.is_earner(user, row.award)
    context = {
        "row": row,
        "award": row.award,
        "verb": verb,
        "form": form,
        "possible": verb in verbs,
        "problem": problem,
        "days": workflow.ANSWER_DAYS,
        "nobody": not holder and row.state in ("open", "appealed") and not rules.deciders(row),
    }
    return render(request, template, context, status=status)


def _answer(row: Revocation, user: User, given: dict[str, Any]) -> str:
    workflow.answer_revocation(row, user, given["answer"])
    return _("Your answer is sent. Somebody who is not involved reads it and decides; we write to you.")


def _appeal(row: Revocation, user: User, given: dict[str, Any]) -> str:
    workflow.appeal_revocation(row, user, given["appeal"])
    return _("Your appeal is sent. Somebody who decided nothing about this before reads it; we write to you.")


def _decide(row: Revocation, user: User, given: dict[str, Any]) -> str:
    revoke = given["outcome"] == "revoke"
    workflow.decide_revocation(row, user, revoke=revoke, text=given["text"], answered=given["answered"])
    if revoke:
        return _("Revoked. Every copy of the badge shows it from now on, and the holder may appeal.")
    return _("Decided. The badge stays valid, and the holder reads why.")


def _decide_appeal(row: Revocation, user: User, given: dict[str, Any]) -> str:
    restore = given["outcome"] == "restore"
    workflow.decide_appeal(row, user, restore=restore, text=given["text"])
    return _("Decided. The badge is valid again.") if restore else _("Decided. The badge stays revoked.")


VERBS: dict[str, Callable[[Revocation, User, dict[str, Any]], str]] = {
    "answer": _answer,
    "appeal": _appeal,
    "decide": _decide,
    "decide_appeal": _decide_appeal,
}
