"""An organisation endorses a micro-credential, an issuer or an award, and may withdraw that."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from badges import endorsing, rules
from badges.models import Award, Endorsement
from badges.openbadges.text import TextError, clean_text
from badges.workflow.placing import take_place
from badges.workflow.publishing import publish_list
from badges.workflow.table import move
from catalog.models import MicroCredential
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError, Transitions

LONGEST_WORDS = 2_000
Endorsed = MicroCredential | Organisation | Award
State = Endorsement.State
ENDORSEMENTS: Transitions = {
    "withdraw": (frozenset({State.ACTIVE}), State.WITHDRAWN, "badges.endorsement_withdrawn"),
}


def endorse(endorser: Organisation, target: Endorsed, user: User, words: str) -> Endorsement:
    """Stand behind something, in words that are signed. An organisation says so once about one thing."""
    if not rules.may_endorse_for(user, endorser):
        raise PermissionDenied
    row = Endorsement(endorser=endorser, words=_words(words), by=user, **_about(endorser, target, user))
    with transaction.atomic():
        Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=endorser.pk)
        if Endorsement.objects.filter(
            state=State.ACTIVE, endorser=endorser, **_about(endorser, target, user)
        ):
            raise TransitionError(_("Your organization endorses this already."), state=State.ACTIVE)
        row.status_list, row.status_index = take_place(endorser)
        row.credential = endorsing.sign_endorsement(row, timezone.now())
        row.save(force_insert=True)
        journal.record("badges.endorsed", row, actor=user, organisation_id=endorser.pk, data=_told(row))
    return row


def _about(endorser: Organisation, target: Endorsed, user: User) -> dict[str, Any]:
    """Which of the three it is; what an organisation says about itself endorses nothing."""
    if isinstance(target, Award):
        issuer, about = target.issuer, "award"
        if rules.stands_close(user, target) or rules.is_earner(user, target):
            words = _("You stand close to this person, so somebody else at your organization has to do this.")
            raise GuardError(words, {"words": [words]})
    elif isinstance(target, MicroCredential):
        issuer, about = target.issuer, "micro_credential"
    else:
        issuer, about = target, "issuer"
    if issuer.pk == endorser.pk:
        words = _("An organization cannot endorse what is its own.")
        raise GuardError(words, {"organization": [words]})
    return {about: target}


def _words(text: str) -> str:
    try:
        words = clean_text(text)
    except TextError as error:
        raise GuardError(str(error), {"words": [str(error)]}) from error
    problem = ""
    if not words:
        problem = _("Say what you endorse and why. Everybody reads this.")
    elif len(words) > LONGEST_WORDS:
        problem = _("Please keep it under 2,000 characters.")
    if problem:
        raise GuardError(problem, {"words": [problem]})
    return words


def _told(row: Endorsement) -> dict[str, str]:
    return {"award": str(row.award_id)} if row.award_id else {}


def endorse_anew(row: Endorsement) -> Endorsement:
    """Sign it again as it was given: by the key that signs now, in the endorser's present name. An award it is about carries it so."""
    with transaction.atomic():
        rows = Endorsement.objects.select_for_update(of=("self",), no_key=True)
        locked = rows.select_related("endorser", "status_list", "award", "issuer", "micro_credential").get(
            pk=row.pk
        )
        if locked.state != State.ACTIVE:
            raise TransitionError(_("This endorsement is withdrawn already."), state=locked.state)
        about = locked.credential["credentialSubject"]["id"]
        locked.credential = endorsing.sign_endorsement(locked, timezone.now(), about)
        locked.save(update_fields=["credential", "key"])
        journal.record(
            "badges.endorsement_signed", locked, organisation_id=locked.endorser_id, data=_told(locked)
        )
    return locked


def withdraw_endorsement(row: Endorsement, user: User) -> Endorsement:
    """End it: by the organisation that gave it, or by the person whose award it is about. Its bit is set at once."""
    if not rules.may_withdraw(user, row):
        raise PermissionDenied
    words = _("This endorsement is withdrawn already.")
    told = {"actor": user, "organisation_id": row.endorser_id, "data": _told(row)}
    with transaction.atomic():
        move(ENDORSEMENTS, "withdraw", row, words, **told, withdrawn_at=timezone.now())
        publish_list(row.status_list)
    return row
