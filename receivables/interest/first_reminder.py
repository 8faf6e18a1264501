"""What a law's free first reminder has to say, as values: of a Belgian consumer's invoices.

Source: CDE/WER art. XIX.2: what is still owed and the indemnity to come, the creditor's name and
company number, what the debt is for and since when it is due, and the fourteen days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy.orm import Session

from receivables.ids import InvoiceId
from receivables.interest.laws import fixed_sum, wants_first_reminder
from receivables.interest.notes import note_called
from receivables.interest.notices import first_notices
from receivables.interest.policies import Policy, policy_of
from receivables.interest.queries import rate_book, terms_of
from receivables.interest.rates import RateBook, RateMissing
from receivables.interest.rules import Notice, RuleTooYoung, Terms, delay_ends_on, quote
from receivables.invoices.queries import lines as lines_of
from receivables.invoices.queries import of_supplier
from receivables.invoices.tables import Invoice
from receivables.money import Money
from receivables.parties.tables import Debtor, Supplier
from receivables.workdays import HOLIDAYS, Calendar

#: Of what an invoice is for, so much is named.
_MOST_LINES, _MOST_WORDS = 3, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstReminderLine:
    """One invoice: what is owed of it, and what it costs once the days are over."""

    number: str
    amount: Money
    issued_on: date
    due_on: date
    #: What it is for; empty where its lines are not known.
    what: str
    #: None where none may be asked for.
    indemnity: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstReminder:
    """-> reminder/first.txt, reminder/first.html, first_reminder.xml."""

    creditor: str
    company_number: str
    lines: tuple[FirstReminderLine, ...]
    #: The last day to pay without more; None for a letter: its days begin once the post has it.
    last_day: date | None
    #: Late interest of today, in percent a year; None where it is not known.
    percent: Decimal | None
    #: It is counted from the day after the reminder; otherwise from the end of the days.
    from_reminder: bool

    @property
    def has_indemnity(self) -> bool:
        return any(line.indemnity is not None for line in self.lines)


def first_reminder(
    session: Session,
    supplier: Supplier,
    debtor: Debtor,
    asked: Sequence[tuple[InvoiceId, Money]],
    on: date,
    by: Literal["electronic", "post"],
    *,
    calendar: Calendar = HOLIDAYS,
) -> FirstReminder | None:
    """What a message of this day has to say of the invoices it asks for, whose first reminder it
    is; None where no law wants one, each has had it, or the supplier's number is not known.

    What may be added later is named whether or not the supplier claims it now: what a first
    reminder does not name cannot be claimed after it.
    """
    if not supplier.company_number or not wants_first_reminder(debtor.country, debtor.kind):
        return None
    known = first_notices(session, supplier.id, [invoice_id for invoice_id, _ in asked])
    new = [
        (invoice, amount)
        for invoice_id, amount in asked
        if invoice_id not in known
        and (invoice := of_supplier(session, supplier.id, invoice_id)).due_on < on
    ]
    if not new:
        return None
    policy, notice = policy_of(session, supplier.id), Notice(on, by)
    last_day = delay_ends_on(notice, debtor.country, calendar=calendar)
    terms = [terms_of(session, invoice, policy) for invoice, _ in new]
    return FirstReminder(
        creditor=supplier.name,
        company_number=supplier.company_number,
        lines=tuple(
            _line(session, invoice, amount, one, policy)
            for (invoice, amount), one in zip(new, terms, strict=True)
        ),
        last_day=last_day if by == "electronic" else None,
        percent=_percent(terms[0], on, last_day, rate_book(session, supplier.id)),
        from_reminder=policy.creditor_is_small,
    )


def _line(
    session: Session, invoice: Invoice, amount: Money, terms: Terms, policy: Policy
) -> FirstReminderLine:
    of_interest = note_called(session, invoice.supplier_id, invoice.id) is not None
    may_cost = policy.compensation and not of_interest
    return FirstReminderLine(
        number=invoice.number,
        amount=amount,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        what=_what(session, invoice),
        indemnity=fixed_sum(terms.law, amount, terms.contracted_on) if may_cost else None,
    )


def _what(session: Session, invoice: Invoice) -> str:
    found = lines_of(session, invoice.supplier_id, invoice.id)
    words = [" ".join(line.description.split()) for line in found[:_MOST_LINES]]
    more = " …" if len(found) > _MOST_LINES else ""
    text = "; ".join(one for one in words if one)
    if len(text) > _MOST_WORDS:
        return text[:_MOST_WORDS].rstrip() + " …"
    return text + more if text else ""


def _percent(terms: Terms, on: date, last_day: date, book: RateBook) -> Decimal | None:
    begins_on = (on if terms.creditor_is_small else last_day) + timedelta(days=1)
    try:
        return quote(terms, on, begins_on=begins_on, book=book).percent
    except (RateMissing, RuleTooYoung):
        return None
