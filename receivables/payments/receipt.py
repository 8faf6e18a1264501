"""The receipt of a payment (French: quittance), as the ledger has it when it is printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from receivables.clock import local_date
from receivables.errors import NoSuch
from receivables.ids import InvoiceId, PaymentId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import open_items, outstanding_of
from receivables.ledger.tables import Account, Entry, Reason
from receivables.letters.rendering import Letterhead, render_letter
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.letterheads import letterhead
from receivables.payments import queries
from receivables.payments.rules import PaymentState
from receivables.payments.tables import Payment

#: Money that came from the payer; what else enters the clearing account had left it before.
_CAME = frozenset({Reason.PAYMENT_SETTLED, Reason.PAYMENT_SURPLUS})


class NoReceipt(NoSuch):
    """The payment has none: its money is not ours."""

    def __init__(self, payment_id: PaymentId, state: str) -> None:
        self.payment_id, self.state = payment_id, state
        super().__init__(f"payment {payment_id} is {state}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPart:
    """What the payment put against one invoice, and how that invoice stands today."""

    number: str
    issued_on: date
    invoiced: Money
    amount: Money
    outstanding: Money
    #: Paid to the last cent, by this payment and others: discharge is given for it.
    paid_in_full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyReturned:
    """Money of the payment that went back, or (`again`) was to go back and came again."""

    on: date
    amount: Money
    by: Literal["supplier", "bank", "again"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """-> receipt/letter.xml."""

    head: Letterhead
    zone: str
    number: str
    debtor_name: str
    amount: Money
    received_on: date
    #: As people call it, "Visa ...4242"; empty where the gateway did not say.
    method: str
    parts: tuple[ReceiptPart, ...]
    #: Of the payment's money what waits as credit today.
    credit: Money
    returned: tuple[MoneyReturned, ...]
    #: On the debtor's whole account in this currency, today.
    still_outstanding: Money

    @property
    def unused(self) -> Money:
        """What of the amount was put against no invoice: it waits, or has gone back since."""
        used = Money.total((part.amount for part in self.parts), self.amount.currency)
        return max(self.amount - used, Money.zero(self.amount.currency))

    @property
    def adds_up(self) -> bool:
        """Not where money that went back came again and was put elsewhere: it counts twice."""
        used = Money.total((part.amount for part in self.parts), self.amount.currency)
        return used + self.unused == self.amount

    @property
    def paid_in_full(self) -> tuple[str, ...]:
        return tuple(part.number for part in self.parts if part.paid_in_full)

    @property
    def partly_open(self) -> bool:
        return any(part.outstanding for part in self.parts)

    @property
    def file_name(self) -> str:
        return f"{self.number}.pdf"


def receipt_number(payment_id: PaymentId) -> str:
    """What everybody quotes: on the thank-you page, in the mail, on paper."""
    return f"Q-{payment_id.hex[-10:].upper()}"


def receipt_of(session: Session, payment: Payment) -> Receipt:
    """The receipt of a payment that its reader may see. Raises NoReceipt."""
    if payment.state != PaymentState.SETTLED:
        raise NoReceipt(payment.id, payment.state)
    supplier_id = payment.supplier_id
    supplier = parties.supplier(session, supplier_id)
    debtor = parties.debtor(session, supplier_id, payment.debtor_id)
    entries = queries.entries_of(session, supplier_id, payment.id)
    currency = payment.amount.currency
    return Receipt(
        head=letterhead(supplier, debtor),
        zone=supplier.zone,
        number=receipt_number(payment.id),
        debtor_name=debtor.name,
        amount=payment.amount,
        received_on=local_date(payment.state_since, supplier.zone),
        method=payment.method,
        parts=_parts(session, supplier_id, entries),
        credit=_unapplied(entries, currency),
        returned=returned(entries),
        still_outstanding=Money.total(
            (
                item.outstanding
                for item in open_items(session, supplier_id, payment.debtor_id)
                if item.outstanding.currency == currency
            ),
            currency,
        ),
    )


def print_receipt(receipt: Receipt, *, locale: str, now: datetime) -> bytes:
    """The receipt as a letter. Raises LetterTooLong."""
    return render_letter(
        "receipt",
        head=receipt.head,
        locale=locale,
        zone=receipt.zone,
        written_at=now,
        receipt=receipt,
    )


def _parts(
    session: Session, supplier_id: SupplierId, entries: Sequence[Entry]
) -> tuple[ReceiptPart, ...]:
    """Per invoice what the payment brought to it, less what a person took off again.

    What went back to the payer is listed by itself: it does not undo that the money came.
    """
    minor: dict[InvoiceId, int] = {}
    for entry in entries:
        if entry.credit_account == Account.RECEIVABLE and (
            entry.debit_account == Account.UNAPPLIED or entry.reason in _CAME
        ):
            invoice_id = InvoiceId(entry.credit_subject)
            minor[invoice_id] = minor.get(invoice_id, 0) + entry.amount.minor
        if entry.debit_account == Account.RECEIVABLE and entry.credit_account == Account.UNAPPLIED:
            invoice_id = InvoiceId(entry.debit_subject)
            minor[invoice_id] = minor.get(invoice_id, 0) - entry.amount.minor
    put = {invoice_id: amount for invoice_id, amount in minor.items() if amount > 0}
    invoices = session.scalars(
        select(Invoice)
        .where(Invoice.supplier_id == supplier_id, Invoice.id.in_(put))
        .order_by(Invoice.due_on, Invoice.number)
    ).all()
    outstanding = outstanding_of(session, supplier_id, list(put))
    given_up = _given_up(session, supplier_id, put)
    return tuple(
        ReceiptPart(
            number=invoice.number,
            issued_on=invoice.issued_on,
            invoiced=invoice.total,
            amount=Money(put[invoice.id], invoice.total.currency),
            outstanding=outstanding[invoice.id],
            paid_in_full=not outstanding[invoice.id] and invoice.id not in given_up,
        )
        for invoice in invoices
    )


def _given_up(
    session: Session, supplier_id: SupplierId, invoice_ids: Collection[InvoiceId]
) -> set[InvoiceId]:
    """Those of the invoices of which something is written off: nothing open, and yet not paid."""
    minor: dict[UUID, int] = defaultdict(int)
    rows = session.scalars(
        select(Entry).where(
            Entry.supplier_id == supplier_id,
            or_(
                and_(
                    Entry.debit_account == Account.WRITE_OFF, Entry.credit_subject.in_(invoice_ids)
                ),
                and_(
                    Entry.credit_account == Account.WRITE_OFF, Entry.debit_subject.in_(invoice_ids)
                ),
            ),
        )
    )
    for entry in rows:
        if entry.debit_account == Account.WRITE_OFF:
            minor[entry.credit_subject] += entry.amount.minor
        else:
            minor[entry.debit_subject] -= entry.amount.minor
    return {InvoiceId(subject) for subject, amount in minor.items() if amount > 0}


def _unapplied(entries: Iterable[Entry], currency: str) -> Money:
    raised = lowered = 0
    for entry in entries:
        raised += entry.amount.minor if entry.credit_account == Account.UNAPPLIED else 0
        lowered += entry.amount.minor if entry.debit_account == Account.UNAPPLIED else 0
    return Money(raised - lowered, currency)


def returned(entries: Iterable[Entry]) -> tuple[MoneyReturned, ...]:
    """What of a payment's money went back, and what of that came again: by day and by whom."""
    sums: dict[tuple[date, Literal["supplier", "bank", "again"]], Money] = {}
    for entry in entries:
        if entry.credit_account == Account.STRIPE_CLEARING:
            by: Literal["supplier", "bank", "again"] = (
                "bank" if entry.reason == Reason.CHARGED_BACK else "supplier"
            )
        elif entry.debit_account == Account.STRIPE_CLEARING and entry.reason not in _CAME:
            by = "again"
        else:
            continue
        key = (entry.booked_on, by)
        sums[key] = sums.get(key, Money.zero(entry.amount.currency)) + entry.amount
    return tuple(
        MoneyReturned(on=on, amount=amount, by=by) for (on, by), amount in sorted(sums.items())
    )
