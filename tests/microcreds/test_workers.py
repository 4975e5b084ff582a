"""The worker that browser tests rely on is a real one, on the test database."""

from __future__ import annotations

import subprocess
import time

import pytest

from accounts.models import User
from journal.models import Entry
from journal.workflow import record


@pytest.mark.django_db(transaction=True)
def test_a_worker_of_its_own_takes_up_what_the_test_wrote(
    celery_worker_process: subprocess.Popen[bytes],
) -> None:
    person = User.objects.create_user("worker@example.org", "a long password")
    entry = record("tests.happened", person)
    until = time.monotonic() + 30
    while Entry.objects.get(pk=entry.pk).dispatched_at is None:
        assert time.monotonic() < until, "the worker dispatches the entry"
        time.sleep(0.05)
    assert celery_worker_process.poll() is None
