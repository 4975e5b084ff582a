"""Handing a badge over to a wallet: the holder's page, and what the wallet asks (VC-API, interaction URL)."""

from __future__ import annotations

import hashlib
import json
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.throttling import BaseThrottle

from accounts.models import User
from badges import answers, issuing, posting, queries, rules, workflow
from badges.models import Award, Exchange
from badges.openbadges.contexts import CREDENTIALS_V2
from journal.workflow import TransitionError

# Where the Learner Credential Wallet takes a request that a link on the same phone carries.
LEARNER_WALLET = "https://lcw.app/request"
MOST_BYTES = 10_000


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def badge_wallet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The holder's page: start a hand-over, then show its sign and link until it is done or over."""
    award = get_object_or_404(queries.for_page(rules.readable_by(request.user)), pk=pk)
    if not rules.is_earner(request.user, award):
        raise PermissionDenied
    if request.method == "POST":
        try:
            workflow.begin_exchange(award, cast(User, request.user))
        except TransitionError as error:
            return render(request, "409.html", {"message": error.message}, status=409)
        return redirect("badge-wallet", pk=pk)
    exchange = rules.exchanges_of(request.user, award).order_by("-created").first()
    return render(request, "badges/wallet.html", _page(award, exchange))


def _page(award: Award, exchange: Exchange | None) -> dict[str, Any]:
    context: dict[str, Any] = {"award": award, "exchange": exchange}
    if exchange is not None and exchange.state == Exchange.State.OPEN:
        path = reverse("exchange", args=[exchange.token])
        asked = {"credentialRequestOrigin": issuing.absolute(""), "protocols": _protocols(exchange)}
        context |= {
            "interaction": issuing.absolute(f"{path}?iuv=1"),
            "learner_wallet": f"{LEARNER_WALLET}?{urlencode({'request': json.dumps(asked)})}",
        }
    return context


def _protocols(exchange: Exchange) -> dict[str, str]:
    return {"vcapi": issuing.absolute(reverse("exchange", args=[exchange.token]))}


@require_safe
@login_required
def exchange_qr(request: HttpRequest, token: str) -> HttpResponseBase:
    """The hand-over's address as a sign, for the holder's own page."""
    row = get_object_or_404(rules.exchanges().filter(award__earner=request.user.pk), token=token)
    path = reverse("exchange", args=[row.token])
    content = posting.qr(issuing.absolute(f"{path}?iuv=1"), "svg")
    return answers.send(request, content, posting.QR_TYPES["svg"], caching=answers.OWN)


@answers.for_programs("GET", "HEAD", "POST")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest, token: str) -> HttpResponseBase:
    """GET: which protocols this hand-over speaks. POST: the badge itself, in a presentation.

    Whoever has the address is let in: it is unguessable, works once and ends within minutes.
    """
    row = rules.exchanges().filter(token=token).first()
    if row is None:
        return _told(request, 404, _("There is no such hand-over. Start it again on the badge’s page."))
    if request.method != "POST":
        return _offered(request, row)
    if not _is_object(request):
        return _told(request, 400, _("Send a JSON object, such as {}."))
    try:
        credential = workflow.hand_over(row, _wallet_of(request))
    except TransitionError as error:
        return _told(request, 410 if error.state in {"expired", "used"} else 409, str(error.message))
    presentation = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [credential],
    }
    return answers.send_json(
        request, {"verifiablePresentation": presentation}, "application/json", caching=answers.PASSING
    )


def _offered(request: HttpRequest, row: Exchange) -> HttpResponseBase:
    if answers.machine_type(request) is None and "text/html" in request.headers.get("accept", ""):
        page = render(request, "badges/wallet_address.html")
        page["Cache-Control"] = answers.OWN
        return page
    return answers.send_json(
        request, {"protocols": _protocols(row)}, "application/json", caching=answers.PASSING
    )


def _is_object(request: HttpRequest) -> bool:
    """An empty body counts as {}; what a wallet tells about itself is not needed."""
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return False
    try:
        return not body or isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def _wallet_of(request: HttpRequest) -> str:
    """Tells one asker from another for a minute; only its hash is kept."""
    parts = (BaseThrottle().get_ident(request), request.headers.get("user-agent", ""))  # type: ignore[arg-type]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _told(request: HttpRequest, status: int, words: str) -> HttpResponseBase:
    document = {"type": "about:blank", "title": words, "status": status, "detail": words}
    kind = "application/problem+json"
    return answers.send_json(request, document, kind, caching=answers.PASSING, status=status)
