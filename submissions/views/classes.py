"""The register: an educator's classes with their forms, to keep, to print and to take back."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from journal.workflow import GuardError, TransitionError
from submissions import coverage, paperwork, workflow
from submissions.class_forms import LOOKS_LIKE_A_NAME, ClassForm, initial_of
from submissions.models import Consent, SchoolClass
from submissions.models.consent import Purpose, Scope
from submissions.rules import artifacts_visible_to, classes_visible_to
from submissions.views.drafting import person

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@login_required
@never_cache
def classes(request: HttpRequest) -> HttpResponse:
    """All classes of hers, the newest first."""
    rows = list(coverage.registers(classes_visible_to(request.user)).values())
    today = timezone.localdate()
    listed = [{"row": row, "expired": row.expired(today)} for row in rows]
    return render(request, "submissions/consent_classes.html", {"listed": listed})


@require_http_methods(FORM_METHODS)
@login_required
@never_cache
def class_new(request: HttpRequest) -> HttpResponse:
    """A class, its pupils by number, and whose forms are missing."""
    ends = workflow.end_of_school_year(timezone.localdate())
    start = {"scope": Scope.values, "purposes": [Purpose.ASSESSMENT.value], "expires": ends}
    form = ClassForm(request.POST if request.method == "POST" else None, initial=start)
    if form.is_bound and form.is_valid():
        try:
            row = workflow.open_class(person(request), form.terms)
        except GuardError as error:
            _blame(form, error)
        else:
            _warn(request, form)
            messages.success(
                request, _("The class is in your register. Print its forms, or go on with your evidence.")
            )
            return redirect("class", row.pk)
    return render(request, "submissions/consent_new.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(FORM_METHODS)
@login_required
@never_cache
def class_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One class: forms that came in, more pupils, a new date; who stopped, and what relies on it."""
    row = get_object_or_404(classes_visible_to(request.user), pk=pk)
    consents = list(consents_in(row))
    sent = request.POST if request.method == "POST" else None
    form = ClassForm(sent, initial=initial_of(row, consents), consents=consents)
    if form.is_bound and form.is_valid():
        try:
            workflow.change_class(row, person(request), form.terms, form.aliases)
        except GuardError as error:
            _blame(form, error)
        else:
            _warn(request, form)
            messages.success(request, _("Saved."))
            return redirect("class", pk)
    return _class_page(request, row, form)


def consents_in(row: SchoolClass) -> QuerySet[Consent]:
    return row.consents.order_by("number")


def _class_page(request: HttpRequest, row: SchoolClass, form: ClassForm) -> HttpResponse:
    visible = artifacts_visible_to(request.user).select_related("submission__enrolment__version")
    relying = visible.filter(classes__contains=[row.pk], coverage="covered").order_by("-created")
    counted = [one.state for one in form.consents]
    context = {
        "row": row,
        "form": form,
        "on_file": counted.count(Consent.State.ON_FILE),
        "missing": counted.count(Consent.State.MISSING),
        "stopped": counted.count(Consent.State.STOPPED),
        "expired": row.expires < timezone.localdate(),
        "relying": relying[:50],
    }
    return render(request, "submissions/consent_class.html", context, status=400 if form.errors else 200)


def _blame(form: ClassForm, error: GuardError) -> None:
    for name, words in error.errors.items():
        form.add_error(name if name in form.fields else None, [str(word) for word in words])


def _warn(request: HttpRequest, form: ClassForm) -> None:
    for text in form.doubtful:
        messages.warning(request, LOOKS_LIKE_A_NAME % text)


@require_http_methods(FORM_METHODS)
@login_required
@never_cache
def class_stop(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Take one pupil's form back: says first what is closed by it."""
    row = get_object_or_404(classes_visible_to(request.user), pk=pk)
    consent = get_object_or_404(row.consents.select_related("school_class"), number=number)
    if request.method == "POST":
        try:
            workflow.stop(consent, person(request))
        except TransitionError:
            messages.info(request, _("The use was already stopped."))
        else:
            messages.success(
                request, _("Stopped. What may show this pupil is closed; choose what to do with each.")
            )
        return redirect("class", pk)
    relying = artifacts_visible_to(request.user).filter(
        classes__contains=[row.pk], coverage="covered", state="ready"
    )
    context = {
        "row": row,
        "consent": consent,
        "number": relying.exclude(cleared__contains=[consent.pk]).count(),
    }
    return render(request, "submissions/consent_stop.html", context)


@require_safe
@login_required
@never_cache
def class_forms(request: HttpRequest, pk: UUID) -> HttpResponse:
    """To print: the educator's own list of numbers, then a form a pupil, in English or Spanish."""
    row = get_object_or_404(classes_visible_to(request.user), pk=pk)
    language = paperwork.language(request.GET.get("language"))
    address = f"{settings.BASE_URL}{reverse('stop')}"
    pages = [
        {
            "consent": one,
            "qr": paperwork.qr(f"{address}?{urlencode({'language': language, 'code': one.code})}"),
        }
        for one in consents_in(row).exclude(state=Consent.State.STOPPED)
    ]
    context = {
        "row": row,
        "pages": pages,
        "words": f"submissions/consent_form_{language}.html",
        "form_language": language,
        "address": address,
        "days": paperwork.retention_days(person(request)),
        "scope": set(row.scope),
        "purposes": set(row.purposes),
    }
    return render(request, "submissions/consent_forms.html", context)
