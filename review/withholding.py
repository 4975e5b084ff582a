"""What may be shown of a count, so that no figure lets anybody infer how a single person fared.

Below five people nothing is shown; and of a whole that is shown, how many passed only where at least five did and at
least five did not: else whoever knows somebody among them would know too much. *Fewer than five* covers none.

Limit: somebody who keeps yesterday's page and subtracts it from today's learns what came in between, as everywhere
where figures are live.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

LEAST = 5  # people


@dataclass(frozen=True)
class Share:
    """`part` of `whole`, counted in things of which each person has at most `each`."""

    whole: int
    part: int
    each: int = 1

    @property
    def least(self) -> int:
        return LEAST * self.each

    @property
    def shown(self) -> int | None:
        """The whole, if it may be seen; none at all is no secret."""
        return self.whole if not self.whole or self.whole >= self.least else None

    @property
    def percent(self) -> int | None:
        """How many of a hundred, if that may be seen."""
        if min(self.part, self.whole - self.part) < self.least:
            return None
        return round(100 * self.part / self.whole)

    @property
    def words(self) -> str:
        """The share, or what may be said instead."""
        if not self.whole:
            return _("none yet")
        if self.percent is not None:
            return _("%(percent)s %% of %(n)s") % {"percent": self.percent, "n": number_format(self.whole)}
        if self.whole < 2 * self.least:
            return _("withheld")
        nearly = _("all but fewer than %(least)s of %(n)s")
        hardly = _("fewer than %(least)s of %(n)s")
        said = nearly if 2 * self.part > self.whole else hardly
        return said % {"least": self.least, "n": number_format(self.whole)}


def withheld(n: int) -> int | None:
    """A count that may be seen, or None."""
    return n if not n or n >= LEAST else None
