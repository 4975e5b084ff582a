"""What the desk's plain form does beside saving, and the notes as a region of the page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from journal.workflow import GuardError
from review import queries, rules, workflow
from review.forms import DeskForm
from review.models import Assignment
from review.note_forms import Board, boards, read_note, typed


class Refused(Exception):
    """A note that cannot be added: the panel it was typed at, and why."""

    def __init__(self, board: Board) -> None:
        super().__init__(board.problem)
        self.board = board


def boards_of(assignment: Assignment, form: DeskForm, items: list[queries.Item]) -> list[Board]:
    """The notes and small forms of all panels."""
    return boards(form, items, queries.answers(assignment.submission))


def add_typed(request: HttpRequest, assignment: Assignment, user: User, editor: str) -> str:
    """Add the note typed into the small form of a panel; returns the panel's address in the page."""
    lines, items = queries.rubric(assignment), queries.evidence(assignment.submission)
    form = DeskForm(assignment=assignment, lines=lines, notes=[])
    board = next(
        (one for one in boards_of(assignment, form, items) if str(one.number) == request.POST["note"]), None
    )
    if board is None:
        raise Http404
    board.typed = typed(request.POST.dict(), board)
    try:
        note = workflow.add_note(assignment, user, editor=editor, **read_note(board.typed, board))
    except GuardError as error:
        board.problem = str(error.message)
        raise Refused(board) from error
    return f"#row-{note.pk}"


def drop(request: HttpRequest, assignment: Assignment, user: User, editor: str) -> str:
    """Remove the note whose button was pressed."""
    try:
        note = UUID(request.POST["drop"])
    except ValueError as error:
        raise Http404 from error
    workflow.remove_note(assignment, user, note, editor)
    return "#evidence"


def keep(request: HttpRequest, assignment: Assignment, user: User) -> str:
    """Keep the feedback on a criterion in one's own bank."""
    key = request.POST["keep"]
    issuer = assignment.submission.enrolment.micro_credential.issuer_id
    try:
        workflow.keep_comment(user, issuer, request.POST.get(f"feedback-{key}", ""), assignment, key)
        messages.success(request, _("Kept in your bank."))
    except GuardError as error:
        messages.error(request, error.message)
    return f"#feedback-{key}" if key.isascii() and key.replace("-", "").isalnum() else ""


@require_safe
@login_required
@never_cache
def notes(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The lists of notes of a review, for the script that added one."""
    assignment = _find(request, pk)
    form = DeskForm(assignment=assignment, lines=queries.rubric(assignment), notes=queries.notes(assignment))
    found = boards_of(assignment, form, queries.evidence(assignment.submission))
    return render(request, "review/notes.html", {"boards": found, "assignment": assignment})


def _find(request: HttpRequest, pk: UUID) -> Assignment:
    """Her own claim whose evidence is open to her."""
    related = rules.assignments_visible_to(request.user).select_related(
        "assessment", "submission__enrolment__version", "submission__enrolment__micro_credential"
    )
    assignment = related.filter(pk=pk).first()
    if assignment is None or not rules.may_write(request.user, assignment):
        raise Http404
    return assignment
