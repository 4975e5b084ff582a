"""The catalog's documents on the wire."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from accounts.models import Organisation
from catalog.models import Collection, MicroCredential, Stack, StackGroup


class IssuerBriefSerializer(serializers.Serializer[Organisation]):
    """Who publishes."""

    slug = serializers.SlugField()
    name = serializers.CharField()


class IssuerProfileSerializer(serializers.ModelSerializer[Organisation]):
    """An organisation that may publish micro-credentials."""

    class Meta:
        model = Organisation
        fields = ("slug", "name", "about", "demo")


class MicroCredentialSerializer(serializers.ModelSerializer[MicroCredential]):
    """What a card shows."""

    issuer = IssuerBriefSerializer()
    evidence_kinds = serializers.ListField(child=serializers.CharField())
    state = serializers.CharField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = MicroCredential
        fields: tuple[str, ...] = (
            "slug", "title", "summary", "issuer", "state", "hours_low", "hours_high", "weeks", "evidence_kinds",
            "published_at", "url",
        )  # fmt: skip

    def get_url(self, row: MicroCredential) -> str:
        return f"{settings.BASE_URL}{reverse('micro-credential', args=[row.slug])}"


class MicroCredentialPageSerializer(serializers.Serializer[Any]):
    """A page of micro-credentials and the addresses of the pages beside it."""

    results = MicroCredentialSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class NamedSerializer(serializers.Serializer[Any]):
    """A job role, a topic or a grade band."""

    slug = serializers.SlugField()
    name = serializers.CharField()


class AlignedStandardSerializer(serializers.Serializer[Any]):
    """A standard the micro-credential is aligned with."""

    key = serializers.CharField()
    code = serializers.CharField()
    title = serializers.CharField()
    framework = serializers.CharField()
    publisher = serializers.CharField()


class TemplateQuestionSerializer(serializers.Serializer[Any]):
    """A question of Part 1 or Part 3; a limit of 0 is none."""

    part = serializers.IntegerField()
    key = serializers.CharField()
    prompt = serializers.CharField()
    min_words = serializers.IntegerField()
    max_words = serializers.IntegerField()


class TemplateRequirementSerializer(serializers.Serializer[Any]):
    """What Part 2 asks to be sent."""

    key = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    minimum = serializers.IntegerField()
    maximum = serializers.IntegerField()


class RubricLevelSerializer(serializers.Serializer[Any]):
    """A level of a criterion, low to high."""

    order = serializers.IntegerField()
    title = serializers.CharField()
    descriptor = serializers.CharField()
    passing = serializers.BooleanField()


class RubricCriterionSerializer(serializers.Serializer[Any]):
    """A line of the rubric."""

    id = serializers.UUIDField()
    key = serializers.CharField()
    part = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    requirements = serializers.ListField(child=serializers.CharField())
    levels = RubricLevelSerializer(many=True)


class ScoringQualitySerializer(serializers.Serializer[Any]):
    """How sound the scoring is, as the page says it. Null where too little was scored to say."""

    calibrated = serializers.BooleanField(
        default=False, help_text="Assessors qualify on work whose right scores are known."
    )
    double_scored = serializers.IntegerField(default=0, help_text="Submissions scored twice, independently.")
    least_agreement = serializers.IntegerField(
        default=None,
        allow_null=True,
        help_text="Percent agreed on passing, on the criterion agreed on least.",
    )
    alpha_low = serializers.FloatField(
        default=None, allow_null=True, help_text="Krippendorff's alpha, the lowest of all criteria."
    )
    alpha_high = serializers.FloatField(
        default=None, allow_null=True, help_text="The highest of all criteria."
    )
    median_days = serializers.IntegerField(
        default=None, allow_null=True, help_text="Half of the outcomes come within so many business days."
    )


class MicroCredentialDetailSerializer(MicroCredentialSerializer):
    """The whole template of the current version, rubric included."""

    version = serializers.UUIDField(source="current.id")
    version_number = serializers.IntegerField(source="current.number")
    competency = serializers.CharField(source="current.competency")
    key_method = serializers.CharField(source="current.key_method")
    method_components = serializers.ListField(
        child=serializers.DictField(), source="current.method_components"
    )
    rationale = serializers.CharField(source="current.rationale", help_text="Markdown")
    research = serializers.ListField(child=serializers.DictField(), source="current.research")
    resources = serializers.ListField(child=serializers.DictField(), source="current.resources")
    who_benefits = serializers.CharField(source="current.who_benefits")
    earnable_remotely = serializers.BooleanField(source="current.earnable_remotely")
    without_students = serializers.BooleanField(source="current.without_students")
    term_months = serializers.IntegerField(
        source="current.term_months",
        allow_null=True,
        help_text="How long the badge is valid; null: it does not expire.",
    )
    job_roles = NamedSerializer(many=True, source="current.template.terms.role")
    topics = NamedSerializer(many=True, source="current.template.terms.topic")
    grade_bands = NamedSerializer(many=True, source="current.template.terms.grade")
    standards = AlignedStandardSerializer(many=True, source="current.template.standards")
    questions = TemplateQuestionSerializer(many=True, source="current.template.questions")
    requirements = TemplateRequirementSerializer(many=True, source="current.template.requirements")
    criteria = RubricCriterionSerializer(many=True, source="current.template.criteria")
    attestations = serializers.ListField(child=serializers.DictField(), source="current.attestations")
    examples = serializers.ListField(child=serializers.DictField(), source="current.examples")
    figures = ScoringQualitySerializer(source="current.figures")

    class Meta(MicroCredentialSerializer.Meta):
        fields = (
            *MicroCredentialSerializer.Meta.fields,
            "version", "version_number", "competency", "key_method", "method_components", "rationale", "research",
            "resources", "who_benefits", "earnable_remotely", "without_students", "term_months", "job_roles", "topics", "grade_bands",
            "standards", "questions", "requirements", "criteria", "attestations", "examples", "figures",
        )  # fmt: skip


class CollectionSerializer(serializers.ModelSerializer[Collection]):
    """A curated list with its editor."""

    curator = IssuerBriefSerializer(allow_null=True)
    micro_credentials = serializers.SerializerMethodField()

    class Meta:
        model = Collection
        fields = ("slug", "title", "description", "curator", "editor", "micro_credentials")

    def get_micro_credentials(self, row: Collection) -> list[str]:
        return [item.micro_credential.slug for item in row.items.all()]


class StackGroupSerializer(serializers.ModelSerializer[StackGroup]):
    """A group of a stack and how many of its members are needed."""

    micro_credentials = serializers.SerializerMethodField()

    class Meta:
        model = StackGroup
        fields = ("title", "minimum", "micro_credentials")

    def get_micro_credentials(self, row: StackGroup) -> list[str]:
        return [item.micro_credential.slug for item in row.items.all()]


class StackSerializer(serializers.ModelSerializer[Stack]):
    """What leads to a certificate. `rule`: `all`, `n_of_m` (see `minimum`) or `groups` (see each group's `minimum`)."""

    issuer = IssuerBriefSerializer()
    rule = serializers.CharField()
    groups = StackGroupSerializer(many=True)

    class Meta:
        model = Stack
        fields = ("slug", "title", "description", "issuer", "rule", "minimum", "certificate", "groups")
