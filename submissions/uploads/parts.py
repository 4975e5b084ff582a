"""An upload whose parts the browser sends straight to the store: we sign the addresses and put the parts together."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import boto3
from botocore.exceptions import ClientError
from django.conf import DEFAULT_STORAGE_ALIAS, settings
from django.core.files.storage import storages
from storages.backends.s3 import S3Storage

from submissions.files import writing
from submissions.models import Upload
from submissions.uploads.errors import Away, Ended, Missing
from submissions.vault import errors as vault
from submissions.vault.stores import answering

FOLDER = "incoming/"
PART = 8 * 1024**2
MOST_PARTS = 9000  # S3 takes 10 000
MINUTES = 15  # an address is good for; only the beginning of a part has to fall into them
BLOCK = 1024**2


@dataclass(frozen=True)
class Part:
    """One part, as the store lists it."""

    number: int
    size: int
    etag: str


def direct() -> bool:
    """Whether browsers reach the store."""
    return bool(settings.STORE_ADDRESS)


def part_size(size: int) -> int:
    """Parts as small as the store allows: the less is sent again after a broken line."""
    return max(PART, -(-size // MOST_PARTS))


def plan(upload: Upload) -> dict[int, int]:
    """The numbers of all parts and how many bytes each has."""
    size = max(upload.part_size, 1)
    starts = range(0, upload.size, size)
    return {number: min(size, upload.size - start) for number, start in enumerate(starts, 1)}


def begin(upload: Upload) -> str:
    """Open a multipart upload; its id in the store."""
    with _asking(upload):
        answer = _client().create_multipart_upload(**_at(upload), ContentType="application/octet-stream")
        return str(answer["UploadId"])


def address(upload: Upload, number: int) -> str:
    """Where one part goes, for some minutes: signed for this part and its exact length."""
    told = {**_named(upload), "PartNumber": number, "ContentLength": plan(upload)[number]}
    return str(
        _signer(settings.STORE_ADDRESS).generate_presigned_url("upload_part", told, ExpiresIn=60 * MINUTES)
    )


def listed(upload: Upload) -> list[Part]:
    """The parts that the store has."""
    with _asking(upload):
        pages = _client().get_paginator("list_parts").paginate(**_named(upload))
        return [
            Part(int(one["PartNumber"]), int(one["Size"]), str(one["ETag"]))
            for page in pages
            for one in page.get("Parts", [])
        ]


def complete(upload: Upload) -> None:
    """Put the parts together, when all are there and each has its size. Doing it again does no harm."""
    try:
        found = {part.number: part for part in listed(upload)}
    except Ended:
        if _size(upload) != upload.size:
            raise
        return
    wanted = plan(upload)
    if wrong := {n for n, size in wanted.items() if n not in found or found[n].size != size}:
        raise Missing(wrong)
    told = [{"PartNumber": number, "ETag": found[number].etag} for number in wanted]
    with _asking(upload):
        _client().complete_multipart_upload(**_named(upload), MultipartUpload={"Parts": told})


def fetch(upload: Upload, path: Path) -> None:
    """The whole object to a local file, block by block; there or not at all."""
    if path.exists() and path.stat().st_size == upload.size:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".fetching")
    try:
        with _asking(upload), writing(), draft.open("wb") as file:
            for block in _client().get_object(**_at(upload))["Body"].iter_chunks(BLOCK):
                file.write(block)
        draft.replace(path)
    except Ended as error:
        draft.unlink(missing_ok=True)
        raise FileNotFoundError(path) from error
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def discard(upload: Upload) -> None:
    """Parts and object, whichever is there. What a store that is away keeps, the sweep finds."""
    if not upload.store_id or not isinstance(storages[DEFAULT_STORAGE_ALIAS], S3Storage):
        return
    for verb, told in (("abort_multipart_upload", _named(upload)), ("delete_object", _at(upload))):
        _drop(verb, told)


def left(before: datetime) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Everything under our folder that is older: the hex of its upload, and what deletes it."""
    if not isinstance(storages[DEFAULT_STORAGE_ALIAS], S3Storage):
        return
    where = {"Bucket": _storage().bucket_name, "Prefix": _prefix()}
    with _asking():
        for page in _client().get_paginator("list_multipart_uploads").paginate(**where):
            for one in page.get("Uploads", []):
                if (
                    one["Key"].startswith(_prefix()) and one["Initiated"] < before
                ):  # not all servers heed a prefix
                    yield _hex(one["Key"]), {"Key": one["Key"], "UploadId": one["UploadId"]}
        for page in _client().get_paginator("list_objects_v2").paginate(**where):
            for one in page.get("Contents", []):
                if one["LastModified"] < before:
                    yield _hex(one["Key"]), {"Key": one["Key"]}


def drop(what: Mapping[str, str]) -> None:
    """Delete one thing that `left` named."""
    verb = "abort_multipart_upload" if "UploadId" in what else "delete_object"
    _drop(verb, {"Bucket": _storage().bucket_name, **what})


def _drop(verb: str, told: Mapping[str, Any]) -> None:
    with contextlib.suppress(vault.VaultError), answering(str(told["Key"])):
        getattr(_client(), verb)(**told)


def _size(upload: Upload) -> int:
    with _asking(upload):
        return int(_client().head_object(**_at(upload))["ContentLength"])


@contextlib.contextmanager
def _asking(upload: Upload | None = None) -> Iterator[None]:
    """What a store says when it cannot, in the words of an upload."""
    try:
        with answering(f"upload {upload.pk if upload else ''}"), _no_such_upload():
            yield
    except vault.Gone as error:
        raise Ended from error
    except vault.VaultError as error:
        raise Away(str(vault.Unavailable())) from error


@contextlib.contextmanager
def _no_such_upload() -> Iterator[None]:
    """Aborted, completed or never begun: to us it is gone."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "NoSuchUpload":
            raise vault.Gone from error
        raise


def _storage() -> S3Storage:
    return cast("S3Storage", storages[DEFAULT_STORAGE_ALIAS])


def _client() -> Any:
    return _storage().connection.meta.client


@functools.cache
def _signer(address: str) -> Any:
    """Signs for the address that browsers use; asks nobody."""
    storage = _storage()
    return boto3.client(
        "s3", endpoint_url=address, region_name=storage.region_name, aws_access_key_id=storage.access_key,
        aws_secret_access_key=storage.secret_key, config=storage.client_config,
    )  # fmt: skip


def _prefix() -> str:
    location = str(_storage().location).strip("/")
    return f"{location}/{FOLDER}" if location else FOLDER


def _hex(key: str) -> str:
    return key.rpartition("/")[2]


def _at(upload: Upload) -> dict[str, str]:
    return {"Bucket": _storage().bucket_name, "Key": _prefix() + upload.pk.hex}


def _named(upload: Upload) -> dict[str, str]:
    return {**_at(upload), "UploadId": upload.store_id}
