"""Giving up what is outstanding on an invoice, and expecting it again after all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.return_pages import FormError, WriteOffPage, WriteOffRow
from receivables.ids import EntryId, InvoiceId, new_id
from receivables.intake.csv_cells import amount as read_amount
from receivables.invoices import queries as invoices
from receivables.ledger.actions import Overpaid
from receivables.ledger.queries import outstanding_of
from receivables.ledger.statements import deductions
from receivables.ledger.tables import Reason
from receivables.ledger.writing_off import reverse_write_off, write_off
from receivables.money import Money, NotAnAmount
from receivables.parties import queries as parties
from receivables.payments.making_way import make_way
from receivables.web.forms import FormBody, field

log = structlog.get_logger(__name__)


@get("/invoices/{invoice_id:uuid}/write-off", sync_to_thread=True)
def show_write_off(
    invoice_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    collector: NamedDependency[Asker],
) -> Response[str]:
    """The form, and what would remain; nothing is changed by looking."""
    typed = str(request.query_params.get("amount", ""))[:40]
    with collector.reading() as session:
        page = write_off_page(session, collector, InvoiceId(invoice_id), new_id(), typed, "")
    return collector.page("write_off.html", page)


def write_off_page(
    session: Session,
    asker: Asker,
    invoice_id: InvoiceId,
    write_off_id: UUID,
    typed: str,
    why: str,
    error: FormError = "",
) -> WriteOffPage:
    """Raises NoSuchInvoice."""
    supplier_id = asker.supplier_id
    invoice = invoices.of_supplier(session, supplier_id, invoice_id)
    outstanding = outstanding_of(session, supplier_id, [invoice_id])[invoice_id]
    amount = _read(typed, outstanding.currency) if typed else outstanding
    if not error and typed:
        error = "not_an_amount" if amount is None else "too_much" if amount > outstanding else ""
    return WriteOffPage(
        head=asker.head(session, "invoices"),
        notice=asker.notice(),
        invoice_id=invoice_id,
        number=invoice.number,
        debtor_id=invoice.debtor_id,
        debtor_name=parties.debtor(session, supplier_id, invoice.debtor_id).name,
        outstanding=outstanding,
        write_off_id=write_off_id,
        typed_amount=typed or str(outstanding.decimal),
        why=why,
        error=error,
        remains=None if amount is None or error == "too_much" else outstanding - amount,
        standing=_standing(session, asker, invoice_id),
    )


def _standing(session: Session, asker: Asker, invoice_id: InvoiceId) -> tuple[WriteOffRow, ...]:
    """What is written off and not expected again."""
    lines = deductions(session, asker.supplier_id, invoice_id)
    reversed_ids = {one.source for one in lines if one.reason is Reason.WRITE_OFF_REVERSED}
    return tuple(
        WriteOffRow(entry_id=one.entry_id, amount=one.amount, on=one.on)
        for one in lines
        if one.reason is Reason.WRITTEN_OFF and str(one.entry_id) not in reversed_ids
    )


def _read(typed: str, currency: str) -> Money | None:
    try:
        amount = read_amount(typed, currency, None)
    except NotAnAmount:
        return None
    return amount if amount.minor > 0 else None


@post("/invoices/{invoice_id:uuid}/write-off", sync_to_thread=True)
def take_write_off(
    invoice_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Give an amount up. A page on which it could still be paid is closed first; if it turns out
    to be paid, nothing is left to give up and the form says so.
    """
    wanted = InvoiceId(invoice_id)
    typed, why = field(data, "amount"), field(data, "why")[:300]
    write_off_id = _id(field(data, "write_off"))
    with collector.reading() as session:
        invoice = invoices.of_supplier(session, collector.supplier_id, wanted)
    amount = _read(typed, invoice.total.currency)
    error: FormError = "not_an_amount" if amount is None else "" if why else "no_reason"
    if amount is not None and not error:
        make_way(collector.runtime, collector.supplier_id, [wanted])
        try:
            with collector.transaction() as session:
                write_off(
                    session,
                    supplier_id=collector.supplier_id,
                    debtor_id=invoice.debtor_id,
                    invoice_id=wanted,
                    amount=amount,
                    why=why,
                    source=str(write_off_id),
                    booked_on=collector.today,
                    clock=collector.runtime.clock,
                )
        except Overpaid:
            error = "too_much"
        else:
            log.info("invoice.written_off", invoice=str(wanted), by=str(collector.me.staff_id))
            return collector.back(f"/invoices/{wanted}", "written_off")
    with collector.reading() as session:
        page = write_off_page(session, collector, wanted, write_off_id, typed, why, error)
    return collector.page("write_off.html", page, status=422)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return new_id()


@post("/invoices/{invoice_id:uuid}/write-offs/{entry_id:uuid}/reverse", sync_to_thread=True)
def take_reversal(
    invoice_id: FromPath[UUID], entry_id: FromPath[UUID], collector: NamedDependency[Asker]
) -> Redirect:
    """Expect again what was given up. Raises NoSuchWriteOff, also the second time."""
    with collector.transaction() as session:
        invoice = invoices.of_supplier(session, collector.supplier_id, InvoiceId(invoice_id))
        reverse_write_off(
            session,
            supplier_id=collector.supplier_id,
            debtor_id=invoice.debtor_id,
            invoice_id=invoice.id,
            entry_id=EntryId(entry_id),
            booked_on=collector.today,
            clock=collector.runtime.clock,
        )
    log.info("write_off.reversed", invoice=str(invoice_id), by=str(collector.me.staff_id))
    return collector.back(f"/invoices/{invoice_id}", "write_off_reversed")
