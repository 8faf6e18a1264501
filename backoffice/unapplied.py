"""Cash that stands against nothing: put against invoices of one's choice, and taken off again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.figures import per_currency
from backoffice.return_pages import (
    AllocatePage,
    AllocationRow,
    FormError,
    OpenToAllocate,
    UnappliedPage,
    UnappliedRow,
)
from receivables.ids import DebtorId, EntryId, InvoiceId, SupplierId, new_id
from receivables.intake.csv_cells import amount as read_amount
from receivables.invoices.tables import Invoice
from receivables.ledger.actions import Overpaid
from receivables.ledger.allocating import (
    ALLOCATIONS,
    NotEnoughUnapplied,
    allocate,
    take_off,
    undone_of,
)
from receivables.ledger.portfolio import unapplied_by_debtor
from receivables.ledger.queries import OpenItem, open_items, unapplied_of
from receivables.ledger.tables import Account, Entry
from receivables.money import Money, NotAnAmount
from receivables.parties import queries as parties
from receivables.payments.making_way import make_way
from receivables.web.forms import FormBody, field
from receivables.web.parts import kind_of

log = structlog.get_logger(__name__)

#: How many allocations of a debtor can be taken back from the page.
_LATEST = 30


@get("/payments/unapplied", sync_to_thread=True)
def show_unapplied(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = unapplied_page(session, asker)
    return asker.page("unapplied.html", page)


def unapplied_page(session: Session, asker: Asker) -> UnappliedPage:
    waiting = unapplied_by_debtor(session, asker.supplier_id)
    names = parties.debtor_names(session, asker.supplier_id, list(waiting))
    rows = []
    for debtor_id, amounts in waiting.items():
        items = open_items(session, asker.supplier_id, debtor_id)
        rows.append(
            UnappliedRow(
                debtor_id=debtor_id,
                debtor_name=names[debtor_id],
                amounts=tuple(amounts),
                outstanding=per_currency(item.outstanding for item in items),
            )
        )
    rows.sort(key=lambda row: row.debtor_name.casefold())
    return UnappliedPage(
        head=asker.head(session, "payments"), notice=asker.notice(), rows=tuple(rows)
    )


@get("/debtors/{debtor_id:uuid}/unapplied", sync_to_thread=True)
def show_allocate(
    debtor_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
) -> Response[str]:
    currency = str(request.query_params.get("currency", ""))
    with asker.reading() as session:
        page = allocate_page(session, asker, DebtorId(debtor_id), currency, new_id(), {})
    return asker.page("allocate.html", page)


def allocate_page(
    session: Session,
    asker: Asker,
    debtor_id: DebtorId,
    currency: str,
    allocation_id: UUID,
    typed: Mapping[InvoiceId, str],
    error: FormError = "",
) -> AllocatePage:
    """Raises NoSuchDebtor."""
    supplier_id = asker.supplier_id
    debtor = parties.debtor(session, supplier_id, debtor_id)
    waiting = {one.currency: one for one in unapplied_of(session, supplier_id, debtor_id)}
    own = parties.supplier(session, supplier_id).currency
    if currency not in waiting:
        currency = next(iter(waiting), own)
    items = [
        item
        for item in open_items(session, supplier_id, debtor_id)
        if item.outstanding.currency == currency
    ]
    return AllocatePage(
        head=asker.head(session, "payments"),
        notice=asker.notice(),
        debtor_id=debtor_id,
        debtor_name=debtor.name,
        allocation_id=allocation_id,
        currency=currency,
        currencies=tuple(waiting),
        unapplied=waiting.get(currency, Money.zero(currency)),
        rows=tuple(open_to_allocate(item, typed.get(item.invoice_id, "")) for item in items),
        error=error,
        allocations=_allocations(session, supplier_id, debtor_id),
    )


def open_to_allocate(item: OpenItem, typed: str) -> OpenToAllocate:
    """An invoice, and the amount that somebody typed for it."""
    amount = read_typed(typed, item.outstanding.currency)
    error: FormError = ""
    if typed and amount is None:
        error = "not_an_amount"
    elif amount is not None and amount > item.outstanding:
        error = "too_much"
    return OpenToAllocate(
        id=item.invoice_id,
        number=item.number,
        due_on=item.due_on,
        outstanding=item.outstanding,
        typed=typed,
        error=error,
    )


def read_typed(typed: str, currency: str) -> Money | None:
    """None for what is no amount, or one below zero."""
    try:
        amount = read_amount(typed, currency, None)
    except NotAnAmount:
        return None
    return amount if amount.minor >= 0 else None


def _allocations(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> tuple[AllocationRow, ...]:
    """The latest that may be taken back, newest first."""
    rows = session.execute(
        select(Entry.id, Entry.amount, Entry.reason, Entry.booked_on, Invoice.id, Invoice.number)
        .join(
            Invoice,
            (Invoice.supplier_id == Entry.supplier_id) & (Invoice.id == Entry.credit_subject),
        )
        .where(
            Entry.supplier_id == supplier_id,
            Entry.credit_account == Account.RECEIVABLE,
            Entry.reason.in_(ALLOCATIONS),
            Invoice.debtor_id == debtor_id,
        )
        .order_by(Entry.created_at.desc(), Entry.id.desc())
        .limit(_LATEST)
    ).all()
    undone = undone_of(session, supplier_id, [row[0] for row in rows])
    return tuple(
        AllocationRow(
            entry_id=entry_id,
            invoice_id=invoice_id,
            number=number,
            amount=amount,
            kind=kind_of(reason),  # type: ignore[arg-type]  # ALLOCATIONS are of these kinds
            on=on,
        )
        for entry_id, amount, reason, on, invoice_id, number in rows
        if entry_id not in undone
    )


@post("/debtors/{debtor_id:uuid}/unapplied", sync_to_thread=True)
def take_allocation(
    debtor_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Put unapplied cash where somebody wants it; open payment pages are closed first."""
    debtor = DebtorId(debtor_id)
    currency, allocation = field(data, "currency"), _id(field(data, "allocation"))
    with collector.reading() as session:
        parties.debtor(session, collector.supplier_id, debtor)
        items = open_items(session, collector.supplier_id, debtor)
    typed = {
        item.invoice_id: field(data, f"amount-{item.invoice_id}")
        for item in items
        if item.outstanding.currency == currency
    }
    read = {one: read_typed(text, currency) for one, text in typed.items() if text}
    parts = [(one, amount) for one, amount in read.items() if amount]
    error: FormError = "not_an_amount" if None in read.values() else "" if parts else "nothing"
    if not error:
        make_way(collector.runtime, collector.supplier_id, [one for one, _ in parts])
        try:
            with collector.transaction() as session:
                allocate(
                    session,
                    supplier_id=collector.supplier_id,
                    debtor_id=debtor,
                    parts=parts,
                    source=str(allocation),
                    booked_on=collector.today,
                    clock=collector.runtime.clock,
                )
        except (Overpaid, NotEnoughUnapplied):
            error = "too_much"
        else:
            log.info("cash.allocated", debtor=str(debtor), by=str(collector.me.staff_id))
            return collector.back(f"/debtors/{debtor}/unapplied", "allocated")
    with collector.reading() as session:
        page = allocate_page(session, collector, debtor, currency, allocation, typed, error)
    return collector.page("allocate.html", page, status=422)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return new_id()


@post("/debtors/{debtor_id:uuid}/allocations/{entry_id:uuid}/undo", sync_to_thread=True)
def undo_allocation(
    debtor_id: FromPath[UUID], entry_id: FromPath[UUID], collector: NamedDependency[Asker]
) -> Redirect:
    """Take money off an invoice again. Raises NoSuchAllocation, also the second time."""
    with collector.transaction() as session:
        parties.debtor(session, collector.supplier_id, DebtorId(debtor_id))
        take_off(
            session,
            supplier_id=collector.supplier_id,
            debtor_id=DebtorId(debtor_id),
            entry_id=EntryId(entry_id),
            booked_on=collector.today,
            clock=collector.runtime.clock,
        )
    log.info("allocation.undone", entry=str(entry_id), by=str(collector.me.staff_id))
    return collector.back(f"/debtors/{debtor_id}/unapplied", "allocation_undone")
