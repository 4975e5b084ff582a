"""Things to test with, made the way the program makes them: through its verbs."""

from __future__ import annotations

import hashlib
import io
import itertools
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from badges import sheets
from badges import workflow as badges_workflow
from badges.models import Award, Batch, Revocation
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
from review import workflow as review_workflow
from submissions import vault
from submissions import workflow as submissions_workflow
from submissions.models import Artifact, Content, SchoolClass, Submission, TeamMember

if TYPE_CHECKING:
    from tests.people import People

_numbers = itertools.count(1)

PASSING = ["Not passing", "Passing"]
PROFICIENCY = ["Developing", "Basic", "Proficient"]
# What a version says where a test says nothing else.
TEMPLATE: dict[str, Any] = {
    "summary": "Plan and lead a discussion in which students build on one another's ideas.",
    "competency": "The educator plans and leads a discussion in which students build on one another's ideas.",
    "key_method": "Open questions, wait time, and moves that hand the talk back to students.",
    "method_components": [{"title": "Open questions", "text": "Ask what has more than one good answer."}],
    "rationale": "Talk is how reasoning becomes **visible**.",
    "research": [{"citation": "Mehan, H. (1979). Learning Lessons.", "finding": "Most talk is recitation."}],
    "resources": [
        {"title": "A talk protocol", "kind": "tool", "purpose": "learning", "note": "Try it once."}
    ],
    "hours_low": 6,
    "hours_high": 8,
    "evidence_kinds": ["plan"],
    "attestations": [{"key": "privacy", "text": "I removed or covered what could identify a student."}],
}


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
    version = Version.objects.create(micro_credential=row, title=title, **{**TEMPLATE, **fields})
    _parts(version)
    return version


def _parts(version: Version) -> None:
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


ANSWERS = {"context": "Twenty six curious children", "growth": "I wait much longer now"}


def submitted(person: User, micro_credential: MicroCredential) -> Submission:
    """A complete attempt at something `published()`, handed in."""
    attempt = submissions_workflow.enrol(person, micro_credential)
    submissions_workflow.save(attempt, person, revision=attempt.revision, answers=ANSWERS)
    submissions_workflow.add_text(attempt, person, requirement="plan", text="First we look, then we talk.")
    return submissions_workflow.submit(attempt, person, ["privacy"])


def reviewed(submission: Submission, assessor: User, *, below: str = "") -> Submission:
    """Decided by an assessor: every criterion at its passing level, except the one named `below`."""
    assignment = review_workflow.claim(submission, assessor)
    criteria = Criterion.objects.filter(version=submission.enrolment.version_id)
    scores = {
        row.key: {
            "level": row.passing - (row.key == below),
            **(
                {"feedback": "Show more talk.", "where": "The plan.", "next_step": "Talk."}
                if row.key == below
                else {}
            ),
        }
        for row in criteria
    }
    review_workflow.save(
        assignment, assessor, revision=0, scores=scores, strength="A clear plan.", next_step="Film one talk."
    )
    review_workflow.complete(assignment, assessor)
    submission.refresh_from_db()
    return submission


def earned(
    people: People, micro_credential: MicroCredential | None = None, earner: User | None = None
) -> Submission:
    """What `people.educator` (or `earner`) handed in and northfield's assessor found to be all there."""
    unit = micro_credential or published(people.northfield)
    return reviewed(submitted(earner or people.educator, unit), people.assessor)


def award(
    people: People,
    micro_credential: MicroCredential | None = None,
    earner: User | None = None,
    visibility: str = "private",
) -> Award:
    """A badge, shown to whom `visibility` says."""
    row = badges_workflow.award(earned(people, micro_credential, earner))
    return badges_workflow.set_visibility(row, row.earner, visibility) if visibility != "private" else row


def revoke(award: Award, people: People, reason: str = "A copy.") -> Award:
    """The badge revoked the long way: announced by northfield's approver, not answered in time, decided by the platform's admin."""
    row = badges_workflow.open_revocation(award, people.approver, reason)
    Revocation.objects.filter(pk=row.pk).update(answer_until=timezone.now())
    row.refresh_from_db()
    badges_workflow.decide_revocation(
        row, people.admin, revoke=True, text=f"Decided: {reason}", answered=False
    )
    award.refresh_from_db()
    return award


def batch(people: People, *emails: str, unit: MicroCredential | None = None) -> Batch:
    """A list of people whom northfield's approver may grant a badge, read and not yet started."""
    rows = [{"email": email} for email in emails or ("granted@example.test",)]
    lines = sheets.checked(sheets.read_rows(rows))
    chosen = unit or published(people.northfield)
    return badges_workflow.check_batch(people.approver, chosen, "list.csv", "", lines)


def school_class(person: User, number: int = 26, **terms: Any) -> SchoolClass:
    """A class of hers with forms for everybody."""
    return submissions_workflow.open_class(
        person, submissions_workflow.Terms(label=terms.pop("label", "Period 3"), number=number, **terms)
    )


def covered(artifact: Artifact, *classes: SchoolClass) -> Artifact:
    """The question about it answered: everybody recognisable is of these classes, or nobody is recognisable."""
    said = "covered" if classes else "nobody"
    earner = artifact.submission.enrolment.earner
    return submissions_workflow.cover(artifact, earner, said, [one.pk for one in classes])


def team_place(draft: Submission, email: str) -> TeamMember:
    """Somebody invited to a team that is declared in this draft."""
    educator = draft.enrolment.earner
    place = submissions_workflow.declare_team(draft, educator, "Grade 7")
    return submissions_workflow.invite_mate(place, educator, email)


def checked(artifact: Artifact) -> Artifact:
    """What the background does with a file that arrived; nobody can be recognised in it."""
    related = Artifact.objects.select_related("submission__enrolment__micro_credential")
    submissions_workflow.check(related.get(pk=artifact.pk))
    Artifact.objects.filter(pk=artifact.pk, coverage="").update(coverage="nobody")
    return Artifact.objects.select_related("content").get(pk=artifact.pk)


def kept(submission: Submission, body: bytes, content_type: str, name: str, **fields: Any) -> Artifact:
    """A file that is there and ready, without the visit to a decoder; where that does not matter."""
    owner, key = submission.enrolment.earner, f"evidence/test/{next(_numbers)}-{uuid4().hex}"
    secret = vault.new_secret()
    vault.put(key, io.BytesIO(body), secret)
    digest = hashlib.sha256(body).hexdigest()
    content = Content.objects.create(
        owner=owner,
        file=key,
        secret=secret,
        size=len(body),
        sha256=digest,
        content_type=content_type,
        facts={"pages": 1},
    )
    shown = {
        "coverage": "nobody",
        "requirement": "plan",
        "title": name,
        "name": name,
        "kind": "file",
        **fields,
    }
    return Artifact.objects.create(
        submission=submission, content=content, content_type=content_type, size=len(body), sha256=digest,
        received_size=len(body), received_sha256=digest, **shown,
    )  # fmt: skip
