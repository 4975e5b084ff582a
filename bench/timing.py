"""Worker CPU of two calls, taken in turns so that whatever else the machine does meets both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

Call = Callable[[], object]
BATCH = 5  # calls a reading, so that the clock's own cost does not show


def interleaved(ours: Call, baseline: Call, repetitions: int) -> tuple[float, float]:
    """Medians of CPU seconds a call of this process, the database's own work not counted."""
    readings: tuple[list[float], list[float]] = ([], [])
    for _number in range(repetitions):
        for call, taken in zip((ours, baseline), readings, strict=True):
            taken.append(_cpu(call))
    return statistics.median(readings[0]), statistics.median(readings[1])


def _cpu(call: Call) -> float:
    begun = time.process_time()
    for _number in range(BATCH):
        call()
    return (time.process_time() - begun) / BATCH
