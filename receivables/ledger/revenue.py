"""Which accounts of revenue an invoice is booked to, and from which a credit note takes it back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.ids import InvoiceId, SupplierId
from receivables.invoices.debit_notes import DEBIT_NOTE
from receivables.invoices.tables import Invoice
from receivables.ledger.rules import share_out
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money

#: In the order in which a credit note takes from them. What was paid went first to the costs and
#: then to the interest (BGB 367 par. 1), so what is open, and given back, is interest first.
ACCOUNTS = (
    Account.LATE_INTEREST,
    Account.RECOVERY_COSTS,
    Account.PLAN_COSTS,
    Account.SALES,
)

#: An invoice's or credit note's revenue by account, in one currency.
Revenue = Mapping[Account, Money]


def source_of(invoice_id: InvoiceId, account: Account) -> str:
    """The natural key of the entry that books an invoice's share in `account`."""
    return str(invoice_id) if account is Account.SALES else f"{invoice_id}/{account}"


def standing(
    session: Session, supplier_id: SupplierId, invoice_ids: Collection[InvoiceId], currency: str
) -> dict[Account, Money]:
    """What these invoices brought to each account, less what credit notes that name them took
    back; only accounts that one of them was booked to.
    """
    rows = session.execute(
        select(Entry.credit_account, Entry.amount).where(
            Entry.supplier_id == supplier_id,
            Entry.reason == Reason.INVOICE_ISSUED,
            Entry.debit_account == Account.RECEIVABLE,
            Entry.debit_subject.in_(invoice_ids),
        )
    )
    found: dict[Account, Money] = {}
    for row in rows:
        if row.amount.currency == currency:
            account = Account(row.credit_account)
            found[account] = found.get(account, Money.zero(currency)) + row.amount
    if found.keys() <= {Account.SALES}:
        return found
    for account, amount in _taken_back(session, supplier_id, invoice_ids):
        if account in found and amount.currency == currency:
            found[account] -= amount
    return found


def _taken_back(
    session: Session, supplier_id: SupplierId, invoice_ids: Collection[InvoiceId]
) -> list[tuple[Account, Money]]:
    corrected = select(Invoice.number).where(
        Invoice.supplier_id == supplier_id, Invoice.id.in_(invoice_ids)
    )
    notes = session.scalars(
        select(Invoice.id).where(
            Invoice.supplier_id == supplier_id,
            Invoice.kind == "credit_note",
            Invoice.preceding_number.in_(corrected),
        )
    ).all()
    rows = session.execute(
        select(Entry.debit_account, Entry.amount).where(
            Entry.supplier_id == supplier_id,
            Entry.reason == Reason.CREDIT_NOTE_ISSUED,
            Entry.source.in_([source_of(note, account) for note in notes for account in ACCOUNTS]),
        )
    )
    return [(Account(row.debit_account), row.amount) for row in rows]


def given_back(amount: Money, stands: Revenue, order: Iterable[Account] = ACCOUNTS) -> Revenue:
    """From which accounts a credit note of `amount` takes what it gives back: as far as each
    stands, in `order`; what is more than all of it lowers sales.
    """
    order = [account for account in order if account in stands]
    most = [max(stands[account], Money.zero(amount.currency)) for account in order]
    shares = {order[place]: share for _, place, share in share_out([amount], most)}
    rest = amount - Money.total(shares.values(), amount.currency)
    if rest:
        shares[Account.SALES] = shares.get(Account.SALES, Money.zero(amount.currency)) + rest
    return shares


def is_of_plan(session: Session, invoice: Invoice) -> bool:
    """Whether the invoice is a note over what an instalment plan costs."""
    if invoice.type_code != DEBIT_NOTE:
        return False
    booked = standing(session, invoice.supplier_id, [invoice.id], invoice.total.currency)
    return Account.PLAN_COSTS in booked
