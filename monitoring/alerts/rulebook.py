"""The watch rules of a supplier: the ones to start with, and changing them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.alerts.rules import DEFAULT_RULES, SCALE, Rule
from monitoring.alerts.severities import RuleKind
from monitoring.tables import WatchRule
from receivables.clock import Clock
from receivables.errors import NoSuch, ReceivablesError
from receivables.ids import SupplierId, WatchRuleId, new_id


class NoSuchWatchRule(NoSuch):
    """The supplier has no such rule."""


class RuleOutOfRange(ReceivablesError):
    """A rule's number makes no sense; `field` says which, `low` and `high` what would."""

    def __init__(self, field: str, low: int, high: int) -> None:
        self.field, self.low, self.high = field, low, high
        super().__init__(f"{field} is from {low} to {high}")


#: What a rule's threshold may be: a score, points, bands, percent, days. Rules that are not here
#: have no number.
LIMITS = {
    RuleKind.THRESHOLD: (1, 100),
    RuleKind.DROP: (1, 100),
    RuleKind.CLASS: (1, 4),
    RuleKind.LIMIT: (1, 100),
    RuleKind.BEYOND_TERMS: (1, 365),
    RuleKind.PAYER_CLASS: (1, 4),
    RuleKind.USE: (1, 500),
    RuleKind.IMPROVED: (1, 4),
}
WITH_WINDOW = (RuleKind.DROP, RuleKind.BEYOND_TERMS)
WINDOW_LIMITS = (1, 365)
#: By how many steps a supplier may move the severity of a rule.
SHIFT_LIMITS = (-2, 2)


def set_up_rules(session: Session, *, supplier_id: SupplierId, clock: Clock) -> None:
    """Give a supplier the rules to start with; one that has rules keeps what it has."""
    if session.scalar(select(WatchRule.id).where(WatchRule.supplier_id == supplier_id).limit(1)):
        return
    for one in DEFAULT_RULES:
        session.add(
            WatchRule(
                id=WatchRuleId(new_id()),
                supplier_id=supplier_id,
                kind=one.kind,
                threshold=one.threshold,
                rearm_points=one.rearm_points,
                window_days=one.window_days,
                scale=SCALE if one.kind in (RuleKind.THRESHOLD, RuleKind.DROP) else None,
                is_on=one.is_on,
                severity_shift=0,
                effective_at=clock.now(),
            )
        )
    session.flush()


@dataclass(frozen=True, slots=True)
class RuleChange:
    """The numbers a supplier gives a rule; those it does not have are left out of account."""

    threshold: int = 0
    window_days: int | None = None
    severity_shift: int = 0


def rule_as_changed(
    session: Session,
    *,
    supplier_id: SupplierId,
    rule_id: WatchRuleId,
    change: RuleChange,
    clock: Clock,
) -> Rule:
    """The rule as it would be, without saving it: for looking at the past.

    Raises NoSuchWatchRule, and RuleOutOfRange.
    """
    row = _row(session, supplier_id, rule_id)
    checked = _checked(RuleKind(row.kind), change)
    return Rule(
        rule_id=rule_id,
        kind=RuleKind(row.kind),
        threshold=checked.threshold,
        window_days=checked.window_days or 0,
        severity_shift=checked.severity_shift,
        rearm_points=row.rearm_points or 0,
        scale=row.scale,
        effective_at=clock.now(),
    )


def change_rule(
    session: Session,
    *,
    supplier_id: SupplierId,
    rule_id: WatchRuleId,
    is_on: bool,
    threshold: int,
    window_days: int | None,
    severity_shift: int = 0,
    clock: Clock,
) -> None:
    """Set a rule's numbers; they hold for what arrives from now on. Numbers it has not are nothing.

    Raises NoSuchWatchRule, and RuleOutOfRange.
    """
    row = _row(session, supplier_id, rule_id)
    wanted = RuleChange(threshold, window_days, severity_shift)
    checked = _checked(RuleKind(row.kind), wanted)
    row.is_on = is_on
    row.threshold = checked.threshold
    row.window_days = checked.window_days
    row.severity_shift = checked.severity_shift
    row.effective_at = clock.now()
    session.flush()


def _row(session: Session, supplier_id: SupplierId, rule_id: WatchRuleId) -> WatchRule:
    row = session.scalar(
        select(WatchRule).where(WatchRule.supplier_id == supplier_id, WatchRule.id == rule_id)
    )
    if row is None:
        raise NoSuchWatchRule(str(rule_id))
    return row


def _checked(kind: RuleKind, change: RuleChange) -> RuleChange:
    """The change with the numbers that such a rule has. Raises RuleOutOfRange."""
    threshold, window_days = 0, None
    if kind in LIMITS:
        low, high = LIMITS[kind]
        threshold = change.threshold
        if not low <= threshold <= high:
            raise RuleOutOfRange("threshold", low, high)
    if kind in WITH_WINDOW:
        low, high = WINDOW_LIMITS
        window_days = change.window_days
        if window_days is None or not low <= window_days <= high:
            raise RuleOutOfRange("window_days", low, high)
    low, high = SHIFT_LIMITS
    if not low <= change.severity_shift <= high:
        raise RuleOutOfRange("severity_shift", low, high)
    return replace(change, threshold=threshold, window_days=window_days)
