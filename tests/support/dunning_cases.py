"""Invoices and accounts as dunning's rules see them, and the verdict of a day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from receivables.dunning.rules import Account, Item, Verdict, decide
from receivables.dunning.steps import THREE_MAILS as SCENARIO
from receivables.ids import DebtorId, InvoiceId
from receivables.money import Money
from receivables.workdays import WEEKDAYS

#: D+3 and D+10 are Mondays.
FRIDAY = date(2026, 11, 6)


def chf(text: str) -> Money:
    return Money.parse(text, "CHF")


def item(number: int = 1, amount: str = "100.00", **given: object) -> Item:
    values: dict[str, object] = {
        "invoice_id": InvoiceId(UUID(int=number)),
        "number": f"2026-{number}",
        "issued_on": date(2026, 9, 1),
        "due_on": FRIDAY,
        "outstanding": chf(amount),
        "processing": chf("0.00"),
    }
    return Item(**{**values, **given})  # type: ignore[arg-type]


def account(*items: Item, **given: object) -> Account:
    values: dict[str, object] = {
        "debtor_id": DebtorId(UUID(int=99)),
        "currency": "CHF",
        "country": "CH",
        "items": items,
        "unapplied": chf("0.00"),
    }
    return Account(**{**values, **given})  # type: ignore[arg-type]


def verdict_on(today: date, of: Account) -> Verdict:
    return decide(SCENARIO, of, today, calendar=WEEKDAYS)
