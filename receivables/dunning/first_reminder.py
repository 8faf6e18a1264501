"""The free first reminder that a law wants before a consumer is asked for more. Pure.

Until it was given and its days are over, a debtor to whom such a law applies gets friendly words
alone: no interest, no cost, no firmer tone. Source: Belgian CDE/WER art. XIX.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from receivables.dunning.items import Account, Item, Line, Verdict
from receivables.dunning.reasons import Reason
from receivables.dunning.steps import LegalEffect, Step, Tone
from receivables.ids import InvoiceId
from receivables.interest.laws import MILDEST, wants_first_reminder
from receivables.interest.rules import Notice, delay_ends_on
from receivables.ports.channels import Channel
from receivables.workdays import Calendar

#: By these ways all that the law wants named fits into a message.
WRITTEN = (Channel.EMAIL, Channel.LETTER, Channel.REGISTERED)

_MILD = (Tone.HELPFUL, Tone.FRIENDLY)


def is_mild(step: Step) -> bool:
    """Whether a step may be, or go before, the first reminder: it adds nothing and is friendly."""
    return (
        step.level <= MILDEST
        and step.tone in _MILD
        and not step.shows_interest
        and step.legal_effect is not LegalEffect.FORMAL_NOTICE
    )


def opens_on(notice: Notice | None, country: str, *, calendar: Calendar) -> date | None:
    """The first day on which more may be asked for; None while no first reminder was given."""
    if notice is None:
        return None
    return delay_ends_on(notice, country, calendar=calendar) + timedelta(days=1)


def opens_for(account: Account | None, item: Item, *, calendar: Calendar) -> date | None:
    """The same of an invoice; `date.min` where no law wants a first reminder of its debtor."""
    if account is None or not wants_first_reminder(account.country, account.kind):
        return date.min
    return opens_on(item.notice, account.country, calendar=calendar)


def may_take(step: Step, opens: date | None, today: date) -> bool:
    return is_mild(step) or (opens is not None and opens <= today)


def is_first(account: Account, line: Line, level: int, today: date) -> bool:
    """Whether a message of this level is the first reminder of an invoice that it is about."""
    return (
        level <= MILDEST
        and line.item.due_on < today
        and line.item.notice is None
        and wants_first_reminder(account.country, account.kind)
    )


def is_first_reminder(account: Account, verdict: Verdict, today: date) -> bool:
    """Whether the message is the first reminder of one of its invoices."""
    step = verdict.step
    return step is not None and any(
        is_first(account, line, step.level, today) for line in verdict.lines
    )


def ways(account: Account, verdict: Verdict, today: date) -> list[Channel]:
    """The ways of a message's step that are open, the wanted one first."""
    assert verdict.step is not None, "there is something to send"
    found = [one for one in verdict.step.channels if account.carries(one)]
    if is_first_reminder(account, verdict, today):
        return [one for one in found if one in WRITTEN]
    return found


def alone(account: Account, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The lines of a day, firmer steps left to a later one where a first reminder goes out: they
    never go in one message.
    """
    if not wants_first_reminder(account.country, account.kind):
        return lines
    steps = [line.step for line in lines if line.step is not None and not line.step.is_manual]
    if not any(is_mild(step) and step.offset_days > 0 for step in steps):
        return lines
    return tuple(
        replace(line, step=None, superseded=(), reason=Reason.FIRST_REMINDER)
        if line.step is not None and not line.step.is_manual and not is_mild(line.step)
        else line
        for line in lines
    )


def apart(
    account: Account, step: Step, lines: Sequence[Line], today: date, calendar: Calendar
) -> frozenset[InvoiceId]:
    """Invoices that a message of this step does not even list: in a first reminder all others, in
    a firmer one those whose first reminder is still to come, or its days to be over.
    """
    if not wants_first_reminder(account.country, account.kind):
        return frozenset()
    return frozenset(
        line.item.invoice_id
        for line in lines
        if line.step is None
        and (
            is_mild(step)
            or not may_take(step, opens_for(account, line.item, calendar=calendar), today)
        )
    )
