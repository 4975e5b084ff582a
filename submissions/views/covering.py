"""Who can be recognised in a piece of evidence; what to do once a family stopped its use; what a check reads."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from journal.workflow import GuardError
from submissions import pages, workflow
from submissions.asking import TYPED, asked
from submissions.class_forms import numbers
from submissions.coverage import STOPPED
from submissions.models import Artifact, Consent
from submissions.queries import State, Whole
from submissions.rules import artifacts_visible_to, classes_visible_to, submissions_visible_to
from submissions.views import drafting
from submissions.workflow import Terms

Said = Artifact.Coverage
TEXT_MAX = 200_000  # characters of one file that are looked through


# --- the question -----------------------------------------------------------------------------------------


@drafting.measured
@require_POST
@login_required
def artifact_coverage(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the answer at once. The plain form also saves what else is on the page; a script gets the question alone."""
    artifact = _find(request, pk)
    whole = drafting.find(request, artifact.submission_id)
    scripted = request.headers.get("X-Requested-With") == "fetch"
    if not scripted and "revision" in request.POST and (refused := drafting.keep(request, whole)):
        return refused
    try:
        _answer(artifact, drafting.person(request), request.POST)
    except GuardError as error:
        return _refused(request, artifact, error, scripted)
    if scripted:
        return _question(request, drafting.find(request, artifact.submission_id), artifact)
    return drafting.to(whole.submission, f"#coverage-{artifact.pk}")


def _find(request: HttpRequest, pk: UUID) -> Artifact:
    related = artifacts_visible_to(request.user).select_related("content", "submission__enrolment__version")
    return get_object_or_404(related, pk=pk)


def _answer(artifact: Artifact, user: User, sent: QueryDict) -> None:
    """`covered`, `nobody` or `unsure`; `class:<id>` and `also:<id>` name a class, `new` makes the smallest one."""
    said, _colon, name = sent.get("answer", "").partition(":")
    if said == "new":
        with transaction.atomic():
            row = workflow.open_class(user, _smallest(artifact, sent))
            workflow.cover(artifact, user, Said.COVERED, [row.pk])
    elif said in {"class", "also"}:
        before = artifact.classes if said == "also" else []
        workflow.cover(artifact, user, Said.COVERED, [*before, _uuid(name)])
    else:
        workflow.cover(artifact, user, said)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        words = _("Choose the class whose students can be recognised.")
        raise GuardError(words, {"classes": [words]}) from error


def _typed(artifact: Artifact, sent: QueryDict) -> dict[str, str]:
    return {name: sent.get(f"class-{artifact.pk}-{name}", "") for name in TYPED}


def _smallest(artifact: Artifact, sent: QueryDict) -> Terms:
    """A name, a number, and that forms are on file for all, or for all but some."""
    typed = _typed(artifact, sent)
    try:
        without = numbers(typed["without"])
    except ValidationError as error:
        raise GuardError(error.message, {"without": [error.message]}) from error
    if not typed["all"] and not without:
        words = _("Confirm that forms are on file for all, or write the numbers of the pupils without one.")
        raise GuardError(words, {"all": [words]})
    text = typed["number"].strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    return Terms(label=typed["label"], number=number, without=without)


def _refused(request: HttpRequest, artifact: Artifact, error: GuardError, scripted: bool) -> HttpResponse:
    """The question again with the words on it, and what was typed."""
    words = " ".join(str(word) for said in error.errors.values() for word in said) or str(error.message)
    typed = {f"class-{artifact.pk}-{name}": text for name, text in _typed(artifact, request.POST).items()}
    troubles = {f"coverage-{artifact.pk}": words, **typed}
    fresh = drafting.find(request, artifact.submission_id)
    if scripted:
        return _question(request, fresh, artifact, troubles, 400)
    return drafting.page(request, fresh, problem=words, troubles=troubles, status=400)


def _question(
    request: HttpRequest,
    whole: Whole,
    artifact: Artifact,
    troubles: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    held = next(one for one in whole.artifacts if one.pk == artifact.pk)
    context = {"artifact": held, "asked": asked(whole, held, troubles)}
    return render(request, "submissions/_coverage.html", context, status=status)


# --- after a stop -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def artifact_stopped(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a family's stop means for this piece, and the three things she can do."""
    artifact = _find(request, pk)
    closed = artifact.state == Artifact.State.QUARANTINED and artifact.problem_code == STOPPED
    if request.method == "POST":
        return _do(request, artifact, request.POST.get("choice", ""))
    if not closed:
        messages.info(request, _("There is nothing to decide about this piece any more."))
        return drafting.to(artifact.submission, f"#{pages.place_of(artifact)}")
    return render(request, "submissions/stop_choices.html", _choices(request, artifact))


def _choices(request: HttpRequest, artifact: Artifact) -> dict[str, Any]:
    visible = classes_visible_to(request.user).filter(pk__in=artifact.classes)
    stopped = [
        one
        for row in visible.prefetch_related("consents")
        for one in row.consents.all()
        if one.state == Consent.State.STOPPED and one.pk not in artifact.cleared
    ]
    return {
        "artifact": artifact,
        "submission": artifact.submission,
        "version": artifact.submission.enrolment.version,
        "pupils": [{"class": one.school_class, "consent": one} for one in stopped],
        "delete_by": artifact.state_since + workflow.STOP_PATIENCE,
        "draft": artifact.submission.state == State.DRAFT,
    }


def _do(request: HttpRequest, artifact: Artifact, choice: str) -> HttpResponse:
    user, submission = drafting.person(request), artifact.submission
    place = f"#{pages.place_of(artifact)}"
    try:
        if choice == "clear":
            workflow.clear(artifact, user)
            messages.success(request, _("Your statement is kept, and the piece is open again."))
        elif choice == "replace" and submission.state == State.DRAFT:
            with transaction.atomic():
                workflow.delete_stopped(artifact, user)
                workflow.remove_artifact(artifact, user)
            messages.success(request, _("It is deleted. Now add the other piece here."))
        elif choice == "delete":
            workflow.delete_stopped(artifact, user)
            messages.success(request, _("It is deleted. Its hash stays in the manifest."))
        else:
            messages.error(request, _("Choose what to do."))
            return redirect("artifact-stopped", artifact.pk)
    except GuardError as error:
        messages.error(request, str(error.message))
        return redirect("artifact-stopped", artifact.pk)
    return drafting.to(submission, place)


# --- what the check for names reads -----------------------------------------------------------------------


@require_safe
@login_required
@never_cache
def submission_texts(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The texts drawn from her own files, for her browser to look for names in. The names never leave her device."""
    submission = get_object_or_404(submissions_visible_to(request.user), pk=pk)
    rows = artifacts_visible_to(request.user).filter(submission=submission, state=Artifact.State.READY)
    texts = [
        {
            "artifact": str(one.pk),
            "title": one.title,
            "name": one.name,
            "text": (one.content.text if one.content else one.text)[:TEXT_MAX],
        }
        for one in rows.select_related("content")
    ]
    return JsonResponse({"texts": texts})
