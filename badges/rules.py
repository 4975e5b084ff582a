"""Who may see an award, and who may take it back."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership, Organisation, User
from accounts.rules import Person, access_of, organisations_of, people_apart_from
from badges.models import Award, ExternalAward, IssuerKey, Recognition, Share, StatusList
from catalog.models import Version
from catalog.rules import issuers

REVOKERS = (Membership.Role.APPROVER, Membership.Role.ADMIN)
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


def districts() -> QuerySet[Organisation]:
    """All districts: which of them is hers is the verb's to say."""
    return Organisation.objects.filter(kind=Organisation.Kind.DISTRICT)


def status_lists() -> QuerySet[StatusList]:
    """Open to everybody: a list of bits says nothing about anybody."""
    return StatusList.objects.all()


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
