"""What matching reads: the books, entries that wait, and what entries were taken for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from receivables.bank.books import Books, Claim, Payer
from receivables.bank.clues import Line
from receivables.bank.matching_tables import BankMatch, BankPayer, stands
from receivables.bank.own_references import reference_of_debtor, reference_of_invoice
from receivables.bank.references import Reference, ReferenceKind, recognise
from receivables.bank.returning import LONGEST, NO_ID, Received
from receivables.bank.tables import BankEntry
from receivables.ids import (
    BankEntryId,
    BankMatchId,
    DebtorId,
    InvoiceId,
    SupplierId,
)
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import open_items
from receivables.money import Money
from receivables.parties.tables import Debtor

_CURRENCY = Invoice.__table__.c.currency


def line_of(entry: BankEntry) -> Line:
    """What matching reads of an entry."""
    end_to_end = entry.end_to_end_id or ""
    return Line(
        amount=entry.amount,
        structured=entry.structured_reference or "",
        end_to_end="" if end_to_end.upper() in NO_ID else end_to_end,
        text=entry.unstructured or "",
        name=entry.counterparty or "",
        account=entry.counterparty_account or "",
    )


def books_of(session: Session, supplier_id: SupplierId) -> Books:
    """The supplier's books as matching sees them; paid invoices are in them, too."""
    owed = {item.invoice_id: item.outstanding for item in open_items(session, supplier_id)}
    rows = session.execute(
        select(
            Invoice.id,
            Invoice.debtor_id,
            Invoice.number,
            Invoice.due_on,
            _CURRENCY,
            Invoice.payment_reference,
        ).where(Invoice.supplier_id == supplier_id, Invoice.kind == "invoice")
    ).all()
    claims = [
        Claim(
            invoice_id=row.id,
            debtor_id=row.debtor_id,
            number=row.number,
            due_on=row.due_on,
            outstanding=owed.get(row.id, Money.zero(row.currency)),
            references=_references(row.id, row.payment_reference),
        )
        for row in rows
    ]
    return Books.of(claims, _payers(session, supplier_id))


def _references(invoice_id: InvoiceId, own: str | None) -> frozenset[Reference]:
    made = {reference_of_invoice(kind, invoice_id) for kind in ReferenceKind}
    read = recognise(own) if own else None
    return frozenset(made | ({read} if read is not None else set()))


def _payers(session: Session, supplier_id: SupplierId) -> list[Payer]:
    known: dict[tuple[str, DebtorId], set[str]] = defaultdict(set)
    learnt = session.execute(
        select(BankPayer.kind, BankPayer.value, BankPayer.debtor_id).where(
            BankPayer.supplier_id == supplier_id
        )
    )
    for kind, value, debtor_id in learnt:
        known[kind, debtor_id].add(value)
    rows = session.execute(
        select(Debtor.id, Debtor.name, Debtor.number).where(Debtor.supplier_id == supplier_id)
    )
    return [
        Payer(
            debtor_id=row.id,
            name=row.name,
            number=row.number,
            references=frozenset(reference_of_debtor(kind, row.id) for kind in ReferenceKind),
            accounts=frozenset(known["account", row.id]),
            names=frozenset(known["name", row.id]),
        )
        for row in rows
    ]


#: What the bank calls a return or a reversal.
_IS_RETURN = BankEntry.is_reversal | BankEntry.return_reason.is_not(None)


def _waits(supplier_id: SupplierId) -> list[ColumnElement[bool]]:
    """Entries that may be posted and are taken for nothing; of a booking and its details, those
    of one side alone.
    """
    detail = aliased(BankEntry)
    taken = (BankMatch.supplier_id == supplier_id) & stands()
    has_details = exists().where(
        detail.supplier_id == supplier_id, detail.details_of == BankEntry.id, detail.may_be_posted
    )
    return [
        BankEntry.supplier_id == supplier_id,
        BankEntry.may_be_posted.is_(True),
        BankEntry.amount_minor > 0,  # type: ignore[attr-defined]
        ~exists().where(taken, BankMatch.entry_id == BankEntry.id),
        ~exists().where(taken, BankMatch.entry_id == BankEntry.details_of),
        ~has_details,
    ]


def waiting_ids(session: Session, supplier_id: SupplierId) -> list[BankEntryId]:
    """Money in, and money that came back, that waits for a match, the oldest first."""
    where = [*_waits(supplier_id), (BankEntry.credit_debit == "CRDT") | _IS_RETURN]
    return list(
        session.scalars(
            select(BankEntry.id).where(*where).order_by(BankEntry.booked_on, BankEntry.id)
        )
    )


@dataclass(frozen=True, slots=True)
class WaitingAt:
    """What waits for a match on one account of the supplier's."""

    account: str
    count: int
    amounts: tuple[Money, ...]
    oldest_on: date
    newest_on: date


def waiting_by_account(session: Session, supplier_id: SupplierId) -> list[WaitingAt]:
    """Money in, and money that came back, that waits for a match, by account."""
    amount, currency = BankEntry.__table__.c.amount_minor, BankEntry.__table__.c.currency
    rows = session.execute(
        select(
            BankEntry.account,
            currency.label("currency"),
            func.count().label("lines"),
            func.sum(amount).label("minor"),
            func.min(BankEntry.booked_on).label("oldest_on"),
            func.max(BankEntry.booked_on).label("newest_on"),
        )
        .where(*_waits(supplier_id), (BankEntry.credit_debit == "CRDT") | _IS_RETURN)
        .group_by(BankEntry.account, currency)
        .order_by(BankEntry.account, currency)
    )
    found: dict[str, WaitingAt] = {}
    for row in rows:
        before = found.get(row.account)
        found[row.account] = WaitingAt(
            account=row.account,
            count=int(row.lines) + (before.count if before else 0),
            amounts=(
                *(before.amounts if before else ()),
                Money(int(row.minor), row.currency),
            ),
            oldest_on=min(row.oldest_on, before.oldest_on) if before else row.oldest_on,
            newest_on=max(row.newest_on, before.newest_on) if before else row.newest_on,
        )
    return list(found.values())


def waiting(
    session: Session, supplier_id: SupplierId, *, direction: str, most: int, skip: int = 0
) -> tuple[list[BankEntry], int]:
    """Entries that wait for a person, the latest first, and how many there are; "CRDT" or "DBIT".

    Of money that went out only what the bank calls a return or a reversal: the supplier's own
    payments are no matter of ours.
    """
    where = [*_waits(supplier_id), BankEntry.credit_debit == direction]
    if direction == "DBIT":
        where.append(_IS_RETURN)
    rows = session.scalars(
        select(BankEntry)
        .where(*where)
        .order_by(BankEntry.booked_on.desc(), BankEntry.id.desc())
        .limit(most)
        .offset(skip)
    ).all()
    count = session.scalar(select(func.count()).select_from(BankEntry).where(*where)) or 0
    return list(rows), count


def is_return(entry: BankEntry) -> bool:
    """Whether the bank calls it a return or a reversal."""
    return entry.is_reversal or entry.return_reason is not None


def receipts_like(
    session: Session, supplier_id: SupplierId, entry: BankEntry
) -> list[Received[BankMatchId]]:
    """Posted receipts of the same amount that could have come back with `entry`, oldest first."""
    undoing = aliased(BankMatch)
    rows = session.execute(
        select(BankMatch.id, BankEntry)
        .join(
            BankEntry,
            (BankEntry.supplier_id == BankMatch.supplier_id) & (BankEntry.id == BankMatch.entry_id),
        )
        .where(
            BankMatch.supplier_id == supplier_id,
            BankEntry.supplier_id == supplier_id,
            BankMatch.kind == "receipt",
            stands(),
            BankEntry.amount == entry.amount,
            BankEntry.booked_on <= entry.booked_on,
            BankEntry.booked_on >= entry.booked_on - LONGEST,
            ~exists().where(
                undoing.supplier_id == supplier_id,
                undoing.undoes == BankMatch.id,
                stands(undoing),
            ),
        )
        .order_by(BankEntry.booked_on, BankMatch.id)
    ).all()
    return [Received(match_id, found.booked_on, line_of(found)) for match_id, found in rows]


def taken(
    session: Session, supplier_id: SupplierId, *, most: int, skip: int = 0
) -> list[tuple[BankMatch, BankEntry]]:
    """What entries were taken for lately, the latest first."""
    rows = session.execute(
        select(BankMatch, BankEntry)
        .join(
            BankEntry,
            (BankEntry.supplier_id == BankMatch.supplier_id) & (BankEntry.id == BankMatch.entry_id),
        )
        .where(BankMatch.supplier_id == supplier_id, stands())
        .order_by(BankMatch.created_at.desc(), BankMatch.id.desc())
        .limit(most)
        .offset(skip)
    ).all()
    return [(row[0], row[1]) for row in rows]
