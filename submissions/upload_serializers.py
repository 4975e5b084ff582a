"""How resumable uploads look in the REST API."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from submissions import uploads
from submissions.files import FileRefused
from submissions.models import Upload

PARTS_MAX = 100
HEX = r"^[0-9a-fA-F]*$"


class NewUploadSerializer(serializers.Serializer[Any]):
    """The pairs of Upload-Metadata. Others are kept and not looked at."""

    filename = serializers.CharField(max_length=1000, trim_whitespace=False)
    submission = serializers.UUIDField(help_text="The attempt.")
    requirement = serializers.SlugField(help_text="What this is evidence of.")
    criteria = serializers.CharField(default="", allow_blank=True, help_text="Keys, with commas.")
    title = serializers.CharField(default="", allow_blank=True, max_length=160)
    sample = serializers.RegexField(HEX, default="", allow_blank=True, max_length=64)
    sha256 = serializers.RegexField(r"^([0-9a-fA-F]{64})?$", default="", allow_blank=True)


class UploadSerializer(serializers.ModelSerializer[Upload]):
    """An upload under way."""

    url = serializers.SerializerMethodField()
    name = serializers.CharField(source="artifact.name")
    offset = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = (
            "id", "url", "artifact", "name", "size", "offset", "sample", "state", "via", "part_size", "expires",
        )  # fmt: skip
        read_only_fields = fields

    def get_url(self, upload: Upload) -> str:
        return address(upload)

    def get_offset(self, upload: Upload) -> int | None:
        """Nobody knows while the store is away."""
        try:
            return uploads.offset(upload)
        except FileRefused:
            return None


class NumbersSerializer(serializers.Serializer[Any]):
    """The parts whose addresses are wanted."""

    numbers = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=PARTS_MAX
    )


class PartAddressSerializer(serializers.Serializer[Any]):
    """Where a part goes by PUT, within some minutes, and the headers to send with it."""

    number = serializers.IntegerField()
    url = serializers.URLField()
    headers = serializers.DictField(child=serializers.CharField())


class PartAddressesSerializer(serializers.Serializer[Any]):
    parts = PartAddressSerializer(many=True)


class PartSerializer(serializers.Serializer[Any]):
    """A part that the store has."""

    number = serializers.IntegerField()
    size = serializers.IntegerField()
    etag = serializers.CharField()


class PartListSerializer(serializers.Serializer[Any]):
    parts = PartSerializer(many=True)


def address(upload: Upload) -> str:
    """Where an upload goes on."""
    return reverse("api-upload", args=[upload.pk])
