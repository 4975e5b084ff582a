"""How enrolments, attempts and evidence look in the REST API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.models import MicroCredential
from submissions import sealing
from submissions.models import Artifact, Enrolment, Submission
from submissions.places import places_of
from submissions.queries import Whole


class EnrolmentSerializer(serializers.ModelSerializer[Enrolment]):
    """One's own enrolment."""

    micro_credential = serializers.SlugRelatedField[MicroCredential](slug_field="slug", read_only=True)
    title = serializers.CharField(source="version.title")
    submission = serializers.UUIDField(source="newest", help_text="The newest attempt.")

    class Meta:
        model = Enrolment
        fields = ("id", "micro_credential", "title", "state", "target_date", "created", "submission")
        read_only_fields = fields


class EnrolSerializer(serializers.Serializer[Any]):
    """What to send to enrol."""

    micro_credential = serializers.SlugField(help_text="The micro-credential's slug.")
    target_date = serializers.DateField(required=False, allow_null=True)


class TargetSerializer(serializers.Serializer[Any]):
    """One's own date."""

    target_date = serializers.DateField(allow_null=True)


class ArtifactSerializer(serializers.ModelSerializer[Artifact]):
    """A piece of evidence; a file's bytes are at `/artifacts/<id>/file/`."""

    class Meta:
        model = Artifact
        fields = (
            "id", "kind", "requirement", "criteria", "title", "name", "url", "text", "content_type", "size", "sha256",
            "scan", "state", "coverage", "classes",
        )  # fmt: skip
        read_only_fields = fields


class CoverageSerializer(serializers.Serializer[Any]):
    """Who can be recognised in a file."""

    coverage = serializers.ChoiceField(choices=[one for one in Artifact.Coverage.values if one])
    classes = serializers.ListField(child=serializers.UUIDField(), default=list)


class NewArtifactSerializer(serializers.Serializer[Any]):
    """A link or a text as evidence. Files go to `artifacts/file/` as raw bytes."""

    kind = serializers.ChoiceField(choices=[Artifact.Kind.LINK.value, Artifact.Kind.TEXT.value])
    requirement = serializers.SlugField()
    criteria = serializers.ListField(child=serializers.SlugField(), default=list)
    title = serializers.CharField(default="", allow_blank=True, max_length=160)
    url = serializers.CharField(default="", allow_blank=True)
    text = serializers.CharField(default="", allow_blank=True, trim_whitespace=False)


class PlaceSerializer(serializers.Serializer[Any]):
    """A place in the evidence that the feedback cites, in words and as data."""

    kind = serializers.CharField(help_text="`time`, `region` or `passage`.")
    artifact = serializers.UUIDField(source="artifact.pk", default=None, allow_null=True)
    place = serializers.JSONField(source="at")
    words = serializers.CharField()
    text = serializers.CharField()
    url = serializers.CharField()


class OutcomeSerializer(serializers.Serializer[Any]):
    """What the assessor decided about one criterion."""

    criterion = serializers.SlugField()
    title = serializers.CharField()
    level = serializers.IntegerField()
    level_title = serializers.CharField()
    passed = serializers.BooleanField()
    feedback = serializers.CharField()
    next_step = serializers.CharField()
    carried_from = serializers.IntegerField(
        allow_null=True, help_text="The attempt in which it passed, when it stays passed."
    )
    places = PlaceSerializer(many=True)


class CauseSerializer(serializers.Serializer[Any]):
    """One thing that is not as it was when the criterion passed."""

    kind = serializers.CharField(help_text="`added`, `removed` or `answer`.")
    key = serializers.CharField(help_text="The artifact's id or the question's key.")
    title = serializers.CharField()


class PassedSerializer(serializers.Serializer[Any]):
    """A criterion that passed before. Changing what backs it has it read again."""

    criterion = serializers.SlugField(source="criterion.key")
    title = serializers.CharField(source="criterion.title")
    attempt = serializers.IntegerField()
    stays = serializers.BooleanField()
    backed_by = serializers.ListField(
        child=serializers.CharField(), help_text="Ids of artifacts and keys of questions."
    )
    causes = CauseSerializer(many=True, help_text="Why it will be read again.")


class MissingSerializer(serializers.Serializer[Any]):
    """What is not there yet."""

    part = serializers.IntegerField()
    field = serializers.CharField()
    text = serializers.CharField()


class SubmissionSerializer(serializers.ModelSerializer[Submission]):
    """An attempt in a list."""

    enrollment = serializers.UUIDField(source="enrolment_id")
    micro_credential = serializers.SlugField(source="enrolment.micro_credential.slug")

    class Meta:
        model = Submission
        fields = (
            "id", "code", "enrollment", "micro_credential", "attempt", "state", "revision", "saved_at",
            "submitted_at", "decided_at", "created",
        )  # fmt: skip
        read_only_fields = fields


class WholeSubmissionSerializer(SubmissionSerializer):
    """An attempt with its texts, evidence, gaps and outcome. Built from `queries.Whole`."""

    artifacts = serializers.SerializerMethodField()
    outcomes = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()
    passed_before = serializers.SerializerMethodField()
    may_be_recognised = serializers.SerializerMethodField()
    root = serializers.SerializerMethodField()  # type: ignore[assignment]

    class Meta:
        model = Submission
        fields = (
            *SubmissionSerializer.Meta.fields,
            *("answers", "resubmission_note", "ai_use", "contribution", "attestations", "manifest"),
            *("seal", "root"),
            *("strength", "next_step"),
            *("outside", "returned", "useful", "may_be_recognised"),
            *("artifacts", "outcomes", "missing", "passed_before"),
        )
        read_only_fields = fields

    @property
    def whole(self) -> Whole:
        whole: Whole = self.context["whole"]
        return whole

    def get_root(self, row: Submission) -> str:
        return sealing.root_of(sealing.manifest_held(row))

    @extend_schema_field(ArtifactSerializer(many=True))
    def get_artifacts(self, row: Submission) -> Any:
        return ArtifactSerializer(self.whole.artifacts, many=True).data

    @extend_schema_field(OutcomeSerializer(many=True))
    def get_outcomes(self, row: Submission) -> list[dict[str, Any]]:
        found = self.whole.outcomes
        return [
            {
                "criterion": criterion["key"],
                "title": criterion["title"],
                "level": found[criterion["id"]]["level"],
                "level_title": level["title"],
                "passed": found[criterion["id"]]["passed"],
                **{name: found[criterion["id"]][name] for name in ("feedback", "next_step", "carried_from")},
                "places": PlaceSerializer(places_of(self.whole, criterion), many=True).data,
            }
            for criterion in self.whole.template["criteria"]
            for level in criterion["levels"]
            if criterion["id"] in found and level["order"] == found[criterion["id"]]["level"]
        ]

    @extend_schema_field(MissingSerializer(many=True))
    def get_missing(self, row: Submission) -> list[dict[str, Any]]:
        draft = row.state == Submission.State.DRAFT
        return (
            [{"part": gap.part, "field": gap.field, "text": gap.text} for gap in self.whole.gaps]
            if draft
            else []
        )

    @extend_schema_field(PassedSerializer(many=True))
    def get_passed_before(self, row: Submission) -> Any:
        return PassedSerializer(self.whole.carry.passed, many=True).data

    def get_may_be_recognised(self, row: Submission) -> bool:
        return self.whole.recognisable


class SaveSerializer(serializers.Serializer[Any]):
    """A save: the revision it builds on and what changed. `answers.<question>` may also be sent flat, as forms do."""

    revision = serializers.IntegerField(min_value=0)
    answers = serializers.DictField(required=False)
    resubmission_note = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    ai_use = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    contribution = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)


class SavedSubmissionSerializer(serializers.Serializer[Any]):
    """What a save answers."""

    revision = serializers.IntegerField()
    saved_at = serializers.DateTimeField()
    state = serializers.CharField()
    reopened = serializers.ListField(
        child=serializers.CharField(),
        help_text="Criteria that had passed and will be read again, as it is now.",
    )


class SubmitSerializer(serializers.Serializer[Any]):
    """Keys of the statements one confirms."""

    attestations = serializers.ListField(child=serializers.CharField(), default=list)
    outside = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="To be assessed outside one's district."
    )


class UsefulSerializer(serializers.Serializer[Any]):
    """How useful the feedback was: 1 not, 2 a little, 3 useful, 4 very."""

    rating = serializers.IntegerField(min_value=1, max_value=4)
