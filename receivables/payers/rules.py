"""How a debtor has paid, as a score with reasons: behaviour, never solvency.

    L = shrunk weighted mean of days late       q = share paid more than 5 days late
    e = mean highest reminder level before      b = broken promises / judged promises
    o = overdue / open

    S = 100 - 1.2 clip(L, 0, 40) - 20 q - 3 min(e, 4) - 10 b - 10 o

It orders work, tone and timing. About natural persons it decides nothing by itself
(source: CJEU C-634/21, SCHUFA Holding).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from receivables.credit.rules import PayerClass, SolvencyClass

#: The score looks at what was paid in six rolling months, the trend at twelve.
SCORE_DAYS, TREND_DAYS, RECENT_DAYS = 182, 365, 91
#: Paid earlier or later than this counts as this.
EARLIEST, LATEST = -5, 120
#: How many typical invoices the other debtors' mean weighs.
PRIOR_WEIGHT = 3.0
#: A few days late is what banks take.
LATE_AFTER_DAYS = 5
#: Too little history: fewer paid invoices, and fewer days since the first, than these.
LEAST_PAID, LEAST_DAYS = 3, 90
#: A class changes only when the score is so far beyond its border.
HYSTERESIS = 3.0
#: The debtor pays worse, or better, than before by so many days.
TREND_BY_DAYS = 5.0
#: A person's word about a class stands no longer than six months.
MOST_OVERRIDE_DAYS = 183
#: The largest share of an invoice's weight: that of the supplier's 95th percentile.
CAP_PERCENTILE = 0.95

#: The least score of each class.
FLOORS: Mapping[PayerClass, float] = {
    PayerClass.A: 80,
    PayerClass.B: 65,
    PayerClass.C: 45,
    PayerClass.D: 25,
    PayerClass.E: 0,
}
_BEST_FIRST = tuple(FLOORS)


class Trend(StrEnum):
    WORSENING = "worsening"
    STEADY = "steady"
    IMPROVING = "improving"
    UNKNOWN = "unknown"
    """Too few invoices to say."""


class Penalty(StrEnum):
    """What a debtor loses points for; in the order of the formula."""

    DAYS_LATE = "days_late"
    LATE_SHARE = "late_share"
    REMINDERS = "reminders"
    BROKEN_PROMISES = "broken_promises"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """One invoice that money paid off."""

    due_on: date
    #: The value date of the last money.
    paid_on: date
    #: In typical invoices of its currency, capped at the 95th percentile.
    weight: float
    #: Days on which a dispute was open in which the debtor was right.
    disputed_days: int = 0
    #: The highest level of reminder that was sent for it before it was paid.
    level: int = 0

    @property
    def days_late(self) -> int:
        late = (self.paid_on - self.due_on).days - self.disputed_days
        return max(EARLIEST, min(LATEST, late))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one debtor's behaviour."""

    paid: Sequence[Paid]
    #: In typical invoices.
    open_weight: float = 0.0
    overdue_weight: float = 0.0
    promises: int = 0
    broken: int = 0
    #: When the debtor's first invoice was issued; None where there is none.
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The terms of the formula."""

    days_late: float
    late_share: float
    level: float
    broken_share: float
    overdue_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    score: float
    payer_class: PayerClass
    trend: Trend
    parts: Parts
    #: How many invoices were paid in the six months.
    paid_count: int


def profile(facts: Facts, *, prior_days_late: float, before: PayerClass, today: date) -> Profile:
    """How the debtor stands today; `before` is the class they had, `prior_days_late` the mean of
    all the supplier's debtors.
    """
    recent = _within(facts.paid, today, SCORE_DAYS)
    parts = Parts(
        days_late=shrunk_days_late(recent, prior_days_late),
        late_share=_share(one.days_late > LATE_AFTER_DAYS for one in recent),
        level=sum(min(4, one.level) for one in recent) / len(recent) if recent else 0.0,
        broken_share=facts.broken / facts.promises if facts.promises else 0.0,
        overdue_share=facts.overdue_weight / facts.open_weight if facts.open_weight > 0 else 0.0,
    )
    score = 100.0 - sum(penalties(parts).values())
    known = PayerClass.N if is_too_new(facts, today) else class_of_score(score, before)
    return Profile(
        score=score,
        payer_class=known,
        trend=trend(facts.paid, prior_days_late, today),
        parts=parts,
        paid_count=len(recent),
    )


def shrunk_days_late(paid: Sequence[Paid], prior: float) -> float:
    """The weighted mean of days late, drawn towards everybody's by three typical invoices."""
    weight = sum(one.weight for one in paid)
    weighted = sum(one.weight * one.days_late for one in paid)
    return (weighted + PRIOR_WEIGHT * prior) / (weight + PRIOR_WEIGHT)


def penalties(parts: Parts) -> dict[Penalty, float]:
    """The points lost; together never more than a hundred."""
    return {
        Penalty.DAYS_LATE: 1.2 * max(0.0, min(40.0, parts.days_late)),
        Penalty.LATE_SHARE: 20.0 * parts.late_share,
        Penalty.REMINDERS: 3.0 * min(4.0, parts.level),
        Penalty.BROKEN_PROMISES: 10.0 * parts.broken_share,
        Penalty.OVERDUE: 10.0 * parts.overdue_share,
    }


def largest(parts: Parts, most: int = 3) -> list[Penalty]:
    """What costs the most points, the largest first; nothing that costs less than half a point."""
    lost = penalties(parts)
    found = [one for one in Penalty if lost[one] >= 0.5]
    return sorted(found, key=lambda one: -lost[one])[:most]


def is_too_new(facts: Facts, today: date) -> bool:
    """Whether there is too little to say anything of the debtor."""
    paid = _within(facts.paid, today, TREND_DAYS)
    if not paid and facts.overdue_weight <= 0:
        return True
    known_days = (today - facts.since).days if facts.since else 0
    return len(paid) < LEAST_PAID and known_days < LEAST_DAYS


def class_of_score(score: float, before: PayerClass = PayerClass.N) -> PayerClass:
    """The class of a score for a debtor of that class: it changes three points beyond a border."""
    plain = next(one for one in _BEST_FIRST if score >= FLOORS[one] or one is PayerClass.E)
    if before is PayerClass.N or plain is before:
        return plain
    if _BEST_FIRST.index(plain) < _BEST_FIRST.index(before):
        reached = [one for one in _BEST_FIRST if score >= FLOORS[one] + HYSTERESIS]
        better = reached[0] if reached else before
        return min(better, before, key=_BEST_FIRST.index)
    held = [one for one in _BEST_FIRST if score > FLOORS[one] - HYSTERESIS]
    worse = held[0] if held else PayerClass.E
    return max(worse, before, key=_BEST_FIRST.index)


def trend(paid: Sequence[Paid], prior: float, today: date) -> Trend:
    """The last three months against the nine before."""
    year = _within(paid, today, TREND_DAYS)
    recent = _within(paid, today, RECENT_DAYS)
    border = today - timedelta(days=RECENT_DAYS)
    earlier = [one for one in year if one.paid_on <= border]
    if len(recent) < LEAST_PAID or not earlier:
        return Trend.UNKNOWN
    change = shrunk_days_late(recent, prior) - shrunk_days_late(earlier, prior)
    if change > TREND_BY_DAYS:
        return Trend.WORSENING
    return Trend.IMPROVING if change < -TREND_BY_DAYS else Trend.STEADY


def worst_of(payer: PayerClass, solvency: SolvencyClass) -> str:
    """The class that limit and prepayment follow: the worse of both; "" where neither is known."""
    known = [one.value for one in (payer, solvency) if len(one.value) == 1 and one.value != "N"]
    return max(known, default="")


def weights(amounts: Sequence[int]) -> tuple[float, float]:
    """The typical amount of these and the cap, in the same units: the median and the 95th
    percentile. 1 and 1 where there is none.
    """
    positive = sorted(one for one in amounts if one > 0)
    if not positive:
        return 1.0, 1.0
    cap = positive[min(len(positive) - 1, int(CAP_PERCENTILE * len(positive)))]
    return float(positive[len(positive) // 2]), float(cap)


def weight_of(amount: int, typical: float, cap: float) -> float:
    """How much an invoice counts, in typical ones."""
    return max(0.0, min(float(amount), cap)) / typical


class WrongOverride(StrEnum):
    NO_REASON = "no_reason"
    NO_DAY = "no_day"
    DAY_PASSED = "day_passed"
    DAY_TOO_LATE = "day_too_late"


def override_fault(reason: str, until: date | None, today: date) -> WrongOverride | None:
    """What is wrong with a person's word about a class: it has a reason, and an end within six
    months.
    """
    if not reason.strip():
        return WrongOverride.NO_REASON
    if until is None:
        return WrongOverride.NO_DAY
    if until < today:
        return WrongOverride.DAY_PASSED
    late = until > today + timedelta(days=MOST_OVERRIDE_DAYS)
    return WrongOverride.DAY_TOO_LATE if late else None


def _within(paid: Sequence[Paid], today: date, days: int) -> list[Paid]:
    since = today - timedelta(days=days)
    return [one for one in paid if since < one.paid_on <= today]


def _share(flags: Iterable[bool]) -> float:
    found = list(flags)
    return sum(found) / len(found) if found else 0.0
