"""Enrolling, working on an attempt, sending it, reading the outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from catalog import rules as catalog_rules
from catalog.models import MicroCredential
from journal.workflow import GuardError, TransitionError
from submissions import files, pages, queries, workflow
from submissions.checklist import text_problem
from submissions.forms import DraftForm, TargetForm, keeping_both
from submissions.models import Submission
from submissions.queries import Whole
from submissions.rules import artifacts_visible_to, enrolments_visible_to, submissions_visible_to
from submissions.serving import hand_over, serve

PENDING = "pending_enrolment"
State = Submission.State
View = Callable[..., HttpResponseBase]


def person(request: HttpRequest) -> User:
    """The signed-in person; `login_required` stands before every caller."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def measured(view: View) -> View:
    """Refuse a body over the limit before anybody, the CSRF check included, begins to read it."""
    inner = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        try:
            files.check_size(int(length) if length.isdigit() else 0)
        except files.TooLarge as error:
            return render(request, "submissions/too_large.html", {"detail": error.message}, status=413)
        return inner(request, *args, **kwargs)

    door.takes_files = True  # type: ignore[attr-defined]
    return door


# --- joining ----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enrol(request: HttpRequest, slug: str) -> HttpResponse:
    """One click for those who are signed in; the others sign up first and then land in Part 1 without another click."""
    unit = get_object_or_404(
        catalog_rules.visible_to(request.user).select_related("issuer", "current"), slug=slug
    )
    if request.method != "POST":
        return _ask(request, unit)
    if not isinstance(request.user, User):
        request.session[PENDING] = unit.slug
        return redirect(
            f"{reverse('account_signup')}?{urlencode({'next': reverse('enrol-continue')}, safe='/')}"
        )
    return _enrol(request, unit)


def _ask(request: HttpRequest, unit: MicroCredential) -> HttpResponse:
    if isinstance(request.user, User) and (existing := workflow.current_attempt(request.user, unit)):
        return redirect("submission", existing.pk)
    return render(request, "submissions/enrol.html", {"unit": unit, "version": unit.current})


@require_safe
@login_required
@never_cache
def enrol_continue(request: HttpRequest) -> HttpResponse:
    """After sign-up: carry out the enrolment that was asked for before, once."""
    slug = request.session.pop(PENDING, None)
    if slug is None:
        return redirect("my")
    visible = catalog_rules.visible_to(request.user).select_related("issuer", "current")
    return _enrol(request, get_object_or_404(visible, slug=slug))


def _enrol(request: HttpRequest, unit: MicroCredential) -> HttpResponse:
    try:
        submission = workflow.enrol(person(request), unit)
    except GuardError as error:
        messages.error(request, str(error.message))
        return redirect("micro-credential", unit.slug)
    return to(submission, "#part-1" if submission.state == State.DRAFT else "")


@require_POST
@login_required
def enrolment_target(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set or clear one's own date."""
    enrolment = get_object_or_404(enrolments_visible_to(request.user), pk=pk)
    form = TargetForm(request.POST)
    try:
        if not form.is_valid():
            raise GuardError(_("Enter the date as year, month and day."))
        workflow.set_target(enrolment, person(request), form.cleaned_data["target_date"])
        messages.success(request, _("Your target date is saved."))
    except GuardError as error:
        messages.error(request, str(error.message))
    return to(queries.newest_of(enrolment))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def enrolment_leave(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks first, then leaves; the work stays readable."""
    visible = enrolments_visible_to(request.user).select_related("micro_credential", "version")
    enrolment = get_object_or_404(visible, pk=pk)
    if request.method != "POST":
        context = {"enrolment": enrolment, "submission": queries.newest_of(enrolment)}
        return render(request, "submissions/leave.html", context)
    workflow.leave(enrolment, person(request))
    messages.success(request, _("You left. Your work is kept: enrol again and it is there."))
    return redirect("my")


def to(submission: Submission, anchor: str = "") -> HttpResponse:
    """To its page."""
    return redirect(reverse("submission", args=[submission.pk]) + anchor)


# --- the page ---------------------------------------------------------------------------------------------


def find(request: HttpRequest, pk: UUID) -> Whole:
    """One of her attempts with everything its page shows."""
    return queries.unfold(get_object_or_404(queries.whole(submissions_visible_to(request.user)), pk=pk))


@measured
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def submission(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The three parts of an attempt: to work on while it is a draft, to read for ever after. POST saves."""
    whole = find(request, pk)
    if request.method != "POST":
        return page(request, whole)
    refused = keep(request, whole)
    if refused is None:
        messages.success(request, _("Saved."))
    return refused or to(whole.submission, _anchor(request))


@require_POST
@login_required
def submission_preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How a text will look, made by the same hands as the pages that show it; nothing is stored."""
    get_object_or_404(submissions_visible_to(request.user), pk=pk)
    text = request.POST.get("text", "")
    problem = text_problem(text, workflow.ANSWER_MAX)
    context = {"text": "" if problem else text, "problem": problem}
    return render(request, "submissions/_preview.html", context, status=400 if problem else 200)


def posted(view: View) -> View:
    """POST. Who had to sign in on the way comes back by GET, without the form: to the page, which has kept the words."""

    @wraps(view)
    def door(request: HttpRequest, pk: UUID) -> HttpResponseBase:
        return view(request, pk) if request.method == "POST" else to(find(request, pk).submission)

    return require_http_methods(["GET", "HEAD", "POST"])(login_required(door))


@measured
@posted
def artifact_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add evidence with the plain form; what was typed elsewhere on the page is saved too."""
    whole = find(request, pk)
    return keep(request, whole) or to(whole.submission, _anchor(request) or "#part-2")


@measured
@posted
def submission_submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Save what is on the page, then hand it in. What is missing stands on its field."""
    whole = find(request, pk)
    if whole.submission.state == State.SUBMITTED:
        messages.info(request, _("This is already submitted."))
        return to(whole.submission)
    if refused := keep(request, whole):
        return refused
    form = DraftForm(whole, request.POST)
    form.is_valid()
    try:
        workflow.submit(whole.submission, person(request), form.accepted, form.outside)
    except GuardError as error:
        return _refused(request, pk, error)
    messages.success(
        request, _("Submitted. We wrote you a receipt, and will write again when the outcome is here.")
    )
    return to(whole.submission)


def _refused(request: HttpRequest, pk: UUID, error: GuardError) -> HttpResponse:
    """The page again with each gap on its field; everything typed is saved by now."""
    whole = find(request, pk)
    form = DraftForm(whole, _with_revision(request.POST, whole.submission.revision))
    form.is_valid()
    form.blame(error.errors)
    return page(request, whole, form=form, problem=error.message, status=400)


def keep(request: HttpRequest, whole: Whole) -> HttpResponse | None:
    """Store whatever the page sent: texts, date, evidence. A response only where something was refused."""
    both = request.POST.get("keep") == "both"
    form = DraftForm(whole, keeping_both(request.POST, whole) if both else request.POST, request.FILES)
    if not form.is_valid():
        return page(request, whole, form=form, status=400)
    user = person(request)
    try:
        if form.texts_changed():
            revision = form.cleaned_data["revision"]
            workflow.save(
                whole.submission, user, revision=revision, answers=form.answers, resubmission_note=form.note,
                ai_use=form.ai_use,
                contribution=form.contribution,
            )  # fmt: skip
    except workflow.StaleRevision as stale:
        return _conflict(request, whole, form, stale)
    except GuardError as error:
        form.blame(error.errors)
    return _add(request, whole, form)


def _add(request: HttpRequest, whole: Whole, form: DraftForm) -> HttpResponse | None:
    """The date and the evidence of the form; each refusal stands on its own field."""
    user, status = person(request), 400
    enrolment = whole.submission.enrolment
    if "target_date" in form.data and form.cleaned_data.get("target_date") != enrolment.target_date:
        try:
            workflow.set_target(enrolment, user, form.cleaned_data["target_date"])
        except GuardError as error:
            form.blame(error.errors)
    verbs: dict[str, Callable[..., Any]] = {
        "file": workflow.add_file, "link": workflow.add_link, "text": workflow.add_text
    }  # fmt: skip
    for blamed, kind, arguments in list(form.new_evidence()):
        try:
            verbs[kind](whole.submission, user, **arguments)
        except GuardError as error:
            form.add_error(blamed, [str(word) for words in error.errors.values() for word in words])
            status = getattr(error, "status", status)
    if not form.errors:
        return None
    fresh = find(request, whole.submission.pk)
    again = DraftForm(fresh, _with_revision(request.POST, fresh.submission.revision))
    again.is_valid()
    for name, words in form.errors.items():
        again.add_error(name if name in again.fields else None, list(words))
    return page(request, fresh, form=again, status=status)


def _with_revision(data: QueryDict, revision: int) -> QueryDict:
    copy = data.copy()
    copy["revision"] = str(revision)
    return copy


def _anchor(request: HttpRequest) -> str:
    part = request.POST.get("at", "")
    return f"#part-{part}" if part in {"1", "2", "3"} else ""


def page(
    request: HttpRequest,
    whole: Whole,
    *,
    form: DraftForm | None = None,
    problem: Any = "",
    troubles: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A draft to work on, or what was sent to read; `troubles` are words about single pieces of evidence."""
    draft = whole.submission.state == State.DRAFT
    context = {
        "whole": whole,
        "submission": whole.submission,
        "enrolment": whole.submission.enrolment,
        "unit": whole.submission.enrolment.micro_credential,
        "version": whole.submission.enrolment.version,
        "verbs": workflow.available(whole.submission, person(request), latest=whole.latest),
        "problem": problem,
        **(pages.draft(whole, form or DraftForm(whole), troubles) if draft else pages.reading(whole)),
    }
    template = "submissions/submission_draft.html" if draft else "submissions/submission_reading.html"
    return render(request, template, context, status=status)


def _conflict(
    request: HttpRequest, whole: Whole, form: DraftForm, stale: workflow.StaleRevision
) -> HttpResponse:
    """Both texts of every field that differs, side by side; nothing is lost whichever is kept."""
    context = {
        "submission": whole.submission,
        "unit": whole.submission.enrolment.micro_credential,
        "fields": list(pages.differing(form, stale)),
        "revision": stale.revision,
        "message": stale.message,
    }
    return render(request, "submissions/conflict.html", context, status=409)


# --- after the draft --------------------------------------------------------------------------------------


@require_POST
@login_required
def submission_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take it back and correct it."""
    row = get_object_or_404(
        submissions_visible_to(request.user).select_related("enrolment__micro_credential"), pk=pk
    )
    workflow.withdraw(row, person(request))
    messages.success(request, _("You have it back. Correct what you want, then submit again."))
    return to(row)


@require_POST
@login_required
def submission_resubmit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Start the next attempt, or go to the one that is already there."""
    row = get_object_or_404(
        submissions_visible_to(request.user).select_related("enrolment__micro_credential"), pk=pk
    )
    try:
        return to(workflow.resubmit(row, person(request)))
    except TransitionError:
        newest = queries.newest_of(row.enrolment)
        if newest.attempt > row.attempt:
            return to(newest)
        raise


@require_safe
@login_required
def artifact_file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The bytes of one's own evidence."""
    artifact = get_object_or_404(artifacts_visible_to(request.user).select_related("content"), pk=pk)
    return hand_over(request, artifact, artifact.name)


@require_safe
@login_required
def artifact_preview(request: HttpRequest, pk: UUID, kind: str) -> HttpResponseBase:
    """A picture of one's own evidence, its streamable version, or its captions."""
    artifact = get_object_or_404(artifacts_visible_to(request.user).select_related("content"), pk=pk)
    return hand_over(request, artifact, f"{kind}-{artifact.name}", kind)


@require_safe
@login_required
def evidence(request: HttpRequest, address: str) -> HttpResponseBase:
    """The bytes behind an address that was made for this person a moment ago."""
    return serve(request, address)
