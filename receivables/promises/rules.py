"""Which promises are taken, whether one was kept, and how long a debtor is believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from receivables.credit.rules import PayerClass
from receivables.ids import InvoiceId, PromiseId
from receivables.money import Money
from receivables.workdays import Calendar, working_days_later


class PromiseState(StrEnum):
    ACTIVE = "active"
    """Its day has not passed: what it covers is not asked for."""
    KEPT = "kept"
    KEPT_IN_PART = "kept_in_part"
    """Its day passed, and some of the money had come."""
    BROKEN = "broken"
    SUPERSEDED = "superseded"
    """Another promise about one of its invoices took its place."""
    CANCELLED = "cancelled"
    """A person took it back, or nothing is owed any more although nobody paid."""


class Source(StrEnum):
    """Who wrote it down."""

    DEBTOR = "debtor"
    STAFF = "staff"
    CALL = "call"
    """Staff, for what was said on the telephone."""


class ClaimState(StrEnum):
    """Of a declaration that something is paid already."""

    OPEN = "open"
    """The debtor is believed for a while, and the money is looked for."""
    TO_APPROVE = "to_approve"
    """The second one about an invoice: it holds nothing until the supplier says yes."""
    REFUSED = "refused"
    MATCHED = "matched"
    """The money was found."""
    NOT_FOUND = "not_found"
    """A person looked and did not find it; the debtor is asked for a proof."""
    LAPSED = "lapsed"
    """Nobody found it in time; the debtor is asked for a proof."""


#: For how many working days a debtor may promise; None: not at all. New debtors are trusted as
#: the middle class is. A policy of ours.
MOST_WORKING_DAYS: Mapping[PayerClass, int | None] = {
    PayerClass.A: 10,
    PayerClass.B: 10,
    PayerClass.C: 7,
    PayerClass.N: 7,
    PayerClass.D: 3,
    PayerClass.E: None,
}

#: How often a debtor may promise the same invoice. The second time half as far ahead.
MOST_PROMISES = 2

#: Money may be so many working days late, and so much short: banks take their time and fees.
LATE_BY_WORKING_DAYS = 2
TOLERANCE = "2.00"

#: A broken promise over more than this is a person's to follow up, in the currency's own units.
BY_HAND_ABOVE = "1000.00"

#: How far ahead staff may write down a promise; they decide the rest themselves.
MOST_DAYS_BY_STAFF = 90

#: How long a debtor is believed who says that they have paid, in working days.
BELIEVED_FOR = 5
#: The oldest payment one may point to.
OLDEST_PAYMENT = timedelta(days=365)


class Refusal(StrEnum):
    """Why an invoice cannot be promised by the debtor alone."""

    INSOLVENT = "insolvent"
    FORMAL_NOTICE = "formal_notice"
    """A formal notice was sent for it: its deadline stands."""
    PAYER_CLASS = "payer_class"
    TOO_OFTEN = "too_often"
    NOTHING_LEFT = "nothing_left"
    """All of it is on its way, contested or on a plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promisable:
    """One open invoice, as far as promising it is concerned."""

    invoice_id: InvoiceId
    number: str
    due_on: date
    outstanding: Money
    #: Outstanding less what is on its way, contested or on a plan.
    payable: Money
    #: How often it was promised before.
    promised_before: int = 0
    after_formal_notice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a debtor may promise alone."""

    payer_class: PayerClass
    insolvent: bool
    today: date
    country: str
    calendar: Calendar

    def refusal(self, item: Promisable) -> Refusal | None:
        """Why the debtor cannot promise this invoice, or None."""
        if self.insolvent:
            return Refusal.INSOLVENT
        if item.after_formal_notice:
            return Refusal.FORMAL_NOTICE
        if MOST_WORKING_DAYS[self.payer_class] is None:
            return Refusal.PAYER_CLASS
        if item.promised_before >= MOST_PROMISES:
            return Refusal.TOO_OFTEN
        return None if item.payable.minor > 0 else Refusal.NOTHING_LEFT

    def latest(self, item: Promisable) -> date:
        """The last day the debtor may promise this invoice for: counted from today, or from its
        due date while that is still to come.
        """
        most = MOST_WORKING_DAYS[self.payer_class]
        assert most is not None, "refused"
        if item.promised_before:
            most //= 2
        start = max(self.today, item.due_on)
        return working_days_later(start, most, country=self.country, calendar=self.calendar)

    def latest_of(self, items: Sequence[Promisable]) -> date:
        """The last day for a promise about all of these."""
        return min(self.latest(item) for item in items)


def last_value_date(promised_on: date, *, country: str, calendar: Calendar) -> date:
    """The last value date on which money still keeps a promise."""
    return working_days_later(promised_on, LATE_BY_WORKING_DAYS, country=country, calendar=calendar)


def judge(
    amount: Money,
    *,
    received: Money,
    outstanding: Money,
    on_its_way: Money,
    judged_on: date,
    today: date,
) -> PromiseState | None:
    """What has become of an active promise; None while it stays active.

    `received` came with a value date of `judged_on` at the latest. What is still on its way on
    the day after is waited for, if it makes up for what is missing.
    """
    tolerance = Money.parse(TOLERANCE, amount.currency)
    if received >= amount - tolerance and received.minor > 0:
        return PromiseState.KEPT
    if not outstanding:
        return PromiseState.CANCELLED
    if today <= judged_on or received + on_its_way >= amount - tolerance:
        return None
    return PromiseState.KEPT_IN_PART if received.minor > 0 else PromiseState.BROKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPromise:
    """What was promised, what came of it, and the day from which the debtor is asked again."""

    id: PromiseId
    amount: Money
    received: Money
    promised_on: date
    broken_on: date


def needs_person(amount: Money, received: Money) -> bool:
    """Whether what a broken promise lacks is worth a person's time."""
    return amount - received > Money.parse(BY_HAND_ABOVE, amount.currency)


def is_at_risk(
    amount: Money, received: Money, *, promised_on: date, today: date, country: str,
    calendar: Calendar,
) -> bool:  # fmt: skip
    """Whether an active promise comes due by the next working day and the money is not here."""
    tomorrow = working_days_later(today, 1, country=country, calendar=calendar)
    return promised_on <= tomorrow and received < amount - Money.parse(TOLERANCE, amount.currency)


def believed_until(today: date, *, country: str, calendar: Calendar) -> date:
    """The last day on which an invoice is left alone because it is said to be paid."""
    return working_days_later(today, BELIEVED_FOR, country=country, calendar=calendar)
