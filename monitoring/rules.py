"""Which changes are told, and how grave they are.

Three rules: S-THR (the score passes below a threshold), S-DROP (it lost many points in some
time) and S-CLASS (the band got worse). Each looks at one source alone. What is decided here
depends on the history a source has told and on what was already told to staff, never on the
order in which readings arrived; judging a history twice raises nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitoring.bands import Band
from monitoring.changes import Reading, points_down
from monitoring.falls import Dropped, FellInClass, PassedBelow, Watcher
from monitoring.severities import Exposure, RuleKind, Severity, at_stake
from receivables.ids import WatchRuleId

__all__ = ["Exposure", "RuleKind", "Severity"]


#: A rule speaks once in this time unless things got worse: a score that flaps is told once.
QUIET_DAYS = 3
#: What happened longer ago is history, unless it is how things stand today.
NEWS_DAYS = 14
#: A fall of so many points is grave in itself.
GRAVE_POINTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A watch rule and its numbers; see `tables.WatchRule`."""

    rule_id: WatchRuleId
    kind: RuleKind
    threshold: int
    effective_at: datetime
    rearm_points: int = 0
    window_days: int = 0
    scale: str | None = None


#: The scale S-THR and S-DROP are set up for: 0 is worst, 100 is best.
SCALE = "0-100"

#: What a supplier starts with: kind, threshold, points to re-arm, window in days.
DEFAULT_RULES = (
    (RuleKind.THRESHOLD, 50, 3, None),
    (RuleKind.DROP, 10, None, 30),
    (RuleKind.DROP, 20, None, 90),
    (RuleKind.CLASS, 1, None, None),
)


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that was raised on a reading, and the rules that were its reasons."""

    reading: Reading
    kinds: frozenset[RuleKind]


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that fired; `before` is what the reading is held against."""

    rule: Rule
    before: Reading
    severity: Severity


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """An alert to be raised: one reading, the rules it set off, the gravest first."""

    after: Reading
    reasons: tuple[Reason, ...]

    @property
    def leading(self) -> Reason:
        return self.reasons[0]

    @property
    def kinds(self) -> frozenset[RuleKind]:
        return frozenset(reason.rule.kind for reason in self.reasons)


def alerts_due(
    rules: Iterable[Rule],
    history: Iterable[Reading],
    told: Iterable[Told],
    exposure: Exposure,
    *,
    today: date,
) -> list[AlertDraft]:
    """The alerts that a source's history calls for and that nobody was told of yet.

    A reading is judged by what the source said before it. One that is older than what was told
    already raises nothing: it can only explain what is known. Going through a history at once
    or reading by reading comes to the same.
    """
    by_position = {reading.position: reading for reading in history}
    known, drafts = list(told), []
    last_told = max((one.reading.position for one in known), default=None)
    drop_told = max(
        (one.reading.position for one in known if RuleKind.DROP in one.kinds), default=None
    )
    watching = [(rule, _watcher(rule)) for rule in rules]
    head = max(by_position, default=None)
    for position in sorted(by_position):
        reading = by_position[position]
        seen = drop_told if drop_told is not None and drop_told < position else None
        falls = [(rule, watcher.see(reading, told=seen)) for rule, watcher in watching]
        is_news = position == head or (today - reading.as_of_on).days <= NEWS_DAYS
        if not is_news or (last_told is not None and position <= last_told):
            continue
        reasons = _reasons(falls, reading, known, exposure)
        if reasons:
            draft = AlertDraft(reading, reasons)
            drafts.append(draft)
            known.append(Told(reading, draft.kinds))
            last_told = position
            drop_told = position if RuleKind.DROP in draft.kinds else drop_told
    return drafts


def _watcher(rule: Rule) -> Watcher:
    match rule.kind:
        case RuleKind.THRESHOLD:
            return PassedBelow(rule.threshold, rule.rearm_points, rule.scale)
        case RuleKind.DROP:
            return Dropped(rule.threshold, rule.window_days, rule.scale)
        case RuleKind.CLASS:
            return FellInClass(rule.threshold)
        case _:
            raise AssertionError(rule.kind)


#: Which rule gives an alert its name when several are equally grave.
LEADS = (
    RuleKind.INSOLVENCY,
    RuleKind.STATUS,
    RuleKind.CLASS,
    RuleKind.PAYER_CLASS,
    RuleKind.THRESHOLD,
    RuleKind.LIMIT,
    RuleKind.DROP,
    RuleKind.BEYOND_TERMS,
    RuleKind.USE,
    RuleKind.FILING,
    RuleKind.IMPROVED,
)


def _reasons(
    falls: Iterable[tuple[Rule, Reading | None]],
    reading: Reading,
    told: Sequence[Told],
    exposure: Exposure,
) -> tuple[Reason, ...]:
    """The rules that have something to say about the reading, the gravest first."""
    found = [
        Reason(rule, before, _severity(rule, reading, exposure))
        for rule, before in falls
        if before is not None
        and reading.received_at >= rule.effective_at
        and not _is_repetition(rule, reading, told)
    ]
    found.sort(
        key=lambda one: (-one.severity.rank, LEADS.index(one.rule.kind), -one.rule.threshold)
    )
    return tuple(found)


def _is_repetition(rule: Rule, reading: Reading, told: Sequence[Told]) -> bool:
    """Whether the rule spoke a short while ago and things are no worse than it said then."""
    return any(
        rule.kind in one.kinds
        and (reading.as_of_on - one.reading.as_of_on).days < QUIET_DAYS
        and not _is_worse(rule, one.reading, reading)
        for one in told
    )


def _is_worse(rule: Rule, then: Reading, now: Reading) -> bool:
    if rule.kind is RuleKind.DROP:
        lost = points_down(then, now)
        return lost is not None and lost >= rule.threshold
    if now.band.rank is None:
        return False
    return then.band.rank is None or now.band.rank > then.band.rank


def _severity(rule: Rule, reading: Reading, exposure: Exposure) -> Severity:
    """By what happened and by how much is at stake."""
    return at_stake(_severity_of_event(rule, reading), exposure)


def _severity_of_event(rule: Rule, reading: Reading) -> Severity:
    match rule.kind:
        case RuleKind.THRESHOLD:
            return Severity.HIGH
        case RuleKind.DROP:
            return Severity.HIGH if rule.threshold >= GRAVE_POINTS else Severity.MEDIUM
        case RuleKind.CLASS:
            grave = {Band.D: Severity.HIGH, Band.E: Severity.CRITICAL}
            return grave.get(reading.band, Severity.MEDIUM)
        case _:
            raise AssertionError(rule.kind)
