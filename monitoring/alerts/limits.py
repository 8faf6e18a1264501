"""How much of their limit a debtor uses, and when that is told: pure.

A level is told when it is reached from below, and again only after the use has fallen a margin
below it; so an exposure that goes to and fro around a level is told once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from monitoring.alerts.severities import Severity
from receivables.money import Money


@dataclass(frozen=True, slots=True)
class Level:
    """A level somebody asked about: percent of the limit, and how far below it is armed again."""

    percent: int
    margin: int


def percent_used(exposure: Iterable[Money], limit: Money) -> int:
    """Whole percent of the limit, rounded down; what is owed in other currencies does not count.

    Of a limit of nothing, everything is over it: 100 for nothing owed would be an alarm about
    nobody, so it is 0 then and 1000 otherwise.
    """
    owed = sum(money.minor for money in exposure if money.currency == limit.currency)
    if not limit.minor:
        return 1000 if owed > 0 else 0
    return max(0, owed) * 100 // limit.minor


def reached(percent: int, levels: Iterable[Level], told: int) -> int:
    """The level that stands now, where `told` stood before; 0 below all of them.

    It is above `told` where there is something to tell.
    """
    above = max((one.percent for one in levels if percent >= one.percent), default=0)
    if above >= told:
        return above
    held = (
        one.percent for one in levels if one.percent <= told and percent >= one.percent - one.margin
    )
    return max(above, max(held, default=0))


def severity_at(percent: int) -> Severity:
    """How grave it is to have reached a level."""
    if percent >= 100:
        return Severity.HIGH
    if percent >= 90:
        return Severity.MEDIUM
    return Severity.LOW if percent >= 70 else Severity.INFO
