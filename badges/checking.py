"""Checking badges for pages and API: the verifier with what it may ask, our own keys and lists.

Nothing is fetched from elsewhere: a foreign issuer stays *unknown*.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Organisation
from badges import answers, issuing, keyring, rules, workflow
from badges.models import Award, StatusList
from badges.openbadges import verification
from badges.openbadges.reading import write_json
from badges.openbadges.verification import Outcome, Report

LONGEST = 300  # letters of a stranger's name on our page
MEMORY = 60  # seconds


def check(source: str | bytes | dict[str, Any]) -> Report:
    """Check what a stranger brought."""
    return verification.verify(
        source, resolve_did=resolve_did, fetch_status_list=fetch_status_list, now=timezone.now()
    )


def check_award(award: Award) -> Report:
    """Check one of our badges as anybody could, from its signed documents. Needs its status list loaded.

    Canonicalising costs milliseconds, so the answer to the same bytes is remembered for a minute; a
    revocation changes the list's bytes and is seen at once.
    """
    published = status_document(award.status_list)
    key = answers.key_of("check", write_json(award.credential), write_json(published))
    report: Report | None = cache.get(key)
    if report is None:
        report = verification.verify(
            award.credential,
            resolve_did=resolve_did,
            fetch_status_list=lambda url: published if url == published["id"] else fetch_status_list(url),
            now=timezone.now(),
        )
        report = Report(report.steps)
        cache.set(key, report, MEMORY)
    return report


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

    `badge` is set for one of ours that its holder shows; `demo` where the issuer is a demonstration of ours.
    """
    document = report.credential
    said: dict[str, Any] = {"verdict": str(report.outcome), "revoked": _is_revoked(report), "demo": False}
    if document is None:
        return said
    issuer, subject = document["issuer"], document["credentialSubject"]
    did = verification.issuer_id(document)
    ours = Organisation.objects.filter(slug=did.rpartition(":")[2]).first() if resolve_did(did) else None
    return {
        **said,
        "title": subject["achievement"]["name"][:LONGEST],
        "issuer": ours.name if ours else _named(issuer, did),
        "awarded": _moment(document),
        "demo": bool(ours and ours.demo),
        "badge": _shown(document["id"]) if report.outcome is not Outcome.FAILED else None,
    }


def _named(issuer: Any, did: str) -> str:
    """What a foreign document calls its issuer, cut to what a page can hold."""
    name = issuer.get("name") if isinstance(issuer, dict) else None
    return (name if isinstance(name, str) else did)[:LONGEST]


def _is_revoked(report: Report) -> bool:
    """Whether revocation is all that speaks against it."""
    failed = [step.name for step in report.steps if step.outcome is Outcome.FAILED]
    return failed == ["status"]


def _moment(document: dict[str, Any]) -> datetime | None:
    value = document.get("awardedDate") or document.get("validFrom")
    try:
        return parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _shown(address: str) -> Award | None:
    """Our award of this address, if everybody may see it."""
    try:
        pk = UUID(address.rpartition("/")[2])
    except ValueError:
        return None
    if address != issuing.badge_id(pk):
        return None
    return rules.readable_by(AnonymousUser()).filter(pk=pk).first()
