"""What is owed for the lateness of one invoice: interest, and once a fixed sum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from receivables.interest.laws import Begins, fixed_sum
from receivables.interest.owed import Movement, Spell, steps_of
from receivables.interest.rates import Rate, RateBook
from receivables.interest.rules import (
    Interest,
    Notice,
    NotInDefault,
    Segment,
    Step,
    Terms,
    accrue,
    delay_ends_on,
    first_day,
    owed_on,
)
from receivables.money import Money
from receivables.workdays import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What notes have claimed for the lateness of one invoice so far."""

    #: The last day that each reckoned to, in their order.
    days: tuple[date, ...] = ()
    interest: Money
    #: The fixed sum, whenever it was claimed: it is owed once.
    compensation: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """An invoice, what became of it, and what the law wants to know besides."""

    terms: Terms
    total: Money
    due_on: date
    movements: tuple[Movement, ...] = ()
    #: Times in which a plan stood for it.
    spells: tuple[Spell, ...] = ()
    #: What of it is disputed now: its interest is reckoned, and not asked for meanwhile.
    disputed: Money | None = None
    notice: Notice | None = None
    claimed: Claimed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """What lateness has come to by `until`, and what of it is claimed already."""

    begins_on: date
    until: date
    #: On all that is owed, and on what of it may be asked for now.
    interest: Interest
    demandable: Interest
    #: None where the law grants none, and where it is claimed already.
    compensation: Money | None
    compensation_source: str
    claimed: Claimed | None = None

    @property
    def run_up(self) -> Money:
        """Interest that may be asked for and was not claimed yet.

        Of the whole, less what was claimed: so claims together are the rounded whole, however
        the time is cut, and each corrects what earlier ones asked for too much or too little
        (a dispute was decided, a credit note or an older payment came).
        """
        return max(self._unclaimed, Money.zero(self.interest.currency))

    @property
    def noted(self) -> Money:
        """What of the interest that may be asked for is claimed already."""
        total = self.demandable.total
        return min(self.claimed.interest, total) if self.claimed else Money.zero(total.currency)

    @property
    def overclaimed(self) -> Money:
        """What was claimed and is not owed, as is known by now; what is disputed may be owed."""
        nothing = Money.zero(self.interest.currency)
        return (
            max(self.claimed.interest - self.interest.total, nothing) if self.claimed else nothing
        )

    @property
    def _unclaimed(self) -> Money:
        total = self.demandable.total
        return total - self.claimed.interest if self.claimed else total

    @property
    def claimed_to(self) -> date | None:
        """The last day that was claimed."""
        return max(self.claimed.days, default=None) if self.claimed else None

    @property
    def since(self) -> tuple[Segment, ...]:
        """The segments after the last claim; `correction` and their amounts add up to what is
        not claimed.
        """
        last = self.claimed_to
        return tuple(
            one for one in self.demandable.segments if last is None or one.first_day > last
        )

    @property
    def correction(self) -> Money:
        """What the days that were claimed come to today, less what was claimed for them."""
        new = Money.total((one.amount for one in self.since), self.interest.currency)
        return self._unclaimed - new

    @property
    def withheld(self) -> Money:
        """Interest on what is disputed: owed from the first day if the dispute is rejected, void
        if it is accepted.
        """
        return self.interest.total - self.demandable.total

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The rows it was reckoned with, each once."""
        used = (one.rate for one in self.interest.segments if one.rate is not None)
        return tuple(dict.fromkeys(used))

    @property
    def totals(self) -> tuple[Money, ...]:
        """What may be asked for now and was not claimed yet, one amount per currency."""
        interest, extra = self.run_up, self.compensation
        if extra is None:
            return (interest,) if interest else ()
        if extra.currency == interest.currency:
            return (interest + extra,)
        return (interest, extra) if interest else (extra,)


def reckon(
    late: Late, until: date, *, with_compensation: bool, book: RateBook, calendar: Calendar
) -> Reckoning:
    """Raises NotInDefault, RateMissing and RuleTooYoung."""
    begins_on = first_day(late.terms, late.due_on, late.notice, calendar=calendar)
    _await_end_of_term(late, begins_on, until, calendar)

    def steps(without: Money | None) -> tuple[Step, ...]:
        return steps_of(
            late.total, late.movements, begins_on=begins_on, spells=late.spells, without=without
        )

    def interest(owed: tuple[Step, ...]) -> Interest:
        return accrue(
            late.terms, owed, begins_on=begins_on, until=until, book=book,
            claimed=late.claimed.days if late.claimed else (),
        )  # fmt: skip

    demanded = steps(late.disputed)
    once = with_compensation and not (late.claimed and late.claimed.compensation)
    sum_ = _compensation(late, demanded, begins_on, until, calendar) if once else None
    return Reckoning(
        begins_on=begins_on,
        until=until,
        interest=interest(steps(None)),
        demandable=interest(demanded),
        compensation=sum_,
        compensation_source=late.terms.law.fixed_sum_source if sum_ else "",
        claimed=late.claimed,
    )


def _await_end_of_term(late: Late, begins_on: date, until: date, calendar: Calendar) -> None:
    """Interest that a small Belgian creditor may count from the first reminder on is asked for
    only once the days after it have passed unused: CDE/WER art. XIX.2.
    """
    law = late.terms.law
    if law.begins is not Begins.REMINDER_AND_14_DAYS or late.notice is None:
        return
    if begins_on <= until <= delay_ends_on(late.notice, law.country, calendar=calendar):
        raise NotInDefault(law.begins)


def _compensation(
    late: Late, owed: Iterable[Step], begins_on: date, until: date, calendar: Calendar
) -> Money | None:
    """For the principal of the first late day; of a Belgian consumer only what is still open when
    the days after the first reminder have passed.
    """
    law, steps = late.terms.law, tuple(owed)
    measured_on = begins_on
    if law.begins is Begins.REMINDER_AND_14_DAYS and late.notice is not None:
        ends_on = delay_ends_on(late.notice, law.country, calendar=calendar)
        measured_on = max(begins_on, date.fromordinal(ends_on.toordinal() + 1))
    elif not owed_on(steps, begins_on):
        measured_on = next((one.first_day for one in steps if one.principal), until)
    if measured_on > until:
        return None
    return fixed_sum(law, owed_on(steps, measured_on), late.terms.contracted_on)
