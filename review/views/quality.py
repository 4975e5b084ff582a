"""How well an issuer's micro-credentials are scored: for those who answer for it, and for each assessor her own part."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.spreadsheets import csv_lines
from catalog.models import Version
from review import quality as pages
from review import rules
from review.queries import figures
from review.queries.statement import versions_read
from review.views.reviewing import person
from review.withholding import LEAST

USUAL = "12"


def period(request: HttpRequest) -> str:
    """The span of months asked for; nonsense is a page that does not exist."""
    chosen = request.GET.get("period") or USUAL
    if chosen not in figures.PERIODS:
        raise Http404
    return chosen


def reader(request: HttpRequest) -> User:
    """The signed-in person, if figures are for her."""
    user = request.user
    if not isinstance(user, User) or not rules.reads_figures(user):
        raise PermissionDenied
    return user


def choice(user: User, asked: str) -> tuple[Version | None, list[Version]]:
    """The version asked for, else the one with most decisions, and all there are to choose from; somebody else's does not exist."""
    rows = rules.figures_visible_to(user).select_related("micro_credential")
    rows = rows.only("title", "number", "micro_credential__slug", "micro_credential__issuer")
    versions = list(rows.order_by("title", "-number"))
    if not asked:
        asked = str(figures.busiest([row.pk for row in versions]) or "")
    if not asked:
        return (versions[0] if versions else None), versions
    chosen = next((row for row in versions if str(row.pk) == asked), None)
    if chosen is None:
        raise Http404
    return chosen, versions


def of(user: User, version: Version, months: str) -> pages.Quality:
    """The figures of a version, with assessors' names where she may see them."""
    names = rules.may_name_assessors(user, version.micro_credential.issuer_id)
    return pages.quality(version.pk, figures.since(months), names_assessors=names)


@require_safe
@login_required
@never_cache
def quality(request: HttpRequest) -> HttpResponse:
    """One version over some months, drawn."""
    user, months = reader(request), period(request)
    version, versions = choice(user, request.GET.get("version", ""))
    context = {
        "version": version,
        "versions": versions,
        "period": months,
        "periods": figures.PERIODS,
        "quality": of(user, version, months) if version else None,
        "least": LEAST,
        "names_assessors": version and rules.may_name_assessors(user, version.micro_credential.issuer_id),
        "calibrated": version and rules.calibrated_versions().filter(pk=version.pk).exists(),
    }
    return render(request, "review/quality.html", context)


@require_safe
@login_required
@never_cache
def quality_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """One table of the page for a spreadsheet."""
    user, months = reader(request), period(request)
    version, _versions = choice(user, request.GET.get("version", ""))
    part = of(user, version, months).part(slug) if version else None
    if version is None or part is None:
        raise Http404
    answer = StreamingHttpResponse(csv_lines(part.head, part.rows), content_type="text/csv; charset=utf-8")
    name = f"{version.micro_credential.slug}-{version.number}-{slug}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
@login_required
@never_cache
def own(request: HttpRequest) -> HttpResponse:
    """An assessor's own habits; nobody else's."""
    user, months = person(request), period(request)
    since = figures.since(months)
    found = dict(pages.own(user.pk, since, versions_read(rules.own_assignments(user), since)))
    titles = figures.versions_by(found)
    rows = sorted(((titles[pk], habits) for pk, habits in found.items()), key=lambda row: row[0].title)
    context = {"rows": rows, "period": months, "periods": figures.PERIODS}
    return render(request, "review/quality_own.html", context)
