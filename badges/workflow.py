"""What can happen to an award: issued once, shown or hidden by its earner, revoked by its issuer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, User
from badges import issuing, queries, rules
from badges.models import Award, Share, StatusList
from badges.openbadges.status import random_index
from badges.openbadges.text import TextError, clean_name
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError, Transitions
from review.models import Case
from submissions.models import Submission

State = Award.State

TRANSITIONS: Transitions = {
    "revoke": (frozenset({State.ACTIVE}), State.REVOKED, "badges.revoked"),
}
SHARES: Transitions = {
    "share": (frozenset({Share.State.ENDED}), Share.State.ACTIVE, "badges.shared"),
    "unshare": (frozenset({Share.State.ACTIVE}), Share.State.ENDED, "badges.unshared"),
}
# After so many taken places in a row a list is about half full, and the next one is begun.
TRIES = 8
LONGEST_REASON = 2_000


# --- awarding -----------------------------------------------------------------------------------------------


def award(submission: Submission) -> Award:
    """Issue the badge of an earned submission. However often it is asked for, there is one."""
    row = queries.to_award(submission)
    if hasattr(row, "award"):
        return row.award
    if row.state != Submission.State.EARNED:
        raise TransitionError(_("A badge needs an earned submission."), state=row.state)
    levels = queries.levels_reached(row)
    issuer = row.enrolment.version.micro_credential.issuer
    status_list = queries.newest_list(issuer) or _begin_list(issuer)
    for _number in range(TRIES):
        try:
            return _issue(row, levels, status_list)
        except IntegrityError:
            if existing := Award.objects.filter(submission=row).first():
                return existing
    return _issue(row, levels, _begin_list(issuer))


def _issue(submission: Submission, levels: Mapping[str, int], status_list: StatusList) -> Award:
    """Sign and store; the database refuses a second award and a place in the list that is taken."""
    enrolment, now = submission.enrolment, timezone.now()
    micro_credential = enrolment.version.micro_credential
    row = Award(
        earner=enrolment.earner,
        issuer=micro_credential.issuer,
        micro_credential=micro_credential,
        version=enrolment.version,
        submission=submission,
        name_shown=enrolment.earner.name,
        status_list=status_list,
        status_index=random_index(status_list.size),
        awarded_at=submission.decided_at or now,
    )
    row.credential = issuing.sign_award(row, levels, now)
    with transaction.atomic():
        row.save(force_insert=True)
        journal.record(
            "badges.awarded", row, organisation_id=row.issuer_id, data={"submission": str(submission.pk)}
        )
    return row


def _begin_list(issuer: Organisation) -> StatusList:
    row = StatusList(issuer=issuer)
    row.credential = issuing.sign_status_list(row, (), timezone.now())
    row.save(force_insert=True)
    return row


# --- what the earner decides --------------------------------------------------------------------------------


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


# --- what the issuer decides --------------------------------------------------------------------------------


def revoke(award: Award, user: User, reason: str) -> Award:
    """Take a badge back, saying why. Every copy of it shows as revoked from this moment on."""
    if not rules.may_revoke(user, award):
        raise PermissionDenied
    if rules.stands_close(user, award):
        words = _("You stand close to this person, so somebody else at your organisation has to decide.")
        raise GuardError(words, {"reason": [words]})
    if Case.objects.filter(submission=award.submission_id).exclude(state=Case.State.DECIDED).exists():
        words = _("A case about this work is open. Nothing is revoked before it is decided.")
        raise GuardError(words, {"reason": [words]})
    frm, to, kind = TRANSITIONS["revoke"]
    fields: dict[str, Any] = {"revoked_at": timezone.now(), "revocation_reason": _reason(reason)}
    with transaction.atomic():
        try:
            journal.change(award, kind, frm=frm, to=to, actor=user, organisation_id=award.issuer_id, **fields)
        except TransitionError as error:
            raise TransitionError(_("This badge is already revoked."), state=error.state) from error
        publish_list(award.status_list)
    return award


def _reason(text: str) -> str:
    reason = text.strip()
    words = ""
    if not reason:
        words = _("Say why. The person who earned the badge reads this.")
    elif len(reason) > LONGEST_REASON or "\x00" in reason:
        words = _("Please keep the reason under 2,000 ordinary characters.")
    if words:
        raise GuardError(words, {"reason": [words]})
    return reason


def publish_list(status_list: StatusList) -> dict[str, Any]:
    """Sign the list anew. The row is locked, so that of two revocations at once neither is lost."""
    with transaction.atomic():
        row = queries.lock_list(status_list)
        document = issuing.sign_status_list(row, queries.revoked_indexes(row), timezone.now())
        row.credential = document
        row.save(update_fields=["credential", "updated"])
    return document


def available(award: Award, user: User) -> set[str]:
    """The verbs `user` has now; feeds the buttons."""
    verbs = set()
    if rules.is_earner(user, award):
        verbs |= {"set_visibility", "unshare"} | ({"share_with"} if award.state == State.ACTIVE else set())
    if award.state == State.ACTIVE and rules.may_revoke(user, award):
        verbs.add("revoke")
    return verbs
