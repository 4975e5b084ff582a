"""Whose comments one may read, use and decide about."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.rules import Person, Role, organisations_of
from review.models import Comment

State = Comment.State


def comments_visible_to(user: Person) -> QuerySet[Comment]:
    """One's own and what one's issuers share, as far as they are in use."""
    if not isinstance(user, User):
        return Comment.objects.none()
    issuers = organisations_of(user, [Role.ASSESSOR, Role.APPROVER])
    own = Q(owner=user, state__in=[State.OWN, State.PROPOSED])
    return Comment.objects.filter(own | Q(state=State.SHARED, issuer__in=issuers))


def proposals_for(user: Person) -> QuerySet[Comment]:
    """What others offered to the issuers where one approves; nobody shares a comment of her own."""
    if not isinstance(user, User):
        return Comment.objects.none()
    issuers = organisations_of(user, [Role.APPROVER])
    return Comment.objects.filter(state=State.PROPOSED, issuer__in=issuers).exclude(owner=user)


def may_decide_comment(user: Person, comment: Comment) -> bool:
    """An approver of the issuer who is not its author."""
    return comment.issuer_id in organisations_of(user, [Role.APPROVER]) and comment.owner_id != user.pk


def may_retire(user: Person, comment: Comment) -> bool:
    """One's own as long as it is not shared; what is shared belongs to the issuer's approvers."""
    if comment.state == State.SHARED:
        return comment.issuer_id in organisations_of(user, [Role.APPROVER])
    return comment.owner_id == user.pk
