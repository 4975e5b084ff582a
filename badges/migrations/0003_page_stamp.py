"""Which versions of all rows a badge's page shows, in one call: a function's plan is made once for a connection.

Any update of a row gives it another xmin; one of what a page shows therefore gives the page another stamp.
"""

from __future__ import annotations

from django.db import migrations

STAMP = """
CREATE FUNCTION badges_page_stamp(pk uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE stamp text;
BEGIN
    SELECT concat_ws(' ', award.visibility, award.xmin, award.ctid, list.xmin, list.ctid, issuer.xmin, issuer.ctid,
        version.xmin, version.ctid,
        (SELECT string_agg(concat('s', r.xmin, r.ctid), ' ' ORDER BY r.id)
            FROM badges_shownevidence r WHERE r.award_id = award.id),
        (SELECT string_agg(concat('r', r.xmin, r.ctid), ' ' ORDER BY r.id)
            FROM badges_award r WHERE r.renews_id = award.id),
        (SELECT string_agg(concat('p', r.xmin, r.ctid, part.xmin, part.ctid), ' ' ORDER BY r.id)
            FROM badges_certificatepart r LEFT JOIN badges_award part ON part.id = r.part_id
            WHERE r.certificate_id = award.id),
        (SELECT string_agg(concat('a', r.xmin, r.ctid, endorser.xmin, endorser.ctid), ' ' ORDER BY r.id)
            FROM badges_endorsement r JOIN accounts_organisation endorser ON endorser.id = r.endorser_id
            WHERE r.award_id = award.id),
        (SELECT string_agg(concat('i', r.xmin, r.ctid, endorser.xmin, endorser.ctid), ' ' ORDER BY r.id)
            FROM badges_endorsement r JOIN accounts_organisation endorser ON endorser.id = r.endorser_id
            WHERE r.issuer_id = award.issuer_id),
        (SELECT string_agg(concat('u', r.xmin, r.ctid, endorser.xmin, endorser.ctid), ' ' ORDER BY r.id)
            FROM badges_endorsement r JOIN accounts_organisation endorser ON endorser.id = r.endorser_id
            WHERE r.micro_credential_id = award.micro_credential_id))
    INTO stamp
    FROM badges_award award
    JOIN badges_statuslist list ON list.id = award.status_list_id
    JOIN accounts_organisation issuer ON issuer.id = award.issuer_id
    LEFT JOIN catalog_version version ON version.id = award.version_id
    WHERE award.id = pk;
    RETURN stamp;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("badges", "0002_deepen")]

    operations = [migrations.RunSQL(STAMP, "DROP FUNCTION badges_page_stamp(uuid)")]
