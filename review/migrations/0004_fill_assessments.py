"""Every attempt that was handed in gets its assessment, and every claim the one it belongs to."""

from __future__ import annotations

from django.db import migrations

FILL = """
INSERT INTO review_assessment (
    id, submission_id, issuer_id, version_id, state, wanted, places, draw, carried, reopened, entered_at, due,
    reserved_why, media_seconds, usual_minutes, settled, decided_at, checked_at
)
SELECT gen_random_uuid(), s.id, m.issuer_id, e.version_id,
    CASE WHEN s.state IN ('earned', 'not_yet') THEN 'decided'
         WHEN s.state IN ('submitted', 'in_review') THEN 'open' ELSE 'ended' END,
    1, CASE WHEN s.state = 'submitted' THEN 1 ELSE 0 END, '{"why": "before"}', '{}', '[]',
    COALESCE(s.submitted_at, s.created),
    COALESCE(s.promised_on::timestamp AT TIME ZONE 'UTC', COALESCE(s.submitted_at, s.created) + interval '14 days'),
    '', 0, 0, CASE WHEN s.state IN ('earned', 'not_yet') THEN 'single' ELSE '' END, s.decided_at,
    COALESCE(s.submitted_at, s.created)
FROM submissions_submission s
JOIN submissions_enrolment e ON e.id = s.enrolment_id
JOIN catalog_microcredential m ON m.id = e.micro_credential_id
WHERE s.state IN ('submitted', 'in_review', 'earned', 'not_yet')
   OR EXISTS (SELECT FROM review_assignment a WHERE a.submission_id = s.id);
UPDATE review_assignment a SET assessment_id = t.id
FROM review_assessment t WHERE t.submission_id = a.submission_id AND a.assessment_id IS NULL;
"""
EMPTY = """
UPDATE review_assignment SET assessment_id = NULL;
DELETE FROM review_assessment;
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0003_assessment")]

    operations = [migrations.RunSQL(FILL, EMPTY)]
