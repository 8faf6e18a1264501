"""The watch rules of a supplier: the ones to start with, and changing them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.rules import DEFAULT_RULES, SCALE, RuleKind
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


#: What a rule's threshold may be: a score, points, bands.
LIMITS = {RuleKind.THRESHOLD: (1, 100), RuleKind.DROP: (1, 100), RuleKind.CLASS: (1, 4)}
WINDOW_LIMITS = (1, 365)


def set_up_rules(session: Session, *, supplier_id: SupplierId, clock: Clock) -> None:
    """Give a supplier the rules to start with; one that has rules keeps what it has."""
    if session.scalar(select(WatchRule.id).where(WatchRule.supplier_id == supplier_id).limit(1)):
        return
    for kind, threshold, rearm_points, window_days in DEFAULT_RULES:
        session.add(
            WatchRule(
                id=WatchRuleId(new_id()),
                supplier_id=supplier_id,
                kind=kind,
                threshold=threshold,
                rearm_points=rearm_points,
                window_days=window_days,
                scale=None if kind is RuleKind.CLASS else SCALE,
                is_on=True,
                effective_at=clock.now(),
            )
        )
    session.flush()


def change_rule(
    session: Session,
    *,
    supplier_id: SupplierId,
    rule_id: WatchRuleId,
    is_on: bool,
    threshold: int,
    window_days: int | None,
    clock: Clock,
) -> None:
    """Set a rule's numbers; they hold for what arrives from now on.

    `window_days` counts for S-DROP alone. Raises NoSuchWatchRule, and RuleOutOfRange.
    """
    rule = session.scalar(
        select(WatchRule).where(WatchRule.supplier_id == supplier_id, WatchRule.id == rule_id)
    )
    if rule is None:
        raise NoSuchWatchRule(str(rule_id))
    kind = RuleKind(rule.kind)
    low, high = LIMITS[kind]
    if not low <= threshold <= high:
        raise RuleOutOfRange("threshold", low, high)
    if kind is RuleKind.DROP:
        low, high = WINDOW_LIMITS
        if window_days is None or not low <= window_days <= high:
            raise RuleOutOfRange("window_days", low, high)
        rule.window_days = window_days
    rule.is_on = is_on
    rule.threshold = threshold
    rule.effective_at = clock.now()
    session.flush()
