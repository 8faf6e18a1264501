"""How good our own forecast has been: replayed over the last three months, week by week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from receivables.payers.forecasting import expectations, learn
from receivables.payers.model import NothingToLearnFrom
from receivables.payers.pasts import Past

#: The forecast of so many days ago is held against what has come since.
REPLAY_DAYS = 91
#: After so many weeks running worse than the simple rule, the simple rule is used.
WEEKS_TO_FALL_BACK = 4
#: A week with fewer payments decides nothing.
_LEAST_IN_A_WEEK = 3
#: Fewer payments in all are no measure.
_LEAST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """Of the invoices that were paid since; expected less actual for the bias.

    `prudent_share` is about those whose prudent day has passed, paid or not: four of five should
    be paid by then.
    """

    count: int
    mae_days: float
    bias_days: float
    prudent_share: float | None
    #: The due date and everybody's median lateness, on the same invoices.
    simple_mae_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    error: Error | None
    #: For how many weeks running the model was worse than the simple rule, up to now.
    weeks_worse: int

    @property
    def falls_back(self) -> bool:
        return self.weeks_worse >= WEEKS_TO_FALL_BACK


_UNKNOWN = Tracked(error=None, weeks_worse=0)


def track(pasts: Sequence[Past], today: date) -> Tracked:
    """What the forecast of three months ago was worth."""
    split = today - timedelta(days=REPLAY_DAYS)
    known = [past.known_at(today) for past in pasts]
    asked = [
        past for past in known if past.issued_on <= today and past.known_at(split).paid_on is None
    ]
    came = [past for past in asked if past.paid_on is not None]
    if len(came) < _LEAST:
        return _UNKNOWN
    try:
        model = learn(known, split)
    except NothingToLearnFrom:
        return _UNKNOWN
    late = [
        (past.paid_on - past.due_on).days
        for past in known
        if past.paid_on is not None and past.paid_on <= split
    ]
    open_on = [max(split, past.issued_on - timedelta(days=1)) for past in asked]
    found = expectations(model, asked, open_on)
    simple = timedelta(days=round(median(late)))
    ours: list[tuple[date, int]] = []
    theirs: list[tuple[date, int]] = []
    for past, one, day in zip(asked, found, open_on, strict=True):
        if past.paid_on is None:
            continue
        ours.append((past.paid_on, (one.expected_on - past.paid_on).days))
        plainly = max(day + timedelta(days=1), past.due_on + simple)
        theirs.append((past.paid_on, (plainly - past.paid_on).days))
    prudent = [
        past.paid_on is not None and past.paid_on <= one.prudent_on
        for past, one in zip(asked, found, strict=True)
        if one.prudent_on <= today
    ]
    error = Error(
        count=len(ours),
        mae_days=_mean([abs(off) for _, off in ours]),
        bias_days=_mean([off for _, off in ours]),
        prudent_share=round(sum(prudent) / len(prudent), 3) if prudent else None,
        simple_mae_days=_mean([abs(off) for _, off in theirs]),
    )
    return Tracked(error=error, weeks_worse=weeks_worse(ours, theirs, today))


def weeks_worse(
    ours: Sequence[tuple[date, int]], theirs: Sequence[tuple[date, int]], today: date
) -> int:
    """For how many weeks running, up to today, ours were further off than theirs; weeks with
    hardly a payment are passed over. Both are days paid, with how many days each was off.
    """
    mine, simple = _by_week(ours, today), _by_week(theirs, today)
    count = 0
    for week in sorted(mine):
        if len(mine[week]) < _LEAST_IN_A_WEEK:
            continue
        if _mean(mine[week]) <= _mean(simple[week]):
            break
        count += 1
    return count


def _by_week(off: Sequence[tuple[date, int]], today: date) -> dict[int, list[int]]:
    """Days off by week, 0 the latest."""
    found: dict[int, list[int]] = defaultdict(list)
    for day, days in off:
        found[(today - day).days // 7].append(abs(days))
    return found


def _mean(values: Sequence[int]) -> float:
    return round(sum(values) / len(values), 2)
