"""How the queue and reviews look in the REST API: blind, like the pages."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from review.models import Assignment


class NeutralSerializer(serializers.Serializer[Any]):
    """What is neutral about a submission."""

    code = serializers.CharField()
    micro_credential = serializers.SlugField()
    title = serializers.CharField()
    attempt = serializers.IntegerField()
    submitted_on = serializers.DateField(help_text="A date without a time of day.", allow_null=True)
    evidence_kinds = serializers.ListField(child=serializers.CharField())


class QueueSerializer(NeutralSerializer):
    """A line of the queue; claim it by its `submission`."""

    submission = serializers.UUIDField()
    due_on = serializers.DateField(help_text="The day for which the outcome was promised.")
    media_seconds = serializers.IntegerField(help_text="The length of everything that plays.")
    usual_minutes = serializers.IntegerField(help_text="What such reviews usually take.")
    kept_until = serializers.DateTimeField(
        allow_null=True, help_text="Kept for you until then: offered, assigned, or a further attempt."
    )


class ReviewSerializer(NeutralSerializer):
    """One's own claim; `id` is what the verbs take."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Assignment.State.choices)
    due = serializers.DateTimeField()
    revision = serializers.IntegerField()


class LevelSerializer(serializers.Serializer[Any]):
    order = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()


class EarlierSerializer(serializers.Serializer[Any]):
    attempt = serializers.IntegerField()
    name = serializers.CharField()
    passed = serializers.BooleanField()
    feedback = serializers.CharField()


class CriterionSerializer(serializers.Serializer[Any]):
    """A criterion with its draft score and what came of earlier attempts."""

    key = serializers.SlugField()
    title = serializers.CharField()
    part = serializers.IntegerField()
    passing = serializers.IntegerField()
    levels = LevelSerializer(many=True)
    level = serializers.IntegerField(allow_null=True)
    feedback = serializers.CharField(help_text="What was seen.")
    where = serializers.CharField(help_text="Where it was seen, in words, when no note is cited.")
    next_step = serializers.CharField()
    locked = serializers.IntegerField(
        help_text="The attempt in which it passed, when it stays passed; else 0."
    )
    reopened = serializers.BooleanField(help_text="It had passed, but its evidence was replaced since.")
    earlier = EarlierSerializer(many=True)


class EvidenceSerializer(serializers.Serializer[Any]):
    """An artifact under its neutral name; `file` is the blind copy's address."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    text = serializers.CharField()
    url = serializers.CharField()
    file = serializers.CharField()
    metadata_removed = serializers.BooleanField()


class AnswerSerializer(serializers.Serializer[Any]):
    prompt = serializers.CharField()
    text = serializers.CharField()


class WholeReviewSerializer(ReviewSerializer):
    """A review with its rubric and, while the evidence may be opened, the evidence."""

    strength = serializers.CharField()
    next_step = serializers.CharField()
    private_note = serializers.CharField()
    verdict = serializers.CharField()
    resubmission_note = serializers.CharField()
    scores = CriterionSerializer(many=True)
    evidence = EvidenceSerializer(many=True)
    overview = AnswerSerializer(many=True)
    reflection = AnswerSerializer(many=True)


class ScoreSerializer(serializers.Serializer[Any]):
    """What is given changes. Below the passing level all are needed before sending; a cited note stands for `where`."""

    level = serializers.IntegerField(required=False, allow_null=True)
    feedback = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    where = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    next_step = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)


class DraftSerializer(serializers.Serializer[Any]):
    """What to save: only what is given changes. `scores` maps criterion key to a score."""

    revision = serializers.IntegerField(min_value=0)
    scores = serializers.DictField(child=ScoreSerializer(), required=False)
    strength = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    next_step = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    private_note = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)


class SavedSerializer(serializers.Serializer[Any]):
    """The revision to send next, and what the scores so far would mean."""

    revision = serializers.IntegerField()
    saved_at = serializers.DateTimeField()
    scored = serializers.IntegerField()
    verdict = serializers.CharField()


class RevisionSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField(min_value=0, help_text="The revision that is to be sent.")


class RecuseSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=Assignment.Reason.choices)


class ClaimSerializer(serializers.Serializer[Any]):
    submission = serializers.UUIDField(help_text="From the queue.")
