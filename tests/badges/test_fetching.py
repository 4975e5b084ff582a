"""What a check fetches from elsewhere: over real TLS, from the address that was checked, and never inwards."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from django.core.cache import cache

from badges import checking, fetching
from badges.openbadges import verification
from badges.openbadges.fetched import Answer, Unreachable
from badges.openbadges.reading import write_json
from submissions.capture import Reach
from tests.badges.elsewhere import EMAIL, Elsewhere
from tests.badges.samples import ALL_OK, NOW, outcomes, words
from tests.submissions.certificates import certificate_for
from tests.submissions.rude import Server

HOST = "elsewhere.example"


@dataclass
class Site:
    """An issuer's server on this machine, with a certificate for its name, and what its name leads to."""

    server: Server
    addresses: list[list[str]] = field(default_factory=lambda: [["127.0.0.1"]])
    looked_up: list[str] = field(default_factory=list)

    @property
    def did(self) -> str:
        return f"did:web:{HOST}%3A{self.server.port}"

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.server.port}"

    def resolve(self, host: str, port: int) -> list[str]:
        """Each time the next answer, as a name does that changes its mind."""
        self.looked_up.append(host)
        if host != HOST:
            return [host]
        return self.addresses[min(len(self.looked_up), len(self.addresses)) - 1]

    def badge(self) -> str:
        """A signed badge of this issuer, whose keys lie on the server."""
        e = Elsewhere()
        method = f"{self.did}#{e.key.multikey}"
        key = {"id": method, "type": "Multikey", "controller": self.did, "publicKeyMultibase": e.key.multikey}
        keys = {"id": self.did, "verificationMethod": [key], "assertionMethod": [method]}
        self.server.pages["/.well-known/did.json"] = json.dumps(keys).encode()
        return write_json(e.sign(e.badge(issuer=self.did), method=method))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    certificate = certificate_for(HOST, tmp_path / "tls.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Server(context) as server:
        made = Site(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        reach = Reach(frozenset({("127.0.0.1", server.port)}), made.resolve, str(certificate))
        monkeypatch.setattr(fetching, "PUBLIC", reach)
        yield made
        server.shutdown()


def get(url: str) -> Answer:
    return fetching.elsewhere(url, replace(fetching.LIMITS, seconds=3.0))


def why(url: str) -> str:
    with pytest.raises(Unreachable) as refused:
        get(url)
    return str(refused.value)


@pytest.mark.django_db
def test_a_strangers_badge_is_checked_with_the_key_its_own_server_shows(site: Site) -> None:
    badge = site.badge()
    for _again in range(2):
        assert outcomes(checking.check(badge, EMAIL)) == {**ALL_OK, "recipient": "ok"}
    assert [host for host, _headers in site.server.seen] == [f"{HOST}:{site.server.port}"]
    sent = site.server.seen[0][1]
    assert {"Cookie", "Authorization", "Referer"} & sent.keys() == set()
    site.server.pages.clear()
    assert checking.check(badge, EMAIL).valid  # asked once for many badges
    cache.clear()
    report = checking.check(badge, EMAIL)
    assert outcomes(report)["proof"] == "unknown"


def test_a_name_that_changes_its_mind_is_dialled_where_it_was_checked(site: Site) -> None:
    """Looked up once: what a second answer would say is never asked."""
    site.server.pages["/x"] = b"{}"
    site.addresses = [["127.0.0.1"], ["10.0.0.7"]]
    assert get(f"{site.url}/x").content == b"{}"
    assert site.looked_up == [HOST]
    assert "private network" in why(f"{site.url}/x")
    site.addresses = [["127.0.0.1", "10.0.0.7"]]
    site.looked_up.clear()
    assert "private network" in why(f"{site.url}/x")


@pytest.mark.parametrize(
    ("onward", "said"),
    [
        ("https://10.0.0.7/", "private network"),
        ("https://[::ffff:127.0.0.1]/", "private network"),
        ("https://169.254.169.254/latest/meta-data/", "private network"),
        ("http://elsewhere.example/", "https only"),
        ("file:///etc/passwd", "https only"),
    ],
)
def test_a_redirect_is_checked_like_the_first_address(site: Site, onward: str, said: str) -> None:
    assert said in why(f"{site.url}/to/{onward}")


def test_a_site_that_cannot_prove_who_it_is_is_not_asked(site: Site) -> None:
    site.server.pages["/x"] = b"{}"
    assert "cannot prove who it is" in why(site.url.replace(HOST, "127.0.0.1") + "/x")
    assert site.server.seen == []


def test_words_name_the_address(site: Site) -> None:
    report = verification.verify(
        f"{site.url}/loop", fetch=fetching.Fetcher("", checking.own_documents()), now=NOW
    )
    assert "leads on and on" in words(report, "document")
