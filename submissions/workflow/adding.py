"""Links and texts as evidence, and taking a piece of evidence out again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError, record
from submissions.checklist import text_problem
from submissions.models import Artifact, Submission
from submissions.workflow.drafting import ANSWER_MAX
from submissions.workflow.forgetting import check_no_hold, delete_bytes
from submissions.workflow.intake import abandon
from submissions.workflow.keeping import let_go
from submissions.workflow.placing import TITLE_MAX, attach, check_place
from submissions.workflow.table import check_earner, lock_draft

LINK_MAX = 500


def add_link(
    submission: Submission,
    user: User,
    *,
    requirement: str,
    criteria: Collection[str] = (),
    title: str = "",
    url: str,
) -> Artifact:
    """Point to work that lives elsewhere; a copy is made of it, and that is what assessors read."""
    check_place(submission, user, requirement, criteria, title)
    problem = text_problem(url, LINK_MAX)
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError:
        problem = problem or _("Enter a whole web address, such as https://example.org/lesson.")
    if problem:
        raise GuardError(problem, {"url": [problem]})
    with transaction.atomic():
        artifact = attach(
            submission, requirement, criteria,
            kind=Artifact.Kind.LINK, state=Artifact.State.RECEIVED, title=title.strip() or url[:TITLE_MAX], url=url,
        )  # fmt: skip
        issuer = submission.enrolment.micro_credential.issuer_id
        record("submissions.artifact_received", artifact, actor=user, organisation_id=issuer)
    return artifact


def add_text(
    submission: Submission,
    user: User,
    *,
    requirement: str,
    criteria: Collection[str] = (),
    title: str = "",
    text: str,
) -> Artifact:
    """A piece of evidence typed or pasted in."""
    check_place(submission, user, requirement, criteria, title)
    problem = text_problem(text, ANSWER_MAX) or ("" if text.strip() else _("Type or paste the text first."))
    if problem:
        raise GuardError(problem, {"text": [problem]})
    name = title.strip() or " ".join(text.split()[:8])[:TITLE_MAX]
    return attach(
        submission, requirement, criteria, kind=Artifact.Kind.TEXT, title=name, text=text, size=len(text.encode()),
        sha256=hashlib.sha256(text.encode()).hexdigest(), scan=Artifact.Scan.CLEAN,
    )  # fmt: skip


def remove_artifact(artifact: Artifact, user: User) -> None:
    """Take a piece of evidence out of a draft; its bytes go too, unless something else still shows them."""
    check_earner(artifact.submission, user)
    with transaction.atomic():
        lock_draft(artifact.submission)
        # As it is now: meanwhile a check may have kept its bytes, or a family closed it.
        rows = Artifact.objects.select_related("submission__enrolment__micro_credential")
        current = rows.select_for_update(of=("self",)).filter(pk=artifact.pk).first()
        if current is None:
            return
        check_no_hold(current)
        content = current.content_id
        if current.state == Artifact.State.QUARANTINED and content:
            delete_bytes(current, user, "removed")  # a family may ask when the bytes went
        abandon(current)
        current.delete()
        let_go(content)
