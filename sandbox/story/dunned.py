"""The messages that the product's scenario asks for: those of the past year, and the next ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from sandbox.story.calendar import LEVELS, STEPS, step_day
from sandbox.story.values import StoryInvoice, StoryReminder, StoryStep

#: What is left and not worth a letter, in minor units; the product's own tolerance.
TOLERANCE_MINOR = 200

#: By invoice number: days and amounts that were paid or credited.
Payments = Mapping[str, Sequence[tuple[date, int]]]


def messages(
    invoices: Iterable[StoryInvoice],
    payments: Payments,
    *,
    first: date,
    last: date,
    open_numbers: Collection[str],
) -> list[StoryReminder]:
    """One message per debtor, currency and day between `first` and `last`, in order of the days."""
    accounts: dict[tuple[str, str], list[StoryInvoice]] = defaultdict(list)
    for invoice in invoices:
        accounts[invoice.debtor_number, invoice.currency].append(invoice)
    found = []
    for (debtor_number, currency), of_account in accounts.items():
        for run_on, items in _steps(of_account, payments, first, last).items():
            step = max((item.step for item in items), key=LEVELS.__getitem__)
            found.append(
                StoryReminder(
                    debtor_number=debtor_number,
                    currency=currency,
                    run_on=run_on,
                    step=step,
                    amount_minor=_asked(of_account, payments, run_on, step, items),
                    items=tuple(items),
                    still_matters=any(item.invoice_number in open_numbers for item in items),
                )
            )
    return sorted(found, key=lambda one: (one.run_on, one.debtor_number, one.currency))


def _steps(
    invoices: Iterable[StoryInvoice], payments: Payments, first: date, last: date
) -> dict[date, list[StoryStep]]:
    found: dict[date, list[StoryStep]] = defaultdict(list)
    for invoice in invoices:
        for step in STEPS:
            day = step_day(step, invoice.due_on)
            left = outstanding(invoice, payments, day)
            if first <= day <= last and day >= invoice.issued_on and left > TOLERANCE_MINOR:
                found[day].append(StoryStep(invoice.number, step, left))
    return found


def _asked(
    invoices: Iterable[StoryInvoice],
    payments: Payments,
    run_on: date,
    step: str,
    items: Iterable[StoryStep],
) -> int:
    """A courtesy asks for its own invoices, a reminder for everything overdue."""
    if step == "courtesy":
        return sum(item.outstanding_minor for item in items)
    overdue = [
        outstanding(invoice, payments, run_on) for invoice in invoices if invoice.due_on < run_on
    ]
    return sum(left for left in overdue if left > TOLERANCE_MINOR)


def outstanding(invoice: StoryInvoice, payments: Payments, day: date) -> int:
    """What was open in the morning of a day."""
    paid = sum(amount for on, amount in payments.get(invoice.number, ()) if on < day)
    return invoice.amount_minor - paid
