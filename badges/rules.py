"""Who may see an award, and who may take it back."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.rules import Person, access_of, organisations_of, people_apart_from
from badges.models import (
    Award,
    Batch,
    BatchRow,
    Endorsement,
    Exchange,
    ExternalAward,
    IssuerKey,
    PublicProfile,
    Recognition,
    Revocation,
    Share,
    ShareLink,
    ShownEvidence,
    StatusList,
)
from catalog.models import MicroCredential, Stack, StackItem, Version
from catalog.rules import issuers
from review.models import Appeal, Assignment, Case
from review.rules import people_with
from submissions.models import Artifact

REVOKERS = (Membership.Role.APPROVER, Membership.Role.ADMIN)
ENDORSERS = (Membership.Role.ADMIN, Membership.Role.DISTRICT_ADMIN)
ISSUERS_PEOPLE = (*REVOKERS, Membership.Role.AUTHOR)
DESIGNERS = (Membership.Role.AUTHOR, Membership.Role.ADMIN)
SHOWN = (Award.Visibility.UNLISTED, Award.Visibility.PUBLIC)


def readable_by(user: Person) -> QuerySet[Award]:
    """Badges whose page, credential and picture `user` may open: what holders show, and her own."""
    shown = Q(visibility__in=SHOWN)
    return Award.objects.filter(shown | Q(earner_id=user.pk) if user.pk else shown)


def owned_by(user: Person) -> QuerySet[Award]:
    """Her own."""
    return Award.objects.filter(earner_id=user.pk) if user.pk else Award.objects.none()


def issued_visible_to(user: Person) -> QuerySet[Award]:
    """What the issuers of an approver or admin have awarded; platform admins see all.

    Nothing of people she evaluates or stands close to: their codes would tell her whose work it was.
    """
    if getattr(user, "is_superuser", False):
        return Award.objects.all()
    return _of_issuers(user, REVOKERS)


def _of_issuers(user: Person, roles: Collection[str]) -> QuerySet[Award]:
    mine = organisations_of(user, roles)
    if not mine or not isinstance(user, User):
        return Award.objects.none()
    return Award.objects.filter(issuer__in=mine).exclude(earner__in=people_apart_from(user))


def awards_visible_to(user: Person) -> QuerySet[Award]:
    """What is shown to everybody, one's own, and what one's own issuer awarded."""
    if getattr(user, "is_superuser", False):
        return Award.objects.all()
    return Award.objects.filter(
        Q(pk__in=readable_by(user).values("pk")) | Q(pk__in=_of_issuers(user, ISSUERS_PEOPLE).values("pk"))
    )


def is_earner(user: Person, award: Award) -> bool:
    """Whether this is her own badge."""
    return user.pk is not None and award.earner_id == user.pk


def may_revoke(user: Person, award: Award) -> bool:
    """An approver or admin of the issuer, or of the platform; never the earner, whatever else she is."""
    if is_earner(user, award) or not isinstance(user, User):
        return False
    return user.is_superuser or award.issuer_id in organisations_of(user, REVOKERS)


def may_keep_keys(user: Person, issuer: Organisation | None) -> bool:
    """An admin of the issuer changes its keys, a platform admin everybody's and the platform's own."""
    if getattr(user, "is_superuser", False):
        return True
    return issuer is not None and issuer.pk in organisations_of(user, (Membership.Role.ADMIN,))


def stands_close(user: User, award: Award) -> bool:
    """Whether somebody else has to decide about this person's badge."""
    return people_apart_from(user).filter(pk=award.earner_id).exists()


def open_artifacts(award: Award) -> QuerySet[Artifact]:
    """The work behind a badge of which its holder chose to show the files themselves."""
    shown = ShownEvidence.objects.filter(award=award, mode=ShownEvidence.Mode.OPEN).values("artifact")
    return Artifact.objects.filter(pk__in=shown).select_related("content")


def key_issuers(user: Person) -> QuerySet[Organisation]:
    """The issuers whose keys `user` may see: of a platform admin, all."""
    if getattr(user, "is_superuser", False):
        return Organisation.objects.filter(issues=True).order_by("name")
    return Organisation.objects.filter(issues=True, pk__in=organisations_of(user, REVOKERS)).order_by("name")


def districts() -> QuerySet[Organisation]:
    """All districts: which of them is hers is the verb's to say."""
    return Organisation.objects.filter(kind=Organisation.Kind.DISTRICT)


def status_lists() -> QuerySet[StatusList]:
    """Open to everybody: a list of bits says nothing about anybody."""
    return StatusList.objects.all()


def signers() -> QuerySet[Organisation]:
    """Who signs documents: issuers, and organisations that endorse. Their public keys are for everybody."""
    return Organisation.objects.filter(
        Q(issues=True) | Exists(IssuerKey.objects.filter(issuer=OuterRef("pk")))
    )


def published_keys() -> QuerySet[IssuerKey]:
    """The keys for tokens, old ones too: a public half is for everybody."""
    return IssuerKey.objects.filter(algorithm=IssuerKey.Algorithm.RSA).select_related("issuer")


def achievements() -> QuerySet[Version]:
    """What was ever published, for everybody; drafts have no address."""
    return Version.objects.filter(state=Version.State.PUBLISHED).select_related("micro_credential__issuer")


def districts_of(user: Person, award: Award) -> QuerySet[Organisation]:
    """The districts she belongs to, each with `sees`: whether this award is shared with it now."""
    mine: frozenset[UUID] = frozenset().union(*access_of(user).roles.values())
    parents = Organisation.objects.filter(pk__in=mine, kind=Organisation.Kind.SCHOOL).values("parent")
    shares = Share.objects.filter(award=award, organisation=OuterRef("pk"), state=Share.State.ACTIVE)
    districts = Organisation.objects.filter(Q(pk__in=mine) | Q(pk__in=parents))
    return districts.filter(kind=Organisation.Kind.DISTRICT).annotate(sees=Exists(shares)).order_by("name")


def externals_visible_to(user: Person) -> QuerySet[ExternalAward]:
    """Badges from elsewhere are their holder's alone."""
    return ExternalAward.objects.filter(owner_id=user.pk) if user.pk else ExternalAward.objects.none()


def recognitions_visible_to(user: Person) -> QuerySet[Recognition]:
    """What approvers and admins of a stack's issuer answer; nothing of their own, nor of people they stand close to."""
    if not isinstance(user, User):
        return Recognition.objects.none()
    rows = Recognition.objects.exclude(external__owner=user)
    rows = rows.exclude(external__owner__in=people_apart_from(user))
    return rows if user.is_superuser else rows.filter(item__group__stack__issuer__in=_recognising(user))


def recognises(user: Person) -> bool:
    """Whether she answers such questions at all."""
    return getattr(user, "is_superuser", False) or bool(_recognising(user))


def _recognising(user: Person) -> frozenset[UUID]:
    return organisations_of(user, REVOKERS)


# --- the look of badges -------------------------------------------------------------------------------------


def designed_by(user: Person) -> QuerySet[Organisation]:
    """The issuers whose badges `user` may design: as their author or admin; platform admins all."""
    rows = issuers().order_by("name", "pk")
    if getattr(user, "is_superuser", False):
        return rows
    return rows.filter(pk__in=organisations_of(user, DESIGNERS))


def may_design(user: Person, issuer: Organisation) -> bool:
    """Whether the look of this issuer's badges is hers to decide."""
    if not isinstance(user, User):
        return False
    return user.is_superuser or issuer.pk in organisations_of(user, DESIGNERS)


# --- procedures to revoke ---------------------------------------------------------------------------------------


def revocations_visible_to(user: Person) -> QuerySet[Revocation]:
    """What approvers and admins of the issuer deal with, and platform admins; nothing of people they stand close to."""
    if not isinstance(user, User):
        return Revocation.objects.none()
    rows = Revocation.objects.exclude(award__earner=user)
    if user.is_superuser:
        return rows
    mine = organisations_of(user, REVOKERS)
    if not mine:
        return rows.none()
    return rows.filter(award__issuer__in=mine).exclude(award__earner__in=people_apart_from(user))


def own_revocations(user: Person) -> QuerySet[Revocation]:
    """What concerns her own badges."""
    return Revocation.objects.filter(award__earner=user.pk) if user.pk else Revocation.objects.none()


def deals_with_revocations(user: Person) -> bool:
    """Whether she has such a list at all."""
    return getattr(user, "is_superuser", False) or bool(organisations_of(user, REVOKERS))


def is_involved(user: User, revocation: Revocation) -> bool:
    """Whether she had any part in this badge: earned it, read or decided it, granted it, doubted it, or stands close."""
    award = revocation.award
    if is_earner(user, award) or stands_close(user, award):
        return True
    procedures = Revocation.objects.filter(award=award).filter(
        Q(opened_by=user) | Q(decided_by=user) | Q(appeal_decided_by=user)
    )
    granted = BatchRow.objects.filter(award=award, batch__by=user)
    return procedures.exists() or granted.exists() or _knows_the_work(user, award)


def _knows_the_work(user: User, award: Award) -> bool:
    """Whether she read or adjudicated any attempt of it, decided a case or an appeal about one."""
    if award.submission is None:
        return False
    about = {"submission__enrolment": award.submission.enrolment_id}
    cases = Case.objects.filter(Q(opened_by=user) | Q(decided_by=user), **about)
    return (
        Assignment.objects.filter(assessor=user, **about).exists()
        or cases.exists()
        or Appeal.objects.filter(decided_by=user, **about).exists()
    )


def deciders(revocation: Revocation) -> list[User]:
    """The issuer's people who may settle it now."""
    people = people_with(revocation.award.issuer_id, *REVOKERS).order_by("date_joined", "pk")
    return [person for person in people if not is_involved(person, revocation)]


def may_settle(user: Person, revocation: Revocation) -> bool:
    """Decide it, or the appeal against the decision: the issuer's uninvolved; the platform's where none of them is left."""
    if not isinstance(user, User) or is_involved(user, revocation):
        return False
    if revocation.award.issuer_id in organisations_of(user, REVOKERS):
        return True
    return user.is_superuser and not deciders(revocation)


def asked_about(external: ExternalAward) -> QuerySet[Recognition]:
    """What its holder asked one badge from elsewhere to count for."""
    return Recognition.objects.filter(external=external)


def countable_in(stack: Stack) -> QuerySet[StackItem]:
    """The parts of a stack that a badge from elsewhere may count for."""
    return StackItem.objects.filter(group__stack=stack)


def units_of(issuer: Organisation) -> QuerySet[MicroCredential]:
    """An issuer's micro-credentials, drafts too: for those who may design its badges."""
    return MicroCredential.objects.filter(issuer=issuer)


def stacks_of(issuer: Organisation) -> QuerySet[Stack]:
    """An issuer's stacks."""
    return Stack.objects.filter(issuer=issuer)


# --- endorsements -------------------------------------------------------------------------------------------


def endorsers(user: Person) -> QuerySet[Organisation]:
    """The organisations in whose name `user` may endorse: those she is an admin of."""
    return Organisation.objects.filter(pk__in=organisations_of(user, ENDORSERS)).order_by("name")


def may_endorse_for(user: User, endorser: Organisation) -> bool:
    """An admin of the organisation says what it stands behind."""
    return endorser.pk in organisations_of(user, ENDORSERS)


def may_withdraw(user: User, endorsement: Endorsement) -> bool:
    """Who gave it may end it, and so may the person whose award it is about."""
    if endorsement.award is not None and is_earner(user, endorsement.award):
        return True
    return user.is_superuser or may_endorse_for(user, endorsement.endorser)


def endorsements_visible_to(user: Person) -> QuerySet[Endorsement]:
    """Those of micro-credentials and issuers are for everybody, those of an award for whoever may read the award."""
    mine = organisations_of(user, ENDORSERS)
    readable = Q(award=None) | Q(award__in=readable_by(user)) | Q(endorser__in=mine)
    rows = Endorsement.objects.filter(readable)
    return rows.select_related(
        "endorser", "issuer", "micro_credential", "award__stack", "award__micro_credential"
    )


def endorsable_awards(user: Person) -> QuerySet[Award]:
    """Awards that hold now and that `user` may read; one's own are endorsed by others."""
    return readable_by(user).filter(state=Award.State.ACTIVE).exclude(earner_id=user.pk)


def grantable_by(user: Person) -> QuerySet[MicroCredential]:
    """What she may grant to people on her organisation's own judgement: what it has published."""
    units = MicroCredential.objects.filter(state=MicroCredential.State.PUBLISHED, current__isnull=False)
    return units.filter(issuer__in=organisations_of(user, REVOKERS)).order_by("title", "pk")


def may_grant(user: User, issuer: UUID) -> bool:
    """Whether she is an approver or admin of the issuer."""
    return issuer in organisations_of(user, REVOKERS)


def grants(user: Person) -> bool:
    """Whether she grants anything at all, or looks after the platform."""
    return getattr(user, "is_superuser", False) or bool(organisations_of(user, REVOKERS))


def batches_visible_to(user: Person) -> QuerySet[Batch]:
    """Lists that her issuer granted a badge to; platform admins see all."""
    rows = Batch.objects.exclude(state=Batch.State.DROPPED)
    if getattr(user, "is_superuser", False):
        return rows
    return rows.filter(issuer__in=organisations_of(user, REVOKERS))


# --- what holders show elsewhere ----------------------------------------------------------------------------


def links_of(user: Person) -> QuerySet[ShareLink]:
    """The links she made."""
    return ShareLink.objects.filter(owner_id=user.pk) if user.pk else ShareLink.objects.none()


def open_links() -> QuerySet[ShareLink]:
    """Links that whoever has their unguessable address may open now."""
    rows = ShareLink.objects.filter(state=ShareLink.State.ACTIVE, owner__is_active=True)
    return rows.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def ended_links() -> QuerySet[ShareLink]:
    """Links that were and show nothing any more: whoever still has their address is told that, and no more."""
    return ShareLink.objects.exclude(pk__in=open_links().values("pk"))


def shown_profiles() -> QuerySet[PublicProfile]:
    """Pages that people opened to everybody and whose account is not closed."""
    return PublicProfile.objects.filter(state=PublicProfile.State.SHOWN, user__is_active=True)


def own_profile(user: Person) -> QuerySet[PublicProfile]:
    """Her own, hidden or not."""
    return PublicProfile.objects.filter(user_id=user.pk) if user.pk else PublicProfile.objects.none()


def on_profile(profile: PublicProfile) -> QuerySet[Award]:
    """What she chose for it and made public."""
    return Award.objects.filter(earner=profile.user_id, on_profile=True, visibility=Award.Visibility.PUBLIC)


def exchanges() -> QuerySet[Exchange]:
    """What whoever holds an exchange's unguessable address may take up; the verb says until when."""
    return Exchange.objects.select_related("award").filter(award__earner__is_active=True)


def exchanges_of(user: Person, award: Award) -> QuerySet[Exchange]:
    """Hand-overs of an award of hers."""
    return Exchange.objects.filter(award=award, award__earner_id=user.pk)


def certified_stacks() -> QuerySet[Stack]:
    """Stacks as what their certificates stand for: open to everybody."""
    return Stack.objects.select_related("issuer")
