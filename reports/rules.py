"""Who may see which district's figures."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from accounts.rules import Person, organisations_of


def districts_visible_to(user: Person) -> QuerySet[Organisation]:
    """The districts whose report `user` may read: those she runs; a platform admin reads all."""
    districts = Organisation.objects.filter(kind=Organisation.Kind.DISTRICT).order_by("name", "slug")
    if getattr(user, "is_superuser", False):
        return districts
    return districts.filter(pk__in=organisations_of(user, [Membership.Role.DISTRICT_ADMIN]))


def choose_district(user: Person, slug: str) -> tuple[Organisation, list[Organisation]]:
    """The district asked for (the first where none is named) and all there are to choose from.

    Somebody else's district does not exist for `user`; one who runs none is told that reports are not for her.
    """
    districts = list(districts_visible_to(user))
    if slug:
        chosen = next((district for district in districts if district.slug == slug), None)
        if chosen is None:
            raise Http404(_("There is no such district."))
        return chosen, districts
    if not districts:
        raise PermissionDenied(_("Reports are for the people who run a district."))
    return districts[0], districts
