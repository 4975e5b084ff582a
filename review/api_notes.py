"""Notes on the evidence of a review, for programs and for the desk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.problems import problem
from review import queries, workflow
from review.api import Door
from review.forms import known_tab
from review.models import Assignment, Note
from review.places import label

PLACES = (
    "`time`: `{start, end}` in seconds. `region`: `{page, x, y, width, height}`, the page from 1, the rest as shares of the"
    " picture from 0 to 1. `passage`: `{quote}` with `nth` or `start` where it occurs more than once, or `{start, end}` in"
    " characters; it is stored as `{start, end, quote, nth}`."
)


class SaidSerializer(serializers.Serializer[Any]):
    """What a note says."""

    place = serializers.JSONField(required=False, help_text=PLACES)
    text = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    criterion = serializers.CharField(required=False, allow_blank=True, help_text="Its key, or nothing.")
    shared = serializers.BooleanField(required=False, help_text="For the educator; else private.")
    cited = serializers.BooleanField(required=False, help_text="The criterion's score cites it.")


class NewNoteSerializer(SaidSerializer):
    """A note is on an artifact or on a written answer. Sending the same `id` again adds nothing."""

    id = serializers.UUIDField(required=False)
    artifact = serializers.UUIDField(required=False, allow_null=True)
    question = serializers.CharField(required=False, allow_blank=True, max_length=80)
    kind = serializers.ChoiceField(choices=Note.Kind.choices)
    place = serializers.JSONField(help_text=PLACES)


class NoteSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    artifact = serializers.UUIDField(allow_null=True)
    question = serializers.CharField()
    kind = serializers.ChoiceField(choices=Note.Kind.choices)
    place = serializers.JSONField(help_text=PLACES)
    label = serializers.CharField(help_text="The place in a few words.")  # type: ignore[assignment]
    criterion = serializers.CharField()
    text = serializers.CharField()
    shared = serializers.BooleanField()
    cited = serializers.BooleanField()


class NotesSerializer(serializers.Serializer[Any]):
    """All of a review, in the order of the evidence's own places; there is a limit to their number, so no pages."""

    results = NoteSerializer(many=True)


def shape(note: Note) -> dict[str, Any]:
    """A note as it is answered."""
    own = {name: getattr(note, name) for name in ("question", "kind", "place", "text", "shared", "cited")}
    criterion = note.criterion.key if note.criterion else ""
    words = label(note.kind, note.place)
    return {"id": note.pk, "artifact": note.artifact_id, "criterion": criterion, "label": words, **own}


class NoteDoor(Door):
    """As for reviews; a refusal because another tab writes says so."""

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, workflow.EditedElsewhere):
            return problem(409, error.message, state=error.state)
        return super().handle_exception(error)

    @property
    def tab(self) -> str:
        return known_tab(self.request.query_params.get("tab", ""))

    def note_of(self, assignment: Assignment, note: UUID) -> UUID:
        return get_object_or_404(Note, assignment=assignment, pk=note).pk


class Notes(NoteDoor):
    """The notes of a review."""

    @extend_schema(responses=NotesSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        rows = [shape(placed.note) for placed in queries.notes(self.find(pk))]
        return Response(NotesSerializer({"results": rows}).data)

    @extend_schema(request=NewNoteSerializer, responses={201: NoteSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        assignment = self.find(pk)
        form = NewNoteSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        note = workflow.add_note(assignment, self.person, pk=given.pop("id", None), editor=self.tab, **given)
        return Response(NoteSerializer(shape(note)).data, status=201)


class OneNote(NoteDoor):
    """One note of a review."""

    @extend_schema(request=SaidSerializer, responses=NoteSerializer)
    def patch(self, request: Request, pk: UUID, note: UUID) -> Response:
        """Only what is given changes."""
        assignment = self.find(pk)
        form = SaidSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = workflow.change_note(
            assignment, self.person, self.note_of(assignment, note), self.tab, **form.validated_data
        )
        return Response(NoteSerializer(shape(row)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID, note: UUID) -> Response:
        assignment = self.find(pk)
        workflow.remove_note(assignment, self.person, self.note_of(assignment, note), self.tab)
        return Response(status=204)
