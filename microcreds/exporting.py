"""Everything one person has here, as a ZIP she can read without us. The roof is the only place that looks into every room."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet
from django.forms.models import model_to_dict

from accounts.models import Membership, Relation, User
from accounts.queries import profile_of
from badges.external_forms import SUFFIXES
from badges.models import (
    Award,
    Endorsement,
    ExternalAward,
    PublicProfile,
    Recognition,
    Revocation,
    Share,
    ShareLink,
)
from badges.queries.programs import allowed_programs
from journal.models import Entry
from notifications.models import Message, Question
from review.models import Appeal, Assignment, Case, Note, Score
from submissions import vault
from submissions.media.names import safe_name
from submissions.models import (
    Artifact,
    Consent,
    Content,
    Conversation,
    Milestone,
    Outcome,
    SchoolClass,
    Submission,
)

README = """This is everything you have in Microcreds.

account.json      who you are here, your addresses, roles and settings
submissions/      every attempt: your texts, what was decided, and your files as they are assessed
classes.json      the classes you have forms for; pupils are numbers here as everywhere
badges/           your badges as signed credentials; any Open Badges 3.0 verifier can check them
badges/procedures.json  what was said and decided where one of them was to be revoked
badges/sharing.json  who may see which badge, your links and your public page, who endorses them, and programs you allowed
badges/elsewhere/ badges of other issuers that you keep here, exactly as they came; elsewhere.json says what was checked
reviews.json      what you wrote as an assessor; the educators are not named
messages.json     what we told you, and what you asked
journal.json      what you did, and when
"""
HERS = ("code", "attempt", "state", "answers", "resubmission_note", "attestations", "manifest", "seal", "promised_on", "ai_use",
        "self_rating", "contribution", "saved_at", "submitted_at", "decided_at", "strength", "next_step",
        "outside", "returned", "useful")  # fmt: skip
EVIDENCE = ("id", "kind", "state", "requirement", "criteria", "title", "name", "url", "text", "content_type", "size", "sha256",
            "received_size", "received_sha256", "coverage", "origin", "captured_at", "delete_on", "deleted_at", "reused_from",
            "team__name")  # fmt: skip
TOLD = ("criterion__title", "level", "passed", "feedback", "next_step", "places", "carried_from")
SCORED = ("criterion__title", "level", "feedback", "where", "next_step")
ASKED = ("passage", "reason", "answer_by", "answer", "answered_at", "finding", "decision", "decided_at")
APPEALED = ("reason", "answer_by", "state", "finding", "answer", "answered_at")
PROCEDURE = ("award", "state", "reason", "opened_at", "answer_until", "answer", "answered_at", "decision", "decided_at",
             "appeal_until", "appeal", "appealed_at", "appeal_decision", "appeal_decided_at")  # fmt: skip
VISIBLE = ("id", "state", "visibility", "name_shown", "on_profile", "awarded_at", "valid_until")
LINKED = ("id", "title", "name_shown", "token", "state", "expires_at", "withdrawn_at", "created")
PAGE = ("slug", "name_shown", "headline", "state", "created", "updated")
ENDORSED = ("award", "endorser__name", "words", "state", "created", "withdrawn_at")
KEPT = (
    "id",
    "name",
    "issuer_name",
    "issuer_id",
    "issued_at",
    "expires_at",
    "outcome",
    "steps",
    "is_hers",
    "checked_at",
    "created",
)
RECOGNISED = (
    "external",
    "item__group__stack__title",
    "item__micro_credential__title",
    "state",
    "words",
    "decided_at",
    "created",
)
# Written where somebody's reading set off what follows: they would tell her how many read, what was
# decided, and what was a blind check.
FOLLOWING = (
    "review.decided", "review.disagreed", "submissions.earned", "submissions.not_yet", "submissions.enrolment_earned",
    "submissions.review_begun", "submissions.returned_to_queue", "submissions.amended",
    "submissions.returned", "submissions.anchor_concluded",
)  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """One file of the ZIP: its name, and its bytes or the content they come from."""

    name: str
    body: bytes | Content

    @property
    def size(self) -> int:
        """Bytes, for the progress."""
        return len(self.body) if isinstance(self.body, bytes) else self.body.size


def pack(user: User, path: Path, progress: Callable[[int], None]) -> None:
    """Write the ZIP. Memory stays constant: files go through block by block."""
    pieces = list(_pieces(user))
    total, done = sum(piece.size for piece in pieces) or 1, 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for piece in pieces:
            for size in _write(archive, piece):
                done += size
                progress(done * 100 // total)


def _write(archive: zipfile.ZipFile, piece: Piece) -> Iterator[int]:
    if isinstance(piece.body, bytes):
        archive.writestr(piece.name, piece.body)
        yield piece.size
        return
    content = piece.body
    with archive.open(piece.name, "w", force_zip64=True) as target:
        for block in vault.read(content.file, content.wrapped, 0, content.size, content.size):
            target.write(block)
            yield len(block)


def _pieces(user: User) -> Iterator[Piece]:
    yield Piece("README.txt", README.encode())
    yield _json("account.json", _account(user))
    yield from _submissions(user)
    yield _json("conversations.json", list(_conversations(user)))
    yield _json("classes.json", list(_classes(user)))
    for award in Award.objects.filter(earner=user):
        yield _json(f"badges/{award.pk}.json", award.credential)
    if asked := list(Revocation.objects.filter(award__earner=user).values(*PROCEDURE)):
        yield _json("badges/procedures.json", asked)
    yield _json("badges/sharing.json", _sharing(user))
    yield from _elsewhere(user)
    yield _json("reviews.json", list(_reviews(user)))
    yield _json("messages.json", _messages(user))
    yield _json("journal.json", list(_journal(user)))


def _sharing(user: User) -> dict[str, Any]:
    """Whom she shows what, by which links and pages, and which programs she let at it."""
    links = ShareLink.objects.filter(owner=user)
    own = {"award__earner": user}
    return {
        "badges": list(Award.objects.filter(earner=user).values(*VISIBLE)),
        "links": [
            {**row, "awards": list(links.get(pk=row["id"]).awards.values_list("pk", flat=True))}
            for row in links.values(*LINKED)
        ],
        "public_page": PublicProfile.objects.filter(user=user).values(*PAGE).first(),
        "districts": list(
            Share.objects.filter(**own).values("award", "organisation__name", "state", "created")
        ),
        "endorsements": list(Endorsement.objects.filter(**own).values(*ENDORSED)),
        "programs": [
            {"name": one.program.name, "since": one.since, "scopes": sorted(one.scopes)}
            for one in allowed_programs(user)
        ],
    }


def _elsewhere(user: User) -> Iterator[Piece]:
    """Badges from elsewhere byte for byte, and what is known of them."""
    rows = ExternalAward.objects.filter(owner=user)
    for row in rows:
        yield Piece(f"badges/elsewhere/{row.pk}.{SUFFIXES.get(row.media_type, 'bin')}", bytes(row.content))
    if known := list(rows.values(*KEPT)):
        asked = Recognition.objects.filter(external__owner=user).values(*RECOGNISED)
        yield _json("badges/elsewhere.json", {"badges": known, "recognitions": list(asked)})


def _journal(user: User) -> Iterator[dict[str, Any]]:
    entries = Entry.objects.filter(actor=user).exclude(kind__in=FOLLOWING)
    yield from ({**row} for row in entries.values("kind", "subject_kind", "created"))


def _json(name: str, data: Any) -> Piece:
    return Piece(name, json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2).encode())


def _account(user: User) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name,
        "joined": user.date_joined,
        "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "profile": model_to_dict(profile_of(user), exclude=["user"]),
        "roles": list(Membership.objects.filter(user=user).values("organisation__name", "role", "state")),
        "relations": list(Relation.objects.filter(of=user).values("kind")),
    }


def _submissions(user: User) -> Iterator[Piece]:
    rows = Submission.objects.filter(enrolment__earner=user).select_related("enrolment__version", "enrolment")
    for row in rows.order_by("created"):
        evidence = Artifact.objects.filter(submission=row).select_related("content")
        outcomes = Outcome.objects.filter(submission=row)
        yield _json(
            f"submissions/{row.code}/attempt.json",
            {
                "micro_credential": row.enrolment.version.title,
                "target_date": row.enrolment.target_date,
                "milestones": list(Milestone.objects.filter(enrolment=row.enrolment_id).values("key", "day")),
                **{name: getattr(row, name) for name in HERS},
                "evidence": list(evidence.values(*EVIDENCE)),
                "outcomes": list(outcomes.values(*TOLD)),
                "appeals": list(Appeal.objects.filter(submission=row).values(*APPEALED)),
                "cases": list(Case.objects.filter(submission=row).values(*ASKED)),
            },
        )
        yield from _files(row, evidence)


def _conversations(user: User) -> Iterator[dict[str, Any]]:
    """What she and a coach wrote to each other."""
    rows = Conversation.objects.filter(Q(enrolment__earner=user) | Q(coach=user))
    for row in rows.select_related("enrolment__version").order_by("created"):
        yield {
            "micro_credential": row.enrolment.version.title,
            "after": row.after,
            "state": row.state,
            "said": list(row.utterances.values("author__name", "text", "created")),
        }


def _files(row: Submission, evidence: QuerySet[Artifact]) -> Iterator[Piece]:
    """The bytes that are still there; names may repeat, so each has its number."""
    for number, artifact in enumerate(evidence, 1):
        content = artifact.content
        if content is not None and artifact.state == Artifact.State.READY and vault.exists(content.file):
            yield Piece(f"submissions/{row.code}/{number:02}-{safe_name(artifact.name or 'copy')}", content)


def _classes(user: User) -> Iterator[dict[str, Any]]:
    for row in SchoolClass.objects.filter(owner=user):
        forms = Consent.objects.filter(school_class=row).values("number", "alias", "state", "stopped_at")
        yield {**model_to_dict(row, exclude=["owner"]), "forms": list(forms)}


def _reviews(user: User) -> Iterator[dict[str, Any]]:
    for row in Assignment.objects.filter(assessor=user).select_related("submission"):
        scores = Score.objects.filter(assignment=row).values(*SCORED)
        notes = Note.objects.filter(assignment=row).values("kind", "place", "text", "shared", "cited")
        kept = ("state", "claimed_at", "due", "ended_at", "strength", "next_step", "private_note")
        yield {
            "submission": row.submission.code,
            **{name: getattr(row, name) for name in kept},
            "scores": list(scores),
            "notes": list(notes),
        }


def _messages(user: User) -> dict[str, Any]:
    told = Message.objects.filter(user=user).values("kind", "context", "created", "read_at")
    return {"told": list(told), "asked": list(Question.objects.filter(user=user).values("text", "created"))}
