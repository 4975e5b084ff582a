"""Enrolments, attempts, the evidence in them, and what keeps that evidence safe."""

from __future__ import annotations

from submissions.models.coaching import Conversation, Utterance
from submissions.models.consent import Consent, SchoolClass
from submissions.models.evidence import Artifact, Content, Preview, Upload
from submissions.models.likeness import Fingerprint, Likeness
from submissions.models.policy import Hold, Pace, Policy
from submissions.models.teams import Team, TeamMember
from submissions.models.work import Enrolment, Milestone, Outcome, Submission

__all__ = [
    "Artifact",
    "Consent",
    "Content",
    "Conversation",
    "Enrolment",
    "Fingerprint",
    "Hold",
    "Likeness",
    "Milestone",
    "Outcome",
    "Pace",
    "Policy",
    "Preview",
    "SchoolClass",
    "Submission",
    "Team",
    "TeamMember",
    "Upload",
    "Utterance",
]
