"""The host API of Open Badges 3.0 and the OAuth 2 in front of it, as another program meets them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken
from playwright.sync_api import Page, expect

from badges import issuing
from badges.host_api import READ, UPSERT
from badges.models import ExternalAward
from badges.workflow.allowing import tidy_programs
from journal.models import Entry
from tests import factories
from tests.badges.programs import ALL, BACK, Program, allowed, program, register, said_so
from tests.badges.stacked import foreign
from tests.browser import Server, enter
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    cache.clear()  # what was asked of the throttles before
    return cast()


# --- the whole way --------------------------------------------------------------------------------------------


def test_a_program_finds_registers_is_allowed_reads_brings_and_gives_back(people: People) -> None:
    award = factories.award(people)
    described = Client().get("/ims/ob/v3p0/discovery").json()["components"]["securitySchemes"]["OAuth2ACG"]
    flow = described["flows"]["authorizationCode"]
    metadata = Client().get("/.well-known/oauth-authorization-server").json()
    registration = issuing.absolute("/oauth/register")
    assert described["x-imssf-registrationUrl"] == metadata["registration_endpoint"] == registration
    assert (flow["authorizationUrl"], flow["tokenUrl"]) == (
        metadata["authorization_endpoint"], metadata["token_endpoint"],
    )  # fmt: skip
    assert sorted(flow["scopes"]) == sorted(ALL.split()) == sorted(metadata["scopes_supported"])
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    one = program()
    back = one.code(people.educator)
    assert (back["state"], back["iss"], back["scope"]) == ("s 1", metadata["issuer"], ALL)
    answer = one.redeem(back["code"])
    assert (answer.status_code, answer.json()["expires_in"], sorted(answer.json()["scope"].split())) == (
        200, 900, sorted(ALL.split()),
    )  # fmt: skip
    assert answer["Access-Control-Allow-Origin"] == "*"
    page = one.ask("credentials")
    assert page.json() == {"credential": [award.credential], "compactJwsString": []}
    content = (json.dumps(foreign(people.educator.email), indent=3) + "\n").encode()
    brought = one.ask("credentials", "POST", content)
    assert (brought.status_code, brought.content) == (201, content)
    row = ExternalAward.objects.get()
    assert (bytes(row.content), row.outcome, row.is_hers) == (content, "ok", True)
    assert one.ask("credentials", "POST", content).status_code == 200
    assert content.strip() in one.ask("credentials").content
    assert one.ask("profile").json()["name"] == people.educator.name
    assert (
        one.web.post("/oauth/revoke", {"client_id": one.client_id, "token": one.refresh}).status_code == 200
    )
    assert said_so(one.ask("profile")) == (401, "failure", "unauthorizedrequest")
    assert one.exchange(grant_type="refresh_token", refresh_token=one.refresh).status_code == 400


def test_tokens_are_hashes_refresh_once_and_end_when_she_says_so(people: People) -> None:
    confidential = program(token_endpoint_auth_method="client_secret_post")
    confidential.redeem(confidential.code(people.educator)["code"])
    assert confidential.secret
    assert confidential.secret not in str(Application.objects.values())
    old = (confidential.token, confidential.refresh)
    assert not set(old) & set(AccessToken.objects.values_list("token", flat=True))
    assert confidential.exchange(grant_type="refresh_token", refresh_token=old[1]).status_code == 200
    assert confidential.token != old[0]
    assert Program(confidential.client_id, "guess").exchange(
        grant_type="refresh_token", refresh_token=confidential.refresh
    ).status_code == 401  # fmt: skip
    hers, browser = signed_in(people.educator2), signed_in(people.educator)
    stop = f"/account/apps/{confidential.client_id}/stop/"
    assert stop in browser.get("/account/apps/").content.decode()
    assert stop not in hers.get("/account/apps/").content.decode()
    assert hers.post(stop).status_code == 404
    assert confidential.ask("credentials").status_code == 200
    assert browser.post(stop).status_code == 302
    assert confidential.ask("credentials").status_code == 401
    assert (
        confidential.exchange(grant_type="refresh_token", refresh_token=confidential.refresh).status_code
        == 400
    )
    kinds = ("badges.program_allowed", "badges.program_stopped")
    assert list(
        Entry.objects.filter(kind__in=kinds).order_by("created").values_list("kind", flat=True)
    ) == list(kinds)


def test_a_stolen_refresh_token_ends_the_family_and_a_closed_account_everything(people: People) -> None:
    one = allowed(people.educator)
    stolen = one.refresh
    assert one.exchange(grant_type="refresh_token", refresh_token=stolen).status_code == 200
    refreshed = one.refresh
    assert one.exchange(grant_type="refresh_token", refresh_token=stolen).status_code == 400
    assert one.exchange(grant_type="refresh_token", refresh_token=refreshed).status_code == 400
    other = allowed(people.educator2)
    people.educator2.is_active = False
    people.educator2.save()
    assert said_so(other.ask("credentials")) == (401, "failure", "unauthorizedrequest")
    Application.objects.update(created=timezone.now() - timedelta(days=91))
    program()
    assert tidy_programs() == 2  # one holds no token that works, the other's person left
    gone = people.educator2.pk
    assert [m.objects.filter(user=gone).count() for m in (Grant, AccessToken, RefreshToken)] == [0, 0, 0]
    assert Application.objects.count() == 1


# --- who is refused ---------------------------------------------------------------------------------------------


def test_without_pkce_or_with_another_address_nobody_is_asked(people: People) -> None:
    one, browser = program(), signed_in(people.educator)
    for changes, error in (
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "https://purl.imsglobal.org/spec/ob/v3p0/scope/credential.delete"}, "invalid_scope"),
    ):  # fmt: skip
        for client in (browser, Client()):
            answer = client.get(one.question(**changes))
            assert (changes, answer.status_code, answer["Location"].partition("?")[0]) == (changes, 302, BACK)
            assert f"error={error}" in answer["Location"]
    for changes in (
        {"redirect_uri": "https://evil.example/back"}, {"redirect_uri": f"{BACK}/more"}, {"client_id": "nobody"},
        {"redirect_uri": "http://wallet.example/back"}, {"client_id": "a\x00b"}, {"client_id": None},
    ):  # fmt: skip
        for client in (browser, Client()):
            answer = client.get(one.question(**changes))
            assert (changes, answer.status_code, "Location" in answer.headers) == (changes, 400, False)
    assert one.code(people.educator, allow=False)["error"] == "access_denied"
    assert browser.post("/oauth/authorize", {"client_id": "nobody", "allow": "true"}).status_code == 400
    assert browser.get(one.question(approval_prompt="auto")).status_code == 200
    assert (Grant.objects.count(), AccessToken.objects.count()) == (0, 0)


def test_a_code_works_once_for_its_program_and_with_its_verifier(people: People) -> None:
    one, other = program(), program()
    for changes in (
        {"code_verifier": None},
        {"code_verifier": "b" * 50},
        {"redirect_uri": "https://evil.example/"},
    ):
        assert one.redeem(one.code(people.educator)["code"], **changes).status_code in {400, 401}
    code = one.code(people.educator)["code"]
    assert other.redeem(code).status_code in {400, 401}
    assert one.redeem(code).status_code == 200
    assert one.redeem(code).status_code in {400, 401}
    for grant in (
        "password",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "\x00",
        "",
    ):
        answer = one.web.post("/oauth/token", {"grant_type": grant, "client_id": one.client_id})
        assert (grant, answer.status_code) == (grant, 400)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uris": ["http://wallet.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://u:p@wallet.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://wallet.example/#a"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://wallet.example/ https://evil.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://[::1/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://a;form-action *"]}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": [7]}, "invalid_redirect_uri"),
        ({"client_name": "Mine\x00"}, "invalid_client_metadata"),
        ({"client_name": "\u202etellaW"}, "invalid_client_metadata"),
        ({"client_name": "x" * 101}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"grant_types": ["authorization_code", "password"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": []}, "invalid_client_metadata"),
    ],
)
def test_a_registration_that_will_not_do(changes: dict[str, Any], error: str) -> None:
    cache.clear()
    answer = register(**changes)
    assert (answer.status_code, answer.json()["error"], Application.objects.count()) == (400, error, 0)


def test_registrations_are_answered_whole_and_bounded() -> None:
    cache.clear()
    about = {
        "software_id": "x",
        "policy_uri": "https://wallet.example/privacy",
        "logo_uri": ["no"],
        "made_up": "y",
    }
    native = register(redirect_uris=["http://127.0.0.1/back"], client_name=None, **about).json()
    assert {**native, "client_id": "", "client_id_issued_at": 0} == {
        "client_id": "",
        "client_id_issued_at": 0,
        "client_name": "127.0.0.1",
        "redirect_uris": ["http://127.0.0.1/back"],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": ALL,
        "software_id": "x",
        "policy_uri": "https://wallet.example/privacy",
    }
    secret = register(token_endpoint_auth_method=None).json()
    assert (secret["token_endpoint_auth_method"], secret["client_secret_expires_at"]) == (
        "client_secret_basic",
        0,
    )
    post = Client().post
    bodies = (b"", b"[]", b"\xff", b"[" * 60_000)
    assert [post("/oauth/register", b, content_type="application/json").status_code for b in bodies] == [
        400
    ] * 4
    assert post("/oauth/register", b" " * 70_000, content_type="application/json").status_code == 413
    assert [register().status_code for _number in range(14)][-1] == 429


def test_the_api_refuses_in_its_own_words(people: People) -> None:
    reader, nobody = allowed(people.educator, READ), Program("nobody")
    assert said_so(nobody.ask("credentials")) == (401, "failure", "unauthorizedrequest")
    answer = reader.ask("credentials", "POST", b"{}")
    assert (said_so(answer), UPSERT in answer.json()["imsx_description"]) == (
        (403, "failure", "forbidden"),
        True,
    )
    assert said_so(reader.ask("profile")) == (403, "failure", "forbidden")
    assert said_so(reader.ask("profile", "PUT", b"{}")) == (403, "failure", "forbidden")
    assert said_so(reader.ask("profile", "DELETE", b"{}")) == (405, "unsupported", "not_allowed")
    assert said_so(reader.ask("nothing")) == (404, "failure", "not_found")
    for query in (
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=٣",
        "offset=-1",
        "offset=1.5",
        "since=yesterday",
        "since=0001-01-01T00:00:00Z",
        f"limit={'9' * 5000}",
    ):
        assert said_so(reader.ask(f"credentials?{query}")) == (400, "failure", "invalid_query_parameter"), (
            query
        )
    assert signed_in(people.educator).get("/ims/ob/v3p0/credentials").status_code == 401
    assert reader.web.get(f"/ims/ob/v3p0/credentials?access_token={reader.token}").status_code == 401
    preflight = Client().options("/ims/ob/v3p0/credentials")
    assert (preflight.status_code, "Authorization" in preflight["Access-Control-Allow-Headers"]) == (
        204,
        True,
    )


def test_what_is_no_good_badge_is_refused_and_nothing_kept(people: People) -> None:
    one = allowed(people.educator)
    document = foreign(people.educator.email)
    document["credentialSubject"]["achievement"]["name"] = "Something greater"
    for body, kind, status in (
        (json.dumps(document).encode(), "application/json", 400), (b" ", "application/json", 400), (b"[]", "application/json", 400),
        (b"{", "application/vc+ld+json", 400), (b"https://a.example/badge.json", "text/plain", 400), (b"a.b.c", "text/plain", 400),
        (b"\xff\x00", "text/plain", 400), (b"<svg/>", "image/svg+xml", 415), (b"{}", "", 415), (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"{" + b" " * (5 * 1024**2), "application/json", 413), (b'{"a":' * 4000, "application/json", 400),
    ):  # fmt: skip
        assert (body[:20], kind, said_so(one.ask("credentials", "POST", body, kind))[0]) == (
            body[:20],
            kind,
            status,
        )
    assert (
        "not valid"
        in one.ask("credentials", "POST", json.dumps(document).encode()).json()["imsx_description"]
    )
    assert ExternalAward.objects.count() == 0


# --- the page -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_she_reads_who_asks_for_what_and_is_led_back(server: Server, page: Page) -> None:
    cache.clear()
    people = cast()
    back = f"{server.url}/help/"  # another program's page, on this computer
    one = program(redirect_uris=["http://127.0.0.1/help/"], client_name="Pocket <b>Wallet</b>")
    page.set_viewport_size({"width": 390, "height": 844})
    enter(page, server, people.educator)
    page.goto(server.url + one.question(redirect_uri=back, scope=READ))
    expect(page.get_by_role("heading", level=1)).to_have_text("Allow “Pocket <b>Wallet</b>”?")
    expect(page.get_by_text("Read all your badges")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("button", name="Allow", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{back}?code=*")
    page.goto(f"{server.url}/account/")
    page.get_by_role("link", name="Programs you let at your badges").click()
    assert (Grant.objects.count(), page.get_by_role("heading", level=1).inner_text()) == (
        1,
        "Programs you let at your badges",
    )
