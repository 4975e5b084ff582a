"""What the host API of Open Badges 3.0 serves and takes: badges as they came, and the public page."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import png
import pytest
from django.core.cache import cache
from django.test import Client

from badges import issuing, workflow
from badges.host_api import PROFILE, READ
from badges.models import ExternalAward, PublicProfile
from badges.openbadges import proofs
from badges.openbadges.baking import bake_png
from badges.openbadges.keys import SigningKey
from badges.queries import portfolio
from journal.models import Entry
from tests import factories
from tests.badges.elsewhere import Elsewhere
from tests.badges.programs import allowed, said_so
from tests.badges.stacked import DAY, foreign, kept, report
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    cache.clear()  # what was asked of the throttles before
    return cast()


def picture(document: dict[str, Any]) -> bytes:
    """A dot that carries a badge."""
    file = io.BytesIO()
    png.from_array([[128]], "L").write(file)
    return bake_png(file.getvalue(), json.dumps(document))


def test_pages_hold_all_of_hers_and_nothing_of_others(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = factories.award(people)
    kept(people.educator2)
    first = kept(people.educator)
    baked = foreign(people.educator.email)
    image = workflow.keep_external(people.educator, picture(baked), "image/png", report(baked))
    hosted = {"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://a.example/1"}
    workflow.keep_external(people.educator, b'{"a":1}', "application/json", report(hosted))
    one = allowed(people.educator, READ)
    whole = one.ask("credentials")
    assert (whole["X-Total-Count"], whole.json()["credential"][-1]) == ("3", own.credential)
    assert {c["id"] for c in whole.json()["credential"]} == {
        own.credential["id"],
        first.credential_id,
        baked["id"],
    }
    seen: list[dict[str, Any]] = []
    address = "credentials?limit=2"
    while address:
        page = one.ask(address)
        seen += page.json()["credential"]
        found = dict(reversed(part.split("; rel=")) for part in page["Link"].split(", "))
        address = found.get('"next"', "").strip("<>").rpartition("/")[2]
    assert seen == whole.json()["credential"]
    assert sorted(found) == ['"first"', '"last"', '"prev"']
    beyond = one.ask("credentials?offset=999999999")
    assert (beyond.json(), '"next"' in beyond["Link"]) == ({"credential": [], "compactJwsString": []}, False)
    since = one.ask("credentials?since=" + (DAY + timedelta(days=1)).isoformat())
    assert (since["X-Total-Count"], since.json()["credential"]) == ("1", [own.credential])
    monkeypatch.setattr(portfolio, "BYTES", 10)
    small = one.ask("credentials?limit=50")
    assert (len(small.json()["credential"]), "offset=1" in small["Link"]) == (1, True)
    assert image.pk
    monkeypatch.setattr(portfolio, "BYTES", None)
    assert said_so(one.ask("credentials")) == (500, "failure", "internal_server_error")


def test_a_newer_version_takes_the_place_of_the_older_and_her_own_is_known(people: People) -> None:
    one, key = allowed(people.educator), SigningKey.generate()
    # The day it was earned is the same in both: only what it is valid from tells which is the newer one.
    versions = [
        json.dumps(foreign(people.educator.email, key=key, id=name, valid_from=day)).encode()
        for name, day in (("urn:uuid:1%20", DAY), ("urn:uuid:1", DAY + timedelta(days=1)))
    ]
    assert one.ask("credentials", "POST", versions[0]).status_code == 201
    pk = ExternalAward.objects.get().pk
    assert one.ask("credentials", "POST", versions[1]).status_code == 200
    row = ExternalAward.objects.get()
    assert (row.pk, bytes(row.content)) == (pk, versions[1])
    assert one.ask("credentials", "POST", versions[0]).status_code == 304
    assert bytes(ExternalAward.objects.get().content) == versions[1]
    award = factories.award(people)
    token = (
        Client().get(f"/badges/{award.pk}.jwt", headers={}).content if award.visibility != "private" else b""
    )
    own = signed_in(people.educator).get(f"/badges/{award.pk}.jwt").content or token
    for body, kind in ((json.dumps(award.credential).encode(), "application/json"), (own, "text/plain")):
        answer = one.ask("credentials", "POST", body, kind)
        assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, body, kind)
    assert ExternalAward.objects.count() == 1


def test_a_program_writes_the_public_page_and_nothing_else(people: People) -> None:
    one, reader = allowed(people.educator), allowed(people.educator2, PROFILE)
    before = one.ask("profile").json()
    assert (before["name"], "description" in before) == (people.educator.name, False)
    told = {**before, "name": "Maya R.", "description": "Teaches grade 4"}
    answer = one.ask("profile", "PUT", json.dumps(told).encode())
    assert (answer.status_code, answer.json()) == (200, told)
    page = PublicProfile.objects.get()
    assert (page.user, page.slug, page.state) == (people.educator, "maya-r", "hidden")
    assert type(people.educator).objects.get(pk=people.educator.pk).name == people.educator.name
    public = factories.award(people, visibility="public")
    workflow.save_profile(
        people.educator, slug="maya-r", name_shown="Maya R.", shown=True, awards=[public.pk]
    )
    shown = one.ask("profile").json()
    assert shown["url"] == issuing.absolute("/people/maya-r/")
    again = json.dumps({**shown, "type": "Profile", "description": "Teaches grade 5"}).encode()
    for _time in range(2):
        assert one.ask("profile", "PUT", again).json()["description"] == "Teaches grade 5"
    seen = Client().get("/people/maya-r/")
    assert ("Teaches grade 5" in seen.content.decode(), list(seen.context["awards"])) == (True, [public])
    changed = Entry.objects.filter(kind="badges.profile_changed", data__program=one.client_id)
    assert changed.count() == 1
    for wrong, words in (
        ({"email": "other@example.test", "phone": "1"}, "email, phone"),
        ({"id": "urn:uuid:other"}, "id"),
        ({"name": ""}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": 7}, "texts"),
        ({"description": "x" * 161}, "160"),
        ({"type": "Achievement"}, "Profile"),
    ):
        refused = one.ask("profile", "PUT", json.dumps({**shown, **wrong}).encode())
        assert said_so(refused) == (400, "failure", "invalid_data"), wrong
        assert words in refused.json()["imsx_description"]
    for body in (b" ", b"[]", b"\xff", b"[" * 70_000):
        assert said_so(one.ask("profile", "PUT", body)) == (400, "failure", "invalid_data")
    assert said_so(one.ask("profile", "PUT", b"{}", "text/plain"))[0] == 415
    assert said_so(reader.ask("profile", "PUT", again))[0] == 403


def test_nothing_of_a_badge_is_lost_on_the_way(people: People) -> None:
    """Bytes, terms that nobody here knows, and numbers that would be written in another way."""
    one, key = allowed(people.educator), SigningKey.generate()
    plain = {
        name: value for name, value in foreign(people.educator.email, key=key).items() if name != "proof"
    }
    strange = {**plain, "name": "Leading \u05e9\u05dc\u05d5\u05dd"}
    strange["credentialSubject"]["creditsEarned"] = 1.5
    did = f"did:key:{key.multikey}"
    document = proofs.sign(strange, key, verification_method=f"{did}#{key.multikey}", created=DAY)
    content = json.dumps(document, indent=2).replace('"creditsEarned": 1.5', '"creditsEarned": 1.50').encode()
    assert b"1.50" in content
    there = Elsewhere()
    token = there.token({**there.badge(), "mood": {"of": "the day", "value": 1.50}}).encode()
    for body, kind in ((content, "application/vc+ld+json"), (token, "text/plain")):
        brought = one.ask("credentials", "POST", body, kind)
        assert (brought.status_code, brought.content, brought["Content-Type"]) == (201, body, kind)
    page = one.ask("credentials")
    assert content in page.content
    assert page.json()["compactJwsString"] == [token.decode()]
    states = signed_in(people.educator).get("/badges/other/").content.decode()
    assert [states.count(words) for words in ("Verified", "Not fully checked")] == [1, 1]
