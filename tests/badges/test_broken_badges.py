"""What chance makes of badges: every one is answered, and what is still valid still says the same."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import threading
import time
from typing import Any

import psutil
import pytest
from PIL import Image

from badges import confined
from badges.openbadges import verification
from badges.openbadges.baking import bake_png
from badges.openbadges.baking_svg import bake_svg
from badges.openbadges.controllers import encoded
from badges.openbadges.fetched import Answer
from badges.openbadges.outcomes import Report
from tests.badges.elsewhere import DID, EMAIL, SITE, Elsewhere
from tests.badges.mutations import mutated, torn, written
from tests.badges.samples import ALL_OK, NOW, outcomes, words

ROUNDS = 200
SEAL = {"id": f"{SITE}/seal.json", "digestMultibase": "uEiAC1YzqdxHyl0ccan-VdljNs_cazQLT6FfVO_roBdqn6w"}


def check(elsewhere: Elsewhere, source: Any) -> Report:
    return verification.verify(source, fetch=elsewhere.fetch, now=NOW, email=EMAIL)


def full(e: Elsewhere) -> dict[str, Any]:
    """A badge with something for every step."""
    e.put(SEAL["id"], b"the seal")
    badge = e.with_status(relatedResource=[SEAL], validUntil="2027-01-01T00:00:00Z")
    endorsement = e.sign(
        {
            "@context": badge["@context"],
            "id": f"{SITE}/endorsements/1",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "issuer": {"id": DID, "type": ["Profile"], "name": "A friend"},
            "validFrom": "2026-11-01T00:00:00Z",
            "credentialSubject": {"id": f"{SITE}/achievements/1", "type": ["EndorsementSubject"]},
        }
    )
    badge["credentialSubject"]["achievement"]["endorsement"] = [endorsement]
    return badge


def said(report: Report) -> Any:
    """What a reader takes home."""
    return [step.name for step in report.steps], report.about


def test_a_document_that_was_changed_is_not_valid_or_says_the_same() -> None:
    e, chance = Elsewhere(), random.Random(20261122)
    badge = full(e)
    for good in (e.sign(badge), e.sign_jcs(badge)):
        first = check(e, good)
        assert outcomes(first) == {**ALL_OK, "recipient": "ok", "endorsements": "ok", "evidence": "ok"}
        reports = [check(e, written(mutated(good, chance))) for _number in range(ROUNDS)]
        assert {str(said(report)) for report in reports if report.valid} <= {str(said(first))}
        assert sum(report.valid for report in reports) < ROUNDS / 20


def test_files_that_were_torn_and_sites_that_answer_anything() -> None:
    e, chance = Elsewhere(), random.Random(20261122)
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    text, token = json.dumps(e.sign(full(e))), e.token(full(e))
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    files = [bake_png(out.getvalue(), text), bake_svg(svg, text), token.encode(), text.encode()]
    for number in range(ROUNDS):
        assert len(check(e, torn(files[number % len(files)], chance)).steps) >= 5
    lying = dict(e.site)
    for number in range(ROUNDS):
        url = chance.choice(list(lying))
        body = lying[url][1]
        broken = written(mutated(json.loads(body), chance)) if body.startswith(b"{") else torn(body, chance)
        e.site = {**lying, url: (chance.choice((200, 200, 404, 410, 500)), broken)}
        assert len(check(e, (text, token)[number % 2]).steps) >= 5


def test_tokens_whose_halves_were_changed() -> None:
    e, chance = Elsewhere(), random.Random(20261122)
    _head, _payload, signature = e.token(full(e)).split(".")
    known = {"alg": "RS256", "typ": "JWT", "kid": f"{SITE}/keys/1"}
    for number in range(ROUNDS):
        header = mutated(known, chance) if number % 2 else known
        payload = {**full(e), "iss": DID} if number % 2 else mutated({**full(e), "iss": DID}, chance)
        token = f"{encoded(written(header))}.{encoded(written(payload))}.{signature}"
        assert not check(e, token).valid


@pytest.mark.parametrize("nested", ["relatedResource", "endorsement"])
def test_what_hides_in_a_list_of_lists_is_found(nested: str) -> None:
    """JSON-LD signs both alike, so the proof would hold while a step was never taken."""
    e = Elsewhere()
    signed = e.sign(full(e))
    holder = signed if nested in signed else signed["credentialSubject"]["achievement"]
    holder[nested] = [holder[nested]]
    assert "a list within a list" in words(check(e, signed), "document")


def test_an_endorsement_about_several_things_is_about_none() -> None:
    e = Elsewhere()
    badge = full(e)
    given = badge["credentialSubject"]["achievement"].pop("endorsement")[0]
    given["credentialSubject"]["id"] = [f"{SITE}/achievements/1"]
    badge["credentialSubject"]["achievement"]["endorsementJwt"] = [e.token(given)]
    assert "about something else" in words(check(e, e.token(badge)), "endorsements")


# --- behind the wall ------------------------------------------------------------------------------------------


def test_a_process_that_dies_is_no_word_against_the_badge() -> None:
    e = Elsewhere()

    def fetch(url: str) -> Answer:
        for child in psutil.Process().children():
            if "badges.openbadges" in child.cmdline():
                os.kill(child.pid, signal.SIGKILL)
        return e.fetch(url)

    report = confined.check(json.dumps(e.sign(e.badge())).encode(), fetch=fetch, now=NOW)
    assert (report.outcome, report.credential) == ("unknown", None)
    assert "so it was stopped" in words(report, "document")


def test_six_at_once_are_all_answered() -> None:
    """More than may run at once: the rest waits a little, and a site that dawdles holds up its own badge only."""
    e, reports = Elsewhere(), []
    source = json.dumps(e.sign(e.with_status())).encode()

    def fetch(url: str) -> Answer:
        time.sleep(0.1)
        return e.fetch(url)

    def one() -> None:
        reports.append(confined.check(source, fetch=fetch, now=NOW, email=EMAIL))

    threads = [threading.Thread(target=one) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [outcomes(report) for report in reports] == [{**ALL_OK, "recipient": "ok"}] * 6
