"""Who gets which answer where: one table, every route × every person. A route without a row fails.

The things asked for are the educator's: her draft, her submission under review by `assessor`, her private badge.
200 and 302 let in (302 also leads a stranger to sign-in, see `SIGN_IN`), 404 says that it does not exist for this
person, 403 that she may read but not do this, 400 and 409 that she may, but not with this or not now.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import workflow as accounts
from accounts.models import Membership
from catalog.models import Collection, MicroCredential, Stack
from journal.workflow import record
from microcreds.demo import evidence
from notifications import workflow as notifications
from review import workflow as review
from submissions import workflow as submissions
from submissions.models import Conversation, Submission
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.anchored import calibrated
from tests.review.work import appealed, doubted, noted

pytestmark = pytest.mark.django_db

PERSONS = (
    "anonymous",
    "educator",
    "educator2",
    "assessor",
    "approver",
    "author",
    "district_admin",
    "district_admin2",
)
SIGN_IN = "in"  # a redirect to the sign-in page
SESSION = settings.SESSION_COOKIE_NAME


class Row(NamedTuple):
    """What one route answers to `PERSONS`, in that order."""

    method: str
    answers: str


# Sign-in, addresses, passwords and two-step sign-in are allauth's; the admin is Django's, for staff only.
THEIRS = ("account_", "mfa_", "admin:")

TABLE: dict[str, Row] = {
    "account": Row("GET", "in 200 200 200 200 200 200 200"),
    "account-close": Row("GET", "in 200 200 200 200 200 200 200"),
    "account-data": Row("GET", "in 200 200 200 200 200 200 200"),
    "account-data-download": Row("GET", "in 404 404 404 404 404 404 404"),
    "account-data-export": Row("POST", "in 302 302 302 302 302 302 302"),
    "account-question": Row("GET", "in 200 200 200 200 200 200 200"),
    "achievement": Row("GET", "200 200 200 200 200 200 200 200"),
    "achievement-image": Row("GET", "200 200 200 200 200 200 200 200"),
    "anchor-permission": Row("GET", "in 200 404 404 404 404 404 404"),
    "anchor-permissions": Row("GET", "in 200 200 200 200 200 200 200"),
    "calibration-run": Row("GET", "in 403 403 200 403 403 403 403"),
    "calibration-start": Row("POST", "in 403 403 302 403 403 403 403"),
    "calibration-stop": Row("POST", "in 403 403 302 403 403 403 403"),
    "licence-end": Row("POST", "in 403 403 403 302 403 403 403"),
    "review-anchor": Row("GET", "in 403 403 403 200 200 403 403"),
    "review-anchor-artifact": Row("GET", "in 403 403 403 404 404 403 403"),
    "review-anchor-ask": Row("POST", "in 403 403 403 302 302 403 403"),
    "review-anchor-build": Row("POST", "in 403 403 403 409 409 403 403"),
    "review-anchor-retire": Row("POST", "in 403 403 403 302 302 403 403"),
    "review-anchors": Row("GET", "in 403 403 403 200 200 403 403"),
    "review-assessors": Row("GET", "in 403 403 403 200 403 403 403"),
    "review-calibration": Row("GET", "in 403 403 200 403 403 403 403"),
    "api-artifact": Row("GET", "401 200 404 404 404 404 404 404"),
    "api-artifacts": Row("GET", "401 200 404 404 404 404 404 404"),
    "api-award": Row("GET", "401 200 404 404 200 200 404 404"),
    "api-award-revoke": Row("POST", "401 403 404 404 400 403 404 404"),
    "api-award-share": Row("POST", "401 400 404 404 404 404 404 404"),
    "api-awards": Row("GET", "401 200 200 200 200 200 200 200"),
    "api-collection": Row("GET", "200 200 200 200 200 200 200 200"),
    "api-collections": Row("GET", "200 200 200 200 200 200 200 200"),
    "api-docs": Row("GET", "200 200 200 200 200 200 200 200"),
    "api-enrolment": Row("GET", "401 200 404 404 404 404 404 404"),
    "api-enrolment-leave": Row("POST", "401 200 404 404 404 404 404 404"),
    "api-enrolments": Row("GET", "401 200 200 200 200 200 200 200"),
    "api-issuer": Row("GET", "200 200 200 200 200 200 200 200"),
    "api-issuers": Row("GET", "200 200 200 200 200 200 200 200"),
    "api-micro-credential": Row("GET", "200 200 200 200 200 200 200 200"),
    "api-micro-credentials": Row("GET", "200 200 200 200 200 200 200 200"),
    "api-reports": Row("GET", "401 403 403 403 403 403 200 200"),
    "api-review": Row("GET", "401 403 403 200 404 403 403 403"),
    "api-review-claim": Row("POST", "401 403 403 201 404 403 403 403"),
    "api-review-complete": Row("POST", "401 403 403 400 400 403 403 403"),
    "api-review-comments": Row("GET", "401 403 403 200 200 403 403 403"),
    "api-review-note": Row("PATCH", "401 403 403 200 404 403 403 403"),
    "api-review-notes": Row("GET", "401 403 403 200 404 403 403 403"),
    "api-review-recuse": Row("POST", "401 403 403 400 400 403 403 403"),
    "api-review-release": Row("POST", "401 403 403 200 404 403 403 403"),
    "api-review-uses": Row("POST", "401 403 403 400 404 403 403 403"),
    "api-reviews": Row("GET", "401 403 403 200 200 403 403 403"),
    "api-reviews-next": Row("POST", "401 403 403 201 404 403 403 403"),
    "api-reviews-mine": Row("GET", "401 403 403 200 200 403 403 403"),
    "api-stack": Row("GET", "200 200 200 200 200 200 200 200"),
    "api-stacks": Row("GET", "200 200 200 200 200 200 200 200"),
    "api-submission": Row("GET", "401 200 404 404 404 404 404 404"),
    "api-submission-resubmit": Row("POST", "401 409 404 404 404 404 404 404"),
    "api-submission-submit": Row("POST", "401 400 404 404 404 404 404 404"),
    "api-submission-useful": Row("POST", "401 400 404 404 404 404 404 404"),
    "api-submission-withdraw": Row("POST", "401 409 404 404 404 404 404 404"),
    "api-submissions": Row("GET", "401 200 200 200 200 200 200 200"),
    "api-token": Row("POST", "400 400 400 400 400 400 400 400"),
    "api-upload": Row("GET", "401 200 404 404 404 404 404 404"),
    "api-upload-complete": Row("POST", "401 409 404 404 404 404 404 404"),
    "api-upload-parts": Row("GET", "401 200 404 404 404 404 404 404"),
    "api-uploads": Row("GET", "401 200 200 200 200 200 200 200"),
    "api-verify": Row("POST", "400 400 400 400 400 400 400 400"),
    "artifact-add": Row("POST", "in 400 404 404 404 404 404 404"),
    "artifact-delete": Row("POST", "in 302 404 404 404 404 404 404"),
    "artifact-preview": Row("GET", "in 404 404 404 404 404 404 404"),
    "evidence": Row("GET", "in 404 404 404 404 404 404 404"),
    "review-preview": Row("GET", "in 404 404 404 404 404 404 404"),
    "artifact-captions": Row("POST", "in 400 404 404 404 404 404 404"),
    "artifact-retry": Row("POST", "in 400 404 404 404 404 404 404"),
    "artifact-coverage": Row("POST", "in 400 404 404 404 404 404 404"),
    "artifact-file": Row("GET", "in 404 404 404 404 404 404 404"),
    "artifact-upload": Row("PUT", "401 400 404 404 404 404 404 404"),
    "artifact-stopped": Row("GET", "in 302 404 404 404 404 404 404"),
    "ask-issuer": Row("GET", "200 200 200 200 200 200 200 200"),
    "ask-platform": Row("GET", "200 200 200 200 200 200 200 200"),
    "adjudication": Row("GET", "in 403 403 403 404 403 403 403"),
    "adjudication-begin": Row("POST", "in 403 403 403 404 403 403 403"),
    "review-adjudications": Row("GET", "in 403 403 403 200 403 403 403"),
    "appeal": Row("GET", "in 200 404 404 404 404 404 404"),
    "organization-unblindings": Row("GET", "in 404 404 404 404 404 404 404"),
    "review-appeal": Row("GET", "in 404 404 404 200 404 404 404"),
    "review-appeals": Row("GET", "in 403 403 403 200 403 403 403"),
    "review-unblind": Row("GET", "in 403 403 403 200 403 403 403"),
    "awards-issued": Row("GET", "in 403 403 403 200 403 403 403"),
    "badge": Row("GET", "404 200 404 404 404 404 404 404"),
    "badge-district": Row("POST", "in 404 404 404 404 404 404 404"),
    "badge-download": Row("GET", "404 200 404 404 404 404 404 404"),
    "badge-id": Row("GET", "302 302 302 302 302 302 302 302"),
    "badge-image": Row("GET", "404 200 404 404 404 404 404 404"),
    "badge-revoke": Row("GET", "in 403 404 404 200 403 404 404"),
    "badge-share": Row("POST", "in 302 404 404 404 404 404 404"),
    "case": Row("GET", "in 200 404 404 404 404 404 404"),
    "class": Row("GET", "in 200 404 404 404 404 404 404"),
    "class-forms": Row("GET", "in 200 404 404 404 404 404 404"),
    "class-new": Row("GET", "in 200 200 200 200 200 200 200"),
    "class-stop": Row("GET", "in 200 404 404 404 404 404 404"),
    "classes": Row("GET", "in 200 200 200 200 200 200 200"),
    "collection": Row("GET", "200 200 200 200 200 200 200 200"),
    "conversation": Row("GET", "in 200 404 404 404 404 404 404"),
    "conversation-close": Row("POST", "in 409 404 404 404 404 404 404"),
    "conversation-take": Row("POST", "in 403 404 404 404 404 404 404"),
    "conversations": Row("GET", "in 200 200 200 200 200 200 200"),
    "did": Row("GET", "200 200 200 200 200 200 200 200"),
    "enrol": Row("POST", "302 302 302 302 302 302 302 302"),
    "enrol-continue": Row("GET", "in 302 302 302 302 302 302 302"),
    "enrolment-calendar": Row("GET", "in 302 404 404 404 404 404 404"),
    "enrolment-leave": Row("GET", "in 200 404 404 404 404 404 404"),
    "enrolment-plan": Row("GET", "in 200 404 404 404 404 404 404"),
    "enrolment-target": Row("POST", "in 302 404 404 404 404 404 404"),
    "explore": Row("GET", "200 200 200 200 200 200 200 200"),
    "healthz": Row("GET", "200 200 200 200 200 200 200 200"),
    "help": Row("GET", "200 200 200 200 200 200 200 200"),
    "help-page": Row("GET", "200 200 200 200 200 200 200 200"),
    "home": Row("GET", "200 200 200 200 200 200 200 200"),
    "invitation": Row("GET", "200 200 200 200 200 200 200 200"),
    "invitation-withdraw": Row("POST", "in 404 404 404 404 404 302 404"),
    "issuer": Row("GET", "200 200 200 200 200 200 200 200"),
    "issuer-did": Row("GET", "200 200 200 200 200 200 200 200"),
    "likeness": Row("GET", "in 404 404 404 200 404 404 404"),
    "likeness-case": Row("POST", "in 404 404 404 400 404 404 404"),
    "likeness-dismiss": Row("POST", "in 404 404 404 400 404 404 404"),
    "likeness-picture": Row("GET", "in 404 404 404 404 404 404 404"),
    "likenesses": Row("GET", "in 403 403 403 200 403 403 403"),
    "micro-credential": Row("GET", "200 200 200 200 200 200 200 200"),
    "my": Row("GET", "in 200 200 200 200 200 200 200"),
    "notification-open": Row("GET", "in 302 404 404 404 404 404 404"),
    "notification-preferences": Row("GET", "in 200 200 200 200 200 200 200"),
    "notifications": Row("GET", "in 200 200 200 200 200 200 200"),
    "notifications-read": Row("POST", "in 302 302 302 302 302 302 302"),
    "organization": Row("GET", "in 404 404 404 404 404 200 404"),
    "organization-evidence": Row("GET", "in 404 404 404 404 404 404 404"),
    "readyz": Row("GET", "200 200 200 200 200 200 200 200"),
    "reports": Row("GET", "in 403 403 403 403 403 200 200"),
    "reports-csv": Row("GET", "in 403 403 403 403 403 200 200"),
    "organization-assessment": Row("GET", "in 404 404 404 200 404 404 404"),
    "review-away": Row("GET", "in 403 403 200 200 403 403 403"),
    "review-giving": Row("GET", "in 403 403 403 200 403 403 403"),
    "review-assign": Row("POST", "in 404 404 404 400 404 404 404"),
    "review-one-decides": Row("POST", "in 404 404 404 400 404 404 404"),
    "review-attention": Row("GET", "in 403 403 403 200 403 403 403"),
    "review-decline": Row("POST", "in 403 403 404 404 403 403 403"),
    "review-next": Row("POST", "in 403 403 302 302 403 403 403"),
    "review-statement": Row("GET", "in 403 403 200 200 403 403 403"),
    "review-statement-csv": Row("GET", "in 403 403 200 200 403 403 403"),
    "review-artifact": Row("GET", "in 404 404 302 404 404 404 404"),
    "review-case": Row("GET", "in 404 404 404 200 404 404 404"),
    "review-cases": Row("GET", "in 403 403 403 200 403 403 403"),
    "review-changed": Row("GET", "in 404 404 200 404 404 404 404"),
    "review-check": Row("GET", "in 404 404 302 404 404 404 404"),
    "review-claim": Row("POST", "in 403 403 302 404 403 403 403"),
    "review-comment": Row("POST", "in 403 403 302 404 403 403 403"),
    "review-comment-insert": Row("POST", "in 403 403 404 404 403 403 403"),
    "review-comments": Row("GET", "in 403 403 200 200 403 403 403"),
    "review-complete": Row("POST", "in 404 404 409 404 404 404 404"),
    "review-completed": Row("GET", "in 403 403 200 200 403 403 403"),
    "review-continue": Row("POST", "in 404 404 302 404 404 404 404"),
    "review-desk": Row("GET", "in 403 403 200 404 403 403 403"),
    "review-quality": Row("GET", "in 403 403 403 200 200 403 403"),
    "review-quality-csv": Row("GET", "in 403 403 403 200 200 403 403"),
    "review-quality-own": Row("GET", "in 403 403 200 200 403 403 403"),
    "review-notes": Row("GET", "in 404 404 200 404 404 404 404"),
    "review-queue": Row("GET", "in 403 403 200 200 403 403 403"),
    "review-recuse": Row("POST", "in 404 404 400 404 404 404 404"),
    "review-release": Row("POST", "in 404 404 302 404 404 404 404"),
    "role-end": Row("POST", "in 302 404 404 404 404 302 404"),
    "schema": Row("GET", "200 200 200 200 200 200 200 200"),
    "stack": Row("GET", "200 200 200 200 200 200 200 200"),
    "stack-progress": Row("GET", "in 200 200 200 200 200 200 200"),
    "status": Row("GET", "200 200 200 200 200 200 200 200"),
    "stop": Row("GET", "200 200 200 200 200 200 200 200"),
    "submission": Row("GET", "in 200 404 404 404 404 404 404"),
    "submission-coach": Row("GET", "in 302 404 404 404 404 404 404"),
    "submission-place": Row("GET", "in 404 404 404 404 404 404 404"),
    "submission-useful": Row("POST", "in 400 404 404 404 404 404 404"),
    "submission-evidence": Row("GET", "in 200 404 404 404 404 404 404"),
    "submission-qr": Row("GET", "in 200 404 404 404 404 404 404"),
    "submission-preview": Row("POST", "in 200 404 404 404 404 404 404"),
    "submission-print": Row("GET", "in 200 404 404 404 404 404 404"),
    "submission-resubmit": Row("POST", "in 409 404 404 404 404 404 404"),
    "submission-self-rating": Row("GET", "in 200 404 404 404 404 404 404"),
    "submission-submit": Row("POST", "in 400 404 404 404 404 404 404"),
    "submission-library": Row("GET", "in 200 404 404 404 404 404 404"),
    "submission-team": Row("GET", "in 200 404 404 404 404 404 404"),
    "submission-manifest": Row("GET", "in 200 404 404 404 404 404 404"),
    "submission-receipt": Row("GET", "in 200 404 404 404 404 404 404"),
    "submission-receipt-file": Row("GET", "in 200 404 404 404 404 404 404"),
    "submission-texts": Row("GET", "in 200 404 404 404 404 404 404"),
    "submission-withdraw": Row("POST", "in 409 404 404 404 404 404 404"),
    "team-invitation": Row("GET", "200 200 200 200 200 200 200 200"),
    "verify": Row("GET", "200 200 200 200 200 200 200 200"),
}


def routes(patterns: Any = None, namespace: str = "") -> list[str]:
    """The names of all routes; one without a name is reported by its pattern."""
    found = []
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            found += routes(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern):
            found.append(f"{namespace}{pattern.name or pattern.pattern}")
    return found


def ours() -> list[str]:
    return sorted({name for name in routes() if not name.startswith(THEIRS)})


class World(NamedTuple):
    """The people, the educator's things, and the session of each of `PERSONS` who has one."""

    people: People
    ids: dict[str, Any]
    sessions: dict[str, str]


def handed_in(people: People, unit: MicroCredential) -> Submission:
    """A submission of the educator's with a file."""
    draft = submissions.enrol(people.educator, unit)
    submissions.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    factories.kept(draft, evidence.plan(), "application/pdf", "plan.pdf")
    return submissions.submit(draft, people.educator, ["privacy"])


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once for the whole table; whatever a request changes is rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def make_world() -> World:
    """The cast and the educator's things."""
    people = cast()
    unit = factories.published(people.northfield, slug="unit", title="Unit", teams=True)
    other = factories.published(people.northfield, slug="other", title="Other")
    third = factories.published(people.northfield, slug="third", title="Third")
    waiting = factories.published(people.northfield, slug="waiting", title="Waiting")
    award = factories.award(people, third)
    draft = submissions.enrol(people.educator, unit)
    artifact = submissions.add_text(
        draft, people.educator, requirement="plan", text="First we look, then we talk."
    )
    upload = submissions.begin_upload(draft, people.educator, requirement="plan", name="plan.pdf", size=9)
    assignment = review.claim(handed_in(people, other), people.assessor)
    queued = factories.submitted(people.educator, waiting)
    invitation = accounts.invite(people.district_admin, people.riverbend, "new@example.test", "educator")
    Collection.objects.create(slug="collection", title="Collection", description="", editor="Editor")
    Stack.objects.create(slug="stack", title="S", description="", issuer=people.northfield, certificate="C")
    message = notifications.notify(record("test", people.educator), people.educator, "welcome", {}, "/my/")
    ids: dict[str, Any] = {
        "submission": draft.pk,
        "upload": upload.pk,
        "enrolment": draft.enrolment_id,
        "artifact": artifact.pk,
        "assignment": assignment.pk,
        "held": assignment.submission.artifacts.get().pk,
        "note": noted(assignment).pk,
        "comment": review.keep_comment(people.assessor, people.northfield.pk, "Count who speaks.").pk,
        "queued": queued.pk,
        "assessment": review.enter(queued).pk,
        "award": award.pk,
        "list": award.status_list_id,
        "version": award.version_id,
        "invitation": invitation.pk,
        "role": Membership.objects.get(user=people.educator, organisation=people.riverbend).pk,
        "message": message.pk,
        "class": factories.school_class(people.educator).pk,
        **doubted(people, queued, assignment.submission),
        **appealed(people),
        **calibrated(people, award.submission),
        "conversation": Conversation.objects.create(enrolment=draft.enrolment, after=1).pk,
        "place": factories.team_place(draft, "new@example.test").pk,
    }
    sessions = {name: signed_in(getattr(people, name)).cookies[SESSION].value for name in PERSONS[1:]}
    return World(people, ids, sessions)


def visitor(world: World, person: str, **options: Any) -> Client:
    """A browser of this person's; signing in anew would take as long as the request that follows."""
    client = Client(raise_request_exception=False, **options)
    if person != "anonymous":
        client.cookies[SESSION] = world.sessions[person]
    return client


def address(name: str, ids: dict[str, Any]) -> str:
    """The address of a route for the educator's things."""
    return reverse(name, kwargs={} if name in WITHOUT else arguments(name, ids))


def arguments(name: str, ids: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of a route."""
    if name == "api-review-note":
        return {"pk": ids["assignment"], "note": ids["note"]}
    if name == "review-artifact":
        return {"pk": ids["assignment"], "artifact": ids["held"]}
    if name == "review-anchor-artifact":
        return {"pk": ids["anchor"], "artifact": ids["artifact"]}
    if name == "review-preview":
        return {"pk": ids["assignment"], "artifact": ids["held"], "kind": "poster"}
    if name in MORE:
        thing, more = MORE[name]
        return {"pk": ids[thing], **more}
    if name == "evidence":
        return {"address": "nothing-signed"}
    if name in SLUGS:
        return {"slug": SLUGS[name]}
    for prefixes, thing in THINGS:
        if name.startswith(prefixes):
            return {"pk": ids[thing]}
    return {}


MORE: dict[str, tuple[str, dict[str, Any]]] = {
    "artifact-preview": ("artifact", {"kind": "poster"}),
    "review-comment": ("comment", {"verb": "propose"}),
    "badge-download": ("award", {"kind": "json"}),
    "submission-place": ("submission", {"criterion": "plan", "number": 1}),
    "class-stop": ("class", {"number": 7}),
    "likeness-picture": ("likeness", {"side": "newer"}),
}
SLUGS = {
    "micro-credential": "unit",
    "api-micro-credential": "unit",
    "collection": "collection",
    "api-collection": "collection",
    "stack": "stack",
    "api-stack": "stack",
    "issuer": "northfield",
    "api-issuer": "northfield",
    "issuer-did": "northfield",
    "ask-issuer": "northfield",
    "enrol": "unit",
    "organization": "riverbend",
    "organization-evidence": "northfield",
    "organization-unblindings": "northfield",
    "organization-assessment": "northfield",
    "help-page": "what-this-is",
    "review-quality-csv": "agreement",
    "stack-progress": "stack",
}
THINGS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("role-end",), "role"),
    (("anchor-permission", "review-anchor-build"), "permission"),
    (("review-anchor-ask",), "decided"),
    (("review-anchor",), "anchor"),
    (("calibration-start",), "calibrated"),
    (("calibration-",), "run"),
    (("licence-end",), "licence"),
    (("adjudication",), "assessment"),
    (("review-unblind", "appeal"), "decided"),
    (("review-appeal",), "appeal"),
    (("likeness",), "likeness"),
    (("review-comment-insert",), "comment"),
    (("team-invitation",), "place"),
    (("conversation",), "conversation"),
    (("review-changed", "review-check"), "assignment"),
    (("case", "review-case"), "case"),
    (("account-data-download",), "award"),
    (("class",), "class"),
    (("artifact-coverage", "artifact-stopped"), "artifact"),
    (("invitation",), "invitation"),
    (("notification-open",), "message"),
    (("review-claim", "api-review-claim"), "queued"),
    (("review-decline",), "assignment"),
    (("review-assign", "review-one-decides"), "assessment"),
    (("review-desk", "review-complete", "review-notes", "review-release", "review-recuse", "review-continue"), "assignment"),
    (("api-review-", "api-review"), "assignment"),
    (("enrolment-", "api-enrolment-", "api-enrolment"), "enrolment"),
    (("api-artifacts",), "submission"),
    (("api-upload-", "api-upload"), "upload"),
    (("artifact-captions", "artifact-delete", "artifact-file", "artifact-retry", "api-artifact"), "artifact"),
    (("artifact-",), "submission"),
    (("submission-manifest", "submission-receipt"), "queued"),
    (("submission", "api-submission"), "submission"),
    (("status",), "list"),
    (("achievement",), "version"),
    (("badge", "api-award"), "award"),
)
WITHOUT = {
    "review-quality", "review-quality-own",
    "anchor-permissions", "review-anchors", "review-assessors", "review-calibration",
    "review-away", "review-giving",
    "class-new", "classes", "conversations",
    "api-uploads", "review-comments", "api-review-comments", "api-reviews", "api-reviews-mine", "api-reviews-next", "api-enrolments", "api-submissions", "api-awards",
    "review-adjudications", "review-appeals", "review-completed", "review-queue", "likenesses", "review-cases",
}  # fmt: skip


def send(client: Client, method: str, url: str) -> Any:
    """A GET, or an empty JSON object."""
    if method == "GET":
        return client.get(url)
    return client.generic(method, url, b"{}", content_type="application/json")


def ask(world: World, name: str, method: str, person: str) -> str:
    """One request by one person, in words of the table."""
    client, url = visitor(world, person), address(name, world.ids)
    with transaction.atomic():
        answer = send(client, method, url)
        transaction.set_rollback(True)
    if answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"):
        return SIGN_IN
    return str(answer.status_code)


def test_every_route_has_a_row() -> None:
    assert ours() == sorted(TABLE)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_answers(world: World, name: str) -> None:
    row = TABLE[name]
    given = [ask(world, name, row.method, person) for person in PERSONS]
    assert " ".join(given) == row.answers
