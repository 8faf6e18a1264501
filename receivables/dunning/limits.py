"""How often anybody is written to, and when everybody is left in peace. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from receivables.dunning.items import Account, Made
from receivables.dunning.reasons import Reason
from receivables.ports.channels import Channel
from receivables.workdays import Calendar, working_days_later

#: Bank data may be this old, in the supplier's working days.
#: Source: the pause matrix of the product's specification, part 2.1.
BANK_DATA_AGE = 2

#: An account that had no statement for so long while others had is taken for closed.
_CLOSED_AFTER = timedelta(days=30)

#: A run that comes after more missed working days than these is looked at by a person.
OUTAGE_DAYS = 3

#: A run is unusual when it plans more than this many times what others plan.
UNUSUAL_TIMES = 2

#: What is usual is known after so many runs that planned something; below so many messages a
#: person sees with one look what there is.
_USUAL_FROM_RUNS, _UNUSUAL_FROM = 5, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a supplier lets the engine do; the defaults are the specification's."""

    least_days_between: int = 5
    most_in_7_days: int = 2
    most_in_30_days: int = 5
    #: Working days without an automatic message after the debtor wrote or spoke to us.
    quiet_days: int = 3
    #: Steps that fall within so many working days are taken with today's.
    gather_days: int = 2


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What holds for all of a supplier's debtors alike."""

    country: str = ""
    #: The supplier's company number is known: a law may want it named.
    names_itself: bool = True
    #: First and last day of each absence.
    absences: Sequence[tuple[date, date]] = ()
    #: Up to which day the bank's statements are known; None: none was ever imported.
    bank_known_until: date | None = None
    #: An import that is under way, or that failed and was not made good.
    importing: Reason | None = None
    #: The days whose messages were shown on the afternoon before; None: all, for a look ahead.
    shown: frozenset[date] | None = frozenset()
    limits: Limits = DEFAULT_LIMITS

    def holds_all(self, today: date) -> Reason | None:
        """Why nothing at all is sent on a day."""
        if self.importing is not None:
            return self.importing
        if any(first <= today <= last for first, last in self.absences):
            return Reason.SUPPLIER_ABSENT
        return None

    def holds_demands(self, today: date, calendar: Calendar) -> Reason | None:
        """Why nobody is asked for what is overdue on a day."""
        if self.bank_known_until is None:
            return None
        good_until = working_days_later(
            self.bank_known_until, BANK_DATA_AGE, country=self.country, calendar=calendar
        )
        return Reason.BANK_DATA_OLD if good_until < today else None


NO_HOUSE = House(shown=None)


def known_until(last_days: Iterable[date]) -> date | None:
    """Up to which day all of a supplier's accounts in use are known."""
    days = list(last_days)
    if not days:
        return None
    newest = max(days)
    return min(day for day in days if day >= newest - _CLOSED_AFTER)


def too_often(
    account: Account,
    today: date,
    limits: Limits,
    calendar: Calendar,
    *,
    more: int = 1,
    at_once: bool = False,
) -> Reason | None:
    """Why the debtor gets no (or not `more`) automatic messages on a day, or None.

    Messages of the same day do not count as too soon, being of the same run in another currency.
    What goes `at_once`, after a broken promise, is not too soon: it was the debtor who named the
    day. It counts as any other.
    """
    made = [one for one in account.made if one.on <= today]
    if account.heard_on is not None and account.heard_on <= today:
        quiet_until = working_days_later(
            account.heard_on, limits.quiet_days, country=account.place, calendar=calendar
        )
        if today <= quiet_until:
            return Reason.HEARD_LATELY
    # A call is followed by silence of its own.
    written = [one for one in made if one.channel is not Channel.CALL]
    between = timedelta(days=limits.least_days_between)
    if not at_once and any(one.on < today < one.on + between for one in written):
        return Reason.TOO_SOON
    if _within(made, today, 7) + more > limits.most_in_7_days:
        return Reason.TOO_MANY
    if _within(made, today, 30) + more > limits.most_in_30_days:
        return Reason.TOO_MANY
    return None


def _within(made: Sequence[Made], today: date, days: int) -> int:
    return sum(one.on > today - timedelta(days=days) for one in made)


def missed_days(last_run_on: date | None, today: date, *, country: str, calendar: Calendar) -> int:
    """Working days between two runs on which none was made."""
    if last_run_on is None:
        return 0
    days = ((last_run_on + timedelta(days=n)) for n in range(1, (today - last_run_on).days))
    return sum(calendar.is_working_day(day, country) for day in days)


def needs_release(batch: int, earlier: Sequence[int], *, missed: int) -> Reason | None:
    """Why a run's messages wait for a person; `earlier` are the sizes of the runs before."""
    if batch and missed > OUTAGE_DAYS:
        return Reason.AFTER_OUTAGE
    sizes = sorted(size for size in earlier if size)
    if len(sizes) < _USUAL_FROM_RUNS or batch < _UNUSUAL_FROM:
        return None
    usual = sizes[len(sizes) // 2]
    return Reason.UNUSUAL_BATCH if batch > UNUSUAL_TIMES * usual else None
