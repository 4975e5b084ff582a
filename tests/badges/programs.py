"""A program that asks for a person's badges, over plain HTTP, as its makers would write it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from accounts.models import User
from badges.host_api import PROFILE, READ, UPDATE, UPSERT
from tests.people import signed_in

BACK = "https://wallet.example/back"
VERIFIER = "a" * 20 + "-._~" + "Z9" * 15
ALL = f"{READ} {UPSERT} {PROFILE} {UPDATE} offline_access"


def challenge(verifier: str = VERIFIER) -> str:
    """S256 of what only the program knows."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def register(**changes: Any) -> Any:
    """Introduce a program."""
    said = {"client_name": "Wallet", "redirect_uris": [BACK], "token_endpoint_auth_method": "none", **changes}
    body = {name: value for name, value in said.items() if value is not None}
    return Client().post("/oauth/register", json.dumps(body), content_type="application/json")


@dataclass
class Program:
    """Registered, and with the tokens that it got."""

    client_id: str
    secret: str = ""
    token: str = ""
    refresh: str = ""
    web: Client = field(default_factory=Client)

    def question(self, **changes: Any) -> str:
        """The address it sends a person to."""
        said = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": BACK,
            "scope": ALL,
            "state": "s 1",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            **changes,
        }
        return f"/oauth/authorize?{urlencode({k: v for k, v in said.items() if v is not None})}"

    def code(self, person: User, *, allow: bool = True, **changes: Any) -> dict[str, str]:
        """What a person's answer on the page brings back."""
        browser, address = signed_in(person), self.question(**changes)
        page = browser.get(address)
        assert page.status_code == 200, page.content.decode()
        said = {name: value for name, value in page.context["form"].initial.items() if value is not None}
        answer = browser.post(address, said | ({"allow": "true"} if allow else {}))
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (
            302,
            changes.get("redirect_uri", BACK),
        )
        return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}

    def exchange(self, **said: Any) -> Any:
        """Ask at the token endpoint."""
        secret = {"client_secret": self.secret} if self.secret else {}
        answer = self.web.post("/oauth/token", {"client_id": self.client_id, **secret, **said})
        if answer.status_code == 200:
            self.token, self.refresh = answer.json()["access_token"], answer.json()["refresh_token"]
        return answer

    def redeem(self, code: str, **changes: Any) -> Any:
        """A code for tokens."""
        said = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        }
        return self.exchange(**{k: v for k, v in {**said, **changes}.items() if v is not None})

    def ask(self, path: str, method: str = "GET", body: bytes = b"", kind: str = "application/json") -> Any:
        """Ask the API with its token."""
        return self.web.generic(
            *(method, f"/ims/ob/v3p0/{path}", body),
            content_type=kind,
            headers={"Authorization": f"Bearer {self.token}"},
        )


def program(**changes: Any) -> Program:
    """A registered one."""
    said = register(**changes).json()
    return Program(said["client_id"], said.get("client_secret", ""))


def allowed(person: User, scope: str = ALL) -> Program:
    """One that a person let at her badges."""
    one = program()
    one.redeem(one.code(person, scope=scope)["code"])
    return one


def said_so(answer: Any) -> tuple[int, str, str]:
    """How the API refused."""
    body = answer.json()
    minor = body["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"]
    assert (answer["Content-Type"], body["imsx_severity"]) == ("application/json", "error")
    return answer.status_code, body["imsx_codeMajor"], minor
