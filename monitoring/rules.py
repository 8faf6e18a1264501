"""Which changes are told, and how grave they are.

Three rules: S-THR (the score passes below a threshold), S-DROP (it lost many points in some
time) and S-CLASS (the band got worse). Each looks at one source alone. What is decided here
depends on the history a source has told and on what was already told to staff, never on the
order in which readings arrived; judging a history twice raises nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from monitoring.bands import Band, steps_down
from monitoring.changes import ChangeKind, Reading, compare, points_down
from receivables.ids import WatchRuleId
from receivables.money import Money


class RuleKind(StrEnum):
    THRESHOLD = "S-THR"
    DROP = "S-DROP"
    CLASS = "S-CLASS"


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

#: A rule speaks once in this time unless things got worse: a score that flaps is told once.
QUIET_DAYS = 3
#: What happened longer ago is history, unless it is how things stand today.
NEWS_DAYS = 14
#: A fall of so many points is grave in itself.
GRAVE_POINTS = 20
#: A debtor who owes more than this part of all that is outstanding is watched more closely.
LARGE_SHARE = Fraction(1, 10)


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


def alerts_due(
    rules: Iterable[Rule],
    history: Iterable[Reading],
    told: Iterable[Told],
    exposure: Exposure,
    *,
    today: date,
) -> list[AlertDraft]:
    """The alerts that a source's history calls for and that nobody was told of yet.

    Going through a history at once or reading by reading comes to the same.
    """
    in_order = sorted(
        {reading.position: reading for reading in history}.values(),
        key=lambda reading: reading.position,
    )
    known, watching = list(told), tuple(rules)
    drafts = []
    for place, reading in enumerate(in_order):
        is_head = place == len(in_order) - 1
        if not is_head and (today - reading.as_of_on).days > NEWS_DAYS:
            continue
        draft = judge(watching, in_order[: place + 1], known, exposure)
        if draft is not None:
            drafts.append(draft)
            kinds = frozenset(reason.rule.kind for reason in draft.reasons)
            known.append(Told(draft.after, kinds))
    return drafts


def judge(
    rules: Iterable[Rule], history: Sequence[Reading], told: Sequence[Told], exposure: Exposure
) -> AlertDraft | None:
    """The alert that the last reading of `history` calls for, or None.

    None also for a reading older than one already told of: it can only explain what is known.
    """
    reading = history[-1]
    if any(one.reading.position >= reading.position for one in told):
        return None
    reasons = []
    for rule in rules:
        before = fires(rule, history, told)
        if before is not None and not _is_repetition(rule, reading, told):
            severity = _severity(rule, reading, exposure)
            reasons.append(Reason(rule, before, severity))
    if not reasons:
        return None
    reasons.sort(
        key=lambda reason: (
            -reason.severity.rank,
            LEADS.index(reason.rule.kind),
            -reason.rule.threshold,
        )
    )
    return AlertDraft(reading, tuple(reasons))


#: Which rule gives an alert its name when several are equally grave.
LEADS = (RuleKind.CLASS, RuleKind.THRESHOLD, RuleKind.DROP)


def fires(rule: Rule, history: Sequence[Reading], told: Sequence[Told]) -> Reading | None:
    """The reading against which the last one of `history` sets off the rule, or None.

    Never for an improvement, nor for the first reading of a source: it changes nothing.
    """
    reading = history[-1]
    if reading.received_at < rule.effective_at or len(history) < 2:
        return None
    match rule.kind:
        case RuleKind.THRESHOLD:
            return _passed_below(rule, history)
        case RuleKind.DROP:
            return _dropped(rule, history, told)
        case RuleKind.CLASS:
            return _fell_in_class(rule, history)


def _on_scale(rule: Rule, history: Sequence[Reading]) -> list[tuple[Reading, int]]:
    return [
        (reading, reading.score)
        for reading in history
        if reading.scale == rule.scale and reading.score is not None
    ]


def _passed_below(rule: Rule, history: Sequence[Reading]) -> Reading | None:
    """S-THR: armed at or above the threshold, fires once below, re-arms a margin above it."""
    scores = _on_scale(rule, history)
    if not scores or scores[-1][0] is not history[-1]:
        return None
    armed, before = scores[0][1] >= rule.threshold, None
    for (previous, _), (_, score) in pairwise(scores):
        before = previous if armed and score < rule.threshold else None
        if before is not None:
            armed = False
        elif score >= rule.threshold + rule.rearm_points:
            armed = True
    return before


def _dropped(rule: Rule, history: Sequence[Reading], told: Sequence[Told]) -> Reading | None:
    """S-DROP: so many points below the best score in force within the window.

    The score in force when the window opens counts: sources speak when something changes. What
    was told already is not told again: the fall is measured from there on.
    """
    scores = _on_scale(rule, history)
    if len(scores) < 2 or scores[-1][0] is not history[-1]:
        return None
    reading, score = scores[-1]
    if score >= scores[-2][1]:
        return None
    opens_on = reading.as_of_on - timedelta(days=rule.window_days)
    earlier = scores[:-1]
    standing = [pair for pair in earlier if pair[0].as_of_on <= opens_on][-1:]
    within = standing + [pair for pair in earlier if pair[0].as_of_on > opens_on]
    last_told = max(
        (one.reading.position for one in told if RuleKind.DROP in one.kinds), default=None
    )
    if last_told is not None:
        within = [pair for pair in within if pair[0].position >= last_told]
    peak = max(reversed(within), key=lambda pair: pair[1], default=None)
    if peak is None or peak[1] - score < rule.threshold:
        return None
    return peak[0]


def _fell_in_class(rule: Rule, history: Sequence[Reading]) -> Reading | None:
    """S-CLASS: so many bands worse than the last opinion, or into D or E, or withdrawn."""
    reading, previous = history[-1], history[-2]
    change = compare(previous, reading)
    if reading.band is Band.NONE:
        return previous if change and change.kind is ChangeKind.WITHDRAWN else None
    rated = next((one for one in reversed(history[:-1]) if one.band is not Band.NONE), None)
    if change is None or rated is None:
        return None
    steps = steps_down(rated.band, reading.band)
    enters_worst = steps > 0 and reading.band in (Band.D, Band.E)
    return rated if steps >= rule.threshold or enters_worst else None


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
    severity = _severity_of_event(rule, reading)
    if exposure.is_none:
        return severity.moved(-1)
    share = exposure.share
    return severity.moved(1) if share is not None and share > LARGE_SHARE else severity


def _severity_of_event(rule: Rule, reading: Reading) -> Severity:
    match rule.kind:
        case RuleKind.THRESHOLD:
            return Severity.HIGH
        case RuleKind.DROP:
            return Severity.HIGH if rule.threshold >= GRAVE_POINTS else Severity.MEDIUM
        case RuleKind.CLASS:
            grave = {Band.D: Severity.HIGH, Band.E: Severity.CRITICAL}
            return grave.get(reading.band, Severity.MEDIUM)
