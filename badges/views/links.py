"""Links of several awards: made and withdrawn by their holder, opened by whoever has the address."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from badges import answers, issuing, pages, papers, pictures, posting, rules, workflow
from badges.downloading import FILES
from badges.models import Award, ShareLink
from badges.queries.awards import for_page
from badges.queries.sharing import for_cards, for_showing, linked, links_listed
from badges.sharing_forms import LinkForm
from badges.views.badge import asked_whose
from journal.workflow import GuardError, TransitionError

SHOWN = 100


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def links(request: HttpRequest) -> HttpResponse:
    """Her links, and a form for another one."""
    user = cast(User, request.user)
    mine = list(for_cards(rules.owned_by(user))[:SHOWN])
    form = LinkForm(request.POST or None, awards=mine, initial={"name_shown": user.name})
    if request.method == "POST" and form.is_valid():
        try:
            link = workflow.make_link(
                user,
                form.cleaned_data["title"],
                [UUID(pk) for pk in form.cleaned_data["awards"]],
                name_shown=form.cleaned_data["name_shown"],
                expires_at=form.expires_at(),
            )
        except GuardError as error:
            for field, words in error.errors.items():
                form.add_error(field, words)
        else:
            messages.success(request, _("The link is ready. Copy it from the list and send it."))
            return redirect(f"{reverse('links')}#link-{link.pk}")
    context = {"form": form, "links": _listed(user), "awards": mine}
    return render(request, "badges/link_list.html", context, status=400 if form.is_bound else 200)


def _listed(user: User) -> list[dict[str, Any]]:
    open_now = set(rules.open_links().filter(owner=user).values_list("pk", flat=True))
    rows = links_listed(rules.links_of(user))[:SHOWN]
    return [
        {"row": row, "open": row.pk in open_now, "address": address, "mail": posting.mail_of_link(address)}
        for row in rows
        for address in [_address(row)]
    ]


def _address(link: ShareLink) -> str:
    return issuing.absolute(reverse("link", args=[link.token]))


@require_POST
@login_required
def link_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a link at once."""
    link = get_object_or_404(rules.links_of(request.user), pk=pk)
    with suppress(TransitionError):  # it is withdrawn already, which is what she wants
        workflow.withdraw_link(link, cast(User, request.user))
    messages.success(request, _("Withdrawn. The link shows nothing any more."))
    return redirect("links")


@require_safe
@login_required
def link_qr(request: HttpRequest, pk: UUID, kind: str) -> HttpResponseBase:
    """A link's address as a sign for phones."""
    link = get_object_or_404(rules.links_of(request.user), pk=pk)
    if kind not in posting.QR_TYPES:
        return answers.not_shared(request)
    content = posting.qr(_address(link), kind)
    return answers.send(request, content, posting.QR_TYPES[kind], caching=answers.OWN)


# --- what whoever has the address sees -----------------------------------------------------------------------


def _kept(response: HttpResponseBase) -> HttpResponseBase:
    """Found by no search engine, kept by no cache, and told to no other site."""
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = answers.OWN
    response["Referrer-Policy"] = "no-referrer"
    return response


def _ended(request: HttpRequest, token: str) -> HttpResponseBase:
    """One page for a link that ended or was withdrawn, which says nothing of it; another for one that never was."""
    gone = rules.ended_links().filter(token=token).exists()
    return _kept(render(request, "badges/link_ended.html", {"gone": gone}, status=410 if gone else 404))


@require_safe
def link(request: HttpRequest, token: str) -> HttpResponseBase:
    """The awards of a link, as cards."""
    found = rules.open_links().filter(token=token).first()
    if found is None:
        return _ended(request, token)
    awards = [{"award": row, "place": pages.place_in(token, row)} for row in for_cards(linked(found))]
    context = {"link": found, "awards": awards, "demo": any(one["award"].issuer.demo for one in awards)}  # type: ignore[attr-defined]
    return _kept(render(request, "badges/link.html", context))


@require_safe
def link_letter(request: HttpRequest, token: str) -> HttpResponseBase:
    """All of them on one sheet, for a file that is kept on paper."""
    found = rules.open_links().filter(token=token).first()
    if found is None:
        return _ended(request, token)
    awards = list(for_page(linked(found)))
    letter = papers.Letter(
        found.name_shown,
        awards,
        _address(found),
        {row.pk: pages.place_in(token, row).address for row in awards},
    )
    content = papers.transcript_pdf(letter)
    name = "micro-credentials.pdf"
    return _kept(answers.send(request, content, "application/pdf", caching=answers.OWN, filename=name))


def _in_link(token: str, pk: UUID) -> tuple[ShareLink, Award] | None:
    found = rules.open_links().filter(token=token).first()
    award = for_showing(linked(found)).filter(pk=pk).first() if found else None
    return (found, award) if found and award else None


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def link_award(request: HttpRequest, token: str, pk: UUID) -> HttpResponseBase:
    """One of them in full; a POST asks whose it is, and keeps nothing."""
    found = _in_link(token, pk)
    if found is None:
        return _ended(request, token)
    row, award = found
    context = {**pages.shown(award, pages.place_in(token, award), row.name_shown), "link": row}
    status = 200
    if request.method == "POST":
        answer, status = asked_whose(request, award)
        context |= answer
    return _kept(render(request, "badges/badge.html", context, status=status))


@require_safe
def link_image(request: HttpRequest, token: str, pk: UUID) -> HttpResponseBase:
    """The picture of one of them."""
    found = _in_link(token, pk)
    if found is None:
        return _ended(request, token)
    return _kept(answers.send(request, pictures.png_of(found[1]), "image/png", caching=answers.OWN))


@require_safe
def link_file(request: HttpRequest, token: str, pk: UUID, kind: str) -> HttpResponseBase:
    """One of them as a file that can be checked anywhere."""
    found = _in_link(token, pk)
    if found is None or kind not in FILES:
        return _ended(request, token)
    content, content_type = FILES[kind](found[1])
    name = f"{found[1].slug}.{kind}"
    return _kept(answers.send(request, content, content_type, caching=answers.OWN, filename=name))
