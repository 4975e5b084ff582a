"""Awards on paper, and the picture that a link to one unfolds into."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from badges import answers, papers, pictures, queries, rules
from badges.models import Award
from badges.paper_forms import TranscriptForm
from badges.queries.papers import awards_for_letter


@require_safe
def badge_pdf(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The certificate, for its holder and for whoever may read the award."""
    rows = queries.for_page(rules.readable_by(request.user)).select_related("earner")
    award = rows.filter(pk=pk).first()
    if award is None:
        return answers.not_shared(request)
    asked = request.GET.get("paper", "")
    content = papers.certificate_pdf(award, paper=asked if asked in papers.PAPERS else "a4")
    caching = answers.caching_of(award)
    name = f"{award.slug}.pdf"
    response = answers.send(request, content, "application/pdf", caching=caching, filename=name)
    answers.keep_from_searches(response, award)
    return response


@require_safe
def badge_card(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The picture for other sites: only of what everybody may read, because they fetch it as strangers."""
    rows = queries.for_page(rules.readable_by(request.user)).exclude(visibility=Award.Visibility.PRIVATE)
    award = rows.filter(pk=pk).first()
    if award is None:
        return answers.not_shared(request)
    response = answers.send(request, pictures.card_of(award), "image/png", caching=answers.FRESH)
    answers.keep_from_searches(response, award)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def transcript(request: HttpRequest) -> HttpResponseBase:
    """Choose what stands in the letter, and take it along."""
    user = cast(User, request.user)
    awards = list(awards_for_letter(user))
    form = TranscriptForm(request.POST if request.method == "POST" else None, user=user, awards=awards)
    if form.is_bound and form.is_valid():
        letter = papers.Letter(form.cleaned_data["name"], form.chosen())
        content = papers.transcript_pdf(letter, paper=form.cleaned_data["paper"])
        response = HttpResponse(content, content_type="application/pdf")
        response["Content-Disposition"] = 'attachment; filename="micro-credentials.pdf"'
        response["Cache-Control"] = answers.OWN
        return response
    hidden = any(award.visibility == Award.Visibility.PRIVATE for award in awards)
    context = {"form": form, "awards": awards, "hidden": hidden}
    return render(request, "badges/transcript.html", context, status=400 if form.is_bound else 200)
