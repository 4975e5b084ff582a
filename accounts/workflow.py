"""What can happen to people, roles and invitations. The only place where memberships change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from secrets import token_hex
from typing import Any
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from accounts import rules
from accounts.models import DataExport, Invitation, Membership, Organisation, Profile, Relation, User
from journal.bulk import copy_rows, record_all
from journal.workflow import GuardError, TransitionError, change, record

INVITATION_DAYS = 30
EXPORT_DAYS = 7
KEEPER = "anchors@keeper.invalid"

HANDED_OVER = (Membership.Role.ADMIN, Membership.Role.APPROVER, Membership.Role.AUTHOR)

# verb → (from states, to state, journal kind)
TRANSITIONS = {
    "end_role": (frozenset({Membership.State.ACTIVE}), Membership.State.ENDED, "accounts.role_ended"),
    "accept": (frozenset({Invitation.State.SENT}), Invitation.State.ACCEPTED, "accounts.invitation_accepted"),
    "begin_export": (frozenset({DataExport.State.QUEUED}), DataExport.State.RUNNING, "accounts.export_begun"),
    "finish_export": (frozenset({DataExport.State.RUNNING}), DataExport.State.READY, "accounts.export_ready"),
    "fail_export": (
        frozenset({DataExport.State.QUEUED, DataExport.State.RUNNING}),
        DataExport.State.FAILED,
        "accounts.export_failed",
    ),
    "expire_export": (
        frozenset({DataExport.State.READY}),
        DataExport.State.EXPIRED,
        "accounts.export_expired",
    ),
    "withdraw_invitation": (
        frozenset({Invitation.State.SENT}),
        Invitation.State.WITHDRAWN,
        "accounts.invitation_withdrawn",
    ),
}

# Roles that make sense in each kind of organisation.
ROLES_OF_KIND = {
    Organisation.Kind.ISSUER: {"author", "vetter", "assessor", "approver", "coach", "admin"},
    Organisation.Kind.DISTRICT: {"educator", "coach", "district_admin"},
    Organisation.Kind.SCHOOL: {"educator", "coach"},
    Organisation.Kind.UNION: {"educator", "coach", "admin"},
    Organisation.Kind.AGENCY: {"educator", "coach", "admin"},
}
ISSUING_ROLES = {"author", "vetter", "assessor", "approver", "admin"}


def roles_in(organisation: Organisation) -> list[tuple[str, str]]:
    """The roles that may be given in `organisation`, as form choices."""
    allowed = set(ROLES_OF_KIND[Organisation.Kind(organisation.kind)])
    if organisation.issues:
        allowed |= ISSUING_ROLES
    return [(str(role), str(role.label)) for role in Membership.Role if role in allowed]


def welcome(user: User) -> None:
    """Give a new account its profile and say so in the journal (a welcome mail follows)."""
    with transaction.atomic():
        Profile.objects.get_or_create(user=user)
        record("accounts.signed_up", user, actor=user)


def expect(
    people: Mapping[str, str], *, by: UUID | None, organisation_id: UUID | None = None
) -> dict[str, UUID]:
    """Make accounts for people who have none yet but something waits for: address → name, answered by address → id.

    Nobody can sign in to such an account before its person has set a password by a link in her mail. The addresses are
    written small, as sign-up writes them; the caller has made sure that none of them has an account.
    """
    ids = {email: uuid4() for email in sorted(people)}
    nobody = {"is_active": True, "is_staff": False, "is_superuser": False, "date_joined": timezone.now()}
    rows = (
        (pk, email, people[email], f"{UNUSABLE_PASSWORD_PREFIX}{token_hex(20)}") for email, pk in ids.items()
    )
    with transaction.atomic(savepoint=False):
        copy_rows(User, ("id", "email", "name", "password"), rows, nobody)
        record_all("accounts.expected", User, ids.values(), actor=by, organisation_id=organisation_id)
    return ids


def arrive(user: User) -> None:
    """Somebody who was expected has set her first password, by a link that only the holder of the address could open."""
    with transaction.atomic():
        EmailAddress.objects.update_or_create(
            user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
        )
        Profile.objects.get_or_create(user=user)
        record("accounts.arrived", user, actor=user)


def note_address(user: User) -> None:
    """She is known by another address now: what names her by it has to follow."""
    with transaction.atomic():
        record("accounts.address_changed", user, actor=user)


def keep_organisation(organisation: Organisation, by: User | None = None) -> Organisation:
    """Store an organisation; the journal says when it begins to issue, and when an issuer takes another name."""
    with transaction.atomic():
        before = Organisation.objects.select_for_update().filter(pk=organisation.pk).first()
        organisation.save()
        if organisation.issues and not (before and before.issues):
            record("accounts.issuer_made", organisation, actor=by, organisation_id=organisation.pk)
        if before and before.name != organisation.name:
            record("accounts.organisation_renamed", organisation, actor=by, organisation_id=organisation.pk)
    return organisation


def hand_over(organisation: Organisation, successor: Organisation, why: str) -> Organisation:
    """Another organisation answers for this one from now on, and for what this one took over: its people take the roles.

    Keys, names and what was signed stay as they are, so that every badge goes on verifying. Raises `GuardError`.
    """
    with transaction.atomic():
        both = Organisation.objects.select_for_update(of=("self",)).order_by("pk")
        rows = {row.pk: row for row in both.filter(pk__in=[organisation.pk, successor.pk])}
        row, taker = rows[organisation.pk], rows[successor.pk]
        if problem := rules.problem_of_handing_over(row, taker, why):
            raise GuardError(problem, {"successor": [problem]})
        ending = [row, *Organisation.objects.filter(successor=row)]
        Organisation.objects.filter(pk__in=[one.pk for one in ending]).update(successor=taker)
        row.successor = taker
        for one in ending:
            data = {"successor": str(taker.pk), "why": why.strip()}
            record("accounts.handed_over", one, organisation_id=one.pk, data=data)
            _change_hands(one, taker)
    return row


def _change_hands(organisation: Organisation, taker: Organisation) -> None:
    """The taker's people have the roles that answer for badges; nobody else keeps one, or is still invited to one."""
    place, now = organisation.pk, timezone.now()
    leaving = list(members_of(organisation).filter(role__in=HANDED_OVER))
    for member in members_of(taker).filter(role__in=HANDED_OVER).select_related("user"):
        kept = give(member.user, organisation, member.role, actor=None)
        leaving = [one for one in leaving if one.pk != kept.pk]
    frm, to, kind = TRANSITIONS["end_role"]
    for one in leaving:
        told = {"role": one.role, "user": str(one.user_id)}
        change(one, kind, frm=frm, to=to, organisation_id=place, data=told, until=now)
    frm, to, kind = TRANSITIONS["withdraw_invitation"]
    for asked in Invitation.objects.filter(organisation=organisation, role__in=HANDED_OVER, state__in=frm):
        change(asked, kind, frm=frm, to=to, organisation_id=place)


def update_profile(user: User, name: str | None = None, **answers: Any) -> Profile:
    """Store what the educator told about herself; keys she did not answer stay as they are."""
    with transaction.atomic():
        profile, _created = Profile.objects.get_or_create(user=user)
        for field, value in answers.items():
            setattr(profile, field, value)
        profile.save()
        if name is not None:
            user.name = name
            user.save(update_fields=["name"])
    return profile


def _may_manage(by: User, organisation: Organisation) -> None:
    if not rules.administers(by, organisation):
        raise TransitionError(_("Only an admin of this organisation can do that."), code="forbidden")


def _fits(organisation: Organisation, role: str) -> None:
    if role not in dict(roles_in(organisation)):
        raise GuardError(
            _("That role is not used in this kind of organisation."),
            {"role": [_("Choose one of the roles listed.")]},
        )


def invite(by: User, organisation: Organisation, email: str, role: str) -> Invitation:
    """Invite an address to a role. It is an invitation only: the person accepts it herself."""
    _may_manage(by, organisation)
    _fits(organisation, role)
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                organisation=organisation,
                email=email,
                role=role,
                invited_by=by,
                expires=timezone.now() + timedelta(days=INVITATION_DAYS),
            )
            record("accounts.invited", invitation, actor=by, organisation_id=organisation.pk)
    except IntegrityError:
        message = _("This address already has an open invitation for that role.")
        raise GuardError(message, {"email": [message]}) from None
    return invitation


def accept(invitation: Invitation, user: User) -> Membership:
    """Take the role one was invited to. Only the holder of the invited, verified address may."""
    if invitation.expires < timezone.now():
        raise TransitionError(_("This invitation has expired. Ask for a new one."), state=invitation.state)
    verified = EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists()
    if not verified:
        raise GuardError(
            _(
                "This invitation was sent to another address. Add and verify that address in your account first."
            )
        )
    frm, to, kind = TRANSITIONS["accept"]
    with transaction.atomic():
        change(invitation, kind, frm=frm, to=to, actor=user, organisation_id=invitation.organisation_id)
        return give(user, invitation.organisation, invitation.role, actor=user)


def withdraw_invitation(by: User, invitation: Invitation) -> None:
    """Take an invitation back."""
    _may_manage(by, invitation.organisation)
    frm, to, kind = TRANSITIONS["withdraw_invitation"]
    change(invitation, kind, frm=frm, to=to, actor=by, organisation_id=invitation.organisation_id)


def give(user: User, organisation: Organisation, role: str, *, actor: User | None) -> Membership:
    """Give a role without asking who gives it: for verbs that checked, and for commands."""
    membership, created = Membership.objects.get_or_create(
        user=user, organisation=organisation, role=role, state=Membership.State.ACTIVE
    )
    if created:
        record(
            "accounts.role_granted",
            membership,
            actor=actor,
            organisation_id=organisation.pk,
            data={"role": role, "user": str(user.pk)},
        )
    return membership


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """Who holds a role in an organisation now."""
    return Membership.objects.filter(organisation=organisation, state=Membership.State.ACTIVE)


def offer(by: User, organisation: Organisation, email: str, role: str) -> Invitation | Membership:
    """Give a role to whoever is a member already; everybody else is invited and decides herself."""
    _may_manage(by, organisation)
    holders = EmailAddress.objects.filter(email__iexact=email, verified=True).values("user")
    member = User.objects.filter(
        pk__in=members_of(organisation).filter(user__in=holders).values("user")
    ).first()
    if member is None:
        return invite(by, organisation, email, role)
    return grant_role(by, organisation, member, role)


def grant_role(by: User, organisation: Organisation, user: User, role: str) -> Membership:
    """Give a further role to somebody who is a member already; strangers are invited instead."""
    _may_manage(by, organisation)
    _fits(organisation, role)
    known = members_of(organisation).filter(user=user).exists()
    if not known and by != user and not by.is_superuser:
        raise GuardError(_("Invite this person first: nobody is made a member without agreeing."))
    with transaction.atomic():
        return give(user, organisation, role, actor=by)


def end_role(by: User, membership: Membership) -> None:
    """End a role. The admin of the organisation may, and everybody may leave."""
    if by.pk != membership.user_id:
        _may_manage(by, membership.organisation)
    managing = {Membership.Role.ADMIN, Membership.Role.DISTRICT_ADMIN}
    with transaction.atomic():
        if membership.role in managing and _last(membership):
            raise GuardError(_("This is the last admin of the organisation. Make somebody else admin first."))
        frm, to, kind = TRANSITIONS["end_role"]
        change(
            membership,
            kind,
            frm=frm,
            to=to,
            actor=by,
            organisation_id=membership.organisation_id,
            data={"role": membership.role, "user": str(membership.user_id)},
            until=timezone.now(),
        )


def _last(membership: Membership) -> bool:
    """Whether nobody else holds the managing role; locks the rows so that two admins cannot both go."""
    rows = Membership.objects.select_for_update().filter(
        organisation=membership.organisation_id, role=membership.role, state=Membership.State.ACTIVE
    )
    return {row.pk for row in rows} == {membership.pk}


def unrelate(relation: Relation, by: User) -> None:
    """A relation is over: from now on it keeps nobody apart."""
    with transaction.atomic():
        record("accounts.unrelated", relation, actor=by, data={"kind": relation.kind})
        relation.delete()


def relate(person: User, of: User, kind: str, by: User | None = None) -> Relation:
    """Record that `person` stands in a relation to the educator `of`; assessment keeps them apart."""
    with transaction.atomic():
        relation, created = Relation.objects.get_or_create(person=person, of=of, kind=kind)
        if created:
            record("accounts.related", relation, actor=by, data={"kind": kind})
    return relation


def keeper() -> User:
    """Who holds copies of work that are nobody's: an account without a person, which nobody can sign in to."""
    nobody = {"is_active": False, "password": make_password(None)}
    return User.objects.get_or_create(email=KEEPER, defaults=nobody)[0]


def invitation_url(invitation: Invitation) -> str:
    """The full address an invited person opens."""
    return f"{settings.BASE_URL}/invitations/{invitation.pk}/"


# --- a copy of everything, and leaving for good -----------------------------------------------------------


def ask_for_export(user: User) -> DataExport:
    """Have a copy of everything she has here made in the background; one at a time."""
    try:
        with transaction.atomic():
            row = DataExport.objects.create(user=user)
            record("accounts.export_asked", row, actor=user)
    except IntegrityError:
        return DataExport.objects.get(user=user, state__in=["queued", "running"])
    return row


def move_export(row: DataExport, verb: str, **fields: Any) -> None:
    """One row of the table."""
    frm, to, kind = TRANSITIONS[verb]
    change(row, kind, frm=frm, to=to, actor=row.user, state_since=timezone.now(), **fields)


def finish_export(row: DataExport, file: str, secret: bytes | None, size: int) -> None:
    """It is there, for a week."""
    expires = timezone.now() + timedelta(days=EXPORT_DAYS)
    move_export(row, "finish_export", file=file, secret=secret, size=size, progress=100, expires=expires)


def close(user: User, password: str) -> None:
    """Leave for good: nothing personal stays in this room; the others let go of theirs (see the wiring).

    The row itself stays, empty of her, because badges and decisions point to it.
    """
    if not user.check_password(password):
        words = _("That is not your password. Your account stays as it is.")
        raise GuardError(words, {"password": [words]})
    if user.is_superuser:
        raise GuardError(_("The account of a platform administrator is closed by another administrator."))
    with transaction.atomic():
        _leave_no_organisation_alone(user)
        if not User.objects.filter(pk=user.pk, closed_at=None).update(
            email=f"closed-{user.pk}@invalid", name="", is_active=False, is_staff=False, closed_at=timezone.now(),
            password=make_password(None),
        ):  # fmt: skip
            raise TransitionError(_("This account is already closed."), state="closed")
        record("accounts.closed", user, actor=user)
        for rows in (EmailAddress, Authenticator, Token, Profile):
            rows.objects.filter(user=user).delete()
        Membership.objects.filter(user=user, state=Membership.State.ACTIVE).update(
            state=Membership.State.ENDED
        )
        Invitation.objects.filter(email__iexact=user.email).delete()
        Relation.objects.filter(person=user).delete()
        Relation.objects.filter(of=user).delete()


def _leave_no_organisation_alone(user: User) -> None:
    managing = [Membership.Role.ADMIN, Membership.Role.DISTRICT_ADMIN]
    rows = Membership.objects.filter(user=user, state=Membership.State.ACTIVE, role__in=managing)
    for membership in rows.select_related("organisation"):
        if _last(membership):
            words = _("You are the last admin of %s. Make somebody else admin first.")
            raise GuardError(words % membership.organisation.name)
