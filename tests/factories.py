"""Things to test with, made the way the program makes them: through its verbs."""

from __future__ import annotations

import itertools
from typing import Any

from allauth.account.models import EmailAddress

from accounts.models import Membership, Organisation, User
from catalog import workflow as catalog_workflow
from catalog.models import (
    ArtifactRequirement,
    Criterion,
    Level,
    MicroCredential,
    Part,
    Question,
    Term,
    Version,
)

_numbers = itertools.count(1)

PASSING = ["Not passing", "Passing"]
PROFICIENCY = ["Developing", "Basic", "Proficient"]


def organisation(slug: str = "", kind: str = "issuer", **fields: Any) -> Organisation:
    """An organisation; issuers may publish."""
    slug = slug or f"organisation-{next(_numbers)}"
    defaults = {"name": slug.replace("-", " ").title(), "kind": kind, "issues": kind == "issuer"}
    return Organisation.objects.get_or_create(slug=slug, defaults={**defaults, **fields})[0]


def user(email: str = "", **fields: Any) -> User:
    """A person with the password `correct horse battery` and a verified address."""
    email = email or f"person{next(_numbers)}@example.test"
    person = User.objects.create_user(email, "correct horse battery", **fields)
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def member(person: User, organisation: Organisation, role: str) -> Membership:
    """Give a role."""
    return Membership.objects.create(user=person, organisation=organisation, role=role)


def criterion(version: Version, key: str, part: int, levels: list[str], **fields: Any) -> Criterion:
    """A criterion whose highest level passes."""
    row = Criterion.objects.create(
        version=version,
        key=key,
        part=part,
        title=fields.pop("title", key.title()),
        passing=len(levels),
        **fields,
    )
    for order, name in enumerate(levels, start=1):
        Level.objects.create(criterion=row, order=order, name=name, description=f"{key} at {name}")
    return row


def draft(issuer: Organisation | None = None, title: str = "", **fields: Any) -> Version:
    """An unpublished version with one question in Parts 1 and 3, one plan in Part 2, three criteria."""
    number = next(_numbers)
    title = title or f"Questions that probe {number}"
    slug = fields.pop("slug", f"micro-credential-{number}")
    row = MicroCredential.objects.create(slug=slug, issuer=issuer or organisation("northfield"), title=title)
    defaults: dict[str, Any] = {
        "summary": "Plan and lead a discussion in which students build on one another's ideas.",
        "competency": "The educator plans and leads a discussion in which students build on one another's ideas.",
        "key_method": "Open questions, wait time, and moves that hand the talk back to students.",
        "method_components": [{"title": "Open questions", "text": "Ask what has more than one good answer."}],
        "rationale": "Talk is how reasoning becomes **visible**.",
        "research": [
            {"citation": "Mehan, H. (1979). Learning Lessons.", "finding": "Most talk is recitation."}
        ],
        "resources": [
            {"title": "A talk protocol", "kind": "tool", "purpose": "learning", "note": "Try it once."}
        ],
        "hours_low": 6,
        "hours_high": 8,
        "evidence_kinds": ["plan"],
        "attestations": [{"key": "privacy", "text": "I removed or covered what could identify a student."}],
    }
    version = Version.objects.create(micro_credential=row, title=title, **{**defaults, **fields})
    Question.objects.create(
        version=version,
        part=Part.OVERVIEW,
        key="context",
        prompt="Who are your students?",
        min_words=3,
        max_words=50,
    )
    Question.objects.create(
        version=version, part=Part.REFLECTION, key="growth", prompt="What changed?", min_words=3, max_words=50
    )
    plan = ArtifactRequirement.objects.create(
        version=version,
        key="plan",
        title="Lesson plan",
        description="One lesson.",
        kinds=["plan"],
        minimum=1,
        maximum=2,
    )
    criterion(version, "context", Part.OVERVIEW, PASSING)
    criterion(version, "plan", Part.ARTIFACTS, PROFICIENCY).requirements.add(plan)
    criterion(version, "growth", Part.REFLECTION, PASSING)
    return version


def term(kind: str, slug: str) -> Term:
    """A job role, topic or grade band."""
    return Term.objects.get_or_create(
        kind=kind, slug=slug, defaults={"name": slug.replace("-", " ").capitalize()}
    )[0]


def published(
    issuer: Organisation | None = None, terms: list[Term] | None = None, **fields: Any
) -> MicroCredential:
    """A published micro-credential."""
    version = draft(issuer, **fields)
    version.terms.set(terms or [])
    catalog_workflow.publish(version, actor=None)
    version.micro_credential.refresh_from_db()
    return version.micro_credential
