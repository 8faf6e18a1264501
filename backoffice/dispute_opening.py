"""Writing down what a debtor contests on the telephone, from the page of the invoice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.dispute_pages import DisputedLineRow, NewDisputePage
from backoffice.dispute_work import LONGEST_MESSAGE
from receivables.disputes import queries
from receivables.disputes.errors import (
    AlreadyDisputed,
    AmountNotDisputable,
    MessageMissing,
    NothingToDispute,
)
from receivables.disputes.opening import Claim, Opening, open_dispute
from receivables.disputes.reasons import Reason
from receivables.disputes.rules import Scope
from receivables.disputes.steps import Words
from receivables.disputes.wording import reason_words
from receivables.i18n import reading_as
from receivables.ids import DisputeId, InvoiceId
from receivables.intake.csv_cells import amount as read_amount
from receivables.invoices import queries as invoices
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import outstanding_of
from receivables.money import Money, NotAnAmount
from receivables.parties import queries as parties
from receivables.web.forms import FormBody, field, fields

log = structlog.get_logger(__name__)

#: Who has paid says so under "said to be paid", which looks for the money.
REASONS = tuple(reason for reason in Reason if reason is not Reason.PAID)
_SCOPES: dict[str, Scope] = {"whole": "whole", "amount": "amount", "lines": "lines"}


class _NoReason(MessageMissing):
    """None of the reasons was chosen."""


@get("/invoices/{invoice_id:uuid}/dispute", sync_to_thread=True)
def show_new_dispute(
    invoice_id: FromPath[UUID], collector: NamedDependency[Asker]
) -> Response[Any]:
    """The form; or the dispute that the invoice is in."""
    with collector.reading() as session:
        standing = _standing(session, collector, InvoiceId(invoice_id))
        if standing is not None:
            return Redirect(f"/disputes/{standing}", status_code=303)
        page = _page(session, collector, InvoiceId(invoice_id), {})
    return collector.page("new_dispute.html", page)


def _standing(session: Session, asker: Asker, invoice_id: InvoiceId) -> DisputeId | None:
    """The open dispute of an invoice. Raises NoSuchInvoice."""
    invoice = invoices.of_supplier(session, asker.supplier_id, invoice_id)
    found = queries.of_debtor(session, asker.supplier_id, invoice.debtor_id)
    return next(
        (
            view.id
            for view in found
            for item in view.items
            if item.invoice_id == invoice_id and item.is_open
        ),
        None,
    )


def _page(
    session: Session,
    asker: Asker,
    invoice_id: InvoiceId,
    typed: Mapping[str, Any],
    **error: Any,
) -> NewDisputePage:
    """Raises NoSuchInvoice."""
    supplier_id = asker.supplier_id
    invoice = invoices.of_supplier(session, supplier_id, invoice_id)
    people = parties.contacts(session, supplier_id, invoice.debtor_id)
    with reading_as(asker.reader.locale, asker.reader.zone):
        reasons = tuple((reason.value, reason_words(reason)) for reason in REASONS)
    outstanding = outstanding_of(session, supplier_id, [invoice_id])[invoice_id]
    return NewDisputePage(
        head=asker.head(session, "disputes"),
        notice=asker.notice(),
        invoice_id=invoice_id,
        number=invoice.number,
        debtor_name=parties.debtor(session, supplier_id, invoice.debtor_id).name,
        outstanding=outstanding
        if invoice.kind == "invoice"
        else Money.zero(invoice.total.currency),
        reasons=reasons,
        lines=_lines(session, invoice, typed),
        contacts=tuple((str(one.id), one.name or one.email) for one in people),
        reason=field(typed, "reason"),
        scope=_SCOPES.get(field(typed, "scope"), "whole"),
        typed_amount=field(typed, "amount"),
        contact=field(typed, "contact"),
        message=field(typed, "message"),
        **{"error": "", **error},
    )


def _lines(
    session: Session, invoice: Invoice, typed: Mapping[str, Any]
) -> tuple[DisputedLineRow, ...]:
    """Lines with an amount; none when one has none, since a share could not be told then."""
    rows = invoices.lines(session, invoice.supplier_id, invoice.id)
    if any(row.net_minor is None for row in rows):
        return ()
    chosen = _places(typed)
    return tuple(
        DisputedLineRow(
            place=row.place,
            description=row.description,
            net=Money(row.net_minor or 0, invoice.total.currency),
            chosen=row.place in chosen,
        )
        for row in rows
        if (row.net_minor or 0) > 0
    )


def _places(data: Mapping[str, Any]) -> tuple[int, ...]:
    asked = fields(data, "lines")[:500]
    return tuple(int(one) for one in asked if one.isascii() and one.isdigit() and len(one) < 6)


@post("/invoices/{invoice_id:uuid}/dispute", sync_to_thread=True)
def take_new_dispute(
    invoice_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """303 to the dispute; or the form again with what is missing."""
    error: str
    try:
        dispute_id = _open(collector, InvoiceId(invoice_id), data)
    except AlreadyDisputed:
        return Redirect(f"/invoices/{invoice_id}/dispute", status_code=303)
    except NothingToDispute:
        return collector.back(f"/invoices/{invoice_id}", "nothing_to_dispute")
    except _NoReason:
        error = "reason"
    except MessageMissing:
        error = "message"
    except (AmountNotDisputable, NotAnAmount):
        error = "amount"
    else:
        by = str(collector.me.staff_id)
        log.info("dispute.noted", dispute=str(dispute_id), by=by)
        return collector.back(f"/disputes/{dispute_id}", "dispute_opened")
    with collector.reading() as session:
        page = _page(session, collector, InvoiceId(invoice_id), data, error=error)
    return collector.page("new_dispute.html", page, status=422)


def _open(collector: Asker, invoice_id: InvoiceId, data: Mapping[str, Any]) -> DisputeId:
    """Raises NoSuchInvoice, and what `open_dispute` and `read_amount` raise."""
    reason = field(data, "reason")
    if reason not in {one.value for one in REASONS}:
        raise _NoReason(reason)
    supplier_id, scope = collector.supplier_id, _SCOPES.get(field(data, "scope"), "whole")
    with collector.transaction() as session:
        invoice = invoices.of_supplier(session, supplier_id, invoice_id)
        if not outstanding_of(session, supplier_id, [invoice_id])[invoice_id]:
            raise NothingToDispute
        currency, typed = invoice.total.currency, field(data, "amount")
        people = {
            str(one.id): one.id for one in parties.contacts(session, supplier_id, invoice.debtor_id)
        }
        claim = Claim(
            number=invoice.number,
            scope=scope,
            amount=read_amount(typed, currency, None) if scope == "amount" else None,
            lines=_places(data),
        )
        opening = Opening(
            supplier_id=supplier_id,
            debtor_id=invoice.debtor_id,
            contact_id=people.get(field(data, "contact")),
            reason=Reason(reason),
            claims=[claim],
            words=Words(field(data, "message")[:LONGEST_MESSAGE]),
            side="supplier",
        )
        return open_dispute(session, opening, clock=collector.runtime.clock)
