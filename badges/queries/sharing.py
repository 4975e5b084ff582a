"""What the shared pages read: links, profiles, exchanges, and the stamp of what a badge's page shows."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from badges.models import Award, CertificatePart, Endorsement, Revocation, ShareLink, ShownEvidence
from badges.queries.awards import for_page

# Any update of a row gives it another xmin; one of what a page shows therefore gives the page another stamp.
# Written as SQL, because composing it anew would cost more than all the rest of a page that is remembered.
PAGE_STAMP = """
SELECT award.visibility, award.xmin::text, award.ctid::text, list.xmin::text, list.ctid::text, issuer.xmin::text, issuer.ctid::text,
    coalesce(version.xmin::text || version.ctid::text, ''),
    coalesce((SELECT string_agg(r.xmin::text || r.ctid::text, ' ' ORDER BY r.id)
        FROM badges_shownevidence r WHERE r.award_id = award.id), ''),
    coalesce((SELECT string_agg(r.xmin::text || r.ctid::text, ' ' ORDER BY r.id)
        FROM badges_award r WHERE r.renews_id = award.id), ''),
    coalesce((SELECT string_agg(concat(r.xmin, r.ctid, part.xmin, part.ctid), ' ' ORDER BY r.id)
        FROM badges_certificatepart r LEFT JOIN badges_award part ON part.id = r.part_id
        WHERE r.certificate_id = award.id), ''),
    coalesce((SELECT string_agg(concat(r.xmin, r.ctid, endorser.xmin, endorser.ctid), ' ' ORDER BY r.id)
        FROM badges_endorsement r JOIN accounts_organisation endorser ON endorser.id = r.endorser_id
        WHERE r.award_id = award.id), ''),
    coalesce((SELECT string_agg(concat(r.xmin, r.ctid, endorser.xmin, endorser.ctid), ' ' ORDER BY r.id)
        FROM badges_endorsement r JOIN accounts_organisation endorser ON endorser.id = r.endorser_id
        WHERE r.issuer_id = award.issuer_id), ''),
    coalesce((SELECT string_agg(concat(r.xmin, r.ctid, endorser.xmin, endorser.ctid), ' ' ORDER BY r.id)
        FROM badges_endorsement r JOIN accounts_organisation endorser ON endorser.id = r.endorser_id
        WHERE r.micro_credential_id = award.micro_credential_id), '')
FROM badges_award award
JOIN badges_statuslist list ON list.id = award.status_list_id
JOIN accounts_organisation issuer ON issuer.id = award.issuer_id
LEFT JOIN catalog_version version ON version.id = award.version_id
WHERE award.id = %s
"""


def page_stamp(pk: UUID) -> str | None:
    """Who may see it, and which versions of all rows that its page shows stand in the database: any update makes others."""
    with connection.cursor() as cursor:
        cursor.execute(PAGE_STAMP, [pk])
        row = cursor.fetchone()
    return " ".join(row) if row else None


def for_showing(awards: QuerySet[Award]) -> QuerySet[Award]:
    """Awards as their page shows them, each with whether there is more to ask for."""
    endorsed = Endorsement.objects.filter(state=Endorsement.State.ACTIVE).filter(
        Q(award=OuterRef("pk"))
        | Q(issuer=OuterRef("issuer"))
        | Q(micro_credential=OuterRef("micro_credential"))
    )
    return for_page(awards).annotate(
        is_endorsed=Exists(endorsed),
        has_evidence=Exists(ShownEvidence.objects.filter(award=OuterRef("pk"))),
        has_procedure=Exists(Revocation.objects.filter(award=OuterRef("pk"))),
        has_parts=Exists(CertificatePart.objects.filter(certificate=OuterRef("pk"))),
    )


def parts_shown(certificate: Award) -> list[CertificatePart]:
    """What a certificate was earned with, each with its award if it is one of ours."""
    rows = CertificatePart.objects.filter(certificate=certificate).select_related("part")
    return list(rows.only("name", "issuer_name", "address", "part__visibility", "part__state"))


def links_listed(links: QuerySet[ShareLink]) -> QuerySet[ShareLink]:
    """Links as their maker sees them, newest first, with how many awards each shows."""
    return links.annotate(number=Count("awards")).order_by("-created", "-pk")


def linked(link: ShareLink) -> QuerySet[Award]:
    """The awards of a link, in its order."""
    return Award.objects.filter(pk__in=link.awards.values("pk")).order_by("-awarded_at", "-pk")


def for_cards(awards: QuerySet[Award]) -> QuerySet[Award]:
    """Awards as cards name them, without their documents."""
    rows = awards.select_related("issuer", "micro_credential", "version", "stack")
    return rows.only(
        *("state", "visibility", "origin", "awarded_at", "valid_until", "on_profile", "name_shown"),
        *("issuer__name", "issuer__slug", "issuer__demo", "issuer__colour"),
        *("micro_credential__title", "micro_credential__slug", "micro_credential__glyph"),
        *("version__title", "version__competency", "stack__certificate", "stack__slug", "stack__description"),
    ).order_by("-awarded_at", "-pk")
