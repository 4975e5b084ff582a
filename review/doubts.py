"""What the pages of likenesses and cases show. Nothing here selects who anybody is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case as When
from django.db.models import IntegerField, Q, QuerySet, Subquery, Value
from django.db.models import When as Then
from django.utils.translation import gettext as _

from catalog.queries.template import template_of
from review.models import Case
from review.passages import Passage, passages
from review.queries import PAGE
from submissions.models import Artifact, Fingerprint, Likeness, Preview
from submissions.rules import covered

WHOLE = tuple(
    f"{side}__{name}"
    for side in ("newer", "older")
    for name in ("artifact__content", "submission__enrolment__version", "submission__enrolment__micro_credential__issuer")
)  # fmt: skip
THUMB = Preview.Kind.THUMB


def likenesses(visible: QuerySet[Likeness], after: UUID | None, *, declared: bool) -> list[Likeness]:
    """A page of what nobody has looked at and one more, newest first; declared ones only where asked for."""
    rows = visible.filter(state=Likeness.State.OPEN, declared=declared)
    if after is not None:
        stop = Likeness.objects.filter(pk=after).values("created")[:1]
        rows = rows.filter(Q(created__lt=Subquery(stop)) | Q(created=Subquery(stop), pk__lt=after))
    return list(rows.select_related(*WHOLE).order_by("-created", "-pk")[: PAGE + 1])


def cases(visible: QuerySet[Case], after: UUID | None) -> list[Case]:
    """A page of cases and one more: to be decided, then waiting for an answer, then those that are over; newest first."""
    order = When(
        Then(state=Case.State.ANSWERED, then=Value(0)), Then(state=Case.State.OPEN, then=Value(1)), default=Value(2),
        output_field=IntegerField(),
    )  # fmt: skip
    rows = visible.annotate(order=order)
    if after is not None and (stop := rows.filter(pk=after).first()):
        same = Q(order=stop.order)
        older = Q(created__lt=stop.created) | Q(created=stop.created, pk__lt=stop.pk)
        rows = rows.filter(Q(order__gt=stop.order) | (same & older))
    related = rows.select_related("submission__enrolment__version")
    return list(related.order_by("order", "-created", "-pk")[: PAGE + 1])


@dataclass(frozen=True)
class Side:
    """One of the two pieces: whose (by code), what it is, and whether there is a picture of it to look at."""

    print: Fingerprint
    label: str
    closed: bool
    pictured: bool

    @property
    def code(self) -> str:
        return self.print.submission.code

    @property
    def title(self) -> str:
        return self.print.submission.enrolment.version.title


@dataclass(frozen=True)
class Pair:
    """Both pieces, and where they are texts the passages they have in common."""

    newer: Side
    older: Side
    passages: list[Passage]


def pair(row: Likeness) -> Pair:
    """Both sides as an approver may see them: a piece that a family stopped, or that is gone, is not shown."""
    newer, older = side(row.newer), side(row.older)
    shown = not (newer.closed or older.closed)
    found = passages(_text(row.newer), _text(row.older)) if shown else []
    return Pair(newer, older, found)


def side(row: Fingerprint) -> Side:
    """A piece by a neutral label: what was asked for, never what she called it."""
    artifact = row.artifact
    closed = artifact is not None and (artifact.state != Artifact.State.READY or not covered(artifact))
    content = artifact.content_id if artifact and not closed else None
    pictured = content is not None and Preview.objects.filter(content=content, kind=THUMB).exists()
    return Side(row, _label(row), closed, pictured)


def _label(row: Fingerprint) -> str:
    template = template_of(row.submission.enrolment.version)
    if row.artifact is None:
        asked = {question["key"]: question["prompt"] for question in template["questions"]}
        return str(asked.get(row.field, _("An answer")))
    wanted = {one["key"]: one["title"] for one in template["requirements"]}
    return str(wanted.get(row.artifact.requirement, row.artifact.get_kind_display()))


def _text(row: Fingerprint) -> str:
    artifact = row.artifact
    if artifact is None:
        return str(row.submission.answers.get(row.field, ""))
    if artifact.kind == Artifact.Kind.TEXT:
        return artifact.text
    return artifact.content.text if artifact.content else ""
