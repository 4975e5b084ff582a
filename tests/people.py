"""People with fixed stories, so that what must stay apart can be seen to.

Two issuers (northfield, lakes), two districts (riverbend with its school oak-school, hillside with elm-school).
`educator` works in oak-school/riverbend; `educator2` in elm-school/hillside. `assessor`, `assessor2`, `approver` and
`author` belong to northfield. `district_admin` runs riverbend, `district_admin2` hillside; `admin` is the platform's.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.test import Client

from accounts.models import Membership, Organisation, User
from tests import factories

Role = Membership.Role


@dataclass
class People:
    educator: User
    educator2: User
    assessor: User
    assessor2: User
    approver: User
    author: User
    district_admin: User
    district_admin2: User
    admin: User
    northfield: Organisation
    lakes: Organisation
    riverbend: Organisation
    hillside: Organisation
    oak: Organisation
    elm: Organisation


def cast() -> People:
    """Everybody, with their roles."""
    northfield, lakes = factories.organisation("northfield"), factories.organisation("lakes")
    riverbend = factories.organisation("riverbend", "district")
    hillside = factories.organisation("hillside", "district")
    oak = factories.organisation("oak-school", "school", parent=riverbend)
    elm = factories.organisation("elm-school", "school", parent=hillside)
    persons = {
        name: factories.user(f"{name.replace('_', '-')}@example.test", name=words)
        for name, words in NAMES.items()
    }
    places = {
        "educator": [(oak, Role.EDUCATOR), (riverbend, Role.EDUCATOR)],
        "educator2": [(elm, Role.EDUCATOR), (hillside, Role.EDUCATOR)],
        "assessor": [(northfield, Role.ASSESSOR)],
        "assessor2": [(northfield, Role.ASSESSOR)],
        "approver": [(northfield, Role.APPROVER)],
        "author": [(northfield, Role.AUTHOR)],
        "district_admin": [(riverbend, Role.DISTRICT_ADMIN)],
        "district_admin2": [(hillside, Role.DISTRICT_ADMIN)],
    }
    for name, memberships in places.items():
        for organisation, role in memberships:
            factories.member(persons[name], organisation, role)
    admin = factories.user("admin@example.test", name="Ada Admin", is_staff=True, is_superuser=True)
    return People(
        **persons,
        admin=admin,
        northfield=northfield,
        lakes=lakes,
        riverbend=riverbend,
        hillside=hillside,
        oak=oak,
        elm=elm,
    )


NAMES = {
    "educator": "Maya Rivera",
    "educator2": "Tomás Okafor",
    "assessor": "Ingrid Vale",
    "assessor2": "Sam Whitlock",
    "approver": "Priya Nair",
    "author": "Lena Brandt",
    "district_admin": "Gloria Stone",
    "district_admin2": "Hugo Marsh",
}


def signed_in(person: User) -> Client:
    """A browser of this person's, without script."""
    client = Client()
    client.force_login(person)
    return client
