"""One issuer, one micro-credential and one award as plain data, and their signed documents."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from badges.openbadges import documents, proofs, status, verification
from badges.openbadges.fetched import Answer, Unreachable
from badges.openbadges.keys import SigningKey, did_document, did_web_location
from badges.openbadges.reading import write_json

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DID = "did:web:badges.example:issuers:lakes"
OTHER_DID = "did:web:badges.example:issuers:northfield"
LIST_URL = "https://badges.example/status/1"
BASE = "https://badges.example/achievements/1"

ISSUER = documents.IssuerData(
    id=DID, name="Lakes Regional Service Center (demo)", url="https://badges.example/issuers/lakes/"
)


def criterion(number: int) -> documents.CriterionData:
    """A criterion with three levels of which the highest passes."""
    levels = tuple(
        documents.LevelData(
            id=f"{BASE}#c{number}-{points}", name=name, points=str(points), description=f"{name}."
        )
        for points, name in enumerate(["Developing", "Basic", "Proficient"])
    )
    return documents.CriterionData(
        id=f"{BASE}#c{number}", name=f"Criterion {number}", levels=levels, required_level=levels[-1].id
    )


ACHIEVEMENT = documents.AchievementData(
    id=BASE,
    name="Seeking Well-being",
    description="Plans and leads a routine.\nLooks at what changed.",
    criteria_narrative="Every criterion at *Proficient* or above.",
    criteria_url="https://badges.example/micro-credentials/seeking-well-being/",
    issuer=ISSUER,
    criteria=(criterion(1), criterion(2)),
    alignments=(
        documents.AlignmentData(
            name="Learner",
            url="https://badges.example/standards/iste-educators/2.1",
            code="2.1",
            framework="ISTE",
        ),
    ),
    hours=Decimal("5.5"),
    tags=("well-being", "teacher"),
    image_url="https://badges.example/achievements/1.png",
    image_caption="A badge that reads Seeking Well-being",
    version="1",
    language="en",
)

AWARD = documents.AwardData(
    id="https://badges.example/badges/6c6d2f8e-7d5b-4c57-8f3a-6d9a4c1f2b3e/",
    subject_id="urn:uuid:0b1c7d7e-6f5c-4b0c-9f53-4d6f5b0a9b2f",
    achievement=ACHIEVEMENT,
    recipient_email="maya@example.org",
    recipient_salt="00112233445566778899aabbccddeeff",
    status=documents.StatusData(list_url=LIST_URL, index=94_567),
    valid_from=NOW - timedelta(days=1),
    awarded=NOW - timedelta(days=1),
    results=tuple(
        documents.ResultData(criterion=item.id, level=item.required_level) for item in ACHIEVEMENT.criteria
    ),
    evidence=(documents.EvidenceData(name="Lesson plan", description="A plan for one week"),),
    hours_earned=Decimal(6),
)


@dataclass
class World:
    """The issuer's key, the DID documents and the status list that a verifier may ask for."""

    key: SigningKey = field(default_factory=SigningKey.generate)
    other_key: SigningKey = field(default_factory=SigningKey.generate)
    revoked: tuple[int, ...] = ()

    def signed(self, **changes: Any) -> dict[str, Any]:
        """The award's credential, signed by its issuer."""
        return self.sign(documents.credential(replace(AWARD, **changes)))

    def sign(self, document: dict[str, Any], did: str = DID) -> dict[str, Any]:
        """Sign as an issuer."""
        key = self.key if did == DID else self.other_key
        return proofs.sign(document, key, verification_method=key.method_for(did), created=NOW)

    def resolve(self, did: str) -> dict[str, Any] | None:
        """The DID documents this platform publishes."""
        known = {DID: [self.key.multikey], OTHER_DID: [self.other_key.multikey]}
        return did_document(did, known[did]) if did in known else None

    def status_list(self, url: str) -> dict[str, Any] | None:
        """The status list this platform publishes."""
        if url != LIST_URL:
            return None
        return self.sign(
            status.status_list_credential(url=url, issuer=DID, revoked=self.revoked, valid_from=NOW)
        )

    def verify(self, source: str | bytes | dict[str, Any]) -> verification.Report:
        """Verify as the platform does."""
        return verification.verify(source, fetch=self.fetch, now=NOW)

    def fetch(self, url: str) -> Answer:
        """What this platform answers."""
        dids = {did_web_location(did): did for did in (DID, OTHER_DID)}
        return answer(url, self.resolve(dids[url]) if url in dids else self.status_list(url))


def answer(url: str, document: dict[str, Any] | None) -> Answer:
    """A JSON document at an address; nothing answers where there is none."""
    if document is None:
        raise Unreachable(f"{url} does not answer")
    return Answer(200, write_json(document).encode(), "application/json", url)


def outcomes(report: verification.Report) -> dict[str, str]:
    """Each step's outcome by name."""
    return {step.name: step.outcome.value for step in report.steps}


def words(report: verification.Report, name: str) -> str:
    """What a step says."""
    return next(step.words for step in report.steps if step.name == name)


ALL_OK = {"document": "ok", "proof": "ok", "issuer": "ok", "dates": "ok", "status": "ok"}
UNREADABLE = {
    "document": "failed",
    "proof": "unknown",
    "issuer": "unknown",
    "dates": "unknown",
    "status": "unknown",
}
