"""What matching reads: the books, entries that wait, and what entries were taken for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, ColumnElement, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from receivables.bank.books import Books
from receivables.bank.clues import Line
from receivables.bank.matching_tables import BankMatch, BankPayer, stands
from receivables.bank.references import recognise
from receivables.bank.returning import LONGEST, NO_ID, Received
from receivables.bank.tables import BankEntry
from receivables.ids import (
    BankEntryId,
    BankMatchId,
    SupplierId,
)
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import outstanding_minor
from receivables.money import Money
from receivables.parties.tables import Debtor

_INVOICE, _ENTRY = Invoice.__table__.c, BankEntry.__table__.c


def line_of(entry: BankEntry) -> Line:
    """What matching reads of an entry."""
    return _line(
        entry.amount,
        entry.structured_reference,
        entry.end_to_end_id,
        entry.unstructured,
        entry.counterparty,
        entry.counterparty_account,
    )


def _line(
    amount: Money,
    structured: str | None,
    end_to_end: str | None,
    text: str | None,
    name: str | None,
    account: str | None,
) -> Line:
    said = end_to_end or ""
    return Line(
        amount=amount,
        structured=structured or "",
        end_to_end="" if said.upper() in NO_ID else said,
        text=text or "",
        name=name or "",
        account=account or "",
    )


#: Plain columns, a few at a time: a supplier may have hundreds of thousands of invoices.
_INVOICES = (
    select(
        _INVOICE.id,
        _INVOICE.debtor_id,
        _INVOICE.number,
        _INVOICE.currency,
        _INVOICE.payment_reference,
        outstanding_minor.label("open_minor"),
    )
    .where(_INVOICE.supplier_id == bindparam("supplier"), _INVOICE.kind == "invoice")
    .order_by(_INVOICE.due_on, _INVOICE.number)
    .execution_options(yield_per=2000)
)


def books_of(session: Session, supplier_id: SupplierId) -> Books:
    """The supplier's books as matching sees them; paid invoices are in them, too."""
    books = Books()
    rows = session.execute(_INVOICES, {"supplier": supplier_id})
    for invoice_id, debtor_id, number, currency, reference, open_minor in rows:
        read = recognise(reference) if reference else None
        books.add_invoice(
            invoice_id,
            debtor_id,
            number,
            Money(int(open_minor), currency),
            (read.value,) if read is not None else (),
        )
    for debtor_id, name in session.execute(
        select(Debtor.id, Debtor.name).where(Debtor.supplier_id == supplier_id)
    ):
        books.add_debtor(debtor_id, name)
    learnt = session.execute(
        select(BankPayer.kind, BankPayer.value, BankPayer.debtor_id)
        .where(BankPayer.supplier_id == supplier_id)
        .execution_options(yield_per=2000)
    )
    for kind, value, debtor_id in learnt:
        is_account = kind == "account"
        books.learn(debtor_id, value if is_account else "", "" if is_account else value)
    return books


#: What the bank calls a return or a reversal.
_IS_RETURN = BankEntry.is_reversal | BankEntry.return_reason.is_not(None)


def _waits(supplier_id: SupplierId | BindParameter[SupplierId]) -> list[ColumnElement[bool]]:
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
        # Added to nothing: as a column it would lead SQLite through all entries by their amount.
        _ENTRY.amount_minor + 0 > 0,
        ~exists().where(taken, BankMatch.entry_id == BankEntry.id),
        ~exists().where(taken, BankMatch.entry_id == BankEntry.details_of),
        ~has_details,
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An entry that waits, as much of it as matching and posting need."""

    entry_id: BankEntryId
    booked_on: date
    came_in: bool
    bank_reference: str | None
    line: Line


#: Made once: a statement of a hundred thousand lines asks a thousand times.
_AMONG = select(
    _ENTRY.id,
    _ENTRY.booked_on,
    _ENTRY.credit_debit,
    _ENTRY.bank_reference,
    _ENTRY.amount_minor,
    _ENTRY.currency,
    _ENTRY.structured_reference,
    _ENTRY.end_to_end_id,
    _ENTRY.unstructured,
    _ENTRY.counterparty,
    _ENTRY.counterparty_account,
).where(
    _ENTRY.id.in_(bindparam("ids", expanding=True)),
    *_waits(bindparam("supplier", type_=_ENTRY.supplier_id.type)),
)


def waiting_among(
    session: Session, supplier_id: SupplierId, entry_ids: Sequence[BankEntryId]
) -> list[Waiting]:
    """Those of these entries that still wait, in the order given."""
    rows = session.execute(_AMONG, {"supplier": supplier_id, "ids": entry_ids}).all()
    found = {
        row.id: Waiting(
            entry_id=row.id,
            booked_on=row.booked_on,
            came_in=row.credit_debit == "CRDT",
            bank_reference=row.bank_reference,
            line=_line(
                Money(row.amount_minor, row.currency),
                row.structured_reference,
                row.end_to_end_id,
                row.unstructured,
                row.counterparty,
                row.counterparty_account,
            ),
        )
        for row in rows
    }
    return [found[one] for one in entry_ids if one in found]


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
