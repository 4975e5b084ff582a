"""The queue, the desk and what belongs to it. Every page is blind: nothing here asks who the educator is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rules import access_of
from journal.workflow import GuardError
from review import queries, rules, workflow
from review.forms import DeskForm, RecuseForm, editor_token
from review.models import Assignment
from review.note_forms import Board, boards
from review.queries import turning
from review.views import noting
from submissions.serving import hand_over


def person(request: HttpRequest) -> User:
    """The signed-in person, if she reviews at all; others are told that this is not for them."""
    user = request.user
    if not isinstance(user, User) or not access_of(user).assesses:
        raise PermissionDenied
    return user


def find(request: HttpRequest, pk: UUID, *, turns: bool = False) -> Assignment:
    """An assignment this person may see, with what every page about it needs; for the desk with her other claims."""
    rows = visible(request)
    if turns:
        rows = turning.with_turns(rows, rules.own_assignments(person(request)))
    related = rows.select_related(
        "assessment", "submission__enrolment__version", "submission__enrolment__micro_credential"
    )
    return get_object_or_404(related, pk=pk)


def visible(request: HttpRequest) -> QuerySet[Assignment]:
    return rules.assignments_visible_to(request.user if isinstance(request.user, User) else person(request))


def after(request: HttpRequest) -> UUID | None:
    """The row after which a page starts; nonsense is a page that does not exist."""
    if not (text := request.GET.get("after", "")):
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


@require_safe
@login_required
@never_cache
def completed(request: HttpRequest) -> HttpResponse:
    """For approvers: what was decided at their issuers, newest first. For an assessor: her own."""
    user = person(request)
    rows = queries.completed(rules.assignments_visible_to(user), after(request))
    more = len(rows) > queries.PAGE
    context = {
        "rows": rows[: queries.PAGE],
        "next_url": f"?after={rows[queries.PAGE - 1].pk}" if more else "",
        "reads_completed": rules.reads_completed(user),
    }
    return render(request, "review/completed.html", context)


# --- the desk ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def desk(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The evidence and the rubric, one claim at a time. POST is the plain save; autosave goes to the API."""
    assignment = find(request, pk, turns=True)
    if not rules.may_write(person(request), assignment):
        return _ended(request, assignment)
    if assignment.role == Assignment.Role.ADJUDICATION:
        place = reverse("adjudication", args=[assignment.assessment_id])
        return redirect(f"{place}?{request.GET.urlencode()}")
    if request.method == "POST":
        return _save(request, assignment)
    if not assignment.revision and workflow.to_check(assignment):
        return redirect("review-check", assignment.pk)
    return _desk(request, assignment)


def _desk(
    request: HttpRequest,
    assignment: Assignment,
    form: DeskForm | None = None,
    refused: Board | None = None,
    **extra: Any,
) -> HttpResponse:
    lines, notes = queries.rubric(assignment), queries.notes(assignment)
    items = queries.evidence(assignment.submission)
    form = form or DeskForm(assignment=assignment, lines=lines, notes=notes)
    form.sources = queries.sources(lines, items)
    editor = editor_token(request.GET.get("tab", ""))
    answers = queries.answers(assignment.submission)
    context = {
        "assignment": assignment,
        "submission": assignment.submission,
        "version": assignment.submission.enrolment.version,
        "form": form,
        "verdict": queries.verdict(lines),
        "items": items,
        "answers": answers,
        "boards": [
            refused.beside(one) if refused and refused.key == one.key else one
            for one in boards(form, items, answers)
        ],
        "editor": editor,
        "locked": workflow.locked_for(assignment, editor),
        "reasons": RecuseForm(),
        "saved_at": assignment.saved_at if assignment.revision else None,
        "turn": turning.turn(assignment),
        "recognisable": queries.recognisable(items),
        **extra,
    }
    return render(request, "review/desk.html", context, status=extra.get("status", 200))


def _ended(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """A claim that is over: what was written, to read. The evidence only for those who may still open it."""
    user = person(request)
    if assignment.calibration_id:
        return redirect("calibration-run", assignment.calibration_id)
    lines = queries.rubric(assignment)
    opens = rules.may_open_evidence(user, assignment)
    context = {
        "assignment": assignment,
        "submission": assignment.submission,
        "version": assignment.submission.enrolment.version,
        "lines": lines,
        "verdict": queries.verdict(lines),
        "own": assignment.assessor_id == user.pk,
        "stood_still": queries.stood_still(assignment),
        "opens": opens,
        "verbs": workflow.available(assignment, user),
        "reasons": RecuseForm(),
        "items": queries.evidence(assignment.submission) if opens else [],
        "answers": queries.answers(assignment.submission) if opens else {},
    }
    return render(request, "review/ended.html", context)


def _save(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """The plain form: save, then stay or go on to the preview. Whatever is refused, the words stay on the page."""
    editor, user = editor_token(request.GET.get("tab", "")), person(request)
    form = DeskForm(
        request.POST, assignment=assignment, lines=queries.rubric(assignment), notes=queries.notes(assignment)
    )
    if not form.is_valid():
        return _desk(request, assignment, form, status=400)
    try:
        if "here" in request.POST:
            workflow.continue_here(assignment, user, editor)
        row = workflow.save(
            assignment, user, revision=form.cleaned_data["revision"], editor=editor, **form.draft()
        )
    except workflow.StaleDraft as error:
        return _conflict(request, assignment, form, error)
    except GuardError as error:
        form.refuse(error.errors)
        return _desk(request, assignment, form, status=400)
    return _saved(request, row, editor)


def _saved(request: HttpRequest, assignment: Assignment, editor: str) -> HttpResponse:
    """Everything is kept; now what the button asked for."""
    user, where = person(request), ""
    if "preview" in request.POST:
        return _on_to_preview(request, assignment, editor)
    try:
        if "note" in request.POST:
            where = noting.add_typed(request, assignment, user, editor)
        elif "drop" in request.POST:
            where = noting.drop(request, assignment, user, editor)
        elif "bank" in request.POST:
            query = urlencode({"review": assignment.pk, "criterion": request.POST["bank"]})
            return redirect(f"{reverse('review-comments')}?{query}")
        elif "keep" in request.POST:
            where = noting.keep(request, assignment, user)
        else:
            messages.success(request, _("Draft saved."))
    except noting.Refused as error:
        return _desk(request, find(request, assignment.pk, turns=True), refused=error.board, status=400)
    return redirect(f"{reverse('review-desk', args=[assignment.pk])}?tab={editor}{where}")


def _on_to_preview(request: HttpRequest, assignment: Assignment, editor: str) -> HttpResponse:
    """The feedback check: what is missing is said at its field, before anything is previewed."""
    lines = queries.rubric(assignment)
    if errors := workflow.missing(assignment, lines):
        row = find(request, assignment.pk, turns=True)
        data = request.POST.copy()
        data["revision"] = str(row.revision)
        form = DeskForm(data, assignment=row, lines=lines, notes=queries.notes(row))
        form.is_valid()
        form.refuse(errors)
        return _desk(request, row, form, status=400)
    return redirect(f"{reverse('review-complete', args=[assignment.pk])}?tab={editor}")


def _conflict(
    request: HttpRequest, assignment: Assignment, form: DeskForm, error: workflow.StaleDraft
) -> HttpResponse:
    """Both texts on one page: what she typed in the fields, what is stored beside; saving again keeps hers."""
    data = request.POST.copy()
    data["revision"] = str(error.revision)
    again = DeskForm(data, assignment=assignment, lines=form.criteria, notes=form.notes)
    kept = again.differing(error.current)
    return _desk(request, assignment, again, conflict=error, kept=kept, locked=False, status=409)


# --- ending a claim ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def complete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything the educator will read, then one button. What was not previewed is not sent."""
    assignment = find(request, pk)
    if request.method == "POST":
        return _send(request, assignment)
    if not rules.may_write(person(request), assignment):
        return redirect("review-desk", assignment.pk)
    return _preview(request, assignment)


def _preview(
    request: HttpRequest, assignment: Assignment, problem: Any = "", status: int = 200
) -> HttpResponse:
    lines = queries.rubric(assignment)
    context = {
        "assignment": assignment,
        "submission": assignment.submission,
        "version": assignment.submission.enrolment.version,
        "lines": lines,
        "verdict": queries.verdict(lines),
        "missing": workflow.missing(assignment, lines),
        "editor": editor_token(request.GET.get("tab", "")),
        "problem": problem,
    }
    return render(request, "review/preview.html", context, status=status)


def _send(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    text = request.POST.get("revision", "")
    revision = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    try:
        done = workflow.complete(assignment, person(request), revision)
    except GuardError as error:
        return _preview(request, assignment, error.message, 400)
    except workflow.StaleDraft:
        assignment.refresh_from_db()
        changed = _("Your draft changed after this preview. Please read it once more before you send it.")
        return _preview(request, assignment, changed, 409)
    if done.calibration_id:
        return redirect("calibration-run", done.calibration_id)
    words = _("Sent. %(code)s: your scores are recorded.")  # whether that decides it is not hers to know
    messages.success(request, words % {"code": done.submission.code})
    return redirect("review-queue")


@require_POST
@login_required
def release(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give it back; the draft stays hers."""
    assignment = workflow.release(find(request, pk), person(request))
    messages.success(
        request,
        _("%(code)s is back in the queue. Your draft is kept.") % {"code": assignment.submission.code},
    )
    return redirect("review-queue")


@require_POST
@login_required
def recuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Step back with a reason."""
    assignment = workflow.recuse(find(request, pk), person(request), request.POST.get("reason", ""))
    words = _("You stepped back from %(code)s. It is back in the queue for others.")
    messages.success(request, words % {"code": assignment.submission.code})
    return redirect("review-queue")


@require_POST
@login_required
def continue_here(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write in this tab; the other one is told at its next save."""
    editor = editor_token(request.POST.get("tab", ""))
    assignment = workflow.continue_here(find(request, pk), person(request), editor)
    return redirect(f"{reverse('review-desk', args=[assignment.pk])}?tab={editor}")


# --- the evidence -----------------------------------------------------------------------------------------


def open_item(request: HttpRequest, pk: UUID, artifact: UUID) -> queries.Item:
    """A piece of evidence of a review whose evidence she may open now."""
    assignment = find(request, pk)
    if not rules.may_open_evidence(person(request), assignment):
        raise PermissionDenied
    item = next((one for one in queries.evidence(assignment.submission) if one.artifact.pk == artifact), None)
    if item is None or item.closed:
        raise Http404
    return item


@require_safe
@login_required
def artifact(request: HttpRequest, pk: UUID, artifact: UUID) -> HttpResponseBase:
    """The cleaned copy under a neutral name, for whoever may open it now."""
    item = open_item(request, pk, artifact)
    return hand_over(request, item.artifact, item.name)


@require_safe
@login_required
def artifact_preview(request: HttpRequest, pk: UUID, artifact: UUID, kind: str) -> HttpResponseBase:
    """A picture of a piece of evidence, its streamable version, or its captions."""
    item = open_item(request, pk, artifact)
    return hand_over(request, item.artifact, f"{kind}-{item.name}", kind)
