"""What an issuer decided about assessment."""

from __future__ import annotations

from uuid import UUID

from review.models import AssessmentPolicy


def policy_of(issuer_id: UUID) -> AssessmentPolicy:
    """Its rules; the defaults, not stored, where it decided nothing: then one reading decides."""
    found = AssessmentPolicy.objects.filter(organisation=issuer_id).first()
    return found or AssessmentPolicy(organisation_id=issuer_id, double_first=0, double_rate=0)
