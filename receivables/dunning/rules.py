"""What is written to whom, and why: decided from invoices, history and date alone.

Nothing here keeps a timer or a counter: paying one invoice cannot restart another, a run that is
made twice decides the same, and tomorrow's messages are known by asking with tomorrow's date.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date

from receivables.dunning.first_reminder import alone, apart, is_first_reminder, ways
from receivables.dunning.items import (
    SOON,
    Account,
    Item,
    Line,
    Made,
    Stop,
    Task,
    Verdict,
    days_past_due,
    dunnable,
    on_day,
)
from receivables.dunning.limits import NO_HOUSE, House, too_often
from receivables.dunning.reasons import Reason
from receivables.dunning.stepping import capped, most_level, next_step, step_day
from receivables.dunning.steps import Mode, Scenario, Step
from receivables.dunning.windows import SEND_FROM, SEND_UNTIL, run_day
from receivables.ids import InvoiceId
from receivables.ledger.holds import HoldReason
from receivables.money import Money
from receivables.ports.channels import Channel
from receivables.workdays import Calendar, working_days_later

__all__ = [
    "DEMAND",
    "SEND_FROM",
    "SEND_UNTIL",
    "TOLERANCE",
    "Account",
    "Item",
    "Line",
    "Made",
    "Reason",
    "Step",
    "Stop",
    "Task",
    "Verdict",
    "capped",
    "days_past_due",
    "decide",
    "dunnable",
    "most_level",
    "next_step",
    "run_day",
    "step_day",
    "why_nothing",
]

#: What a message is for, where that is a step of the scenario; a task's purpose is its step.
DEMAND = "demand"

#: What is left of a debt and not worth a letter, in the currency's own units.
TOLERANCE = "2.00"


def decide(
    scenario: Scenario,
    account: Account,
    today: date,
    *,
    calendar: Calendar,
    house: House = NO_HOUSE,
    released: bool = False,
) -> Verdict:
    """What is done about one account on one day; a reason for everything that is not.

    `released`: a person let the message out, so that no limit and no amount keeps it back.
    """
    tolerance = Money.parse(TOLERANCE, account.currency)
    lines = _seen(scenario, account, account.items, today, tolerance, calendar)
    if any(line.step is not None and not line.step.is_manual for line in lines):
        lines = _gathered(scenario, account, lines, today, tolerance, calendar, house)
    lines = alone(account, lines)
    if hold := _hold_all(account, lines, today, tolerance, calendar, house):
        return Verdict(account=account, reason=hold, step=None, held=_all_held(lines, hold))
    demanded = house.holds_demands(today, calendar)
    if demanded is not None:
        lines = tuple(_unless_demanded(line, demanded) for line in lines)
    tasks, lines = _tasks(account, lines)
    message = [line for line in lines if line.step is not None]
    if not message:
        reason = Reason.MANUAL if tasks else (demanded or why_nothing(lines))
        return Verdict(account=account, reason=reason, step=None, held=lines, tasks=tasks)
    step = capped(scenario, message, account.last_level)
    unlisted = apart(account, step, lines, today, calendar)
    verdict = _compose(account, step, lines, tasks, today, tolerance, unlisted)
    hold = _hold_message(account, verdict, step, today, house, calendar, released)
    if hold is not None:
        held = _all_held(lines, hold)
        return Verdict(account=account, reason=hold, step=None, held=held, tasks=tasks)
    return verdict if released else _let_out(verdict, step, account, today, house, calendar)


def _seen(
    scenario: Scenario,
    account: Account,
    items: Sequence[Item],
    today: date,
    tolerance: Money,
    calendar: Calendar,
    until: date | None = None,
) -> tuple[Line, ...]:
    return tuple(
        _unless_held(
            next_step(
                scenario, on_day(item, today), today, country=account.place, calendar=calendar,
                account=account, until=until,
            ),
            tolerance,
        )
        for item in items
    )  # fmt: skip


def _gathered(
    scenario: Scenario,
    account: Account,
    lines: Sequence[Line],
    today: date,
    tolerance: Money,
    calendar: Calendar,
    house: House,
) -> tuple[Line, ...]:
    """The lines, with steps of the next days taken for items that have none today."""
    days = house.limits.gather_days
    until = working_days_later(today, days, country=account.place, calendar=calendar)
    waiting = [
        line.item
        for line in lines
        if line.reason is Reason.NOT_YET and line.next_on is not None and line.next_on <= until
    ]
    taken = {
        line.item.invoice_id: line
        for line in _seen(scenario, account, waiting, today, tolerance, calendar, until)
    }
    return tuple(taken.get(line.item.invoice_id, line) for line in lines)


def _compose(
    account: Account,
    step: Step,
    lines: Sequence[Line],
    tasks: tuple[Task, ...],
    today: date,
    tolerance: Money,
    unlisted: Collection[InvoiceId],
) -> Verdict:
    """The message: what it asks for, what it shows for information, what it leaves out."""
    demanding = any(line.step.offset_days > 0 for line in lines if line.step is not None)
    in_tasks = {line.item.invoice_id for task in tasks for line in task.lines}
    about, coming, held = [], [], []
    for line in lines:
        overdue = line.item.due_on < today
        soon = not overdue and line.item.due_on <= today + SOON
        if line.amount <= tolerance or line.item.stops:
            held.append(line)
        elif overdue and line.item.invoice_id in unlisted:
            is_due = line.item.invoice_id in in_tasks
            held.append(line if is_due else replace(line, reason=Reason.FIRST_REMINDER))
        elif overdue and demanding:
            listed = line.step or line.item.invoice_id in in_tasks
            about.append(line if listed else replace(line, reason=Reason.LISTED))
        elif line.step is not None and not demanding:
            about.append(line)
        elif line.step is not None or soon:
            coming.append(replace(line, reason=Reason.COMING))
        else:
            held.append(line)
    return Verdict(
        account=account, reason=Reason.STEP_DUE, step=step, lines=tuple(about),
        coming=tuple(coming), held=tuple(held), tasks=tasks,
    )  # fmt: skip


def _hold_all(
    account: Account,
    lines: Sequence[Line],
    today: date,
    tolerance: Money,
    calendar: Calendar,
    house: House,
) -> Reason | None:
    """Why nothing at all is done for an account today, or None."""
    if not any(line.step for line in lines):
        return why_nothing(lines)
    if account.standing.is_stopped(today):
        return Reason.STOPPED if account.standing.insolvent_on is None else Reason.INSOLVENT
    stop = next((one for one in account.stops if one.stands(today)), None)
    if stop is not None:
        return stop.reason
    owed = Money.total((item.outstanding for item in account.items), account.currency)
    if owed - account.unapplied <= tolerance:
        return Reason.CREDIT_COVERS
    if not calendar.is_working_day(today, account.place):
        return Reason.NOT_A_WORKING_DAY
    return house.holds_all(today)


def _hold_message(
    account: Account,
    verdict: Verdict,
    step: Step,
    today: date,
    house: House,
    calendar: Calendar,
    released: bool,
) -> Reason | None:
    """Why the day's message is not sent though it has its reasons, or None."""
    if not ways(account, verdict, today):
        return account.unreachable or Reason.NO_CONTACT
    if not house.names_itself and is_first_reminder(account, verdict, today):
        return Reason.NO_COMPANY_NUMBER
    if released:
        return None
    if DEMAND in account.waiting:
        return Reason.WAITS_FOR_RELEASE
    if step.min_amount is not None and verdict.total.decimal < step.min_amount:
        return Reason.BELOW_MINIMUM
    shown = house.shown is None or today in house.shown
    if step.mode is Mode.AUTO_WITH_VETO and not shown:
        return Reason.NOT_SHOWN_YET
    return too_often(account, today, house.limits, calendar, at_once=_is_at_once(verdict))


def _let_out(
    verdict: Verdict, step: Step, account: Account, today: date, house: House, calendar: Calendar
) -> Verdict:
    """By which ways the message goes, and whether a person lets it out."""
    channel = ways(account, verdict, today)[0]
    beside = tuple(one for one in step.beside if account.carries(one))
    limits = house.limits
    more, at_once = 1 + len(beside), _is_at_once(verdict)
    if too_often(account, today, limits, calendar, more=more, at_once=at_once):
        beside = ()
    waits = None
    if step.max_auto_amount is not None and verdict.total.decimal > step.max_auto_amount:
        waits = Reason.ABOVE_AUTO_AMOUNT
    return replace(
        verdict, channel=channel, beside=beside, waits=waits, vetoed=account.vetoed
    )  # fmt: skip


def _is_at_once(verdict: Verdict) -> bool:
    """Whether the message follows a broken promise."""
    return any(line.reason is Reason.PROMISE_BROKEN for line in verdict.taking)


def _tasks(account: Account, lines: Sequence[Line]) -> tuple[tuple[Task, ...], tuple[Line, ...]]:
    """What a person releases, by step, and the lines without those steps."""
    tasks: dict[Step, list[Line]] = {}
    left = []
    for line in lines:
        step = line.step
        if step is None or not step.is_manual:
            left.append(line)
        elif step.name in account.waiting:
            left.append(replace(line, step=None, superseded=(), reason=Reason.WAITS_FOR_RELEASE))
        else:
            tasks.setdefault(step, []).append(line)
            left.append(replace(line, step=None, superseded=(), reason=Reason.MANUAL))
    found = tuple(
        Task(step=step, channel=_way(account, step), lines=tuple(of_step))
        for step, of_step in tasks.items()
    )
    return found, tuple(left)


def _way(account: Account, step: Step) -> Channel | None:
    """How a person's step goes: the first way that is open, else the one that was wanted."""
    open_ways = (one for one in step.channels if account.carries(one))
    return next(open_ways, step.channels[0] if step.channels else None)


#: Reasons of Hold, in its order.
_HELD = tuple(Reason(reason.value) for reason in HoldReason)
_TELLING = (
    Reason.ITEM_STOPPED, Reason.PAYMENT_ON_ITS_WAY, *_HELD, Reason.TOLERANCE,
    Reason.WAITS_FOR_RELEASE, Reason.HANDOVER_WAITS, Reason.FIRST_REMINDER, Reason.NOT_YET,
    Reason.HANDED_OVER,
)  # fmt: skip


def why_nothing(lines: Iterable[Line]) -> Reason:
    """The most telling reason of those for which no item takes a step."""
    reasons = {line.reason for line in lines}
    return next((reason for reason in _TELLING if reason in reasons), Reason.NO_STEP_LEFT)


def _all_held(lines: Iterable[Line], hold: Reason) -> tuple[Line, ...]:
    return tuple(replace(line, reason=hold) if line.step else line for line in lines)


def _unless_held(line: Line, tolerance: Money) -> Line:
    """A line without its step when it was stopped, or what is left is not worth a message."""
    if line.item.stops:
        return replace(line, reason=line.item.stops[0].reason, step=None, superseded=())
    if line.amount > tolerance:
        return line
    if line.item.holds:
        reason = Reason(line.item.holds[0].reason)
    else:
        reason = Reason.PAYMENT_ON_ITS_WAY if line.item.processing else Reason.TOLERANCE
    return replace(line, reason=reason, step=None, superseded=())


def _unless_demanded(line: Line, held: Reason) -> Line:
    """A line without its step when that asks for what is overdue."""
    if line.step is None or line.step.offset_days < 0:
        return line
    return replace(line, reason=held, step=None, superseded=())
