"""What the shared pages read: links, profiles, exchanges, and the stamp of what a badge's page shows."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from badges.models import Award, CertificatePart, Endorsement, Revocation, ShareLink, ShownEvidence
from badges.queries.awards import for_page


def page_stamp(pk: UUID) -> str | None:
    """Who may see it, and which versions of all rows that its page shows stand in the database: any update makes others.

    Migration 0003 has the function; composing or planning its query anew would cost more than all the rest of a page
    that is remembered.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT badges_page_stamp(%s)", [pk])
        (stamp,) = cursor.fetchone()
    return cast("str | None", stamp)


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
