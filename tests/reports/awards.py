"""Awards shared with a district, in bulk and dated as a test needs them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from django.utils import timezone

from accounts.models import Organisation, User
from badges.models import Award, Share, StatusList
from catalog.models import MicroCredential
from tests import factories

_places = itertools.count(1)


def shared(
    district: Organisation,
    earner: User,
    micro_credential: MicroCredential,
    *,
    school: Organisation | None = None,
    awarded_at: datetime | None = None,
) -> Share:
    """One valid award of `earner`, shared with `district`."""
    issuer, version = micro_credential.issuer, micro_credential.current
    assert version is not None
    lists = StatusList.objects.filter(issuer=issuer)
    award = Award.objects.create(
        earner=earner,
        issuer=issuer,
        micro_credential=micro_credential,
        version=version,
        status_list=lists.first() or StatusList.objects.create(issuer=issuer),
        status_index=next(_places),
        credential={},
        awarded_at=awarded_at or timezone.now(),
    )
    return Share.objects.create(award=award, organisation=district, school=school)


def by_new_people(
    number: int, district: Organisation, micro_credential: MicroCredential, school: Organisation | None = None
) -> list[Share]:
    """`number` awards of as many educators of the district."""
    shares = []
    for _number in range(number):
        person = User.objects.create(email=f"sharer{next(_places)}@example.test")
        factories.member(person, school or district, "educator")
        shares.append(shared(district, person, micro_credential, school=school))
    return shares


def month_back(months: int) -> datetime:
    """A moment in the month that lies so many months before this one."""
    now = timezone.now()
    number = now.year * 12 + now.month - 1 - months
    return datetime(number // 12, number % 12 + 1, 10, 12, tzinfo=UTC)
