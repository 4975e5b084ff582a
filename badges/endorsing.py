"""From an endorsement's row to its signed document, and what an organisation may endorse."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import Organisation
from badges import issuing, keyring
from badges.models import Endorsement
from badges.openbadges import documents
from badges.openbadges.endorsing import EndorsementData, endorsement
from badges.queries.endorsements import carried_about
from catalog.models import Version


def endorsement_id(row: Endorsement) -> str:
    """The credential's id, which is also where it can be read."""
    return issuing.absolute(reverse("endorsement", args=[row.pk]))


def endorsed_id(row: Endorsement) -> str:
    """The id of what is endorsed, as badges name it: a micro-credential by its present version."""
    if row.award is not None:
        return issuing.badge_id(row.award.pk)
    if row.issuer is not None:
        return keyring.did_of(row.issuer)
    if row.micro_credential is None or row.micro_credential.current_id is None:
        raise documents.BadgeDataError("What is not published cannot be endorsed.")
    return issuing.achievement_id(row.micro_credential.current_id)


def endorsed_name(row: Endorsement) -> str:
    """What is endorsed, in words."""
    if row.award is not None:
        return row.award.listed_title
    return str(row.issuer or row.micro_credential)


def _profile(endorser: Organisation) -> documents.IssuerData:
    """An organisation as endorser; only one that issues has a public page."""
    profile = issuing.issuer_data(endorser)
    return profile if endorser.issues else replace(profile, url="")


def achievement_document(version: Version) -> dict[str, Any]:
    """What was achieved, carrying the endorsements of this very version."""
    document = documents.achievement_document(issuing.achievement_data(version))
    found = carried_about(document["id"], micro_credential=version.micro_credential_id)
    return document | ({"endorsement": found} if found else {})


def issuer_document(issuer: Organisation) -> dict[str, Any]:
    """An issuer's Profile, carrying its endorsements."""
    document = documents.issuer_document(issuing.issuer_data(issuer))
    found = carried_about(document["id"], issuer=issuer)
    return document | ({"endorsement": found} if found else {})


def sign_endorsement(row: Endorsement, now: datetime, endorsed: str = "") -> dict[str, Any]:
    """The signed document of an endorsement whose place in a status list is taken; sets its key.

    `endorsed` is what an earlier document was about: of a micro-credential the version of then, not one published since.
    """
    by = keyring.signer(row.endorser)
    row.key = by.row
    unsigned = endorsement(
        EndorsementData(
            id=endorsement_id(row),
            endorser=_profile(row.endorser),
            endorsed=endorsed or endorsed_id(row),
            name=issuing.line(f"Endorsement of {endorsed_name(row)}"),
            words=issuing.prose(row.words),
            status=documents.StatusData(
                list_url=issuing.status_url(row.status_list_id),
                index=row.status_index,
                purpose=row.status_list.purpose,
            ),
            valid_from=now,
            awarded=row.created,
        )
    )
    return issuing.signed(unsigned, by, now)
