"""One invoice: how its amount came about, its lines, its document, what has happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from portal.access import Asker, head_with_person
from portal.account_pages import InvoicePage
from portal.interest import late_interest
from portal.matters import held, invoice_disputes, known_to
from portal.transfers import transfer_for_invoice
from receivables import history
from receivables.clock import local_date
from receivables.i18n import reading_as
from receivables.ids import DocumentId
from receivables.invoices import queries as invoices
from receivables.invoices.tables import Invoice
from receivables.ledger.holds import Hold, HoldReason, credit_coming, held_for, reason_for_all
from receivables.ledger.queries import outstanding_of
from receivables.ledger.rules import days_past_due, invoice_status
from receivables.ledger.statements import Deduction, deductions
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.payments.queries import live_amounts
from receivables.payments.rules import PaymentState
from receivables.runtime import Runtime
from receivables.web.documents import document_part, document_response
from receivables.web.face import Face
from receivables.web.parts import (
    AmountExplained,
    AmountLine,
    InvoiceLine,
    is_credited_alone,
    is_written_off,
    kind_of,
)
from receivables.web.timeline import entries_for_debtor


def invoice_page(session: Session, asker: Asker, number: str, runtime: Runtime) -> InvoicePage:
    """Raises NoSuchInvoice for anything that is not this debtor's."""
    supplier_id, debtor_id = asker.access.supplier_id, asker.access.debtor_id
    invoice = invoices.of_debtor(session, supplier_id, debtor_id, number)
    if invoice.kind != "invoice":
        raise invoices.NoSuchInvoice(number)
    outstanding = outstanding_of(session, supplier_id, [invoice.id])[invoice.id]
    processing = _on_its_way(session, asker, invoice)
    known = known_to(session, asker)
    lowered = deductions(session, supplier_id, invoice.id)
    today = local_date(runtime.clock.now(), asker.access.zone)
    days = days_past_due(invoice.due_on, today)
    holds = held(session, asker, known, today).get(invoice.id, ())
    with reading_as(asker.reader.locale, asker.reader.zone):
        happenings = history.of_invoice(session, supplier_id, invoice.id)
        timeline = entries_for_debtor(happenings)
        interest = late_interest(session, asker, invoice, today)
    supplier = supplier_of(session, supplier_id)
    amount = _explained(invoice.total, lowered, outstanding, processing, holds)
    return InvoicePage(
        head=head_with_person(asker, supplier),
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        days_past_due=days,
        status=invoice_status(
            total=invoice.total,
            outstanding=outstanding,
            processing=processing,
            days=days,
            by_credit_alone=is_credited_alone(lowered),
            written_off=is_written_off(lowered),
            held=reason_for_all(outstanding, holds),
            credit_coming=amount.credit_coming,
        ),
        amount=amount,
        disputes=invoice_disputes(session, asker, known, invoice.number, runtime),
        lines=_lines(session, invoice),
        net=None,
        tax=None,
        documents=tuple(
            document_part(document)
            for document in invoices.documents(session, supplier_id, invoice.id)
        ),
        timeline=tuple(timeline),
        transfer=transfer_for_invoice(asker, invoice, amount.payable),
        interest=interest,
    )


def _on_its_way(session: Session, asker: Asker, invoice: Invoice) -> Money:
    live = live_amounts(session, asker.access.supplier_id, asker.access.debtor_id)
    state, amount = live.get(invoice.id, (None, None))
    if amount is None or state in (PaymentState.OPEN, PaymentState.STARTED):
        return Money.zero(invoice.total.currency)
    return amount


def _explained(
    total: Money,
    lowered: list[Deduction],
    outstanding: Money,
    processing: Money,
    holds: Sequence[Hold],
) -> AmountExplained:
    return AmountExplained(
        invoiced=total,
        deductions=tuple(_deduction(one) for one in lowered),
        outstanding=outstanding,
        processing=min(processing, outstanding),
        disputed=held_for(outstanding, holds, HoldReason.DISPUTED),
        on_plan=held_for(outstanding, holds, HoldReason.ON_PLAN),
        credit_coming=credit_coming(outstanding, holds),
    )


def _deduction(one: Deduction) -> AmountLine:
    on: date = one.on
    url = f"/payments/{one.payment_id}/thanks" if one.payment_id else None
    return AmountLine(kind=kind_of(one.reason), amount=one.amount, on=on, url=url)


def _lines(session: Session, invoice: Invoice) -> tuple[InvoiceLine, ...]:
    """The lines as the file had them; none when one has no amount, since they would not add up."""
    rows = invoices.lines(session, invoice.supplier_id, invoice.id)
    if any(row.net_minor is None for row in rows):
        return ()
    return tuple(
        InvoiceLine(
            description=row.description,
            quantity=row.quantity,
            unit=row.unit or "",
            net=Money(row.net_minor or 0, invoice.total.currency),
        )
        for row in rows
    )


@get("/invoices/{number:path}", sync_to_thread=True)
def show_invoice(
    number: FromPath[Path],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    return _shown(str(number).removeprefix("/"), asker, face, runtime)


@get("/invoices", sync_to_thread=True)
def show_invoice_called(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    """The invoice whose number the query says, whatever that is made of."""
    return _shown(str(request.query_params.get("number", "")), asker, face, runtime)


def _shown(number: str, asker: Asker, face: Face, runtime: Runtime) -> Response[str]:
    with runtime.reading(asker.scope) as session:
        page = invoice_page(session, asker, number, runtime)
    return face.page("invoice.html", asker.reader, page=page)


@get("/documents/{document_id:uuid}", sync_to_thread=True)
def download(
    document_id: FromPath[UUID],
    asker: NamedDependency[Asker],
    runtime: NamedDependency[Runtime],
) -> Response[bytes]:
    access = asker.access
    with runtime.reading(asker.scope) as session:
        document = invoices.document(
            session, access.supplier_id, DocumentId(document_id), debtor_id=access.debtor_id
        )
    return document_response(document)
