"""What the earner decides: who may see her award, under which name, and which district counts it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, User
from badges import rules
from badges.models import Award, Share
from badges.openbadges.text import TextError, clean_name
from badges.workflow.table import SHARES, State
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError


def set_visibility(award: Award, user: User, visibility: str, name_shown: str | None = None) -> Award:
    """Show the badge to nobody, to people with the link, or to everybody, under the name she chooses."""
    _check_own(award, user)
    if visibility not in Award.Visibility.values:
        raise GuardError(
            _("Choose who may see the badge."), {"visibility": [_("Choose one of the options.")]}
        )
    name = _name(name_shown) if name_shown is not None else award.name_shown or user.name
    journal.change(
        award,
        "badges.visibility_changed",
        frm={award.state},
        to=award.state,
        actor=user,
        organisation_id=award.issuer_id,
        data={"visibility": visibility},
        visibility=visibility,
        name_shown=name,
        on_profile=award.on_profile and visibility == Award.Visibility.PUBLIC,
    )
    return award


def _name(value: str) -> str:
    try:
        name = clean_name(value)
    except TextError as error:
        raise GuardError(str(error), {"name_shown": [str(error)]}) from error
    if len(name) > 120:
        words = _("Please keep the name under 120 characters.")
        raise GuardError(words, {"name_shown": [words]})
    return name


def share_with(award: Award, user: User, organisation: Organisation) -> Share:
    """Let a district she belongs to count this award. It sees the award, never the work behind it."""
    _check_own(award, user)
    if award.state != State.ACTIVE:
        raise TransitionError(_("A revoked badge cannot be shared with a district."), state=award.state)
    school = _place(user, organisation)
    with transaction.atomic():
        share, created = Share.objects.get_or_create(
            award=award, organisation=organisation, defaults={"school": school}
        )
        if created:
            _note_share("badges.shared", share, user)
        elif share.state == Share.State.ENDED:
            frm, to, kind = SHARES["share"]
            _change_share(kind, share, user, frm=frm, to=to, school=school)
    return share


def _place(user: User, district: Organisation) -> Organisation | None:
    """Her school in this district, if she has one there; refuses a district that is not hers."""
    active = Membership.objects.filter(user=user, state=Membership.State.ACTIVE).select_related(
        "organisation"
    )
    places = [row.organisation for row in active.order_by("since")]
    schools = [place for place in places if place.parent_id == district.pk]
    if district.kind != Organisation.Kind.DISTRICT or not (schools or district in places):
        words = _("You can share only with a district you belong to.")
        raise GuardError(words, {"organization": [words]})
    return schools[0] if schools else None


def unshare(award: Award, user: User, organisation: Organisation) -> None:
    """Take it back: the district's view ends at once."""
    _check_own(award, user)
    share = Share.objects.filter(award=award, organisation=organisation).first()
    if share is None:
        raise TransitionError(_("This badge is not shared with that district."), state=award.state)
    frm, to, kind = SHARES["unshare"]
    _change_share(kind, share, user, frm=frm, to=to)


def _change_share(kind: str, share: Share, user: User, **change: Any) -> None:
    data = {"award": str(share.award_id)}
    try:
        journal.change(share, kind, actor=user, organisation_id=share.organisation_id, data=data, **change)
    except TransitionError as error:
        words = _("This badge is not shared with that district.")
        raise TransitionError(words, state=error.state) from error


def _note_share(kind: str, share: Share, user: User) -> None:
    data = {"award": str(share.award_id)}
    journal.record(kind, share, actor=user, organisation_id=share.organisation_id, data=data)


def _check_own(award: Award, user: User) -> None:
    if not rules.is_earner(user, award):
        raise PermissionDenied
