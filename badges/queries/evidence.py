"""What a holder may show of the work behind her badge, and what she shows now."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from badges.models import Award, IssuerKey, ShownEvidence
from journal.models import Entry
from submissions import sealing
from submissions.models import Artifact
from submissions.models.consent import Purpose
from submissions.rules import covered_among

OPEN = ShownEvidence.Mode.OPEN


@dataclass(frozen=True)
class Piece:
    """One piece that was assessed: under which name, how it is shown now, and whether everybody may open it."""

    artifact: UUID
    name: str
    requirement: str
    mode: str
    digest: str
    openable: bool

    @property
    def open(self) -> bool:
        """Whether anybody may open it now: she chose so, and it may still be."""
        return self.mode == OPEN and self.openable


def pieces_of(award: Award) -> list[Piece]:
    """Every assessed piece with a digest, in the order of the manifest. Needs the submission and the version loaded."""
    if award.submission is None:
        return []
    manifest = sealing.manifest_held(award.submission)
    rows = {row["artifact"]: row for row in manifest.get("artifacts", [])}
    leaves = [leaf for leaf in sealing.leaves_of(manifest) if leaf.kind == sealing.ASSESSED]
    shown = {row.artifact: row for row in ShownEvidence.objects.filter(award=award)}
    openable = openable_among([UUID(leaf.artifact) for leaf in leaves])
    asked = (
        {item["key"]: item["title"] for item in award.version.template["requirements"]}
        if award.version
        else {}
    )
    found = []
    for leaf in leaves:
        pk, row = UUID(leaf.artifact), rows[leaf.artifact]
        chosen, requirement = shown.get(pk), asked.get(row["requirement"], "")
        found.append(
            Piece(
                artifact=pk,
                name=chosen.name if chosen else row["title"] or requirement,
                requirement=requirement,
                mode=chosen.mode if chosen else "",
                digest=leaf.digest,
                openable=pk in openable,
            )
        )
    return found


def openable_among(artifacts: list[UUID]) -> set[UUID]:
    """Those whose bytes are there, are the earner's alone, and may stand with a public badge: everybody recognisable agreed to that."""
    rows = Artifact.objects.filter(pk__in=artifacts, state=Artifact.State.READY, content__isnull=False)
    return covered_among(list(rows.filter(team=None)), Purpose.PUBLIC_BADGE)


def open_evidence() -> QuerySet[ShownEvidence]:
    """All that anybody may open somewhere, by the holders' choice."""
    return ShownEvidence.objects.filter(mode=OPEN)


def for_reissue(pk: UUID) -> Award:
    """An award with all that its document says, kept from others until the transaction ends."""
    rows = Award.objects.select_related(
        *("earner", "issuer", "status_list", "submission", "stack__issuer", "key"),
        "version__micro_credential__issuer",
    )
    return rows.select_for_update(of=("self",)).get(pk=pk)


# --- what an event is about -----------------------------------------------------------------------------------


def artifacts_of(entry: Entry) -> list[UUID]:
    """The evidence an entry of the journal tells about: a form that was stopped, a class that changed, a file that went."""
    if entry.kind == "submissions.consent_stopped":
        return [UUID(row["artifact"]) for row in entry.data.get("closed", [])]
    if entry.kind == "submissions.class_changed":
        rows = Artifact.objects.filter(classes__contains=[UUID(entry.subject_id)])
        return list(rows.values_list("pk", flat=True))
    return [UUID(entry.subject_id)]


def to_sign_anew(kind: str, subject: str) -> QuerySet[Award]:
    """The awards whose document is not right any more after what happened."""
    rows = Award.objects.exclude(state=Award.State.REVOKED)
    if kind == "accounts.organisation_renamed":
        return rows.filter(issuer=UUID(subject))
    if kind == "accounts.address_changed":
        return rows.filter(earner=UUID(subject), earner__closed_at=None)
    key = IssuerKey.objects.select_related("issuer").get(pk=subject)
    return rows & signed_since(key)


def signed_since(key: IssuerKey) -> QuerySet[Award]:
    """What a key signed at or after the moment of its revocation; documents of before keys were rows name it in their proof."""
    since = (key.revoked_from or timezone.now()).replace(microsecond=0)
    before = Q(
        key=None, created__gte=since, credential__proof__verificationMethod__endswith=f"#{key.fragment}"
    )
    return Award.objects.filter(Q(key=key, issued_at__gte=since) | before)
