"""From an endorsement's row to its signed document, and what an organisation may endorse."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import Organisation
from badges import issuing, keyring
from badges.keyring import Signer
from badges.models import Endorsement
from badges.openbadges import documents
from badges.openbadges.endorsing import EndorsementData, endorsement


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


def sign_endorsement(row: Endorsement, now: datetime, by: Signer | None = None) -> dict[str, Any]:
    """The signed document of an endorsement whose place in a status list is taken; sets its key."""
    by = by or keyring.signer(row.endorser)
    row.key = by.row
    unsigned = endorsement(
        EndorsementData(
            id=endorsement_id(row),
            endorser=_profile(row.endorser),
            endorsed=endorsed_id(row),
            name=issuing.line(f"Endorsement of {endorsed_name(row)}"),
            words=issuing.prose(row.words),
            status=documents.StatusData(
                list_url=issuing.status_url(row.status_list_id),
                index=row.status_index,
                purpose=row.status_list.purpose,
            ),
            valid_from=now,
        )
    )
    return issuing.signed(unsigned, by, now)
