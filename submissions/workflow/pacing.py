"""Taking the pace of a queue from the room that keeps it."""

from __future__ import annotations

from catalog.models import MicroCredential
from submissions.models import Pace


def publish_pace(micro_credential: MicroCredential, days: int, waiting: int) -> Pace:
    """From now on whoever submits is promised an answer within so many business days.

    Like published figures no event of its own: it follows from what the journal says already.
    """
    row, _created = Pace.objects.update_or_create(
        micro_credential=micro_credential, defaults={"days": days, "waiting": waiting}
    )
    return row
