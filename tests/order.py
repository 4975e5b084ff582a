"""Long files first: xdist hands them out in this order, so nobody waits at the end for one that began late.

Files that wait for a browser alternate with files that only reckon, so that two browsers seldom share two cores.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, zip_longest

import pytest

# So many files come before the first browser: a page takes longest while no template has been read.
WARMING = 2
# Seconds that a test takes, about.
BROWSER, PLAIN = 5.0, 0.1
# Files whose tests do more than others, or less, and their seconds.
KNOWN = {
    "tests/badges/test_registry.py": 10,
    "tests/badges/test_revoking.py": 37,
    "tests/microcreds/test_behaviours.py": 21,
    "tests/microcreds/test_bench.py": 12,
    "tests/microcreds/test_demo_assessing.py": 23,
    "tests/microcreds/test_demo_content.py": 2,
    "tests/microcreds/test_run.py": 60,
    "tests/microcreds/test_services.py": 35,
    "tests/microcreds/test_templates.py": 3,
    "tests/microcreds/test_workers.py": 7,
    "tests/reports/test_suppression.py": 11,
    "tests/review/test_browser.py": 50,
    "tests/review/test_proofs_browser.py": 34,
    "tests/submissions/test_hostile_files.py": 12,
    "tests/submissions/test_media.py": 8,
    "tests/submissions/test_upload_faults.py": 11,
    "tests/submissions/test_uploading_browser.py": 90,
    "tests/submissions/test_writing_browser.py": 37,
    "tests/test_access.py": 20,
    "tests/test_accessibility.py": 115,
    "tests/test_architecture.py": 13,
    "tests/test_bounds.py": 8,
    "tests/test_crawl.py": 16,
    "tests/test_docs.py": 1,
    "tests/test_hostile_api.py": 12,
    "tests/test_hostile_pages.py": 20,
    "tests/test_journey.py": 48,
    "tests/test_survival.py": 15,
}


def pytest_configure(config: pytest.Config) -> None:
    """Otherwise xdist sorts files by their number of tests, and those with few are the longest."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file stay together, in the order they have."""
    files: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        files[item.nodeid.partition("::")[0]].append(item)
    apart: tuple[list[str], list[str]] = ([], [])
    for name in sorted(files, key=lambda name: (-seconds(name, files[name]), name)):
        apart[has_browser(files[name])].append(name)
    turns = zip_longest(apart[True], apart[False][WARMING:])
    order = [*apart[False][:WARMING], *chain.from_iterable(turns)]
    items[:] = [item for name in order if name for item in files[name]]


def has_browser(items: list[pytest.Item]) -> bool:
    return any("browser" in getattr(item, "fixturenames", ()) for item in items)


def seconds(name: str, items: list[pytest.Item]) -> float:
    """How long a file takes, about."""
    each = (BROWSER if "browser" in getattr(item, "fixturenames", ()) else PLAIN for item in items)
    return KNOWN.get(name) or sum(each)
