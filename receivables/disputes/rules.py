"""What may be disputed, what an outcome does, how long an answer may take: decided from values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, Literal
from zoneinfo import ZoneInfo

from receivables.clock import local_date
from receivables.disputes.errors import AmountNotDisputable, UpheldTooMuch
from receivables.disputes.states import REOPENABLE, State, Step
from receivables.money import Money
from receivables.workdays import Calendar, working_days_later

Scope = Literal["whole", "amount", "lines"]

#: Working days after a decision until what is owed is asked for again.
GRACE_DAYS: Final = 5
#: Days after the decision within which the debtor may have another word, once.
REOPEN_WITHIN: Final = timedelta(days=15)
#: Working days after which a debtor who was asked is reminded, and after which it is over.
REMIND_AFTER: Final = (5, 8)
EXPIRE_AFTER: Final = 10


def share_of_lines(
    total: Money, nets: Mapping[int, int | None], chosen: Collection[int]
) -> Money | None:
    """What chosen lines are worth of an invoice with its tax: the total in proportion to the net
    amounts, rounded half up. None where the lines do not say, or no line was chosen.

    `nets` are minor units by the place of the line.
    """
    if not chosen or any(net is None for net in nets.values()) or not set(chosen) <= set(nets):
        return None
    whole = sum(net or 0 for net in nets.values())
    part = sum(nets[place] or 0 for place in set(chosen))
    if whole <= 0 or part <= 0:
        return None
    exact = Decimal(total.minor) * part / whole
    return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), total.currency)


def disputed_amount(
    number: str, scope: Scope, outstanding: Money, *, offered: Money | None
) -> Money:
    """How much of an invoice is disputed. Raises AmountNotDisputable.

    Lines may be worth more than is left to pay: then it is what is left.
    """
    if outstanding.minor <= 0:
        raise AmountNotDisputable(number, offered, outstanding)
    if scope == "whole":
        return outstanding
    if offered is None or offered.minor <= 0:
        raise AmountNotDisputable(number, offered, outstanding)
    if scope == "lines":
        return min(offered, outstanding)
    if offered > outstanding:
        raise AmountNotDisputable(number, offered, outstanding)
    return offered


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision's step, and what of the whole is upheld."""

    step: Step
    upheld: Money


def verdict(parts: Sequence[tuple[Money, Money]]) -> Verdict:
    """What upholding so much of what was disputed of each invoice comes to, (disputed, upheld).

    Raises UpheldTooMuch.
    """
    currency = parts[0][0].currency
    for disputed, upheld in parts:
        if not 0 <= upheld.minor <= disputed.minor:
            raise UpheldTooMuch(upheld, disputed)
    disputed = Money.total((part[0] for part in parts), currency)
    upheld = Money.total((part[1] for part in parts), currency)
    if not upheld:
        return Verdict(Step.REJECT, upheld)
    return Verdict(Step.ACCEPT if upheld == disputed else Step.ACCEPT_IN_PART, upheld)


def is_late(issued_on: date, today: date, delay_days: int | None) -> bool:
    """Whether an invoice is disputed after the time the contract gives for it."""
    return delay_days is not None and today > issued_on + timedelta(days=delay_days)


def may_reopen(state: State, *, times: int, decided_on: date | None, today: date) -> bool:
    """Whether the debtor may have another word: once, and within REOPEN_WITHIN."""
    if state not in REOPENABLE or times or decided_on is None:
        return False
    return today <= decided_on + REOPEN_WITHIN


class Term(StrEnum):
    """What the supplier promises to do in time."""

    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    RESOLVE = "resolve"


#: Working days for each.
TERMS: Final[Mapping[Term, int]] = {Term.ACKNOWLEDGE: 1, Term.ANSWER: 5, Term.RESOLVE: 15}

#: Percent of a term used up at which somebody is told: whose dispute it is, then their manager,
#: then the head of finance.
WARNINGS: Final = (80, 100, 150)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What the clock needs to know of a dispute. `pauses` are the times it waited for the debtor;
    the last may be open."""

    since: datetime
    acknowledged_at: datetime | None
    answered_at: datetime | None
    decided_at: datetime | None
    pauses: tuple[tuple[datetime, datetime | None], ...]
    zone: str
    country: str

    def running(self) -> Iterator[Term]:
        """What is still to be done."""
        if self.decided_at is not None:
            return
        if self.acknowledged_at is None:
            yield Term.ACKNOWLEDGE
        if self.answered_at is None:
            yield Term.ANSWER
        yield Term.RESOLVE

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1][1] is None


def working_time(
    since: datetime, until: datetime, *, zone: str, country: str, calendar: Calendar
) -> timedelta:
    """The time between two instants that falls on working days, whole days of them."""
    day, total = local_date(since, zone), timedelta(0)
    while True:
        starts_at = datetime.combine(day, time(), ZoneInfo(zone))
        if starts_at >= until:
            return total
        ends_at = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
        if calendar.is_working_day(day, country):
            total += max(min(ends_at, until) - max(starts_at, since), timedelta(0))
        day += timedelta(days=1)


def time_used(timing: Timing, now: datetime, *, calendar: Calendar) -> timedelta:
    """The working time since the dispute began, without that in which it waited for the debtor."""

    def counted(since: datetime, until: datetime) -> timedelta:
        return working_time(
            since, until, zone=timing.zone, country=timing.country, calendar=calendar
        )

    waited = sum(
        (
            counted(max(start, timing.since), end or now)
            for start, end in timing.pauses
            if (end or now) > timing.since
        ),
        timedelta(0),
    )
    return counted(timing.since, now) - waited


def warnings(timing: Timing, now: datetime, *, calendar: Calendar) -> list[tuple[Term, int]]:
    """For each term that runs, the highest of WARNINGS it has reached; none while it stands."""
    if timing.is_paused:
        return []
    used = time_used(timing, now, calendar=calendar)
    found = []
    for term in timing.running():
        reached = [one for one in WARNINGS if used * 100 >= timedelta(days=TERMS[term]) * one]
        if reached:
            found.append((term, reached[-1]))
    return found


def due_on(timing: Timing, term: Term, now: datetime, *, calendar: Calendar) -> date | None:
    """The day by which a term is to be met; None while the clock stands."""
    if timing.is_paused:
        return None
    waited = sum(
        (
            working_time(
                start,
                end or now,
                zone=timing.zone,
                country=timing.country,
                calendar=calendar,
            )
            for start, end in timing.pauses
        ),
        timedelta(0),
    )
    started_on = local_date(timing.since, timing.zone)
    days = TERMS[term] + round(waited / timedelta(days=1))
    return working_days_later(started_on, days, country=timing.country, calendar=calendar)


def is_overdue(timing: Timing, now: datetime, *, calendar: Calendar) -> bool:
    """Whether the supplier has not kept one of the terms that still run."""
    return any(percent >= 100 for _, percent in warnings(timing, now, calendar=calendar))


def days_waited(asked_on: date, today: date, *, country: str, calendar: Calendar) -> int:
    """Working days since a debtor was asked."""
    days = (today - asked_on).days
    return sum(
        calendar.is_working_day(asked_on + timedelta(days=day), country)
        for day in range(1, days + 1)
    )


def grace_until(decided_on: date, *, country: str, calendar: Calendar) -> date:
    """The last day on which what is owed after a decision is not asked for."""
    return working_days_later(decided_on, GRACE_DAYS, country=country, calendar=calendar)
