"""Building anchors: a blind copy of a decided attempt, its true levels, and why; then used, and one day retired."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.models import Criterion
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError, Transitions
from review import rules
from review.models import Anchor, Permission, TrueScore
from review.workflow.copies import withdraw_copies
from review.workflow.drafting import LONGEST
from submissions import workflow as submissions
from submissions.models import Submission

State = Anchor.State
ANCHOR: Transitions = {
    "ready": (frozenset({State.DRAFT}), State.READY, "review.anchor_ready"),
    "retire": (frozenset({State.DRAFT, State.READY}), State.RETIRED, "review.anchor_retired"),
}
WORDS = {
    State.DRAFT: gettext_lazy("This anchor is still being written."),
    State.READY: gettext_lazy(
        "This anchor is in use: its true levels stand. Retire it and build another one."
    ),
    State.RETIRED: gettext_lazy("This anchor is retired."),
}


def build_anchor(permission: Permission, user: User, use: str = Anchor.Use.CALIBRATION) -> Anchor:
    """Make the copy on which true levels are written; only while the educator's permission stands."""
    if not rules.permissions_kept_by(user).filter(pk=permission.pk).exists():
        raise GuardError(_("This anchor is not yours to build."))
    _check_use(use)
    try:
        with transaction.atomic():
            current = Permission.objects.select_for_update().get(pk=permission.pk)
            if current.state != Permission.State.GIVEN:
                raise TransitionError(_("The educator’s permission does not stand."), state=current.state)
            source = permission.submission
            anchor = Anchor.objects.create(
                version_id=source.enrolment.version_id, source=source, submission=submissions.shadow(source),
                use=use, built_by=user,
            )  # fmt: skip
            _record("review.anchor_built", anchor, user, {"use": use})
    except IntegrityError:
        raise TransitionError(_("An anchor was made of this already."), state=State.DRAFT) from None
    return anchor


def write_truth(anchor: Anchor, user: User, scores: Mapping[str, Mapping[str, Any]], use: str = "") -> Anchor:
    """Keep true levels and justifications, criterion key → {level, justification}; what is not given stays."""
    _check_keeper(anchor, user)
    with transaction.atomic():
        row = Anchor.objects.select_for_update().get(pk=anchor.pk)
        if row.state != State.DRAFT:
            raise TransitionError(WORDS[State(row.state)], state=row.state)
        criteria = _check_scores(row, scores)
        for key, given in scores.items():
            if given.get("level") is None and not given.get("justification", "").strip():
                TrueScore.objects.filter(anchor=row, criterion=criteria[key]).delete()
                continue
            values = {"level": given.get("level") or 0, "justification": given.get("justification", "")}
            TrueScore.objects.update_or_create(anchor=row, criterion=criteria[key], defaults=values)
        if use:
            _check_use(use)
            row.use = use
            row.save(update_fields=["use"])
    return row


def set_use(anchor: Anchor, user: User, use: str) -> Anchor:
    """What it is for from now on; whoever knows it already is never given it as something unknown."""
    _check_keeper(anchor, user)
    _check_use(use)
    with transaction.atomic():
        row = Anchor.objects.select_for_update().get(pk=anchor.pk)
        if row.state == State.RETIRED:
            raise TransitionError(WORDS[State.RETIRED], state=row.state)
        if row.use != use:
            row.use = use
            row.save(update_fields=["use"])
            _record("review.anchor_used", row, user, {"use": use})
    return row


def make_ready(anchor: Anchor, user: User) -> Anchor:
    """Every criterion has its true level and why: from now on it is given to assessors."""
    _check_keeper(anchor, user)
    if errors := lacking(anchor):
        raise GuardError(_("This anchor is not finished yet."), errors, state=anchor.state)
    if not rules.usable(anchor):
        raise GuardError(
            _(
                "Not everything in this submission may be used to train assessors, or it is not there any more."
            ),
            state=anchor.state,
        )
    _change("ready", anchor, user)
    return anchor


def lacking(anchor: Anchor) -> dict[str, list[Any]]:
    """What stands between this anchor and its use: field → what to do."""
    errors: dict[str, list[Any]] = {}
    truth = {row.criterion_id: row for row in TrueScore.objects.filter(anchor=anchor)}
    for criterion in Criterion.objects.filter(version=anchor.version_id):
        row = truth.get(criterion.pk)
        if row is None or not row.level:
            errors[f"level-{criterion.key}"] = [_("Choose the true level of “%s”.") % criterion.title]
        if row is None or not row.justification.strip():
            errors[f"why-{criterion.key}"] = [_("Say why this is the true level of “%s”.") % criterion.title]
    return errors


def retire_anchor(anchor: Anchor, user: User | None, *, at_once: bool = True) -> Anchor:
    """Use it no more. `at_once`: readings of it that are under way end too, and its copies let go of the evidence."""
    if user is not None:
        _check_keeper(anchor, user)
    with transaction.atomic():
        _change("retire", anchor, user)
        if at_once:
            withdraw_copies(anchor)
    return anchor


def retire_showing(artifacts: Collection[str]) -> int:
    """Anchors with one of these in them are given to nobody any more; what is closed is closed everywhere anyway."""
    live = [State.DRAFT, State.READY]
    copies = Submission.objects.filter(anchor=True, artifacts__in=[UUID(one) for one in artifacts])
    rows = Anchor.objects.filter(state__in=live, submission__in=copies)
    found = list(rows.select_related("version__micro_credential"))
    for anchor in found:
        retire_anchor(anchor, None, at_once=False)
    return len(found)


def _check_keeper(anchor: Anchor, user: User) -> None:
    if not rules.anchors_kept_by(user).filter(pk=anchor.pk).exists():
        raise GuardError(_("This anchor is not yours to change."), state=anchor.state)


def _check_use(use: str) -> None:
    if use not in Anchor.Use.values:
        words = _("Choose what the anchor is for.")
        raise GuardError(words, {"use": [words]})


def _check_scores(anchor: Anchor, scores: Mapping[str, Mapping[str, Any]]) -> dict[str, Criterion]:
    rows = Criterion.objects.filter(version=anchor.version_id).prefetch_related("levels")
    criteria = {row.key: row for row in rows}
    errors: dict[str, list[Any]] = {}
    for key, given in scores.items():
        if key not in criteria:
            errors[f"level-{key}"] = [_("There is no such criterion.")]
            continue
        text = given.get("justification", "")
        if given.get("level") not in {level.order for level in criteria[key].levels.all()} | {None}:
            errors[f"level-{key}"] = [_("Choose one of this criterion's levels.")]
        if "\x00" in text or len(text) > LONGEST:
            errors[f"why-{key}"] = [_("Please keep this under %(n)s characters.") % {"n": f"{LONGEST:,}"}]
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors, state=anchor.state)
    return criteria


def _change(verb: str, anchor: Anchor, user: User | None) -> None:
    frm, to, kind = ANCHOR[verb]
    issuer = anchor.version.micro_credential.issuer_id
    try:
        journal.change(anchor, kind, frm=frm, to=to, actor=user, organisation_id=issuer)
    except TransitionError as error:
        raise TransitionError(WORDS[State(error.state)], state=error.state) from error


def _record(kind: str, anchor: Anchor, user: User | None, data: dict[str, Any]) -> None:
    issuer = anchor.version.micro_credential.issuer_id
    journal.record(kind, anchor, actor=user, organisation_id=issuer, data=data)
