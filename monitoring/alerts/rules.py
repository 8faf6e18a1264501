"""Which changes are told, and how grave they are.

Each rule looks at one source alone. What is decided here depends on the history a source has told
and on what was already told to staff, never on the order in which readings arrived; judging a
history twice raises nothing new. What publications set off is in `happenings`, what a used limit
sets off in `limits`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from monitoring.alerts.falls import (
    CutLimit,
    Dropped,
    FellInClass,
    LostStatus,
    PassedBelow,
    PaysLater,
    Position,
    RoseInClass,
    Watcher,
    trouble_in,
)
from monitoring.alerts.severities import OWN_BOOKS, Exposure, RuleKind, Severity, at_stake
from monitoring.bands import Band, steps_down
from monitoring.changes import Reading, points_down
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
    #: So many steps graver than the rule says by itself.
    severity_shift: int = 0


#: The scale S-THR and S-DROP are set up for: 0 is worst, 100 is best.
SCALE = "0-100"


@dataclass(frozen=True, slots=True)
class DefaultRule:
    """A rule a supplier starts with."""

    kind: RuleKind
    threshold: int = 0
    rearm_points: int | None = None
    window_days: int | None = None
    is_on: bool = True


#: What a supplier starts with. Good news is not asked for unless somebody wants it.
DEFAULT_RULES = (
    DefaultRule(RuleKind.THRESHOLD, 50, rearm_points=3),
    DefaultRule(RuleKind.DROP, 10, window_days=30),
    DefaultRule(RuleKind.DROP, 20, window_days=90),
    DefaultRule(RuleKind.CLASS, 1),
    DefaultRule(RuleKind.LIMIT, 30),
    DefaultRule(RuleKind.STATUS),
    DefaultRule(RuleKind.INSOLVENCY),
    DefaultRule(RuleKind.FILING),
    DefaultRule(RuleKind.BEYOND_TERMS, 15, window_days=90),
    DefaultRule(RuleKind.PAYER_CLASS, 1),
    DefaultRule(RuleKind.USE, 50, rearm_points=5),
    DefaultRule(RuleKind.USE, 70, rearm_points=5),
    DefaultRule(RuleKind.USE, 90, rearm_points=5),
    DefaultRule(RuleKind.USE, 100, rearm_points=5),
    DefaultRule(RuleKind.IMPROVED, 1, is_on=False),
)

_OF_SOLVENCY = frozenset(
    {
        RuleKind.THRESHOLD,
        RuleKind.DROP,
        RuleKind.CLASS,
        RuleKind.LIMIT,
        RuleKind.STATUS,
        RuleKind.BEYOND_TERMS,
        RuleKind.IMPROVED,
    }
)
_OF_PAYMENTS = frozenset({RuleKind.PAYER_CLASS})


def reading_rules(rules: Iterable[Rule], source: str) -> list[Rule]:
    """Those of the rules that look at the readings of this source."""
    wanted = _OF_PAYMENTS if source == OWN_BOOKS else _OF_SOLVENCY
    return [rule for rule in rules if rule.kind in wanted]


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
    """The alerts that a source's history calls for and that nobody was told of yet."""
    return [
        graded(draft, exposure)
        for draft in changes_due(rules, history, told, news_since=_news_since(today))
    ]


def _news_since(today: date) -> date:
    return date.fromordinal(today.toordinal() - NEWS_DAYS)


def changes_due(
    rules: Iterable[Rule],
    history: Iterable[Reading],
    told: Iterable[Told],
    *,
    news_since: date,
) -> list[AlertDraft]:
    """The same before what is at stake is known: as grave as the changes are by themselves.

    A reading is judged by what the source said before it. One that is older than what was told
    already raises nothing: it can only explain what is known. Going through a history at once
    or reading by reading comes to the same.
    """
    by_position = {reading.position: reading for reading in history}
    known, drafts = list(told), []
    last_told = max((one.reading.position for one in known), default=None)
    told_of: dict[RuleKind, Position] = {}
    for one in known:
        _note(told_of, one)
    watching = [(rule, _watcher(rule)) for rule in rules]
    head = max(by_position, default=None)
    for position in sorted(by_position):
        reading = by_position[position]
        seen = {kind: at for kind, at in told_of.items() if at < position}
        falls = [
            (rule, watcher.see(reading, told=seen.get(rule.kind))) for rule, watcher in watching
        ]
        is_news = position == head or reading.as_of_on >= news_since
        if not is_news or (last_told is not None and position <= last_told):
            continue
        reasons = _reasons(falls, reading, known)
        if reasons:
            draft = AlertDraft(reading, reasons)
            drafts.append(draft)
            known.append(Told(reading, draft.kinds))
            _note(told_of, known[-1])
            last_told = position
    return drafts


def _note(told_of: dict[RuleKind, Position], one: Told) -> None:
    for kind in one.kinds:
        told_of[kind] = max(told_of.get(kind, one.reading.position), one.reading.position)


def graded(draft: AlertDraft, exposure: Exposure) -> AlertDraft:
    """The draft by what is at stake and by what the supplier wishes, the gravest reason first.

    Good news is as it is, whatever somebody owes.
    """
    reasons = [
        replace(
            one,
            severity=one.severity.moved(one.rule.severity_shift)
            if one.rule.kind is RuleKind.IMPROVED
            else at_stake(one.severity, exposure, shift=one.rule.severity_shift),
        )
        for one in draft.reasons
    ]
    return replace(draft, reasons=_in_order(reasons))


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


def _in_order(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(
        sorted(
            reasons,
            key=lambda one: (-one.severity.rank, LEADS.index(one.rule.kind), -one.rule.threshold),
        )
    )


def _watcher(rule: Rule) -> Watcher:
    match rule.kind:
        case RuleKind.THRESHOLD:
            return PassedBelow(rule.threshold, rule.rearm_points, rule.scale)
        case RuleKind.DROP:
            return Dropped(rule.threshold, rule.window_days, rule.scale)
        case RuleKind.CLASS | RuleKind.PAYER_CLASS:
            return FellInClass(rule.threshold)
        case RuleKind.IMPROVED:
            return RoseInClass(rule.threshold)
        case RuleKind.LIMIT:
            return CutLimit(rule.threshold)
        case RuleKind.STATUS:
            return LostStatus()
        case RuleKind.BEYOND_TERMS:
            return PaysLater(rule.threshold, rule.window_days)
        case _:
            raise AssertionError(f"{rule.kind} looks at no readings")


def _reasons(
    falls: Iterable[tuple[Rule, Reading | None]], reading: Reading, told: Sequence[Told]
) -> tuple[Reason, ...]:
    """The rules that have something to say about the reading, the gravest first."""
    found = [
        Reason(rule, before, _severity_of_event(rule, before, reading))
        for rule, before in falls
        if before is not None
        and reading.received_at >= rule.effective_at
        and not _is_repetition(rule, reading, told)
    ]
    return _in_order(found)


def _is_repetition(rule: Rule, reading: Reading, told: Sequence[Told]) -> bool:
    """Whether the rule spoke a short while ago and things are no worse than it said then."""
    return any(
        rule.kind in one.kinds
        and (reading.as_of_on - one.reading.as_of_on).days < QUIET_DAYS
        and not _is_worse(rule, one.reading, reading)
        for one in told
    )


def _is_worse(rule: Rule, then: Reading, now: Reading) -> bool:
    match rule.kind:
        case RuleKind.DROP:
            lost = points_down(then, now)
            return lost is not None and lost >= rule.threshold
        case RuleKind.LIMIT:
            both = then.limit is not None and now.limit is not None
            return both and now.limit.minor < then.limit.minor  # type: ignore[union-attr]  # both
        case RuleKind.STATUS:
            return trouble_in(now.status) > trouble_in(then.status)
        case RuleKind.BEYOND_TERMS:
            return (now.days_beyond_terms or 0) - (then.days_beyond_terms or 0) >= rule.threshold
        case RuleKind.IMPROVED:
            return steps_down(then.band, now.band) < 0
        case _:
            if now.band.rank is None:
                return False
            return then.band.rank is None or now.band.rank > then.band.rank


def _severity_of_event(rule: Rule, before: Reading, reading: Reading) -> Severity:
    into_worst = reading.band in (Band.D, Band.E)
    match rule.kind:
        case RuleKind.THRESHOLD | RuleKind.STATUS:
            return Severity.HIGH
        case RuleKind.DROP:
            return Severity.HIGH if rule.threshold >= GRAVE_POINTS else Severity.MEDIUM
        case RuleKind.LIMIT:
            is_gone = reading.limit is not None and reading.limit.minor == 0
            return Severity.CRITICAL if is_gone else Severity.HIGH
        case RuleKind.BEYOND_TERMS:
            return Severity.MEDIUM
        case RuleKind.PAYER_CLASS:
            far = steps_down(before.band, reading.band) >= 2
            return Severity.MEDIUM if into_worst or far else Severity.LOW
        case RuleKind.IMPROVED:
            return Severity.INFO
        case _:
            grave = {Band.D: Severity.HIGH, Band.E: Severity.CRITICAL}
            return grave.get(reading.band, Severity.MEDIUM)
