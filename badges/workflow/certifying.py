"""Certificates of stacks: issued once the rule is met, paused or ended when a part is lost, resumed when it holds again.

`settle()` is the one way: it looks at what counts now and does what is due, however often and by however many it is called.
"""

from __future__ import annotations

import re
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from badges import certifying, issuing, queries
from badges.models import Award, CertificatePart, ExternalAward, Revocation, StatusList
from badges.openbadges.proofs import is_address
from badges.queries import Progress
from badges.workflow.placing import take_place
from badges.workflow.publishing import publish_list
from badges.workflow.reissuing import reissue
from badges.workflow.table import State
from catalog.models import Stack
from journal import workflow as journal
from journal.workflow import Transitions

CERTIFICATES: Transitions = {
    "suspend": (frozenset({State.ACTIVE}), State.SUSPENDED, "badges.suspended"),
    "resume": (frozenset({State.SUSPENDED}), State.ACTIVE, "badges.resumed"),
    "end": (frozenset({State.ACTIVE, State.SUSPENDED}), State.REVOKED, "badges.revoked"),
}
_ADDRESS = re.compile(r"(?:https?|urn|did):\S+\Z")


def settle(user: User, stack: Stack) -> Award | None:
    """Do what is due about her certificate of this stack; of several callers at once one does it, the others see it done."""
    if user.closed_at is not None:
        return None
    with transaction.atomic():
        _lock(user, stack)
        certificate = queries.certificate_of(user, stack)
        if certificate is not None:
            return _look_after(certificate, user, stack)
        progress = queries.progress(stack, user)
        if not progress.complete or queries.certificate_refused(user, stack):
            return None
        return _issue(user, stack, progress)


def _lock(user: User, stack: Stack) -> None:
    with connection.cursor() as cursor:
        key = f"certificate:{user.pk}:{stack.pk}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


# --- issuing ------------------------------------------------------------------------------------------------


def _issue(user: User, stack: Stack, progress: Progress) -> Award:
    """Sign and store."""
    lists, now = StatusList.Purpose, timezone.now()
    purpose = lists.SUSPENSION if stack.on_revoked == Stack.OnRevoked.SUSPEND else lists.REVOCATION
    status_list, index = take_place(stack.issuer, purpose)
    row = Award(
        earner=user,
        issuer=stack.issuer,
        origin=Award.Origin.CERTIFICATE,
        stack=stack,
        name_shown=issuing.line(user.name),
        status_list=status_list,
        status_index=index,
        awarded_at=now,
    )
    parts = _parts(row, progress)
    row.credential = certifying.sign(row, parts, now)
    row.save(force_insert=True)
    CertificatePart.objects.bulk_create(parts)
    data = {"stack": str(stack.pk), "parts": [part.address for part in parts]}
    journal.record("badges.awarded", row, organisation_id=row.issuer_id, data=data)
    return row


def _parts(certificate: Award, progress: Progress) -> list[CertificatePart]:
    """Every part that counts now, by the address it can be checked at; what counts twice is named once."""
    members = [member for member in progress.members if member.earned]
    related = Award.objects.select_related("issuer", "version").defer("credential", "seal")
    awards = related.in_bulk([member.award for member in members if member.award])
    found = [member.external for member in members if member.external and not member.award]
    externals = ExternalAward.objects.defer("content", "document", "steps").in_bulk(found)
    parts: dict[str, CertificatePart] = {}
    for order, member in enumerate(members):
        ours, theirs = awards.get(_id(member.award)), externals.get(_id(member.external))
        part = _of_award(ours) if ours else _of_external(theirs) if theirs else None
        if part is not None and part.address not in parts:
            part.certificate, part.item, part.order = certificate, member.item, order
            parts[part.address] = part
    return list(parts.values())


def _id(value: UUID | None) -> UUID:
    return value or UUID(int=0)


def _of_award(award: Award) -> CertificatePart:
    address = issuing.badge_id(award.pk)
    return CertificatePart(part=award, name=award.title, issuer_name=award.issuer.name, address=address)


def _of_external(row: ExternalAward) -> CertificatePart:
    named = _ADDRESS.match(row.credential_id) and is_address(row.credential_id)
    address = row.credential_id if named else f"urn:uuid:{row.pk}"
    return CertificatePart(external=row, name=row.name, issuer_name=row.issuer_name, address=address)


# --- when parts are lost and found ----------------------------------------------------------------------------


def _look_after(certificate: Award, user: User, stack: Stack) -> Award:
    """A certificate stands as long as its parts hold; what the stack came to ask for later takes it from nobody."""
    lost = [part for part in queries.parts_of(certificate) if not part.holds]  # type: ignore[attr-defined]
    paused = certificate.state == State.SUSPENDED
    if not lost:
        return _resume(certificate) if paused else certificate
    progress = queries.progress(stack, user)
    if progress.complete:
        _name_parts(certificate, progress)
        return _resume(certificate) if paused else certificate
    if paused:
        return certificate
    if stack.on_revoked == Stack.OnRevoked.SUSPEND and _can_pause(certificate):
        return _move(certificate, "suspend", {"part": lost[0].name})
    return _end(certificate, lost[0].name)


def _can_pause(certificate: Award) -> bool:
    """Issued while the stack said so: what stands in a list of revocations cannot come back."""
    return certificate.status_list.purpose == StatusList.Purpose.SUSPENSION


def _name_parts(certificate: Award, progress: Progress) -> None:
    """The rule is met with other parts than the document names: it is signed anew under its id, with those that hold."""
    parts = _parts(certificate, progress)
    CertificatePart.objects.filter(certificate=certificate).delete()
    CertificatePart.objects.bulk_create(parts)
    reissue(certificate, "parts")
    data = {"parts": [part.address for part in parts]}
    journal.record("badges.parts_changed", certificate, organisation_id=certificate.issuer_id, data=data)


def _resume(certificate: Award) -> Award:
    return _move(certificate, "resume", {})


def _move(certificate: Award, verb: str, data: dict[str, str]) -> Award:
    frm, to, kind = CERTIFICATES[verb]
    journal.change(
        certificate, kind, frm=frm, to=to, organisation_id=certificate.issuer_id, data={**data, "why": "part"}
    )
    publish_list(certificate.status_list)
    return certificate


def _end(certificate: Award, part: str) -> Award:
    """Revoked with its part: by the stack's rule, so there is nothing to answer that was not answered for the part."""
    now = timezone.now()
    reason = _("A part of this certificate does not count any more: %(part)s.") % {"part": part}
    frm, to, kind = CERTIFICATES["end"]
    journal.change(
        certificate, kind, frm=frm, to=to, organisation_id=certificate.issuer_id, data={"why": "part"},
        revoked_at=now, revocation_reason=reason,
    )  # fmt: skip
    Revocation.objects.create(
        award=certificate, state=Revocation.State.REVOKED, ground=Revocation.Ground.PART, reason=reason,
        answer_until=now, decision=reason, decided_at=now,
    )  # fmt: skip
    publish_list(certificate.status_list)
    return certificate


# --- what makes it due ----------------------------------------------------------------------------------------


def settle_for(award: Award) -> int:
    """A badge came, went or came back: all stacks it is a part of."""
    done = 0
    for stack in queries.stacks_counting(award).select_related("issuer"):
        done += settle(award.earner, stack) is not None
    return done


def heal_certificates(limit: int) -> int:
    """What lost tasks and the calendar left: certificates due, and those whose parts ended or came back."""
    due = queries.completed_without_certificate(limit)
    people, stacks = User.objects.in_bulk([row[0] for row in due]), Stack.objects.select_related("issuer")
    rows = stacks.in_bulk([row[1] for row in due])
    for person, stack in due:
        settle(people[person], rows[stack])
    shaken = queries.shaken().select_related("earner", "stack__issuer").defer("credential")[:limit]
    for certificate in shaken:
        if certificate.stack is not None:
            settle(certificate.earner, certificate.stack)
    return len(due) + len(shaken)
