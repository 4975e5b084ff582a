"""Named reads about people."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from accounts.models import DataExport, Invitation, Membership, Organisation, Profile, User

QUESTION_FIELDS = ["name", "job_roles", "grade_bands", "subjects", "state"]


def profile_of(user: User) -> Profile:
    """The person's profile; an empty unsaved one where none was stored yet."""
    return Profile.objects.filter(user=user).first() or Profile(user=user)


def next_question(user: User, profile: Profile) -> str | None:
    """The first profile question neither answered nor set aside, asked one at a time."""
    for name in QUESTION_FIELDS:
        answered = user.name if name == "name" else getattr(profile, name)
        if not answered and name not in profile.first_steps_done:
            return name
    return None


def people_of(organisation: Organisation) -> QuerySet[Membership]:
    """Active roles in an organisation with their people, by name."""
    return (
        Membership.objects.filter(organisation=organisation, state=Membership.State.ACTIVE)
        .select_related("user")
        .order_by("user__name", "user__email", "role", "pk")
    )


def with_schools(organisations: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """Organisations with their district and `school_rows`, their schools' names and slugs, in the same query."""
    schools = Organisation.objects.filter(parent=OuterRef("pk")).order_by("name")
    rows = ArraySubquery(schools.values(row=JSONObject(name="name", slug="slug"))[:100])
    return organisations.select_related("parent").annotate(school_rows=rows)


def open_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    """Invitations nobody has answered yet."""
    return Invitation.objects.filter(organisation=organisation, state=Invitation.State.SENT).order_by(
        "email", "role"
    )


def memberships_of(user: User) -> QuerySet[Membership]:
    """Where a person belongs now."""
    return (
        Membership.objects.filter(user=user, state=Membership.State.ACTIVE)
        .select_related("organisation__parent")
        .order_by("organisation__name", "role")
    )


def exports_of(user: User) -> QuerySet[DataExport]:
    """The last copies she asked for."""
    return DataExport.objects.filter(user=user)[:5]
