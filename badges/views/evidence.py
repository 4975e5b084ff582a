"""What the holder shows of her work, and the doors through which anybody may open it."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from badges import answers, rules, workflow
from badges.evidence_forms import EvidenceForm
from badges.queries.evidence import pieces_of
from journal.workflow import GuardError, TransitionError
from submissions import serving


@login_required
def badge_evidence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose for each assessed piece: open, only its proof, or not shown."""
    rows = rules.readable_by(request.user).select_related("submission", "version", "issuer")
    award = get_object_or_404(rows, pk=pk)
    if not rules.is_earner(request.user, award):
        raise PermissionDenied
    form = EvidenceForm(pieces_of(award), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            workflow.show_evidence(award, cast(User, request.user), form.choices())
        except GuardError as error:
            form.refuse(error.errors)
        except TransitionError as error:
            return render(request, "409.html", {"message": error.message}, status=409)
        else:
            messages.success(request, _("Saved. Your badge was signed anew and says what you show."))
            return redirect("badge", pk=pk)
    context = {"award": award, "form": form}
    return render(request, "badges/evidence_choose.html", context, status=400 if form.is_bound else 200)


@require_safe
def badge_evidence_file(request: HttpRequest, pk: UUID, artifact: UUID) -> HttpResponseBase:
    """A piece the holder shows to everybody who can see the badge; closed the moment that ends."""
    award = rules.readable_by(request.user).select_related("submission", "version").filter(pk=pk).first()
    if award is None:
        return answers.not_shared(request)
    piece = next((one for one in pieces_of(award) if one.artifact == artifact and one.open), None)
    if piece is None:
        raise Http404
    row = get_object_or_404(rules.open_artifacts(award), pk=artifact)
    return serving.hand_out(request, row, row.name or piece.name)
