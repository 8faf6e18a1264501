"""Kinds of alerts, how soon somebody should look, and what is at stake."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from receivables.money import Money


class RuleKind(StrEnum):
    """What an alert is about; all but the last two are rules a supplier sets."""

    THRESHOLD = "S-THR"
    """A score passed below a threshold."""
    DROP = "S-DROP"
    """A score lost many points in some time."""
    CLASS = "S-CLASS"
    """A band got worse."""
    LIMIT = "S-LIMIT"
    """The limit a source or an insurer gives was cut."""
    STATUS = "S-STATUS"
    """Inactive, dissolved, struck off, address unknown."""
    INSOLVENCY = "S-INSOLV"
    FILING = "S-FILING"
    """Accounts were not filed in time."""
    BEYOND_TERMS = "S-DBT"
    """A source says that it pays later than before."""
    PAYER_CLASS = "B-CLASS"
    """It pays us worse than before."""
    USE = "X-USE"
    """It uses much of the limit we gave."""
    IMPROVED = "S-UP"
    DEAD = "M-DEAD"
    """A source is silent."""
    MASS = "MASS"
    """Many alerts of one source at once: possibly it changed how it reckons."""


#: The source whose readings are our own payer classes: they are no word on solvency.
OWN_BOOKS = "payments"

#: What a supplier has rules for.
WATCHED = tuple(kind for kind in RuleKind if kind not in (RuleKind.DEAD, RuleKind.MASS))


class Severity(StrEnum):
    """How soon somebody should look; `rank` puts them in order."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return _SEVERITIES.index(self)

    def moved(self, steps: int) -> Severity:
        """So many steps graver, within the scale."""
        return _SEVERITIES[max(0, min(len(_SEVERITIES) - 1, self.rank + steps))]


_SEVERITIES = tuple(Severity)

#: A debtor who owes more than this part of all that is outstanding is watched more closely.
LARGE_SHARE = Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a debtor owes and what everybody owes, per currency."""

    amounts: tuple[Money, ...]
    totals: tuple[Money, ...]

    @property
    def is_none(self) -> bool:
        return not any(amount.minor > 0 for amount in self.amounts)

    @property
    def share(self) -> Fraction | None:
        """The debtor's part of all that is outstanding, 0 to 1; None when nothing is.

        Currencies are not added up: of several the largest part counts, which errs on the side
        of telling.
        """
        total = {money.currency: money.minor for money in self.totals if money.minor > 0}
        parts = [
            Fraction(max(0, money.minor), total[money.currency])
            for money in self.amounts
            if money.currency in total
        ]
        if not total:
            return None
        return min(Fraction(1), max(parts, default=Fraction(0)))


#: Of what is about no debtor.
NO_EXPOSURE = Exposure((), ())


def at_stake(severity: Severity, exposure: Exposure, *, shift: int = 0) -> Severity:
    """A severity moved by what the debtor owes, and by the supplier's own wish."""
    if exposure.is_none:
        return severity.moved(shift - 1)
    share = exposure.share
    more = 1 if share is not None and share > LARGE_SHARE else 0
    return severity.moved(shift + more)
