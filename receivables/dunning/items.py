"""What dunning decides from, and what it decides: values, one debtor in one currency at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from receivables.credit.rules import PayerClass, Standing
from receivables.dunning.reasons import Reason
from receivables.dunning.steps import Mode, Step
from receivables.ids import DebtorId, InvoiceId
from receivables.interest.rules import Notice
from receivables.ledger.holds import Hold, HoldReason, held_amount, held_for, standing
from receivables.money import Money
from receivables.ports.channels import Channel
from receivables.promises.rules import BrokenPromise

_NOTHING_KNOWN = Standing()

#: What an item's step is called when it is taken again: see `Item.lagging`.
AGAIN = "+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A person stopped demands from `since` on, up to `until` or for good."""

    reason: Reason
    since: date
    until: date | None = None

    def stands(self, today: date) -> bool:
        return self.since <= today and (self.until is None or today <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A message the debtor has had, or perhaps had, by whichever channel."""

    on: date
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What dunning needs to know about one open invoice, and nothing else."""

    invoice_id: InvoiceId
    number: str
    issued_on: date
    due_on: date
    outstanding: Money
    #: On its way: in an open checkout, or being processed.
    processing: Money
    #: Steps a message has taken, or that a higher one stands for.
    taken: frozenset[str] = frozenset()
    #: Of these, the ones whose message spoke in a lower step's words: they may be taken again.
    lagging: frozenset[str] = frozenset()
    #: Of these, the ones that a person decided against: nothing was said or done.
    declined: frozenset[str] = frozenset()
    #: When a message last took a step of it: a day takes one at most.
    taken_on: date | None = None
    #: Why it, or a part of it, is not asked for; the most telling first.
    holds: tuple[Hold, ...] = ()
    stops: tuple[Stop, ...] = ()
    #: A promise about it that came to nothing, and that no message has spoken of yet.
    broken: BrokenPromise | None = None
    #: The free first reminder of it, where a law wants one and it was given.
    notice: Notice | None = None

    def is_promise_broken(self, today: date) -> bool:
        return self.broken is not None and self.broken.broken_on <= today and self.due_on < today

    @property
    def disputed(self) -> Money:
        """What of it is contested: stated beside what is asked for."""
        return held_for(self.outstanding, self.holds, HoldReason.DISPUTED)

    @property
    def promised(self) -> Money:
        """What of it is promised for a day to come: stated beside what is asked for, too."""
        return held_for(self.outstanding, self.holds, HoldReason.PROMISED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One debtor in one currency, as it stands."""

    debtor_id: DebtorId
    currency: str
    country: str
    items: Sequence[Item]
    unapplied: Money
    #: ISO 3166-2 without the country: canton, Land; empty where it is not known.
    region: str = ""
    #: "business" or "consumer".
    kind: str = "business"
    #: Of the highest message ever sent to the debtor; None before the first.
    last_level: int | None = None
    #: Why no e-mail can be written to the debtor, if so.
    unreachable: Reason | None = None
    #: By which other ways the debtor can be reached.
    reachable: frozenset[Channel] = frozenset()
    #: Whether anything may be demanded of the debtor at all.
    standing: Standing = _NOTHING_KNOWN
    stops: tuple[Stop, ...] = ()
    #: Messages of the last weeks, over all channels and currencies.
    made: tuple[Made, ...] = ()
    #: When the debtor last wrote or spoke to us.
    heard_on: date | None = None
    #: What waits for a person in this currency: purposes of messages, see `Reminder.purpose`.
    waiting: frozenset[str] = frozenset()
    #: A person has taken the day's message out of the preview.
    vetoed: bool = False

    @property
    def place(self) -> str:
        """Where the debtor's holidays are those of."""
        return f"{self.country}-{self.region}" if self.region else self.country

    @property
    def payer(self) -> PayerClass:
        return self.standing.payer_class

    def carries(self, channel: Channel) -> bool:
        """Whether the debtor can be reached that way."""
        if channel is Channel.EMAIL:
            return self.unreachable is None
        return channel in self.reachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One invoice as a run sees it: what may be demanded, which step it takes, and why."""

    item: Item
    amount: Money
    reason: Reason
    step: Step | None = None
    superseded: tuple[Step, ...] = ()
    #: When its next step falls; None when there is none.
    next_on: date | None = None
    #: The step was taken before, in lower words, and is taken in its own now.
    again: bool = False

    @property
    def taken_as(self) -> str:
        """The name under which the step is on record."""
        assert self.step is not None, "a step is taken"
        return self.step.name + AGAIN if self.again else self.step.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A step that a person releases: it goes its own way beside the message of the day."""

    step: Step
    channel: Channel | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a run does about one account: a message about `lines`, or (step None) nothing.

    `coming` is shown in the message for information and not asked for; `held` is left alone.
    `waits` says why the message waits for a person; `tasks` always do.
    """

    account: Account
    reason: Reason
    step: Step | None
    lines: tuple[Line, ...] = ()
    coming: tuple[Line, ...] = ()
    held: tuple[Line, ...] = ()
    tasks: tuple[Task, ...] = ()
    channel: Channel = Channel.EMAIL
    beside: tuple[Channel, ...] = ()
    waits: Reason | None = None
    vetoed: bool = False

    @property
    def total(self) -> Money:
        """What the message asks for."""
        return Money.total((line.amount for line in self.lines), self.account.currency)

    @property
    def disputed(self) -> tuple[Line, ...]:
        """The invoices of which something is contested: stated, and not asked for."""
        return tuple(line for line in self._every if line.item.holds and line.item.disputed)

    @property
    def promised(self) -> tuple[Line, ...]:
        """The invoices of which something is promised: stated, and not asked for."""
        return tuple(line for line in self._every if line.item.holds and line.item.promised)

    @property
    def _every(self) -> tuple[Line, ...]:
        return (*self.lines, *self.coming, *self.held)

    @property
    def taking(self) -> tuple[Line, ...]:
        """The invoices for which a step is taken, whether asked for or shown as coming."""
        return tuple(line for line in (*self.lines, *self.coming) if line.step is not None)

    @property
    def is_automatic(self) -> bool:
        return self.step is not None and self.step.mode is not Mode.MANUAL and self.waits is None


def dunnable(item: Item) -> Money:
    """What may be demanded of an invoice now: outstanding, less what is on its way or held."""
    if not item.holds and not item.processing and item.outstanding.minor > 0:
        return item.outstanding
    held = held_amount(item.outstanding, item.holds)
    return max(Money.zero(item.outstanding.currency), item.outstanding - item.processing - held)


def on_day(item: Item, today: date) -> Item:
    """The item with those of its holds and stops that last until `today` at least."""
    if not item.holds and not item.stops:
        return item
    stops = tuple(one for one in item.stops if one.stands(today))
    return replace(item, holds=standing(item.holds, today), stops=stops)


def days_past_due(due_on: date, today: date) -> int:
    """Whole days after the due date; negative before it."""
    return (today - due_on).days


#: Invoices due within this time are shown in a message about others.
SOON = timedelta(days=7)
