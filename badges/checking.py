"""Checking badges for pages and API: our own from the database, everybody else's behind a wall.

A document that is byte for byte one of ours is checked here, in milliseconds. Anything else is a stranger's: it is
checked in a process with bounds (`confined`), and what it asks for passes a guard (`fetching`). Nothing that is sent
is stored, and an address typed to see whose a badge is reaches neither the database nor a log.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Organisation
from badges import answers, confined, fetching, issuing, keyring, rules, workflow
from badges.models import Award, StatusList
from badges.openbadges import extras, hosted, structure, verification
from badges.openbadges.fetched import Answer, Fetch
from badges.openbadges.keys import did_web
from badges.openbadges.outcomes import REVOKED, SUSPENDED, is_bare_key, run, strings
from badges.openbadges.reading import DocumentError, loose, read_loose, write_json
from badges.openbadges.unpacking import is_plain
from badges.openbadges.verification import Outcome, Report
from submissions import sealing

LONGEST = 300  # letters of a stranger's name on our page
MEMORY = 60  # seconds


def check(source: str | bytes | dict[str, Any], email: str = "") -> Report:
    """Check what a stranger brought; `email` is an address that it is said to have been issued to."""
    now, document = timezone.now(), _document(source)
    if award := _ours(document or {}):
        return verification.verify(document or {}, fetch=_Own(_seal_of(award)), now=now, email=email)
    if is_plain(source) and not _is_promising(document or {}):
        return verification.verify(source, fetch=_Own(), now=now, email=email)
    content = source if isinstance(source, bytes) else _text(source).encode("utf-8", "replace")
    fetch = fetching.Fetcher(_address(content), _Own())
    return _with_seal(confined.check(content, fetch=fetch, now=now, email=email))


def _text(source: str | dict[str, Any]) -> str:
    return write_json(source) if isinstance(source, dict) else source


def _document(source: str | bytes | dict[str, Any]) -> dict[str, Any] | None:
    """The JSON document, if it is one within bounds."""
    try:
        if isinstance(source, dict):
            return loose(source)
        return read_loose(source) if source.lstrip()[:1] in ("{", b"{") else None
    except DocumentError:
        return None


def _is_promising(document: dict[str, Any]) -> bool:
    """Whether more than a look at its form is needed: only then is there work that has to be bounded."""
    if hosted.is_assertion(document) or "EnvelopedVerifiableCredential" in strings(document.get("type")):
        return True
    return next(structure.problems(document), None) is None


def _address(content: bytes) -> str:
    """The address a person asks about, which may answer with a picture."""
    text = content[:3000].decode("utf-8", "replace").strip()
    return text if text.lower().startswith("https://") and len(text) < 2001 else ""


def _ours(document: dict[str, Any]) -> Award | None:
    """The award whose document it is, value for value, as we issued it last."""
    pk = _our_pk(str(document.get("id")))
    return Award.objects.filter(pk=pk, credential=document).only("seal").first() if pk else None


def _seal_of(award: Award) -> dict[str, bytes]:
    return {issuing.seal_url(award.pk): sealing.canonical(award.seal)} if award.seal else {}


def _with_seal(report: Report) -> Report:
    """Compare a private badge's seal too, but only for the badge that its issuer signed: anybody can name an address."""
    pk, steps = _our_pk(report.about.id), {step.name: step for step in report.steps}
    unseen = "evidence" in steps and steps["evidence"].outcome is Outcome.UNKNOWN
    if not (pk and unseen and report.credential and _is_genuine(report)):
        return report
    award = Award.objects.filter(pk=pk, issuer__slug=_slug(report.about.issuer_id)).only("seal").first()
    if award is None or not _is_ours(report.about.issuer_id):
        return report
    named, fetch = extras.resources(report.credential), _Own(_seal_of(award))
    again = run("evidence", lambda: extras.check_resources(named, fetch), verification.FAILURES)
    return replace(report, steps=tuple(again if step.name == "evidence" else step for step in report.steps))


def _is_genuine(report: Report) -> bool:
    """Whether the issuer it names signed it."""
    ends = {step.name: step.outcome for step in report.steps}
    return ends["proof"] is ends["issuer"] is Outcome.OK


def _slug(issuer: str) -> str:
    return issuer.rpartition(":")[2]


def _is_ours(issuer: str) -> bool:
    """Whether an issuer's name is one that this installation gives."""
    return issuer == issuing.issuer_did(_slug(issuer))


def own_documents() -> Fetch:
    """Answers for our own addresses, from the database."""
    return _Own()


class _Own:
    """Our keys, lists and seals straight from the database; `known` is what is at hand already."""

    def __init__(self, known: dict[str, bytes] | None = None) -> None:
        self.known = known or {}

    def __call__(self, url: str) -> Answer:
        content = self.known.get(url) or _stored(url)
        return Answer(200, content, "application/json", url) if content else fetching.own(url)


def _stored(url: str) -> bytes | None:
    """A key or list of ours as it is published; whatever may be private is asked of its own view, as a stranger asks."""
    document = did_document(url) or fetch_status_list(url)
    return write_json(document).encode() if document else None


def check_award(award: Award) -> Report:
    """Check one of our badges as anybody could, from its signed documents. Needs its status list loaded.

    Canonicalising costs milliseconds, so the answer to the same bytes is remembered for a minute; a
    revocation changes the list's bytes and is seen at once.
    """
    published = write_json(status_document(award.status_list))
    key = answers.key_of("check", write_json(award.credential), published)
    report: Report | None = cache.get(key)
    if report is None:
        known = {issuing.status_url(award.status_list_id): published.encode(), **_seal_of(award)}
        report = verification.verify(award.credential, fetch=_Own(known), now=timezone.now())
        report = Report(report.steps, standing=report.standing)
        cache.set(key, report, MEMORY)
    return report


def did_document(url: str) -> dict[str, Any] | None:
    """The DID document that lies at an address of ours."""
    path = urlsplit(url).path
    if not fetching.is_own(url) or not path.endswith("/did.json"):
        return None
    below = path.removeprefix(urlsplit(issuing.absolute("")).path).strip("/").split("/")[:-1]
    return resolve_did(did_web(issuing.absolute(""), *(part for part in below if part != ".well-known")))


def resolve_did(did: str) -> dict[str, Any] | None:
    """The DID document of an issuer of ours that has signed something; None for anybody else."""
    return keyring.known_did_document(did)


def fetch_status_list(url: str) -> dict[str, Any] | None:
    """A status list of ours by its address; None for anything else."""
    try:
        pk = UUID(url.rpartition("/")[2])
    except ValueError:
        return None
    if url != issuing.status_url(pk):
        return None
    row = StatusList.objects.filter(pk=pk).first()
    return status_document(row) if row else None


def status_document(row: StatusList) -> dict[str, Any]:
    """The signed list, made now where it was not published yet."""
    document: dict[str, Any] | None = row.credential
    return document or workflow.publish_list(row)


def told(report: Report) -> dict[str, Any]:
    """What a checked badge says, for people: nothing of a document that could not be read.

    `badge` is set for one of ours that its holder shows; `demo` where the issuer is a demonstration of ours;
    `granted` where it awarded this without an assessment here; `place` is where a foreign issuer's keys lie, since
    anybody may call themselves anything.
    """
    said: dict[str, Any] = {
        "verdict": str(report.outcome),
        "revoked": report.standing == REVOKED and _only_status(report),
        "suspended": report.standing == SUSPENDED and _only_status(report),
        "someone_elses": _failed(report) == ["recipient"],
        "asked_whose": any(step.name == "recipient" for step in report.steps),
        "demo": False,
        "granted": False,
    }
    about = report.about
    if report.credential is None or not about.title:
        return said
    ours = _issuer(about.issuer_id)
    return {
        **said,
        "title": about.title[:LONGEST],
        "issuer": ours.name if ours else (about.issuer or about.issuer_id)[:LONGEST],
        "place": "" if ours else _place(about.issuer_id),
        "bare_key": is_bare_key(about.issuer_id),
        "awarded": _moment(about.awarded),
        "demo": bool(ours and ours.demo),
        "granted": bool(ours) and _is_genuine(report) and issuing.is_granted(report.credential),
        "badge": _shown(about.id) if report.outcome is not Outcome.FAILED else None,
    }


def _issuer(identifier: str) -> Organisation | None:
    return Organisation.objects.filter(slug=_slug(identifier)).first() if _is_ours(identifier) else None


def _failed(report: Report) -> list[str]:
    return [step.name for step in report.steps if step.outcome is Outcome.FAILED]


def _only_status(report: Report) -> bool:
    """Whether the issuer's word is all that speaks against it."""
    return _failed(report) == ["status"]


def _place(identifier: str) -> str:
    """The site that answers for a foreign issuer's name."""
    if identifier.startswith("did:web:"):
        return identifier.split(":")[2].replace("%3A", ":")[:LONGEST]
    return (urlsplit(identifier).hostname or "")[:LONGEST] if identifier.startswith("http") else ""


def _moment(value: str) -> datetime | None:
    try:
        return parse_datetime(value)
    except ValueError:
        return None


def _our_pk(address: str) -> UUID | None:
    """Which of our awards an address names."""
    try:
        pk = UUID(address.rpartition("/")[2])
    except ValueError:
        return None
    return pk if address == issuing.badge_id(pk) else None


def _shown(address: str) -> Award | None:
    """Our award of this address, if everybody may see it."""
    pk = _our_pk(address)
    return rules.readable_by(AnonymousUser()).filter(pk=pk).first() if pk else None
