"""Conversations with a coach: asked for from a draft, taken and held on a page of their own."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from journal.workflow import GuardError
from submissions import talking
from submissions.models import Conversation, Submission
from submissions.rules import coaches, conversations_visible_to
from submissions.talk_forms import WordsForm
from submissions.views.drafting import find, person, to
from submissions.workflow import coaching

State = Conversation.State
LISTED = 100


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def submission_coach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the conversation that comes before this draft."""
    whole = find(request, pk)
    gate = coaching.gate_of(whole.submission) if whole.submission.state == Submission.State.DRAFT else None
    if gate is None or gate.why == "nobody":
        return to(whole.submission, "#submit")
    if gate.conversation is not None:
        return redirect("conversation", gate.conversation.pk)
    form = WordsForm(_("What would you like to talk about?"), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = coaching.ask(whole.submission, person(request), form.cleaned_data["text"])
            messages.success(request, _("Asked. We write to you as soon as a coach answers."))
            return redirect("conversation", row.pk)
        except GuardError as error:
            form.blame(error)
    context = {
        "submission": whole.submission,
        "version": whole.submission.enrolment.version,
        "form": form,
    }
    status = 400 if form.errors else 200
    return render(request, "submissions/conversation_ask.html", context, status=status)


def visible(request: HttpRequest) -> QuerySet[Conversation]:
    return conversations_visible_to(request.user).select_related(
        "coach", "enrolment__earner", "enrolment__version", "enrolment__micro_credential__issuer"
    )


@require_safe
@login_required
@never_cache
def conversations(request: HttpRequest) -> HttpResponse:
    """What waits for a coach, and one's own."""
    rows = list(visible(request).order_by(F("done_at").asc(nulls_first=True), "-created")[:LISTED])
    context = {
        "waiting": [
            one for one in rows if one.state == State.ASKED and one.enrolment.earner_id != request.user.pk
        ],
        "held": [
            one for one in rows if one.state != State.ASKED or one.enrolment.earner_id == request.user.pk
        ],
        "coaches": coaches(request.user),
    }
    return render(request, "submissions/conversations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def conversation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Both read the words of the outcome and each other's; neither the evidence. POST writes."""
    row = get_object_or_404(visible(request), pk=pk)
    form = WordsForm(_("Write to each other"), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            coaching.write(row, person(request), form.cleaned_data["text"])
            return redirect(reverse("conversation", args=[pk]) + "#write")
        except GuardError as error:
            form.blame(error)
    return _page(request, row, form)


def _page(request: HttpRequest, row: Conversation, form: WordsForm) -> HttpResponse:
    educator = row.enrolment.earner_id == request.user.pk
    attempt = talking.attempt_of(row)
    context = {
        "row": row,
        "version": row.enrolment.version,
        "educator": educator,
        "attempt": attempt,
        "newest": talking.newest_of(row),
        "outcomes": talking.outcomes_of(row, attempt) if attempt else [],
        "said": list(row.utterances.select_related("author")),
        "form": form,
        "writes": row.state == State.OPEN,
        "may_take": row.state == State.ASKED and not educator,
        "may_close": row.state == State.OPEN and coaching.both_wrote(row),
    }
    status = 400 if form.errors else 200
    return render(request, "submissions/conversation.html", context, status=status)


@require_POST
@login_required
def conversation_take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A coach takes it."""
    return _do(request, pk, coaching.take, _("It is yours. Read the feedback and write first."))


@require_POST
@login_required
def conversation_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Either ends it."""
    return _do(request, pk, coaching.close, _("Closed. It stays here to read."))


def _do(request: HttpRequest, pk: UUID, verb: Callable[..., object], words: str) -> HttpResponse:
    row = get_object_or_404(visible(request), pk=pk)
    try:
        verb(row, person(request))
        messages.success(request, words)
    except GuardError as error:
        messages.error(request, str(error.message))
    return redirect("conversation", pk)
