"""What can happen to a micro-credential: its version is published and frozen; it is retired; figures arrive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Value
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from catalog.models import EvidenceKind, FacetCount, MicroCredential, Part, Standard, Term, Version
from catalog.queries.explorer import tally
from catalog.queries.template import document
from catalog.queries.words import HOURS, SEARCH_CONFIG, TOTAL, hours_band
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError

VERSION_TRANSITIONS: journal.Transitions = {
    "publish": (frozenset({Version.State.DRAFT}), Version.State.PUBLISHED, "catalog.published"),
}
TRANSITIONS: journal.Transitions = {
    "publish": (
        frozenset({MicroCredential.State.DRAFT, MicroCredential.State.PUBLISHED}),
        MicroCredential.State.PUBLISHED,
        "catalog.published",
    ),
    "retire": (
        frozenset({MicroCredential.State.PUBLISHED}),
        MicroCredential.State.RETIRED,
        "catalog.retired",
    ),
}

# What the explorer's cards repeat from the current version.
COPIED = ("title", "summary", "hours_low", "hours_high", "weeks", "glyph", "evidence_kinds", "published_at")


def publish(version: Version, actor: User | None) -> Version:
    """Freeze `version`, make it the current one and put it into the explorer."""
    _guard(version)
    row = version.micro_credential
    froms, to, kind = VERSION_TRANSITIONS["publish"]
    with transaction.atomic():
        journal.change(
            version,
            kind,
            frm=froms,
            to=to,
            actor=actor,
            organisation_id=row.issuer_id,
            data={"micro_credential": str(row.pk), "number": version.number},
            published_at=timezone.now(),
            template=document(version),
        )
        _make_current(row, version)
        recount_facets()
    return version


def retire(micro_credential: MicroCredential, actor: User | None) -> MicroCredential:
    """Take it out of the explorer. Its page, contracts and badges stay."""
    froms, to, kind = TRANSITIONS["retire"]
    with transaction.atomic():
        journal.change(
            micro_credential, kind, frm=froms, to=to, actor=actor, organisation_id=micro_credential.issuer_id
        )
        recount_facets()
    return micro_credential


def publish_figures(version: Version, figures: Mapping[str, Any]) -> None:
    """Take the figures of scoring quality that later rooms compute, for the quality line of the page."""
    version.figures = dict(figures)
    Version.objects.filter(pk=version.pk).update(figures=version.figures)


def recount_facets() -> None:
    """Bring `FacetCount` up to date: one row for each word a filter may use, zero counts included."""
    published = MicroCredential.objects.filter(state=MicroCredential.State.PUBLISHED)
    counts = dict(tally(published).values_list("key", "count"))
    rows = [FacetCount(**{**row, "count": counts.get(row["key"], 0)}) for row in _vocabulary()]
    rows.sort(key=lambda row: row.key)
    with transaction.atomic():
        FacetCount.objects.exclude(key__in=[row.key for row in rows]).delete()
        FacetCount.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["group", "label", "parent", "order", "count"],
        )


def facets_of(version: Version) -> list[str]:
    """The keys under which the explorer finds a version."""
    keys = [f"{term.kind}:{term.slug}" for term in version.terms.all()]
    keys += [f"standard:{standard.key}" for standard in version.standards.select_related("framework")]
    keys += [f"evidence:{kind}" for kind in version.evidence_kinds]
    keys += [f"issuer:{version.micro_credential.issuer.slug}", f"hours:{hours_band(version.hours_high)}"]
    keys += ["remote:1"] if version.earnable_remotely else []
    keys += ["without_students:1"] if version.without_students else []
    return sorted(set(keys))


def _make_current(row: MicroCredential, version: Version) -> None:
    froms, to, _kind = TRANSITIONS["publish"]
    copied = {name: getattr(version, name) for name in COPIED}
    copied["facets"] = facets_of(version)
    updated = MicroCredential.objects.filter(pk=row.pk, state__in=froms).update(
        state=to, current=version, search=_search_vector(version), **copied
    )
    if not updated:
        raise TransitionError(
            _("This micro-credential was retired, so nothing more can be published."), state=row.state
        )
    row.refresh_from_db()


def _search_vector(version: Version) -> Combinable:
    """Title first, then what is claimed and where it belongs, then how it is reached."""
    words = [term.name for term in version.terms.all()]
    words += [f"{item.framework.title} {item}" for item in version.standards.select_related("framework")]
    words += [version.micro_credential.issuer.name]
    parts = [f"{item.get('title', '')} {item.get('text', '')}" for item in version.method_components]
    weighted = {
        "A": version.title,
        "B": " ".join([version.summary, *words]),
        "C": f"{version.competency} {version.key_method}",
        "D": " ".join([*parts, version.rationale, version.who_benefits]),
    }
    vectors = [
        SearchVector(Value(text), weight=weight, config=SEARCH_CONFIG) for weight, text in weighted.items()
    ]
    return vectors[0] + vectors[1] + vectors[2] + vectors[3]


def _guard(version: Version) -> None:
    """Refuse a template that could not be submitted to or scored, naming what is missing."""
    errors: dict[str, list[Any]] = {}
    if not version.micro_credential.issuer.issues:
        errors["issuer"] = [_("This organisation may not publish micro-credentials.")]
    if version.hours_low > version.hours_high:
        errors["hours_low"] = [_("The lower estimate must not be above the upper one.")]
    for name in ("title", "summary", "competency", "key_method"):
        if not getattr(version, name).strip():
            errors[name] = [_("This cannot be empty.")]
    if not version.requirements.exists():
        errors["requirements"] = [_("Part 2 asks for no evidence yet.")]
    if criteria_errors := _criteria_errors(version):
        errors["criteria"] = criteria_errors
    if errors:
        raise GuardError(_("This version is not ready to be published."), errors, state=version.state)


def _criteria_errors(version: Version) -> list[Any]:
    criteria = list(version.criteria.prefetch_related("levels"))
    errors: list[Any] = []
    if {criterion.part for criterion in criteria} != set(Part.values):
        errors.append(_("Every part needs at least one criterion."))
    for criterion in criteria:
        orders = [level.order for level in criterion.levels.all()]
        if len(orders) < 2 or criterion.passing not in orders[1:]:
            errors.append(
                _("“%(title)s” needs two levels or more and a passing level above the lowest.")
                % {"title": criterion.title}
            )
    return errors


def _vocabulary() -> list[dict[str, Any]]:
    """Every key with its words; keys whose words are ours have none here, they are translated when shown."""
    rows = [_word(term.kind, term.slug, term.name, order=term.order) for term in Term.objects.all()]
    for order, item in enumerate(
        Standard.objects.select_related("framework").order_by("framework__title", "id")
    ):
        rows.append(_word("standard", item.key, str(item), parent=item.framework.title, order=order))
    rows += [_word("issuer", issuer.slug, issuer.name) for issuer in Organisation.objects.filter(issues=True)]
    rows += [_word("evidence", kind, order=order) for order, kind in enumerate(EvidenceKind.values)]
    rows += [_word("hours", band, order=order) for order, band in enumerate(HOURS)]
    rows += [_word("remote", "1"), _word("without_students", "1")]
    rows.append({"key": TOTAL, "group": "", "label": "", "parent": "", "order": 0})
    return rows


def _word(group: str, value: str, label: str = "", *, parent: str = "", order: int = 0) -> dict[str, Any]:
    return {"key": f"{group}:{value}", "group": group, "label": label, "parent": parent, "order": order}
