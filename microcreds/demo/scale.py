"""People, work and badges in great numbers, for benchmarks: rows are copied in, no verb is called, no journal written.

Everybody here belongs to the demonstration. A generated badge bears the proof of a sample, so checking it says that
it is not valid.
"""

from __future__ import annotations

import io
import itertools
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from badges import issuing
from badges.models import Award, Share, StatusList
from catalog.models import MicroCredential
from microcreds.demo.people import DOMAIN
from submissions.models import Enrolment, Submission

PREFIX = "generated-"
UNDECIDED = ("draft", "submitted", "not_yet")
ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
YEAR = 365 * 24 * 60


@dataclass(frozen=True, slots=True)
class Work:
    """One attempt of somebody generated, with the ids of all its rows."""

    number: int
    earner: uuid.UUID
    unit: MicroCredential
    earned: bool
    enrolment: uuid.UUID
    submission: uuid.UUID
    award: uuid.UUID

    @property
    def state(self) -> str:
        return "earned" if self.earned else UNDECIDED[self.number % len(UNDECIDED)]


def load(educators: int, submissions: int, awards: int) -> None:
    """Add so many educators, attempts of theirs and badges; every badge has an attempt of its own."""
    units = list(MicroCredential.objects.filter(state="published").select_related("issuer", "current"))
    with transaction.atomic():
        earners = _people(educators)
        works = list(_works(earners, units, max(submissions, awards), awards))
        now = timezone.now()
        enrolled = ({**_enrolment(work), "created": now - _ago(work) * 2} for work in works)
        copy_in(Enrolment, enrolled)
        copy_in(Submission, ({**_submission(work), **_dates(work)} for work in works))
        _badges([work for work in works if work.earned])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _people(count: int) -> list[uuid.UUID]:
    """Teachers of the demonstration's schools; they cannot sign in."""
    first = User.objects.filter(email__startswith=PREFIX).count()
    schools = list(Organisation.objects.filter(kind=Organisation.Kind.SCHOOL, demo=True).order_by("slug"))
    ids = [uuid.uuid4() for _number in range(count)]
    names = (f"{PREFIX}{number}" for number in itertools.count(first))
    password = make_password(None)
    copy_in(
        User,
        (
            {"id": pk, "email": f"{name}@{DOMAIN}", "name": f"Generated {name[len(PREFIX):]}", "password": password}
            for pk, name in zip(ids, names, strict=False)
        ),
    )  # fmt: skip
    places = ((place.pk, place.parent_id) for place in itertools.cycle(schools))
    members = (
        {"user_id": pk, "organisation_id": organisation, "role": Membership.Role.EDUCATOR}
        for pk, place in zip(ids, places, strict=False)
        for organisation in place
    )
    copy_in(Membership, members)
    return ids


def _works(earners: list[uuid.UUID], units: list[MicroCredential], count: int, earned: int) -> Iterator[Work]:
    """Everybody's first attempt at the first micro-credential, then at the second, and so on."""
    first = Submission.objects.filter(code__startswith="G-").count()
    pairs = ((earner, unit) for unit in units for earner in earners)
    for place, (earner, unit) in enumerate(itertools.islice(pairs, count)):
        ids = (uuid.uuid4() for _number in range(3))
        yield Work(first + place, earner, unit, place < earned, *ids)


def _enrolment(work: Work) -> dict[str, Any]:
    return {
        "id": work.enrolment,
        "earner_id": work.earner,
        "micro_credential_id": work.unit.pk,
        "version_id": work.unit.current_id,
        "state": "earned" if work.earned else "active",
    }


def _submission(work: Work) -> dict[str, Any]:
    answers = {"generated": "A generated answer of a few words. " * 10}
    row = {"id": work.submission, "code": f"G-{work.number:x}", "enrolment_id": work.enrolment}
    return {**row, "state": work.state, "answers": answers}


def _dates(work: Work) -> dict[str, Any]:
    then = timezone.now() - _ago(work)
    decided = then + timedelta(days=4) if work.state in {"earned", "not_yet"} else None
    return {"submitted_at": None if work.state == "draft" else then, "decided_at": decided}


def _ago(work: Work) -> timedelta:
    """Spread over a year, the same each time."""
    return timedelta(days=5, minutes=work.number * 7919 % YEAR)


def _badges(works: list[Work]) -> None:
    """Awards in status lists of their issuers, four in five of them shared with the earner's district."""
    size = StatusList._meta.get_field("size").get_default()
    issuers = {work.unit.issuer_id: work.unit.issuer for work in works}
    lists = {
        pk: [StatusList.objects.create(issuer=issuer) for _number in range(len(works) // size + 1)]
        for pk, issuer in issuers.items()
    }
    units = {work.unit.pk: work.unit for work in works}
    samples = {pk: _sample(unit, lists[unit.issuer_id][0]) for pk, unit in units.items()}
    places = {pk: itertools.count() for pk in issuers}
    copy_in(
        Award,
        (
            _award(work, lists[work.unit.issuer_id][place // size], place % size, samples[work.unit.pk])
            for work in works
            for place in [next(places[work.unit.issuer_id])]
        ),
    )
    districts = dict(
        Membership.objects.filter(
            user__email__startswith=PREFIX, organisation__kind=Organisation.Kind.DISTRICT
        ).values_list("user_id", "organisation_id")
    )
    shared = (work for work in works if work.number % 5)
    copy_in(Share, ({"award_id": work.award, "organisation_id": districts[work.earner]} for work in shared))


def _award(work: Work, status_list: StatusList, place: int, sample: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": work.award,
        "earner_id": work.earner,
        "issuer_id": work.unit.issuer_id,
        "micro_credential_id": work.unit.pk,
        "version_id": work.unit.current_id,
        "submission_id": work.submission,
        "status_list_id": status_list.pk,
        "status_index": place,
        "credential": {**sample, "id": issuing.badge_id(work.award)},
        "awarded_at": _dates(work)["decided_at"],
    }


def _sample(unit: MicroCredential, status_list: StatusList) -> dict[str, Any]:
    """One signed document of a micro-credential, as long as a real one."""
    version = unit.current
    if version is None:
        raise ValueError(f"{unit.slug} has no version")
    version.micro_credential = unit
    now = timezone.now()
    award = Award(
        earner=User(email=f"{PREFIX}sample@{DOMAIN}"), issuer=unit.issuer, micro_credential=unit, version=version,
        status_list=status_list, status_index=0, awarded_at=now,
    )  # fmt: skip
    levels = {item["id"]: item["levels"][-1]["order"] for item in version.template["criteria"]}
    return issuing.sign_award(award, levels, now)


def copy_in(model: type[models.Model], rows: Iterable[Mapping[str, Any]]) -> None:
    """COPY rows, given by column; what a row leaves out has the field's default."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.BigAutoField)]
    now = timezone.now()
    lines = ("\t".join(_cell(field, row, now) for field in fields) for row in rows)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        while chunk := "\n".join(itertools.islice(lines, 10_000)):
            cursor.cursor.copy_expert(f'COPY "{table}" ({columns}) FROM STDIN', io.StringIO(chunk))


def _cell(field: models.Field[Any, Any], row: Mapping[str, Any], now: Any) -> str:
    stamped = getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False)
    value = row.get(str(field.column), now if stamped else field.get_default())
    if value is None:
        return r"\N"
    if isinstance(field, models.JSONField):
        return _escaped(json.dumps(value))
    if isinstance(value, list):
        return "{}"
    return _escaped(str(value))


def _escaped(text: str) -> str:
    for character, written in ESCAPES.items():
        text = text.replace(character, written)
    return text
