"""Enrolments, attempts, the evidence in them, and what keeps that evidence safe."""

from __future__ import annotations

from submissions.models.consent import Consent, SchoolClass
from submissions.models.evidence import Artifact, Content, Preview, Upload
from submissions.models.likeness import Fingerprint, Likeness
from submissions.models.policy import Hold, Policy
from submissions.models.teams import Team, TeamMember
from submissions.models.work import Enrolment, Milestone, Outcome, Submission

__all__ = [
    "Artifact",
    "Consent",
    "Content",
    "Enrolment",
    "Fingerprint",
    "Hold",
    "Likeness",
    "Milestone",
    "Outcome",
    "Policy",
    "Preview",
    "SchoolClass",
    "Submission",
    "Team",
    "TeamMember",
    "Upload",
]
