"""How single settings are read: nonsense stops the start with a sentence that names the variable."""

from __future__ import annotations

import base64
import binascii
import re

import environ
from botocore.config import Config
from django.core.exceptions import ImproperlyConfigured


def storage(url: str) -> dict[str, object]:
    """The evidence store named by STORAGE_URL: `file:///path` or `s3://bucket?endpoint=…&region=…`."""
    parsed = environ.urlparse(url)
    if parsed.scheme == "file" and parsed.path.startswith("/"):
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": parsed.path, "file_permissions_mode": 0o600, "base_url": None},
        }
    if parsed.scheme == "s3" and parsed.hostname:
        query = dict(pair.split("=", 1) for pair in parsed.query.split("&") if "=" in pair)
        options: dict[str, object] = {
            "bucket_name": parsed.hostname,
            "default_acl": None,
            "querystring_expire": 300,
            # Somebody waits for the answer: a store that is away is found out within seconds.
            "client_config": Config(
                signature_version="s3v4",
                connect_timeout=3,
                read_timeout=30,
                retries={"mode": "standard", "total_max_attempts": 3},
            ),
        }
        if "endpoint" in query:
            options["endpoint_url"] = query["endpoint"]
        if "region" in query:
            options["region_name"] = query["region"]
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    raise ImproperlyConfigured("STORAGE_URL must be file:///absolute/path or s3://bucket?endpoint=…&region=…")


def store_address(url: str) -> str:
    """Where browsers reach the S3 server, if they do: `public=https://…` in STORAGE_URL."""
    parsed = environ.urlparse(url)
    query = dict(pair.split("=", 1) for pair in parsed.query.split("&") if "=" in pair)
    address = query.get("public", "").rstrip("/") if parsed.scheme == "s3" else ""
    if address and not address.startswith(("http://", "https://")):
        raise ImproperlyConfigured("STORAGE_URL: public must be an address that browsers reach, https://…")
    return address


def secret_key(name: str, text: str) -> str:
    """A key that seals what we keep; empty: the data directory's own, made when it is first needed."""
    try:
        length = len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        length = -1
    if text and length != 32:
        raise ImproperlyConfigured(f"{name} must be 32 random bytes in base64 (openssl rand -base64 32).")
    return text


def dotted(name: str, text: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", text, re.ASCII):
        raise ImproperlyConfigured(f"{name} must be the dotted path of a class, as in package.module.Class.")
    return text


def backup_days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 3650):
        raise ImproperlyConfigured("BACKUP_DAYS must be a number of days from 0 to 3650.")
    return int(text)


def whole(name: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= most):
        raise ImproperlyConfigured(f"{name} must be a whole number from 1 to {most}.")
    return int(text)
