"""What the public page of a micro-credential says about its scoring, delivered to the catalogue."""

from __future__ import annotations

from typing import Any

from catalog import workflow as catalog
from catalog.models import Version
from review import quality, rules
from review.queries import figures
from review.queries.figures import Ruler, Span, Tallies
from submissions.promise import percentile


def publish_quality() -> int:
    """Bring the quality line of every published version up to date; returns how many changed.

    Agreement counts since the version was published, days over the last twelve months.
    """
    published = Version.objects.filter(state=Version.State.PUBLISHED).only("figures")
    versions = {row.pk: row for row in published}
    everything = Span(tuple(versions))
    recent = figures.days_by_version(Span(tuple(versions), figures.since("12")))
    rulers, tallies = figures.rulers(versions), figures.tallies(everything)
    calibrated = set(rules.calibrated_versions().values_list("pk", flat=True))
    changed = 0
    for pk, version in versions.items():
        line = {
            "calibrated": pk in calibrated,
            "median_days": percentile(recent.get(pk, []), 50),
            **agreement(rulers[pk], tallies),
        }
        if line != version.figures:
            catalog.publish_figures(version, line)
            changed += 1
    return changed


def agreement(rulers: list[Ruler], tallies: Tallies) -> dict[str, Any]:
    """How far two assessors agreed, by the criterion on which they agree least; None until every one has enough."""
    measured = [quality.measured(ruler, tallies) for ruler in rulers]
    twice = max((found.units for found in measured), default=0)
    enough = bool(measured) and all(found.enough for found in measured)
    alphas = [round(found.alpha, 2) for found in measured if found.alpha is not None] if enough else []
    least = min(100 * (found.agreed or 0) // found.units for found in measured) if enough else None
    return {
        "double_scored": twice,
        "least_agreement": least,
        "alpha_low": min(alphas, default=None),
        "alpha_high": max(alphas, default=None),
    }
