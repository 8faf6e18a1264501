"""Invoices: the list, one with how its amount came about, its document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.billing_pages import InvoicePage, InvoicesPage
from backoffice.debtors import on_its_way
from backoffice.held import held_today
from backoffice.interest_claims import interest_part
from backoffice.pages import InvoiceRow
from backoffice.paging import PAGE_SIZE, Wanted, like, one_of, wanted
from backoffice.timeline import timeline
from receivables import history
from receivables.ids import DocumentId, InvoiceId, SupplierId
from receivables.invoices import queries
from receivables.invoices.tables import Invoice
from receivables.ledger.holds import Hold, HoldReason, credit_coming, held_for, reason_for_all
from receivables.ledger.queries import outstanding_minor, outstanding_of
from receivables.ledger.rules import days_past_due, invoice_status
from receivables.ledger.statements import Deduction, deductions
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.tables import Debtor
from receivables.payments.rules import PaymentState
from receivables.payments.tables import Payment, PaymentPart
from receivables.web.documents import document_part, document_response
from receivables.web.parts import (
    AmountExplained,
    AmountLine,
    InvoiceLine,
    is_credited_alone,
    is_written_off,
    kind_of,
)

Show = Literal["all", "open", "overdue", "paid", "credited"]
Sort = Literal["number", "issued", "due", "outstanding", "debtor"]
_SHOWN: tuple[Show, ...] = ("all", "open", "overdue", "paid", "credited")
_SORTS: tuple[Sort, ...] = ("due", "number", "issued", "outstanding", "debtor")

#: Part of an invoice was paid, not merely credited.
_MONEY_CAME = (
    select(Entry.id)
    .where(
        Entry.credit_account == Account.RECEIVABLE,
        Entry.credit_subject == Invoice.id,
        Entry.reason.in_((Reason.PAYMENT_SETTLED, Reason.TRANSFER_BOOKED)),
    )
    .correlate(Invoice)
    .exists()
)
#: What of the invoice is given up, in minor units.
_GIVEN_UP = (
    select(
        func.coalesce(
            func.sum(
                case(
                    (Entry.reason == Reason.WRITTEN_OFF, Entry.amount_minor),  # type: ignore[attr-defined]
                    else_=-Entry.amount_minor,  # type: ignore[attr-defined]
                )
            ),
            0,
        )
    )
    .where(
        or_(Entry.credit_subject == Invoice.id, Entry.debit_subject == Invoice.id),
        Entry.reason.in_((Reason.WRITTEN_OFF, Reason.WRITE_OFF_REVERSED)),
    )
    .correlate(Invoice)
    .scalar_subquery()
)
#: What live attempts whose debtor has done their part put against the invoice.
_PROCESSING = (
    select(func.coalesce(func.sum(PaymentPart.amount_minor), 0))
    .join(
        Payment,
        (Payment.supplier_id == PaymentPart.supplier_id) & (Payment.id == PaymentPart.payment_id),
    )
    .where(
        PaymentPart.invoice_id == Invoice.id,
        PaymentPart.live,
        Payment.state.in_((PaymentState.SENT, PaymentState.PROCESSING, PaymentState.UNKNOWN)),
    )
    .correlate(Invoice)
    .scalar_subquery()
)


@get("/invoices", sync_to_thread=True)
def show_invoices(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    asked = wanted(request)
    with asker.reading() as session:
        page = invoices_page(session, asker, asked)
    return asker.page("invoices.html", page)


def invoices_page(session: Session, asker: Asker, asked: Wanted) -> InvoicesPage:
    show, sort = one_of(asked.show, _SHOWN), one_of(asked.sort, _SORTS)
    where = _filter(asker, show, asked.q)
    joined = (Debtor.supplier_id == Invoice.supplier_id) & (Debtor.id == Invoice.debtor_id)
    total = session.scalar(
        select(func.count()).select_from(Invoice).join(Debtor, joined).where(where)
    )
    rows = session.execute(
        select(
            Invoice,
            Debtor.name,
            outstanding_minor.label("open_minor"),
            _PROCESSING.label("processing_minor"),
            _MONEY_CAME.label("money_came"),
            _GIVEN_UP.label("given_up_minor"),
        )
        .join(Debtor, joined)
        .where(where)
        .order_by(*_order(sort))
        .limit(PAGE_SIZE)
        .offset(asked.skip)
    ).all()
    holds = held_today(session, asker)
    return InvoicesPage(
        head=asker.head(session, "invoices"),
        notice=asker.notice(),
        q=asked.q,
        show=show,
        sort=sort,
        rows=tuple(_row(asker, row, holds.get(row[0].id, ())) for row in rows),
        pager=asked.pager(len(rows), total or 0),
    )


def _filter(asker: Asker, show: Show, q: str) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [
        Invoice.supplier_id == asker.supplier_id,
        Invoice.kind == "invoice",
    ]
    if show in ("open", "overdue"):
        parts.append(outstanding_minor > 0)
    if show == "overdue":
        parts.append(Invoice.due_on < asker.today)
    if show == "paid":
        parts += [outstanding_minor == 0, _MONEY_CAME]
    if show == "credited":
        parts += [outstanding_minor == 0, ~_MONEY_CAME]
    if q:
        pattern = like(q)
        parts.append(
            or_(
                Invoice.number.ilike(pattern, escape="\\"),
                Debtor.name.ilike(pattern, escape="\\"),
            )
        )
    return and_(*parts)


def _order(sort: Sort) -> Sequence[Any]:
    first: dict[Sort, Any] = {
        "number": Invoice.number,
        "issued": Invoice.issued_on.desc(),
        "due": Invoice.due_on,
        "outstanding": outstanding_minor.desc(),
        "debtor": Debtor.name,
    }
    return (first[sort], Invoice.due_on, Invoice.number)


def _row(asker: Asker, row: Any, holds: Sequence[Hold]) -> InvoiceRow:
    invoice: Invoice = row[0]
    currency = invoice.total.currency
    outstanding = Money(int(row.open_minor), currency)
    days = days_past_due(invoice.due_on, asker.today)
    return InvoiceRow(
        id=invoice.id,
        number=invoice.number,
        debtor_id=invoice.debtor_id,
        debtor_name=row.name,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        days_past_due=days,
        invoiced=invoice.total,
        outstanding=outstanding,
        status=invoice_status(
            total=invoice.total,
            outstanding=outstanding,
            processing=Money(int(row.processing_minor), currency),
            days=days,
            by_credit_alone=not row.money_came,
            written_off=bool(row.given_up_minor),
            held=reason_for_all(outstanding, holds),
            credit_coming=credit_coming(outstanding, holds),
        ),
    )


@get("/invoices/{invoice_id:uuid}", sync_to_thread=True)
def show_invoice(invoice_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = invoice_page(session, asker, InvoiceId(invoice_id))
    return asker.page("invoice.html", page)


def invoice_page(session: Session, asker: Asker, invoice_id: InvoiceId) -> InvoicePage:
    """Raises NoSuchInvoice."""
    supplier_id = asker.supplier_id
    invoice = queries.of_supplier(session, supplier_id, invoice_id)
    outstanding = outstanding_of(session, supplier_id, [invoice_id])[invoice_id]
    zero = Money.zero(invoice.total.currency)
    processing = on_its_way(session, supplier_id, invoice.debtor_id).get(invoice_id, zero)
    lowered = deductions(session, supplier_id, invoice_id)
    days = days_past_due(invoice.due_on, asker.today)
    holds = held_today(session, asker, invoice.debtor_id).get(invoice_id, ())
    return InvoicePage(
        head=asker.head(session, "invoices"),
        notice=asker.notice(),
        id=invoice.id,
        number=invoice.number,
        debtor_id=invoice.debtor_id,
        debtor_name=parties.debtor(session, supplier_id, invoice.debtor_id).name,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        due_on_source=invoice.due_date_source,  # type: ignore[arg-type]  # a DueDateSource
        days_past_due=days,
        status=invoice_status(
            total=invoice.total,
            outstanding=outstanding,
            processing=processing,
            days=days,
            by_credit_alone=is_credited_alone(lowered),
            written_off=is_written_off(lowered),
            held=reason_for_all(outstanding, holds),
            credit_coming=credit_coming(outstanding, holds),
        ),
        amount=AmountExplained(
            invoiced=invoice.total,
            deductions=tuple(_deduction(session, supplier_id, one) for one in lowered),
            outstanding=outstanding,
            processing=min(processing, outstanding),
            disputed=held_for(outstanding, holds, HoldReason.DISPUTED),
            on_plan=held_for(outstanding, holds, HoldReason.ON_PLAN),
            credit_coming=credit_coming(outstanding, holds),
        ),
        lines=_lines(session, invoice),
        net=None,
        tax=None,
        payment_reference=invoice.payment_reference or "",
        documents=tuple(
            document_part(one) for one in queries.documents(session, supplier_id, invoice_id)
        ),
        timeline=timeline(
            session, supplier_id, history.of_invoice(session, supplier_id, invoice_id)
        ),
        interest=interest_part(session, asker, invoice),
    )


def _deduction(session: Session, supplier_id: SupplierId, one: Deduction) -> AmountLine:
    """A line with where it leads: to the payment, or to the credit note that it came from."""
    if one.reason is not Reason.CASH_ALLOCATED:
        url = f"/payments/{one.payment_id}" if one.payment_id else None
        return AmountLine(kind=kind_of(one.reason), amount=one.amount, on=one.on, url=url)
    source = one.source.partition("/")[0]
    note = session.scalar(
        select(Invoice).where(
            Invoice.supplier_id == supplier_id,
            Invoice.kind == "credit_note",
            Invoice.id == _uuid(source),
        )
    )
    if note is None:
        url = f"/payments/{one.payment_id}" if one.payment_id else None
        return AmountLine(kind="unapplied_cash", amount=one.amount, on=one.on, url=url)
    return AmountLine(
        kind="credit_note",
        amount=one.amount,
        on=one.on,
        reference=note.number,
        url=f"/invoices/{quote(str(note.id))}",
    )


def _uuid(text: str) -> UUID:
    """The id that an entry's source begins with; one that nobody has where it does not."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _lines(session: Session, invoice: Invoice) -> tuple[InvoiceLine, ...]:
    """The lines as the file had them; none when one has no amount, since they would not add up."""
    rows = queries.lines(session, invoice.supplier_id, invoice.id)
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


def invoice_rows(session: Session, asker: Asker, q: str, *, most: int) -> tuple[InvoiceRow, ...]:
    """The invoices that match, those due first at the top."""
    asked = Wanted(path="/invoices", q=q, show="all", sort="due", page=1)
    return invoices_page(session, asker, asked).rows[:most]


@get("/documents/{document_id:uuid}", sync_to_thread=True)
def download(document_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[bytes]:
    with asker.reading() as session:
        document = queries.document(session, asker.supplier_id, DocumentId(document_id))
    return document_response(document)
