"""Print batches: the letters that wait, as they stand now, set as one file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.bounces.queries import closed_to_post
from receivables.clock import Clock, local_date
from receivables.credit.queries import standings
from receivables.credit.rules import Standing
from receivables.i18n import reading_as
from receivables.i18n import translate as _
from receivables.ids import (
    ContactId,
    DebtorId,
    InvoiceId,
    LetterBatchId,
    SupplierId,
    new_id,
)
from receivables.interest.first_reminder import FirstReminder, first_reminder
from receivables.interest.laws import MILDEST
from receivables.interest.queries import Claim
from receivables.invoices.tables import Invoice
from receivables.ledger.holds import Hold
from receivables.ledger.queries import outstanding_of
from receivables.letters.piles import Pile
from receivables.letters.rendering import Sheet
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.letterheads import letterhead
from receivables.parties.tables import Contact, Debtor, Supplier
from receivables.ports import MessageLine
from receivables.post.actions import batch_in, skip
from receivables.post.composing import kept, page_of, read_kept, sheet_of
from receivables.post.rules import MOST_LETTERS, asked_for_now
from receivables.post.tables import BatchState, Letter, LetterBatch, LetterPrint, LetterState

#: What lateness has come to on an invoice by a day: `dunning.lateness.claim_of`.
ClaimOf = Callable[[InvoiceId, date], Claim]

#: Invoices that are asked about in one statement.
_AT_A_TIME = 500


def make_batch(
    session: Session,
    supplier_id: SupplierId,
    *,
    registered: bool,
    holds: Iterable[Hold],
    claim_of: ClaimOf,
    clock: Clock,
) -> LetterBatchId | None:
    """Take the letters that wait into a batch, over what is asked for now; None when none is left.

    The ledger is read here, in the transaction that takes them: a letter whose invoices are paid,
    contested or promised meanwhile (`holds` are those of all the supplier's debtors) is dropped,
    and so is one to a debtor whose address we lack, from which letters came back, or who is
    insolvent; while a debtor's demands are stopped their letters wait. `claim_of` is
    asked for formal notices only. `tasks.set_batch` then sets the pages.
    """
    supplier = parties.supplier(session, supplier_id)
    today = local_date(clock.now(), supplier.zone)
    waiting = _waiting(session, supplier_id, registered=registered)
    debtors, contacts = _people(session, supplier_id, waiting)
    lines = _lines(session, supplier_id, waiting, today)
    owed = _outstanding(session, supplier_id, list(lines))
    held, unreachable = list(holds), closed_to_post(session, supplier_id)
    batch = LetterBatch(
        id=LetterBatchId(new_id()), supplier_id=supplier_id, state=BatchState.SETTING,
        registered=registered, letters=0, created_at=clock.now(),
    )  # fmt: skip
    known = standings(session, supplier_id)
    taken: list[Letter] = []
    for row in waiting:
        stands = known.get(row.debtor_id, Standing())
        if stands.insolvent_on is not None:
            skip(session, row, "insolvent", clock=clock)
            continue
        if stands.is_stopped(today):
            continue
        debtor, contact = debtors[row.debtor_id], contacts[row.contact_id]
        now = asked_for_now([lines[one] for one in _about(row)], owed, held, today)
        if not now:
            skip(session, row, "settled", clock=clock)
        elif not debtor.street or not debtor.city or debtor.id in unreachable:
            skip(session, row, "no_address", clock=clock)
        else:
            claims = [claim_of(line.invoice_id, today) for line in now if row.formal_notice]
            page = page_of(row, supplier, debtor, contact, now, claims, today)
            if row.level <= MILDEST:
                page = replace(page, first=_first(session, supplier, debtor, now, today))
            row.about, row.amount = {**row.about, "page": kept(page)}, page.total
            row.deadline_on = page.deadline_on
            taken.append(row)
    if not taken:
        return None
    batch.letters = len(taken)
    session.add(batch)
    session.flush()
    for place, row in enumerate(taken, 1):
        row.batch_id, row.place = batch.id, place
        row.state, row.state_since = LetterState.IN_BATCH, clock.now()
    session.flush()
    return batch.id


def _first(
    session: Session,
    supplier: Supplier,
    debtor: Debtor,
    now: Sequence[MessageLine],
    today: date,
) -> FirstReminder | None:
    asked = [(line.invoice_id, line.amount) for line in now]
    return first_reminder(session, supplier, debtor, asked, today, "post")


def _waiting(session: Session, supplier_id: SupplierId, *, registered: bool) -> Sequence[Letter]:
    """In the order in which they were decided: whoever is sent two finds them together."""
    return session.scalars(
        select(Letter)
        .where(
            Letter.supplier_id == supplier_id,
            Letter.state == LetterState.DUE,
            Letter.registered == registered,
        )
        .order_by(Letter.created_at, Letter.debtor_id, Letter.id)
        .limit(MOST_LETTERS)
        .with_for_update()
    ).all()


def _about(row: Letter) -> list[InvoiceId]:
    return [InvoiceId(UUID(one["id"])) for one in row.about["invoices"]]


def _people(
    session: Session, supplier_id: SupplierId, rows: Sequence[Letter]
) -> tuple[dict[DebtorId, Debtor], dict[ContactId, Contact]]:
    debtors = session.scalars(
        select(Debtor).where(
            Debtor.supplier_id == supplier_id, Debtor.id.in_({row.debtor_id for row in rows})
        )
    )
    contacts = session.scalars(
        select(Contact).where(
            Contact.supplier_id == supplier_id, Contact.id.in_({row.contact_id for row in rows})
        )
    )
    return {one.id: one for one in debtors}, {one.id: one for one in contacts}


def _lines(
    session: Session, supplier_id: SupplierId, rows: Sequence[Letter], today: date
) -> dict[InvoiceId, MessageLine]:
    """Each invoice with what was decided to be asked for of it."""
    decided = {
        InvoiceId(UUID(one["id"])): Money(one["minor"], row.amount.currency)
        for row in rows
        for one in row.about["invoices"]
    }
    found: dict[InvoiceId, MessageLine] = {}
    wanted = list(decided)
    for first in range(0, len(wanted), _AT_A_TIME):
        invoices = session.scalars(
            select(Invoice).where(
                Invoice.supplier_id == supplier_id,
                Invoice.id.in_(wanted[first : first + _AT_A_TIME]),
            )
        )
        for one in invoices:
            found[one.id] = MessageLine(
                invoice_id=one.id, number=one.number, issued_on=one.issued_on, due_on=one.due_on,
                days_past_due=(today - one.due_on).days, amount=decided[one.id],
            )  # fmt: skip
    return found


def _outstanding(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> dict[InvoiceId, Money]:
    found: dict[InvoiceId, Money] = {}
    for first in range(0, len(invoice_ids), _AT_A_TIME):
        found |= outstanding_of(session, supplier_id, invoice_ids[first : first + _AT_A_TIME])
    return found


@dataclass(frozen=True, slots=True)
class ToSet:
    """A batch that has been read: the letters as the typesetter gets them, and for each the
    address as it is printed.
    """

    sheets: tuple[Sheet, ...]
    addresses: tuple[str, ...]
    title: str


def read_batch(
    session: Session, supplier_id: SupplierId, batch_id: LetterBatchId, *, written_at: datetime
) -> ToSet | None:
    """Everything the pages of a batch are set from; None when they are set already."""
    batch = session.scalar(
        select(LetterBatch).where(
            LetterBatch.supplier_id == supplier_id, LetterBatch.id == batch_id
        )
    )
    if batch is None or batch.state != BatchState.SETTING:
        return None
    supplier = parties.supplier(session, supplier_id)
    rows = letters_of(session, supplier_id, batch_id)
    debtors, _contacts = _people(session, supplier_id, rows)
    sheets, addresses = [], []
    for row in rows:
        debtor, page = debtors[row.debtor_id], read_kept(row.about)
        sheets.append(sheet_of(session, row, page, supplier, debtor, written_at=written_at))
        addresses.append(printed_address(supplier, debtor, page.contact_name))
    return ToSet(tuple(sheets), tuple(addresses), _title(supplier, written_at, len(rows)))


def printed_address(supplier: Supplier, debtor: Debtor, attention: str) -> str:
    """An address on one line, as a letter has it in several."""
    return ", ".join(letterhead(supplier, debtor, attention=attention).recipient)[:300]


def _title(supplier: Supplier, written_at: datetime, letters: int) -> str:
    with reading_as(supplier.language, supplier.zone):
        day = local_date(written_at, supplier.zone).isoformat()
        return f"{supplier.name}: {_('Letters')} {day} ({letters})"


def keep_pages(
    session: Session,
    supplier_id: SupplierId,
    batch_id: LetterBatchId,
    pile: Pile,
    addresses: Sequence[str],
    *,
    clock: Clock,
) -> None:
    """The pages of a batch are set: they can be printed. Raises NoSuchBatch, and LetterMoved when
    somebody else was faster.
    """
    batch = batch_in(session, supplier_id, batch_id, BatchState.SETTING)
    batch.state, batch.pages = BatchState.READY, pile.pages
    session.add(
        LetterPrint(
            batch_id=batch_id,
            supplier_id=supplier_id,
            sha256=hashlib.sha256(pile.pdf).hexdigest(),
            content=pile.pdf,
            set_at=clock.now(),
        )
    )
    rows = letters_of(session, supplier_id, batch_id)
    for row, (first, pages), address in zip(rows, pile.ranges, addresses, strict=True):
        row.first_page, row.pages, row.sent_to = first, pages, address
    session.flush()


def letters_of(
    session: Session, supplier_id: SupplierId, batch_id: LetterBatchId
) -> Sequence[Letter]:
    """The letters of a batch in the order of its pages."""
    return session.scalars(
        select(Letter)
        .where(Letter.supplier_id == supplier_id, Letter.batch_id == batch_id)
        .order_by(Letter.place)
    ).all()
