"""The register of classes, the one question about each piece of evidence, and how a family stops its use."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from journal.workflow import GuardError, TransitionError, change, record
from submissions.checklist import text_problem
from submissions.coverage import STOPPED, asks, gap, registers
from submissions.models import Artifact, Consent, SchoolClass
from submissions.models.consent import Purpose, Scope
from submissions.workflow.forgetting import delete_bytes, held_back
from submissions.workflow.table import UNDER_WAY, check_earner, lock_draft, move_artifact

MOST = 400
LONGEST = timedelta(days=2 * 366)  # a form for longer is no informed choice any more
PATIENCE = timedelta(days=14)  # after a stop, until the bytes go by themselves
# Crockford's: nothing in it looks like something else. 32 signs, eight of them: 40 bits.
CODE = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = str.maketrans("OIL", "011")
TRUNK = "submission__enrolment__micro_credential"
Evidence = Artifact.State
REFUSED = {
    "unknown": gettext_lazy("Choose the class whose students can be recognised."),
    "expired": gettext_lazy("The forms of “%s” have run out. Renew them in your register first."),
    "scope": gettext_lazy("The forms of “%s” do not cover what this shows (for a video: image and voice)."),
    "purpose": gettext_lazy("The forms of “%s” do not allow that evidence is assessed."),
}


def new_code() -> str:
    """What is printed on a form: whoever holds it can stop the use."""
    drawn = "".join(secrets.choice(CODE) for _number in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


def tidy_code(text: str) -> str:
    """A code as people type it; nothing where it cannot be one."""
    signs = "".join(sign for sign in text.upper().translate(MISREAD) if sign in CODE)
    return f"{signs[:4]}-{signs[4:]}" if len(signs) == 8 else ""


def end_of_school_year(today: date) -> date:
    """The next 31 July."""
    return date(today.year + (today.month > 7), 7, 31)


# --- the register -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Terms:
    """What a class is called, how many pupils it has, what their forms cover and allow, and who gave none."""

    label: str
    number: int
    scope: Collection[str] = tuple(Scope.values)
    purposes: Collection[str] = (Purpose.ASSESSMENT.value,)
    expires: date | None = None  # the end of the school year
    without: Collection[int] = ()

    @property
    def until(self) -> date:
        return self.expires or end_of_school_year(timezone.localdate())

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "label": self.label.strip(),
            "number": self.number,
            "expires": self.until,
            "scope": [one for one in Scope.values if one in self.scope],
            "purposes": [one for one in Purpose.values if one in self.purposes],
        }

    @property
    def noted(self) -> dict[str, int]:
        return {"pupils": self.number, "without": len(set(self.without))}


def open_class(user: User, terms: Terms) -> SchoolClass:
    """Forms are on file for all of a class, or for all but some. Every pupil gets a number and a code."""
    _check_terms(terms)
    with transaction.atomic():
        row = SchoolClass.objects.create(owner=user, **terms.columns)
        _add_forms(row, range(1, terms.number + 1), terms.without)
        record("submissions.class_opened", row, actor=user, data=terms.noted)
    return row


def change_class(
    school_class: SchoolClass, user: User, terms: Terms, aliases: Mapping[int, str] | None = None
) -> SchoolClass:
    """Forms that came in, more pupils, a new date. What it allows less than before counts at once, everywhere."""
    _check_owner(school_class, user)
    _check_terms(terms)
    with transaction.atomic():
        current = SchoolClass.objects.select_for_update().get(pk=school_class.pk)
        if terms.number < current.number:
            words = _("A class only grows here: each number belongs to a printed form.")
            raise GuardError(words, {"number": [words]})
        _add_forms(current, range(current.number + 1, terms.number + 1), terms.without)
        _change_forms(current, set(terms.without), aliases or {})
        SchoolClass.objects.filter(pk=current.pk).update(**terms.columns)
        record("submissions.class_changed", current, actor=user, data=terms.noted)
    school_class.refresh_from_db()
    return school_class


def _check_terms(terms: Terms) -> None:
    errors: dict[str, list[Any]] = {}
    named = "" if terms.label.strip() else _("Give the class a name, such as Period 3.")
    if problem := text_problem(terms.label, 60) or named:
        errors["label"] = [problem]
    if not 1 <= terms.number <= MOST:
        errors["number"] = [_("Enter how many pupils the class has: 1 to %d.") % MOST]
    elif strange := sorted(one for one in terms.without if not 1 <= one <= terms.number):
        errors["without"] = [_("There is no pupil %d in this class.") % strange[0]]
    if not terms.scope or set(terms.scope) - set(Scope.values):
        errors["scope"] = [_("Choose what the forms cover.")]
    if not terms.purposes or set(terms.purposes) - set(Purpose.values):
        errors["purposes"] = [_("Choose what the forms allow.")]
    today = timezone.localdate()
    if not today <= terms.until <= today + LONGEST:
        errors["expires"] = [_("Choose a day from today on, at most two years ahead.")]
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors)


def _add_forms(row: SchoolClass, numbers: Iterable[int], without: Collection[int]) -> None:
    states = {True: Consent.State.MISSING, False: Consent.State.ON_FILE}
    Consent.objects.bulk_create(
        Consent(school_class=row, number=number, state=states[number in without], code=new_code())
        for number in numbers
    )


def _change_forms(row: SchoolClass, without: set[int], aliases: Mapping[int, str]) -> None:
    """Forms that came in, and aliases. A form cannot quietly disappear from under evidence that relies on it."""
    forms = {one.number: one for one in Consent.objects.select_for_update().filter(school_class=row)}
    gone = sorted(n for n in without if forms[n].state == Consent.State.ON_FILE)
    if gone and shown_by(row).exists():
        words = (
            _("Evidence relies on the form of pupil %d. To take it back, choose “Stop” beside that pupil.")
            % gone[0]
        )
        raise GuardError(words, {"without": [words]})
    for number, one in forms.items():
        alias = aliases.get(number, one.alias).strip()
        if problem := text_problem(alias, 40):
            raise GuardError(problem, {"aliases": [problem]})
        if one.state != Consent.State.STOPPED:
            one.state = Consent.State.MISSING if number in without else Consent.State.ON_FILE
        one.alias = alias
    Consent.objects.bulk_update(forms.values(), ["state", "alias"])


def shown_by(row: SchoolClass) -> QuerySet[Artifact]:
    """Evidence of which somebody said that it shows this class."""
    return Artifact.objects.filter(classes__contains=[row.pk], coverage=Artifact.Coverage.COVERED)


def _check_owner(row: SchoolClass, user: User) -> None:
    if row.owner_id != user.pk:
        raise PermissionDenied


# --- the question -----------------------------------------------------------------------------------------


def cover(artifact: Artifact, user: User, coverage: str, classes: Collection[UUID] = ()) -> Artifact:
    """Say who can be recognised in it. Pupils without a form at this moment are said not to be."""
    check_earner(artifact.submission, user)
    if coverage not in {Artifact.Coverage.COVERED, Artifact.Coverage.NOBODY, Artifact.Coverage.UNSURE}:
        words = _("Choose: everyone is covered, nobody is recognisable, or not sure.")
        raise GuardError(words, {"coverage": [words]})
    with transaction.atomic():
        lock_draft(artifact.submission)
        current = Artifact.objects.select_for_update(of=("self",)).select_related(TRUNK).get(pk=artifact.pk)
        _check_asked(current)
        said = list(dict.fromkeys(classes)) if coverage == Artifact.Coverage.COVERED else []
        current.coverage, current.classes = coverage, said
        current.cleared = _without_form(current, user) if coverage == Artifact.Coverage.COVERED else []
        current.save(update_fields=["coverage", "classes", "cleared"])
        data = {"coverage": coverage, "classes": [str(one) for one in said]}
        record("submissions.coverage_said", current, actor=user, data=data)
    for name in ("coverage", "classes", "cleared"):
        setattr(artifact, name, getattr(current, name))
    return artifact


def _check_asked(artifact: Artifact) -> None:
    if artifact.state in {Evidence.QUARANTINED, Evidence.DELETED, Evidence.REJECTED}:
        raise TransitionError(_("This piece is closed, so there is nothing to answer."), state=artifact.state)
    if not asks(artifact):
        words = _("This is asked of files only.")
        raise GuardError(words, {"coverage": [words]})


def _without_form(artifact: Artifact, user: User) -> list[UUID]:
    """The stopped consents of the classes named, after checking that the classes are hers and fit."""
    rows = SchoolClass.objects.filter(pk__in=artifact.classes, owner=user)
    list(
        rows.select_for_update().order_by("pk")
    )  # a stop at this moment comes before or after, never between
    known = registers(rows)
    stopped = [pk for one in known.values() for pk in one.stopped]
    artifact.cleared = stopped
    named: list[UUID | None] = [*artifact.classes]
    for pk in named or [None]:
        probe = Artifact(**{name: getattr(artifact, name) for name in PROBED}, classes=[pk] if pk else [])
        if found := gap(probe, Purpose.ASSESSMENT, known):
            words = REFUSED[found] % known[pk].label if pk in known else REFUSED["unknown"]
            raise GuardError(words, {"classes": [words]})
    return stopped


PROBED = ("kind", "name", "content_type", "sha256", "coverage", "cleared")


# --- stopping ---------------------------------------------------------------------------------------------


def stop(consent: Consent, actor: User | None = None) -> Consent:
    """End the use, at once and everywhere: whatever may show this pupil is closed, with all that shares its bytes."""
    if actor is not None:
        _check_owner(consent.school_class, actor)
    with transaction.atomic():
        SchoolClass.objects.select_for_update().get(pk=consent.school_class_id)
        rows = list(_touched(consent))
        closed = [
            {"artifact": str(one.pk), "content": str(one.content_id or "")} for one in rows if _close(one)
        ]
        change(
            consent, "submissions.consent_stopped", frm=[Consent.State.ON_FILE, Consent.State.MISSING],
            to=Consent.State.STOPPED, actor=actor, stopped_at=timezone.now(), data={"closed": closed},
        )  # fmt: skip
    return consent


def _touched(consent: Consent) -> QuerySet[Artifact]:
    """What names the class, unless this pupil was said not to be in it; and whatever shows the same bytes.

    A file that the class's educator sent twice is the same file, whatever she said of it the second time.
    """
    row = consent.school_class
    shown = shown_by(row).exclude(cleared__contains=[consent.pk])
    same = Q(content__in=shown.exclude(content=None).values("content"))
    same |= Q(
        submission__enrolment__earner=row.owner_id,
        received_sha256__in=shown.exclude(received_sha256="").values("received_sha256"),
    )
    rows = Artifact.objects.filter(Q(pk__in=shown.values("pk")) | same)
    return rows.select_for_update(of=("self",)).select_related(TRUNK).order_by("pk")


def _close(artifact: Artifact) -> bool:
    """Whether it is closed now. What is still on its way in is asked about again before anybody sees it."""
    if artifact.state == Evidence.READY:
        words = _("A family stopped the use of this. Nobody can open it until you have chosen what to do.")
        move_artifact(artifact, "quarantine", problem_code=STOPPED, problem=words)
    elif artifact.state in {*UNDER_WAY, Evidence.REJECTED}:  # what was refused may be tried again
        Artifact.objects.filter(pk=artifact.pk).update(coverage=Artifact.Coverage.OPEN, classes=[])
    return artifact.state == Evidence.QUARANTINED and artifact.problem_code == STOPPED


def clear(artifact: Artifact, user: User) -> None:
    """“This pupil is not in it”: her statement is kept, and it opens again, in every attempt of hers."""
    check_earner(artifact.submission, user)
    with transaction.atomic():
        for one in _twins(artifact):
            known = registers(SchoolClass.objects.filter(pk__in=one.classes))
            said = {*one.cleared, *(pk for row in known.values() for pk in row.stopped)}
            move_artifact(
                one, "reopen", user, cleared=sorted(said), problem_code="", problem="",
                data={"not_shown": [str(pk) for pk in sorted(said)]},
            )  # fmt: skip
    artifact.refresh_from_db()


def delete_stopped(artifact: Artifact, user: User) -> None:
    """Delete it now, in every attempt of hers."""
    check_earner(artifact.submission, user)
    with transaction.atomic():
        for one in _twins(artifact):
            delete_bytes(one, user, STOPPED)
    artifact.refresh_from_db()


def _twins(artifact: Artifact) -> list[Artifact]:
    """This and what else of hers shows the same bytes, as far as a stop closed it."""
    same = Q(pk=artifact.pk) | (Q(content=artifact.content_id) if artifact.content_id else Q(pk=None))
    earner = artifact.submission.enrolment.earner_id
    rows = Artifact.objects.filter(
        same, state=Evidence.QUARANTINED, problem_code=STOPPED, submission__enrolment__earner=earner
    )
    found = list(rows.select_for_update(of=("self",)).select_related(TRUNK).order_by("pk"))
    if not found:
        artifact.refresh_from_db(fields=["state"])
        raise TransitionError(_("This is not closed by a family any more."), state=artifact.state)
    return found


def forget_stopped() -> int:
    """Delete what nobody decided about for two weeks; what is under a legal hold stays closed."""
    due = Artifact.objects.filter(
        state=Evidence.QUARANTINED, problem_code=STOPPED, state_since__lt=timezone.now() - PATIENCE
    )
    waiting = [one for one in due.select_related(TRUNK)[:200] if not held_back(one)]
    for one in waiting:
        delete_bytes(one, None, STOPPED)
    return len(waiting)
