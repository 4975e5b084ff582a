"""The words of a check: steps with an outcome, and the two ways in which a check ends early."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _


class Outcome(StrEnum):
    """How a step ended; *unknown* is what could not be checked."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Step:
    """One thing that was checked and what came of it."""

    name: str
    outcome: Outcome
    words: str


@dataclass(frozen=True)
class About:
    """What a badge says of itself, for people: shown as the badge's words, never as ours."""

    id: str = ""
    title: str = ""
    issuer: str = ""
    issuer_id: str = ""
    awarded: str = ""


# Every check has these; `recipient`, `endorsements` and `evidence` follow where there is something to check.
STEPS: Final = ("document", "proof", "issuer", "dates", "status")
REVOKED: Final = "revoked"
SUSPENDED: Final = "suspended"


@dataclass(frozen=True)
class Report:
    """All steps in order, what the badge says, and the document if it could be read."""

    steps: tuple[Step, ...]
    credential: dict[str, Any] | None = field(default=None, repr=False)
    about: About = About()
    standing: str = ""  # "revoked" or "suspended", if the issuer says so

    @property
    def valid(self) -> bool:
        """True only if every step is ok."""
        return all(step.outcome is Outcome.OK for step in self.steps)

    @property
    def outcome(self) -> Outcome:
        """The worst of the steps: failed, else unknown, else ok."""
        outcomes = {step.outcome for step in self.steps}
        return next(o for o in (Outcome.FAILED, Outcome.UNKNOWN, Outcome.OK) if o in outcomes)


class Failed(Exception):
    """A step's check went wrong; the message is for people."""


class Unknown(Exception):
    """A step could not be checked; the message is for people."""


class NotInForce(Failed):
    """The issuer took the badge back, or suspended it."""

    def __init__(self, standing: str, words: str) -> None:
        super().__init__(words)
        self.standing = standing


def moment(value: Any) -> datetime | None:
    """Read a date with a time zone; None where there is none."""
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        read = None
    if read is None or read.tzinfo is None:
        raise Failed(_("A date in the document cannot be read."))
    return read


def strings(value: Any) -> list[str]:
    """The texts of a value that may stand alone or in a list."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a value that may stand alone or in a list."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def issuer_id(document: dict[str, Any]) -> str:
    """Return the issuer's id, whether the document names it alone or with its profile."""
    issuer = document.get("issuer")
    value = issuer.get("id") if isinstance(issuer, dict) else issuer
    return value if isinstance(value, str) else ""


def is_bare_key(issuer: str) -> bool:
    """Whether an issuer is named by its key alone, which anybody can make."""
    return issuer.startswith(("did:key:", "did:jwk:"))


def run(name: str, check: Callable[[], str], failures: tuple[type[Exception], ...]) -> Step:
    """Run one check, so that one failure does not hide another."""
    try:
        return Step(name, Outcome.OK, check())
    except Unknown as unknown:
        return Step(name, Outcome.UNKNOWN, str(unknown))
    except failures as failure:
        return Step(name, Outcome.FAILED, str(failure))


def run_all(checks: Mapping[str, Callable[[], str]], failures: tuple[type[Exception], ...]) -> Iterator[Step]:
    """Run each check, in order."""
    for name, check in checks.items():
        yield run(name, check, failures)


def unread(outcome: Outcome, why: str) -> Report:
    """The report of what could not even be read."""
    words = _("Not checked, because the document could not be read.")
    rest = (Step(name, Outcome.UNKNOWN, words) for name in STEPS[1:])
    return Report((Step("document", outcome, why), *rest))
