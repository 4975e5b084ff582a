"""Whether everybody who can be recognised in a piece of evidence is covered by a form, for one purpose.

The answer is worked out from what was said about the evidence and from the classes as they are today, never stored: a
form that ran out or was stopped counts from that moment everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any, Protocol
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, OuterRef, QuerySet, UUIDField
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from submissions.kinds import KINDS
from submissions.models import Artifact, Consent, SchoolClass
from submissions.models.consent import Purpose, Scope

STOPPED = "stopped"  # `Artifact.problem_code` of what a family closed
CLOSED = (Artifact.State.QUARANTINED, Artifact.State.DELETED, Artifact.State.REJECTED)
NEEDS = {"video": {Scope.IMAGE, Scope.VOICE}, "audio": {Scope.VOICE}, "image": {Scope.IMAGE}}
WORDS = {
    "open": _("Say whether students can be recognised in “%s”."),
    "unsure": _("“%s”: you are not sure who can be recognised. Trim it, blur it or choose another piece."),
    "unknown": _("“%s”: the class you named is gone. Answer once more who can be recognised."),
    "expired": _("“%s”: the forms of this class have run out. Renew them, or choose another piece."),
    "scope": _("“%s”: the forms of this class do not cover this kind of recording."),
    "purpose": _("“%s”: the forms of this class do not allow that it is assessed."),
    "stopped": _("“%s”: a family stopped the use. Answer once more who can be recognised."),
}


class Shown(Protocol):
    """What must be known of a piece of evidence."""

    kind: str
    name: str
    content_type: str
    sha256: str
    coverage: str
    classes: list[UUID]
    cleared: list[UUID]


@dataclass(frozen=True)
class Register:
    """One class as it is today. `without` are the numbers of pupils without a form, `stopped` consents by their ids."""

    id: UUID
    label: str
    number: int
    scope: frozenset[str]
    purposes: frozenset[str]
    expires: date
    without: tuple[int, ...]
    stopped: Mapping[UUID, int]

    @property
    def uncovered(self) -> list[int]:
        """Numbers of the pupils who must not be recognisable."""
        return sorted([*self.without, *self.stopped.values()])

    def expired(self, today: date) -> bool:
        return self.expires < today


def register(row: Mapping[str, Any]) -> Register:
    """From a row of `ROW`."""
    forms = row["forms"]
    return Register(
        id=UUID(row["id"]),
        label=row["label"],
        number=row["number"],
        scope=frozenset(row["scope"]),
        purposes=frozenset(row["purposes"]),
        expires=date.fromisoformat(row["expires"]),
        without=tuple(form["number"] for form in forms if form["state"] == Consent.State.MISSING),
        stopped={
            UUID(form["id"]): form["number"] for form in forms if form["state"] == Consent.State.STOPPED
        },
    )


def rows_of(classes: QuerySet[SchoolClass]) -> ArraySubquery:
    """The classes as one column of another query; `register` reads its rows."""
    forms = Consent.objects.filter(school_class=OuterRef("pk")).exclude(state=Consent.State.ON_FILE)
    row = JSONObject(
        **{name: name for name in ("id", "label", "number", "scope", "purposes", "expires")},
        forms=ArraySubquery(forms.values(form=JSONObject(id="id", number="number", state="state"))),
    )
    return ArraySubquery(classes.values(row=row))


def named_by(artifacts: QuerySet[Artifact]) -> QuerySet[SchoolClass]:
    """The classes that these (a subquery's) artifacts name."""
    ids = Func("classes", function="unnest", output_field=UUIDField())
    return SchoolClass.objects.filter(pk__in=artifacts.order_by().values(one=ids))


def registers(classes: QuerySet[SchoolClass]) -> dict[UUID, Register]:
    """The classes by their ids, in one query."""
    forms = Consent.objects.filter(school_class=OuterRef("pk")).exclude(state=Consent.State.ON_FILE)
    found = classes.annotate(
        forms=ArraySubquery(forms.values(form=JSONObject(id="id", number="number", state="state")))
    )
    names = ("id", "label", "number", "scope", "purposes", "expires", "forms")
    rows = (
        {**row, "id": str(row["id"]), "expires": row["expires"].isoformat()} for row in found.values(*names)
    )
    return {one.id: one for one in map(register, rows)}


def by_id(rows: Iterable[Mapping[str, Any]]) -> dict[UUID, Register]:
    """Rows of one or more columns made by `rows_of`."""
    return {one.id: one for one in map(register, rows)}


def asks(shown: Shown) -> bool:
    """Whether the question is asked of it: of files, and of links whose copy we hold."""
    return shown.kind == Artifact.Kind.FILE or (shown.kind == Artifact.Kind.LINK and bool(shown.sha256))


def needs(shown: Shown) -> frozenset[str]:
    """What a form has to cover so that this may be shown; told from the name until the check has told the kind."""
    return frozenset(NEEDS.get(_content_type(shown).split("/")[0], {Scope.WORK}))


def _content_type(shown: Shown) -> str:
    if shown.content_type:
        return shown.content_type
    ending = PurePath(shown.name).suffix.lower()
    return next((kind.content_type for kind in KINDS if ending in kind.endings), "")


def gap(shown: Shown, purpose: str, known: Mapping[UUID, Register], today: date | None = None) -> str:
    """Why it may not be used for this purpose, as a key of `WORDS`, or nothing."""
    if not asks(shown):
        live = shown.kind == Artifact.Kind.LINK and purpose != Purpose.ASSESSMENT
        return "open" if live else ""
    if shown.coverage == Artifact.Coverage.NOBODY:
        return ""
    if shown.coverage != Artifact.Coverage.COVERED:
        return shown.coverage or "open"
    classes = [known.get(UUID(str(one))) for one in shown.classes]
    cleared = {UUID(str(one)) for one in shown.cleared}
    return _worst(classes, needs(shown), purpose, cleared, today or timezone.localdate())


def _worst(
    classes: Collection[Register | None],
    wanted: frozenset[str],
    purpose: str,
    cleared: set[UUID],
    today: date,
) -> str:
    if not classes or None in classes:
        return "unknown"
    for one in classes:
        if one is None:
            continue
        if set(one.stopped) - cleared:
            return "stopped"
        if one.expired(today):
            return "expired"
        if wanted - one.scope:
            return "scope"
        if purpose not in one.purposes:
            return "purpose"
    return ""
