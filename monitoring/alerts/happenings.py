"""How grave a publication is, and which of several about one happening is told: pure.

Insolvency, a lost status and accounts that are overdue are told by gazettes, registers and bureaus
alike. Publications of one family within ten days are one happening, whoever speaks of it; only
what is graver, or names a term for lodging claims that was not known, is told again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from monitoring.alerts.severities import Exposure, RuleKind, Severity, at_stake
from monitoring.insolvency.kinds import EventKind, Family, family_of

#: So long may two sources take to tell the same.
SAME_WITHIN = timedelta(days=10)

_CRITICAL = frozenset(
    {
        EventKind.PROVISIONAL_OPENING,
        EventKind.REORGANISATION,
        EventKind.LIQUIDATION,
        EventKind.CALL_TO_CREDITORS,
        EventKind.CONVERSION,
        EventKind.PLAN_RESOLVED,
        EventKind.FOREIGN_RECOGNISED,
    }
)

#: What is told of an event by itself. An opening is critical whatever is owed; an annulment, a
#: correction and free text raise nothing: they take back, replace, or wait for a reader.
_SEVERITIES = {
    **dict.fromkeys(_CRITICAL, Severity.CRITICAL),
    EventKind.SAFEGUARD: Severity.HIGH,
    EventKind.PETITION: Severity.HIGH,
    EventKind.SUSPENDED: Severity.HIGH,
    EventKind.PLAN_ADOPTED: Severity.MEDIUM,
    EventKind.CLAIMS_LIST: Severity.MEDIUM,
    EventKind.DISTRIBUTION: Severity.MEDIUM,
    EventKind.AUCTION: Severity.INFO,
    EventKind.CLOSED: Severity.INFO,
    EventKind.REVOKED: Severity.INFO,
    EventKind.VOLUNTARY_WINDING_UP: Severity.MEDIUM,
    EventKind.DISSOLVED: Severity.HIGH,
    EventKind.STRUCK_OFF: Severity.HIGH,
    EventKind.INACTIVE: Severity.HIGH,
    EventKind.ACCOUNTS_OVERDUE: Severity.LOW,
}

_RULES = {
    Family.INSOLVENCY: RuleKind.INSOLVENCY,
    Family.STATUS: RuleKind.STATUS,
    Family.FILING: RuleKind.FILING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What was published about a debtor, as far as telling it goes."""

    kind: EventKind
    source: str
    country: str
    published_on: date
    #: Until when claims are to be lodged, where the publication says so.
    claims_until: date | None = None

    @property
    def family(self) -> Family:
        return family_of(self.kind)


def rule_of(kind: EventKind) -> RuleKind | None:
    """The rule that asks about such events; None where no rule does."""
    return _RULES.get(family_of(kind)) if kind in _SEVERITIES else None


def severity_of(happening: Happening, exposure: Exposure, *, shift: int = 0) -> Severity | None:
    """How grave it is for this supplier; None where it raises nothing.

    In Germany a court that secures the estate (Sicherungsmassnahmen) is as good as an opening.
    """
    kind = happening.kind
    if kind not in _SEVERITIES:
        return None
    is_opening = kind in _CRITICAL or (kind is EventKind.PETITION and happening.country == "DE")
    if is_opening:
        return Severity.CRITICAL
    severity = at_stake(_SEVERITIES[kind], exposure, shift=shift)
    if kind is EventKind.SAFEGUARD:
        # It stays every creditor's claim: never less than that.
        return max(severity, Severity.HIGH, key=lambda one: one.rank)
    return severity


def is_same(one: Happening, other: Happening) -> bool:
    """Whether two publications are about the same happening.

    One source that publishes something else of the family has something else to say.
    """
    return (
        one.family is other.family
        and abs(one.published_on - other.published_on) <= SAME_WITHIN
        and (one.source != other.source or one.kind is other.kind)
    )


def is_told(new: Happening, told: Iterable[Happening]) -> bool:
    """Whether what was told says as much already: as grave, and with the term for claims."""
    weight = _SEVERITIES[new.kind].rank
    same = [one for one in told if is_same(new, one)]
    knows_term = new.claims_until is None or any(one.claims_until for one in same)
    return knows_term and any(_SEVERITIES[one.kind].rank >= weight for one in same)
