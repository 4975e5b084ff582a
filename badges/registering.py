"""What a program may say of itself when it registers (RFC 7591), and what of that is believed.

Anybody may register, so a registration is worth nothing by itself: only where an answer may be sent is bounded here.
"""

from __future__ import annotations

import json
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from oauth2_provider.models import Application

GRANTS = {"authorization_code", "refresh_token"}
PUBLIC = "none"  # it cannot keep a secret
METHODS = ("client_secret_basic", "client_secret_post", PUBLIC)
LONGEST_NAME, LONGEST_ADDRESS, MOST_ADDRESSES = 100, 1000, 10
LOOPBACK = "127.0.0.1"
# Said back as the specification asks (Open Badges 3.0, section 7.1.1.2), and used for nothing.
SAID_BACK = ("client_uri", "logo_uri", "tos_uri", "policy_uri", "software_id", "software_version")


class MetadataError(Exception):
    """What a program says of itself cannot be so; `code` is RFC 7591's."""

    def __init__(self, words: str, code: str = "invalid_client_metadata") -> None:
        super().__init__(words)
        self.words, self.code = words, code


def read_metadata(body: bytes) -> dict[str, Any]:
    """The metadata that are used, in the form the library keeps them in, and those that are only said back."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MetadataError(_("Send a JSON object.")) from error
    if not isinstance(given, dict):
        raise MetadataError(_("Send a JSON object."))
    addresses = _addresses(given.get("redirect_uris"))
    _check_flow(given)
    method = given.get("token_endpoint_auth_method", METHODS[0])
    if method not in METHODS:
        words = _("token_endpoint_auth_method is one of %(names)s.")
        raise MetadataError(words % {"names": ", ".join(METHODS)})
    return {
        "redirect_uris": addresses,
        "client_name": _name(given.get("client_name")) or str(urlsplit(addresses[0]).hostname),
        "token_endpoint_auth_method": method,
        "grant_types": ["authorization_code", "refresh_token"],
        **{name: given[name] for name in SAID_BACK if _is_short(given.get(name))},
    }


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ADDRESS and value.isprintable()


def answer(metadata: dict[str, Any], program: Application, secret: str) -> dict[str, Any]:
    """What is registered (RFC 7591, 3.2.1). The secret is said this once: afterwards only its hash is kept."""
    said = {
        **metadata,
        "client_id": program.client_id,
        "client_id_issued_at": int(program.created.timestamp()),
        "response_types": ["code"],
        "scope": " ".join(settings.OAUTH2_PROVIDER["SCOPES"]),
    }
    return said | ({"client_secret": secret, "client_secret_expires_at": 0} if secret else {})


def _check_flow(given: dict[str, Any]) -> None:
    grants = given.get("grant_types", ["authorization_code"])
    if (
        not isinstance(grants, list)
        or "authorization_code" not in grants
        or not GRANTS.issuperset(map(str, grants))
    ):
        raise MetadataError(_("grant_types are authorization_code and refresh_token."))
    if given.get("response_types", ["code"]) != ["code"]:
        raise MetadataError(_("The only response type is code."))


def _name(name: Any) -> str:
    if name is None:
        return ""
    odd = not isinstance(name, str) or any(unicodedata.category(letter)[0] == "C" for letter in name)
    if odd or not name.strip() or len(name) > LONGEST_NAME:
        raise MetadataError(_("client_name is a line of up to 100 letters."))
    return str(name).strip()


def _addresses(addresses: Any) -> list[str]:
    if not isinstance(addresses, list) or not 0 < len(addresses) <= MOST_ADDRESSES:
        raise MetadataError(_("Name one to ten redirect_uris."), "invalid_redirect_uri")
    for address in addresses:
        if not (isinstance(address, str) and is_redirect(address)):
            words = _(
                "A redirect URI starts with https://, or with http://127.0.0.1 for a program on a person’s own computer."
            )
            raise MetadataError(words, "invalid_redirect_uri")
    return addresses


def is_redirect(address: str) -> bool:
    """Whether an answer may be sent there: encrypted, or to the person's own computer; nothing that reads as another."""
    if (
        len(address) > LONGEST_ADDRESS
        or not address.isascii()
        or not address.isprintable()
        or {" ", "\\", "#"} & set(address)
    ):
        return False
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc or "*" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == LOOPBACK)


def origin(address: str) -> str:
    """Scheme, host and port, as a policy for forms names them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
