"""What is written to whom, and why: decided from invoices, history and date alone.

Nothing here keeps a timer or a counter: paying one invoice cannot restart another, a run that is
made twice decides the same, and tomorrow's messages are known by asking with tomorrow's date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from receivables.credit.rules import Standing
from receivables.ids import DebtorId, InvoiceId
from receivables.ledger.holds import Hold, HoldReason, held_amount, held_for, standing
from receivables.money import Money
from receivables.promises.rules import BrokenPromise
from receivables.workdays import Calendar


class Reason(StrEnum):
    """Why an invoice is in a message, or is left alone; why a message was not sent."""

    STEP_DUE = "step_due"
    """Its next step falls on this day."""
    CAUGHT_UP = "caught_up"
    """Its step should have been taken earlier; the highest that was missed is taken now."""
    LISTED = "listed"
    """Overdue, and listed because the debtor is written to anyway."""
    PROMISE_BROKEN = "promise_broken"
    """What was promised did not come: its next step is taken at once."""
    COMING = "coming"
    """Not due yet, and shown for information."""

    NOT_YET = "not_yet"
    """Its next step is a later day's."""
    NO_STEP_LEFT = "no_step_left"
    PAYMENT_ON_ITS_WAY = "payment_on_its_way"
    HANDED_OVER = HoldReason.HANDED_OVER.value
    DISPUTED = HoldReason.DISPUTED.value
    ON_PLAN = HoldReason.ON_PLAN.value
    PLAN_PROPOSED = HoldReason.PLAN_PROPOSED.value
    SAID_TO_BE_PAID = HoldReason.SAID_TO_BE_PAID.value
    PROMISED = HoldReason.PROMISED.value
    CHARGED_BACK = HoldReason.CHARGED_BACK.value
    GRACE = HoldReason.GRACE.value
    TOLERANCE = "tolerance"
    """Too little is left to write about."""
    INSOLVENT = "insolvent"
    """Insolvency proceedings are open: nothing is demanded, a claim is filed."""
    STOPPED = "stopped"
    """The supplier stopped every demand on this debtor."""
    CREDIT_COVERS = "credit_covers"
    """The debtor's credits and unapplied cash cover what is open."""
    NO_CONTACT = "no_contact"
    ADDRESS_DEAD = "address_dead"
    NOT_A_WORKING_DAY = "not_a_working_day"

    SETTLED = "settled"
    """Paid or credited between planning and sending."""
    OVERTAKEN = "overtaken"
    """Its day passed before it could be sent; a later run decides anew."""
    NO_ANSWER = "no_answer"
    """The mail server had it in hand and did not say whether it took it."""
    NOT_SENT = "not_sent"
    """A person says that it was not sent."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a scenario: `offset_days` after the due date, negative before it."""

    name: str
    offset_days: int
    level: int


_NOTHING_KNOWN = Standing()

#: Levels are those of the words used: 0 helpful, 1 friendly, 2 firm.
SCENARIO = (Step("courtesy", -7, 0), Step("r1", 3, 1), Step("r2", 10, 2))

#: What a message is for, where that is a step of the scenario.
DEMAND = "demand"

#: What is left of a debt and not worth a letter, in the currency's own units.
TOLERANCE = "2.00"

#: Invoices due within this time are shown in a message about others.
SOON = timedelta(days=7)

#: Runs begin at this hour where the supplier is, and none begins after the second: nobody is
#: written to at night because a machine was down by day.
SEND_FROM, SEND_UNTIL = time(8), time(20)


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
    #: Why it, or a part of it, is not asked for; the most telling first.
    holds: tuple[Hold, ...] = ()
    #: A promise about it that came to nothing, and that no message has spoken of yet.
    broken: BrokenPromise | None = None

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
    #: Of the highest message ever sent to the debtor; None before the first.
    last_level: int | None = None
    #: Why the debtor cannot be written to, if so.
    unreachable: Reason | None = None
    #: Whether anything may be demanded of the debtor at all.
    standing: Standing = _NOTHING_KNOWN


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a run does about one account: a message about `lines`, or (step None) nothing.

    `coming` is shown in the message for information and not asked for; `held` is left alone.
    """

    account: Account
    reason: Reason
    step: Step | None
    lines: tuple[Line, ...] = ()
    coming: tuple[Line, ...] = ()
    held: tuple[Line, ...] = ()

    @property
    def total(self) -> Money:
        """What the message asks for."""
        return Money.total((line.amount for line in self.lines), self.account.currency)

    @property
    def disputed(self) -> tuple[Line, ...]:
        """The invoices of which something is contested: stated, and not asked for."""
        return tuple(line for line in self._every if line.item.disputed)

    @property
    def promised(self) -> tuple[Line, ...]:
        """The invoices of which something is promised: stated, and not asked for."""
        return tuple(line for line in self._every if line.item.promised)

    @property
    def _every(self) -> tuple[Line, ...]:
        return (*self.lines, *self.coming, *self.held)

    @property
    def taking(self) -> tuple[Line, ...]:
        """The invoices for which a step is taken, whether asked for or shown as coming."""
        return tuple(line for line in (*self.lines, *self.coming) if line.step is not None)


def dunnable(item: Item) -> Money:
    """What may be demanded of an invoice now: outstanding, less what is on its way or held."""
    held = held_amount(item.outstanding, item.holds)
    return max(Money.zero(item.outstanding.currency), item.outstanding - item.processing - held)


def on_day(item: Item, today: date) -> Item:
    """The item with those of its holds that last until `today` at least."""
    return replace(item, holds=standing(item.holds, today))


def days_past_due(due_on: date, today: date) -> int:
    """Whole days after the due date; negative before it."""
    return (today - due_on).days


def run_day(now: datetime, zone: str) -> date | None:
    """The day whose run may be made at this instant; None outside of the hours."""
    local = now.astimezone(ZoneInfo(zone))
    return local.date() if SEND_FROM <= local.time() < SEND_UNTIL else None


def step_day(step: Step, due_on: date, country: str, calendar: Calendar) -> date:
    """When a step falls: after the due date rolled to the next working day, before it to the
    one before, so that nobody is asked early or warned late.
    """
    day = due_on + timedelta(days=step.offset_days)
    stride = timedelta(days=-1 if step.offset_days < 0 else 1)
    while not calendar.is_working_day(day, country):
        day += stride
    return day


def next_step(
    scenario: Sequence[Step], item: Item, today: date, *, country: str, calendar: Calendar
) -> Line:
    """The step an invoice takes today, if any, and the lower ones that it stands for.

    Of several that were missed only the highest is taken; after a broken promise the next one is
    taken though its day has not come. A courtesy is not caught up with once
    the invoice is due, nor sent when its day came before the invoice did.
    """
    amount = dunnable(item)
    days = {step: step_day(step, item.due_on, country, calendar) for step in scenario}
    reached = [step for step in scenario if days[step] <= today]
    later = [days[step] for step in scenario if days[step] > today]
    next_on = min(later, default=None)
    open_steps = [
        step
        for step in reached
        if step.name not in item.taken
        and (step.offset_days >= 0 or (today <= item.due_on and days[step] >= item.issued_on))
    ]
    # What comes before a step that was taken is over, taken or not.
    highest_taken = max((step.level for step in scenario if step.name in item.taken), default=-1)
    open_steps = [step for step in open_steps if step.level > highest_taken]
    brought_forward = not open_steps and item.is_promise_broken(today)
    if brought_forward:
        ahead = [step for step in scenario if step.offset_days > 0 and step.level > highest_taken]
        open_steps = sorted(ahead, key=lambda one: one.level)[:1]
    if not open_steps:
        reason = Reason.NOT_YET if later else Reason.NO_STEP_LEFT
        return Line(item=item, amount=amount, reason=reason, next_on=next_on)
    step = max(open_steps, key=lambda one: one.level)
    superseded = tuple(
        one
        for one in scenario
        if highest_taken < one.level < step.level and one.name not in item.taken
    )
    reason = Reason.STEP_DUE if days[step] == today else Reason.CAUGHT_UP
    if brought_forward:
        reason = Reason.PROMISE_BROKEN
        after = [days[one] for one in scenario if one.level > step.level]
        next_on = min(after, default=None)
    return Line(
        item=item, amount=amount, reason=reason, step=step, superseded=superseded, next_on=next_on
    )


def capped(scenario: Sequence[Step], lines: Sequence[Line], last_level: int | None) -> Step:
    """The step whose words a message uses: its highest item's, one above the last at most.

    Somebody who was never reminded gets the first reminder, however late it is.
    """
    highest = max(line.step.level for line in lines if line.step is not None)
    most = max(last_level or 0, 0) + 1
    level = min(highest, most)
    return max((step for step in scenario if step.level <= level), key=lambda step: step.level)


def decide(
    scenario: Sequence[Step], account: Account, today: date, *, calendar: Calendar
) -> Verdict:
    """What is done about one account on one day; a reason for everything that is not."""
    tolerance = Money.parse(TOLERANCE, account.currency)
    seen = [
        next_step(scenario, on_day(item, today), today, country=account.country, calendar=calendar)
        for item in account.items
    ]
    lines = [_unless_little(line, tolerance) for line in seen]
    if hold := _hold(account, lines, today, tolerance, calendar):
        held = tuple(replace(line, reason=hold) if line.step else line for line in lines)
        return Verdict(account=account, reason=hold, step=None, held=held)
    step = capped(scenario, lines, account.last_level)
    demanding = any(line.step.offset_days > 0 for line in lines if line.step is not None)
    about, coming, held_lines = [], [], []
    for line in lines:
        overdue = line.item.due_on < today
        soon = not overdue and line.item.due_on <= today + SOON
        if line.amount <= tolerance:
            held_lines.append(line)
        elif overdue and demanding:
            about.append(line if line.step else replace(line, reason=Reason.LISTED))
        elif line.step is not None and not demanding:
            about.append(line)
        elif line.step is not None or soon:
            coming.append(replace(line, reason=Reason.COMING))
        else:
            held_lines.append(line)
    return Verdict(
        account=account,
        reason=Reason.STEP_DUE,
        step=step,
        lines=tuple(about),
        coming=tuple(coming),
        held=tuple(held_lines),
    )


#: Reasons of Hold, in its order.
_HELD = tuple(Reason(reason.value) for reason in HoldReason)


def _hold(
    account: Account, lines: Sequence[Line], today: date, tolerance: Money, calendar: Calendar
) -> Reason | None:
    """Why nothing is sent for an account today, or None."""
    if not any(line.step for line in lines):
        reasons = {line.reason for line in lines}
        ranked = (Reason.PAYMENT_ON_ITS_WAY, *_HELD, Reason.TOLERANCE, Reason.NOT_YET)
        return next((reason for reason in ranked if reason in reasons), Reason.NO_STEP_LEFT)
    if account.standing.is_stopped(today):
        return Reason.STOPPED if account.standing.insolvent_on is None else Reason.INSOLVENT
    if account.unreachable is not None:
        return account.unreachable
    owed = Money.total((item.outstanding for item in account.items), account.currency)
    if owed - account.unapplied <= tolerance:
        return Reason.CREDIT_COVERS
    if not calendar.is_working_day(today, account.country):
        return Reason.NOT_A_WORKING_DAY
    return None


def _unless_little(line: Line, tolerance: Money) -> Line:
    """A line without its step when what is left to demand is not worth a message."""
    if line.amount > tolerance:
        return line
    if line.item.holds:
        reason = Reason(line.item.holds[0].reason)
    else:
        reason = Reason.PAYMENT_ON_ITS_WAY if line.item.processing else Reason.TOLERANCE
    return replace(line, reason=reason, step=None, superseded=())
