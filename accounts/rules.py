"""Who may do what, as far as people and organisations go."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import DataExport, Invitation, Membership, Organisation, Relation, User

Person = User | AnonymousUser
Role = Membership.Role
REMEMBERED = "remembered_access"


@dataclass(frozen=True)
class Access:
    """A person's active roles, fetched once a request: role → organisations' ids."""

    roles: dict[str, frozenset[UUID]] = field(default_factory=dict)

    def of(self, *roles: str) -> frozenset[UUID]:
        """The organisations where the person holds any of `roles`."""
        return frozenset().union(*(self.roles.get(role, frozenset()) for role in roles))

    @property
    def assesses(self) -> bool:
        return bool(self.of(Role.ASSESSOR, Role.APPROVER))

    @property
    def issues(self) -> bool:
        return bool(self.of(Role.APPROVER, Role.ADMIN))

    @property
    def reports(self) -> bool:
        return bool(self.of(Role.DISTRICT_ADMIN))


def remember_access(user: User, rows: Iterable[tuple[str, Any]]) -> Access:
    """Keep the active roles, given as (role, organisation id), on the user object for the request."""
    roles: dict[str, set[UUID]] = {}
    for role, organisation in rows:
        roles.setdefault(role, set()).add(UUID(str(organisation)))
    access = Access({role: frozenset(ids) for role, ids in roles.items()})
    setattr(user, REMEMBERED, access)
    return access


def access_of(user: Person) -> Access:
    """The active roles of `user`: brought along at sign-in, else one query, once for each user object."""
    if not isinstance(user, User):
        return Access()
    cached: Access | None = getattr(user, REMEMBERED, None)
    if cached is not None:
        return cached
    rows = Membership.objects.filter(user=user, state=Membership.State.ACTIVE)
    return remember_access(user, rows.values_list("role", "organisation_id"))


def organisations_of(user: Person, roles: Collection[str]) -> frozenset[UUID]:
    """Ids of the organisations where `user` holds one of `roles` now."""
    return access_of(user).of(*roles)


def people_apart_from(user: User) -> QuerySet[User]:
    """Everybody `user` must never assess: those she evaluates, coaches, is related to, in either direction."""
    forth = Relation.objects.filter(person=user).values_list("of").order_by()
    back = Relation.objects.filter(of=user).values_list("person").order_by()
    return User.objects.filter(pk__in=forth.union(back, schoolmates(user).values_list("user").order_by()))


def schoolmates(user: User) -> QuerySet[Membership, UUID]:
    """Ids of people who belong to a school that `user` belongs to."""
    schools = Membership.objects.filter(
        user=user, state=Membership.State.ACTIVE, organisation__kind=Organisation.Kind.SCHOOL
    ).values("organisation")
    return (
        Membership.objects.filter(organisation__in=schools, state=Membership.State.ACTIVE)
        .exclude(user=user)
        .values_list("user", flat=True)
    )


def districtmates(user: User) -> QuerySet[Membership, UUID]:
    """Ids of people who belong to a district that `user` belongs to, or to one of its schools."""
    mine = Membership.objects.filter(user=user, state=Membership.State.ACTIVE)
    kinds = [Organisation.Kind.DISTRICT, Organisation.Kind.SCHOOL]
    mine = mine.filter(organisation__kind__in=kinds)
    districts = Organisation.objects.filter(kind=Organisation.Kind.DISTRICT).filter(
        Q(pk__in=mine.values("organisation")) | Q(pk__in=mine.values("organisation__parent"))
    )
    return (
        Membership.objects.filter(state=Membership.State.ACTIVE)
        .filter(Q(organisation__in=districts) | Q(organisation__parent__in=districts))
        .exclude(user=user)
        .values_list("user", flat=True)
    )


def administers(user: Person, organisation: Organisation) -> bool:
    """Whether `user` may manage the people of `organisation` (a district's admins manage its schools too)."""
    if getattr(user, "is_superuser", False):
        return True
    mine = organisations_of(user, [Role.ADMIN, Role.DISTRICT_ADMIN])
    return organisation.pk in mine or organisation.parent_id in mine


def visible_to(user: Person) -> QuerySet[Organisation]:
    """Organisations whose people `user` manages; anybody else's page does not exist for her."""
    if getattr(user, "is_superuser", False):
        return Organisation.objects.all()
    mine = organisations_of(user, [Role.ADMIN, Role.DISTRICT_ADMIN])
    return Organisation.objects.filter(Q(pk__in=mine) | Q(parent__in=mine))


def memberships_visible_to(user: Person) -> QuerySet[Membership]:
    """One's own roles, and those of the organisations one manages."""
    own = Q(user_id=user.pk) if user.pk else Q(pk=None)
    return Membership.objects.filter(own | Q(organisation__in=visible_to(user)))


def invitations_managed_by(user: Person) -> QuerySet[Invitation]:
    """Invitations of the organisations one manages."""
    return Invitation.objects.filter(organisation__in=visible_to(user)).select_related("organisation")


def open_invitations() -> QuerySet[Invitation]:
    """What whoever holds an invitation's unguessable address may read; accepting needs the invited address."""
    return Invitation.objects.filter(state=Invitation.State.SENT).select_related("organisation")


def exports_visible_to(user: Person) -> QuerySet[DataExport]:
    """Her own copies that can be downloaded now."""
    return DataExport.objects.filter(user=user.pk, state=DataExport.State.READY, expires__gt=timezone.now())


def problem_of_handing_over(organisation: Organisation, successor: Organisation, why: str) -> str:
    """Why this organisation cannot be handed over to that one, in words; empty where it can."""
    if organisation.pk == successor.pk:
        return _("An organisation cannot be its own successor.")
    if organisation.successor_id is not None:
        return _("This organisation was handed over before.")
    if not successor.issues or successor.successor_id is not None:
        return _("The successor has to be an issuer that was not handed over itself.")
    answering = {"role": Role.ADMIN, "state": Membership.State.ACTIVE}
    if not Membership.objects.filter(organisation=successor, **answering).exists():
        return _("The successor has no admin who could answer for its badges.")
    return "" if why.strip() else _("Say why. This stands in the journal.")
