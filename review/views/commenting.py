"""The comment bank as a page: mine, the issuer's, and what waits for an approver."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.rules import Role, access_of, organisations_of
from journal.workflow import GuardError, TransitionError
from review import queries, rules, workflow
from review.comment_forms import CommentForm
from review.models import Assignment, Comment

PAGE = 30
DONE = {
    "propose": gettext_lazy("Offered: an approver decides whether everybody may use it."),
    "approve": gettext_lazy("Shared with every assessor of the issuer."),
    "decline": gettext_lazy("It stays its author’s own."),
    "retire": gettext_lazy("Taken out. What was written with it stays."),
    "change": gettext_lazy("Changed."),
}


def _person(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not access_of(user).assesses:
        raise PermissionDenied
    return user


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def comments(request: HttpRequest) -> HttpResponse:
    """The bank, searchable; from a review it also puts a comment into the feedback. POST keeps a new one."""
    user = _person(request)
    issuers = organisations_of(user, [Role.ASSESSOR, Role.APPROVER])
    form = CommentForm(request.POST if request.method == "POST" else None, issuers=issuers)
    if request.method == "POST" and form.is_valid():
        try:
            workflow.keep_comment(user, form.cleaned_data["issuer"].pk, form.cleaned_data["text"])
        except GuardError as error:
            form.add_error("text", error.message)
        else:
            messages.success(request, _("Kept in your bank."))
            return redirect("review-comments")
    return _page(request, user, form)


def _page(request: HttpRequest, user: User, form: CommentForm, status: int = 200) -> HttpResponse:
    review, key = _review(request, user), request.GET.get("criterion", "")
    rows = rules.comments_visible_to(user).select_related("issuer", "micro_credential")
    if review:
        rows = queries.fitting(rows, review, key)
    rows = queries.ranked(queries.searched(rows, request.GET.get("q", "")))
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "user_id": user.pk,
        "proposals": queries.ranked(rules.proposals_for(user).select_related("issuer"))[:PAGE],
        "approves": organisations_of(user, [Role.APPROVER]),
        "review": review,
        "criterion": key,
        "q": request.GET.get("q", ""),
        "form": form,
    }
    return render(request, "review/comments.html", context, status=400 if form.errors else status)


def _review(request: HttpRequest, user: User) -> Assignment | None:
    """The claim one came from."""
    given = request.GET.get("review", "")
    if not given:
        return None
    try:
        pk = UUID(given)
    except ValueError as error:
        raise Http404 from error
    related = ("submission__enrolment__micro_credential", "assessment")
    return get_object_or_404(rules.own_assignments(user).select_related(*related), pk=pk)


@require_POST
@login_required
def comment(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """One verb on one comment."""
    user = _person(request)
    seen = rules.comments_visible_to(user) | rules.proposals_for(user)
    row = get_object_or_404(seen.distinct(), pk=pk)
    verbs: dict[str, Any] = {
        "propose": workflow.propose,
        "approve": workflow.approve_comment,
        "decline": workflow.decline_comment,
        "retire": workflow.retire,
        "change": lambda one, by: workflow.change_comment(one, by, request.POST.get("text", "")),
    }
    if verb not in verbs:
        raise Http404
    try:
        verbs[verb](row, user)
    except TransitionError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, DONE[verb])
    return redirect("review-comments")


@require_POST
@login_required
def insert(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a comment below the feedback on a criterion of one's claim, and go back to the desk."""
    user, key = _person(request), request.GET.get("criterion", "")
    review = _review(request, user)
    row = get_object_or_404(rules.comments_visible_to(user), pk=pk)
    if review is None:
        raise Http404
    line = next((one for one in queries.rubric(review) if one.key == key), None)
    if line is None:
        raise Http404
    put_in(review, user, row, line)
    return redirect(f"{reverse('review-desk', args=[review.pk])}?tab={review.editor}#feedback-{key}")


def put_in(review: Assignment, user: User, row: Comment, line: queries.Line) -> None:
    """The comment as the last paragraph of what is written on the criterion."""
    text = f"{line.feedback.rstrip()}\n\n{row.text}".strip()
    workflow.save(
        review, user, revision=review.revision, scores={line.key: {"feedback": text}}, editor=review.editor
    )
    workflow.use(row, review, user, line.key)
