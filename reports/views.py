"""The report as a page and as a file."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reports import queries, rules
from reports.export import lines
from reports.suppression import MINIMUM


@require_safe
@never_cache
@login_required
def reports(request: HttpRequest) -> HttpResponse:
    """What a district's educators earned and chose to share, drawn."""
    district, districts = rules.choose_district(request.user, request.GET.get("district", ""))
    heads = {
        "month": [_("Month"), _("Awards")],
        "school": [_("School"), _("Awards")],
        "micro_credential": [_("Micro-credential"), _("Awards")],
    }
    context = {"districts": districts, "report": queries.report(district), "minimum": MINIMUM, "heads": heads}
    return render(request, "reports/report_detail.html", context)


@require_safe
@never_cache
@login_required
def reports_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same figures for a spreadsheet."""
    district, _others = rules.choose_district(request.user, request.GET.get("district", ""))
    report = queries.report(district)
    answer = StreamingHttpResponse(lines(report), content_type="text/csv; charset=utf-8")
    name = f"report-{district.slug}-{report.as_of:%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
