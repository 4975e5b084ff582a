"""Working on a draft: texts with a revision, and evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.queries.template import template_of
from journal.workflow import GuardError, TransitionError
from submissions import files
from submissions.checklist import NOTE, text_problem
from submissions.files import IncomingFile
from submissions.models import Artifact, Submission
from submissions.workflow.table import WORDS, State, check_earner, lock_draft

ANSWER_MAX = 40_000  # characters; the longest answer asked for is about 6,000
NOTE_MAX = 5_000
LINK_MAX = 500
TITLE_MAX = 160


class StaleRevision(TransitionError):
    """Somebody (the same person in another tab) saved in between: carries what is stored now."""

    def __init__(self, submission: Submission) -> None:
        message = _("This page was saved somewhere else in the meantime. Both texts are kept.")
        super().__init__(message, state=submission.state, code="stale")
        self.revision = submission.revision
        self.answers: dict[str, str] = dict(submission.answers)
        self.resubmission_note = submission.resubmission_note


def save(
    submission: Submission,
    user: User,
    *,
    revision: int,
    answers: Mapping[str, str],
    resubmission_note: str | None = None,
) -> Submission:
    """Keep what she typed. A save that does not know the latest revision raises `StaleRevision`."""
    check_earner(submission, user)
    _check_texts(submission, answers, resubmission_note)
    with transaction.atomic():
        current = lock_draft(submission)
        if current.revision != revision:
            raise StaleRevision(current)
        current.answers = {**current.answers, **answers}
        if resubmission_note is not None:
            current.resubmission_note = resubmission_note
        current.revision += 1
        current.saved_at = timezone.now()
        current.save(update_fields=["answers", "resubmission_note", "revision", "saved_at"])
    for name in ("answers", "resubmission_note", "revision", "saved_at"):
        setattr(submission, name, getattr(current, name))
    return submission


def _check_texts(submission: Submission, answers: Mapping[str, Any], note: str | None) -> None:
    known = {question["key"] for question in template_of(submission.enrolment.version)["questions"]}
    errors: dict[str, list[Any]] = {}
    for key, text in answers.items():
        if key not in known:
            errors[key] = [_("There is no such question.")]
        elif problem := text_problem(text, ANSWER_MAX):
            errors[key] = [problem]
    if note is not None and (problem := text_problem(note, NOTE_MAX)):
        errors[NOTE] = [problem]
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors)


def add_file(
    submission: Submission,
    user: User,
    *,
    requirement: str,
    criteria: Collection[str] = (),
    title: str = "",
    upload: IncomingFile,
) -> Artifact:
    """Take a file in. It is looked at before it is stored, and no bytes remain of one that is refused."""
    _check_place(submission, user, requirement, criteria, title)
    stored = files.store(upload.chunks, upload.size, upload.name)
    try:
        return _attach(
            submission, requirement, criteria, kind=Artifact.Kind.FILE, title=title.strip() or stored.name,
            name=stored.name, file=stored.key, content_type=stored.content_type, size=stored.size,
            sha256=stored.sha256, scan=stored.scan,
        )  # fmt: skip
    except BaseException:
        files.discard(stored.key)
        raise


def add_link(
    submission: Submission,
    user: User,
    *,
    requirement: str,
    criteria: Collection[str] = (),
    title: str = "",
    url: str,
) -> Artifact:
    """Point to work that lives elsewhere."""
    _check_place(submission, user, requirement, criteria, title)
    problem = text_problem(url, LINK_MAX)
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError:
        problem = problem or _("Enter a whole web address, such as https://example.org/lesson.")
    if problem:
        raise GuardError(problem, {"url": [problem]})
    return _attach(
        submission,
        requirement,
        criteria,
        kind=Artifact.Kind.LINK,
        title=title.strip() or url[:TITLE_MAX],
        url=url,
    )


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
    _check_place(submission, user, requirement, criteria, title)
    problem = text_problem(text, ANSWER_MAX) or ("" if text.strip() else _("Type or paste the text first."))
    if problem:
        raise GuardError(problem, {"text": [problem]})
    name = title.strip() or " ".join(text.split()[:8])[:TITLE_MAX]
    return _attach(
        submission, requirement, criteria, kind=Artifact.Kind.TEXT, title=name, text=text, size=len(text.encode()),
        sha256=hashlib.sha256(text.encode()).hexdigest(), scan=Artifact.Scan.CLEAN,
    )  # fmt: skip


def remove_artifact(artifact: Artifact, user: User) -> None:
    """Take a piece of evidence out of a draft; its bytes go too, unless another attempt still shows them."""
    check_earner(artifact.submission, user)
    key = artifact.file.name
    with transaction.atomic():
        lock_draft(artifact.submission)
        Artifact.objects.filter(pk=artifact.pk).delete()
        if key and not Artifact.objects.filter(file=key).exists():
            transaction.on_commit(lambda: files.discard(key))


def _check_place(
    submission: Submission, user: User, requirement: str, criteria: Collection[str], title: str
) -> None:
    """Before any byte is read: is this a draft of hers, and is there room for one more?"""
    check_earner(submission, user)
    if submission.state != State.DRAFT:
        raise TransitionError(WORDS[State(submission.state)], state=submission.state)
    template = template_of(submission.enrolment.version)
    wanted = _requirement(template, requirement)
    if wanted is None:
        raise GuardError(
            _("Choose what this is evidence of."), {"requirement": [_("There is no such requirement.")]}
        )
    _check_room(submission, wanted)
    known = {criterion["key"] for criterion in template["criteria"]}
    if unknown := set(criteria) - known:
        words = _("There is no criterion “%s”.") % min(unknown)
        raise GuardError(words, {"criteria": [words]})
    if problem := text_problem(title, TITLE_MAX):
        raise GuardError(problem, {"title": [problem]})


def _requirement(template: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    return next((row for row in template["requirements"] if row["key"] == key), None)


def _check_room(submission: Submission, requirement: Mapping[str, Any]) -> None:
    number = Artifact.objects.filter(submission=submission, requirement=requirement["key"]).count()
    if number >= requirement["maximum"]:
        words = _("“%(title)s” already has %(number)d: remove one to add another.") % {
            "title": requirement["title"],
            "number": number,
        }
        raise GuardError(words, {"requirement": [words]})


def _attach(submission: Submission, requirement: str, criteria: Collection[str], **fields: Any) -> Artifact:
    """The row. Room is counted again under the lock, so that two uploads at once do not overfill it."""
    with transaction.atomic():
        current = lock_draft(submission)
        template = template_of(current.enrolment.version)
        if wanted := _requirement(template, requirement):
            _check_room(submission, wanted)
        number = Artifact.objects.filter(submission=submission).count()
        return Artifact.objects.create(
            submission=submission,
            requirement=requirement,
            criteria=_tags(template, requirement, criteria),
            order=number,
            **fields,
        )


def _tags(template: Mapping[str, Any], requirement: str, criteria: Collection[str]) -> list[str]:
    """The criteria this is read for, in the rubric's order; untagged evidence counts for all of its requirement."""
    return [
        row["key"]
        for row in template["criteria"]
        if (row["key"] in criteria if criteria else requirement in row["requirements"])
    ]
