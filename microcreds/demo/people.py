"""The demonstration's people and districts. Nobody here exists."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts import workflow
from accounts.models import Membership, Organisation, Relation, User

Role = Membership.Role
DOMAIN = "demo.test"

CAREFUL = "kqed-pbs"  # the issuer that reads everything twice and checks its assessors; the others keep to the defaults

# account → (name, [(organisation, role)])
ACCOUNTS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "educator": ("Maya Rivera", [("riverbend", Role.EDUCATOR), ("oak-street-elementary", Role.EDUCATOR)]),
    "educator2": ("Tomás Okafor", [("hillside", Role.EDUCATOR), ("elm-grove-middle", Role.EDUCATOR)]),
    "assessor": (
        "Ingrid Vale",
        [("northfield", Role.ASSESSOR), ("open-schools", Role.ASSESSOR), ("cosn", Role.ASSESSOR)],
    ),
    "assessor2": (
        "Sam Whitlock",
        [
            ("northfield", Role.ASSESSOR),
            ("lakes", Role.ASSESSOR),
            ("riverbend", Role.ASSESSOR),
            (CAREFUL, Role.ASSESSOR),
        ],
    ),
    "approver": (
        "Priya Nair",
        [
            ("northfield", Role.APPROVER),
            ("open-schools", Role.APPROVER),
            ("riverbend", Role.APPROVER),
            (CAREFUL, Role.APPROVER),
        ],
    ),
    "issuer": (
        "Lena Brandt",
        [
            ("northfield", Role.AUTHOR),
            ("northfield", Role.ADMIN),
            (CAREFUL, Role.ADMIN),
            ("lakes", Role.ADMIN),
        ],
    ),
    "coach": ("Jonah Reyes", [("riverbend", Role.COACH)]),
    "district": ("Gloria Stone", [("riverbend", Role.DISTRICT_ADMIN)]),
    "admin": ("Ada Lind", []),
}
# Further teachers of the district, so that its report has figures; they cannot sign in.
SCHOOLS = {
    "oak-street-elementary": [
        "Nora Field",
        "Luis Ortega",
        "Hana Sato",
        "Grace Abara",
        "Peter Lang",
        "Amira Haddad",
    ],
    "canyon-view-middle": [
        "Dev Patel",
        "Rosa Medina",
        "Kofi Mensah",
        "Ellen Frost",
        "Mei Lin",
        "Omar Diallo",
    ],
    "lakeside-high": ["Ivy Chen", "Marcus Bell", "Sofia Rossi", "Noah Stein", "Zoe Adler"],
    "hilltop-primary": ["Ruth Osei"],
}
# The careful issuer's other people, and teachers of another district who work on its micro-credentials.
COLLEAGUES = {
    "Iris Nolan": Role.ASSESSOR,
    "Tobias Grant": Role.ASSESSOR,
    "Leyla Demir": Role.ASSESSOR,
    "Owen Pike": Role.ASSESSOR,
    "Marta Lindqvist": Role.APPROVER,
}
NEIGHBOURS = [
    "Anna Weiss",
    "Carlos Vega",
    "Fatima Noor",
    "Jonas Berg",
    "Keiko Mori",
    "Lucia Romano",
    "Samuel Boateng",
    "Tess Morgan",
]
DISTRICTS = {
    "hillside": "Hillside Public Schools (demo)",
}
SCHOOL_NAMES = {
    "oak-street-elementary": ("Oak Street Elementary (demo)", "riverbend"),
    "canyon-view-middle": ("Canyon View Middle School (demo)", "riverbend"),
    "lakeside-high": ("Lakeside High School (demo)", "riverbend"),
    "hilltop-primary": ("Hilltop Primary School (demo)", "riverbend"),
    "elm-grove-middle": ("Elm Grove Middle School (demo)", "hillside"),
}


def password() -> str:
    """The demo password: random for each installation, kept in the data directory for its owner alone."""
    path = Path(settings.HOME) / "demo-password"
    if not path.exists():
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(9))
    return path.read_text().strip()


def load() -> None:
    """Make the organisations and people that are missing; running it again changes nothing."""
    _organisations()
    secret = make_password(password())
    for account, (name, places) in ACCOUNTS.items():
        user = person(f"{account}@{DOMAIN}", name, secret)
        for slug, role in places:
            join(user, slug, role)
    User.objects.filter(email=f"admin@{DOMAIN}").update(is_staff=True, is_superuser=True)
    for school, names in SCHOOLS.items():
        for name in names:
            _teacher(name, "riverbend", school)
    for name in NEIGHBOURS:
        _teacher(name, "hillside", "elm-grove-middle")
    for name, role in COLLEAGUES.items():
        join(person(address(name), name, None), CAREFUL, role)
    workflow.relate(_user("coach"), _user("educator"), Relation.Kind.COACHES)
    workflow.relate(_user("district"), _user("educator"), Relation.Kind.EVALUATES)


def address(name: str) -> str:
    """The address of somebody who is no account to try."""
    return f"{name.lower().replace(' ', '.')}@{DOMAIN}"


def _teacher(name: str, district: str, school: str) -> None:
    user = person(address(name), name, None)
    join(user, district, Role.EDUCATOR)
    join(user, school, Role.EDUCATOR)


def _organisations() -> None:
    for slug, name in DISTRICTS.items():
        defaults = {"name": name, "kind": Organisation.Kind.DISTRICT, "demo": True}
        Organisation.objects.get_or_create(slug=slug, defaults=defaults)
    for slug, (name, district) in SCHOOL_NAMES.items():
        parent = Organisation.objects.get(slug=district)
        defaults = {"name": name, "kind": Organisation.Kind.SCHOOL, "parent": parent, "demo": True}
        Organisation.objects.get_or_create(slug=slug, defaults=defaults)


def person(email: str, name: str, secret: str | None) -> User:
    """The person with this address; made with a verified address and a profile where she is missing.

    `secret` is a hashed password: hashing is slow on purpose, so it is done once for all of them.
    """
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User(email=email, name=name)
        user.password = secret or make_password(None)
        user.save()
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        workflow.update_profile(user, job_roles=["teacher"], state="Nevada", time_zone="America/Los_Angeles")
    return user


def join(user: User, slug: str, role: str) -> None:
    """Give a role once."""
    organisation = Organisation.objects.get(slug=slug)
    workflow.give(user, organisation, role, actor=None)


def _user(account: str) -> User:
    return User.objects.get(email=f"{account}@{DOMAIN}")
