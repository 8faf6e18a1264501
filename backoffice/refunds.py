"""Money that goes back: a refund with what it opens again, the list of all that went back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.return_pages import (
    ChargebackRow,
    FormError,
    PaymentReturns,
    Proposal,
    RefundPage,
    RefundRow,
    Reopened,
    ReturnsPage,
)
from receivables.ids import InvoiceId, PaymentId, RefundId, SupplierId, new_id
from receivables.intake.csv_cells import amount as read_amount
from receivables.invoices.tables import Invoice
from receivables.ledger.lots import standing_of
from receivables.ledger.queries import outstanding_of
from receivables.ledger.rules import take_back
from receivables.money import Money, NotAnAmount
from receivables.parties import queries as parties
from receivables.payments import queries, return_queries
from receivables.payments.errors import CardPaymentUnavailable
from receivables.payments.refund_actions import see_to
from receivables.payments.refund_rules import (
    GONE,
    NotRefundable,
    RefundExceedsLeft,
    RefundState,
)
from receivables.payments.refunds import look_again_at, refund
from receivables.payments.return_tables import Chargeback, Refund
from receivables.payments.tables import Payment
from receivables.web.forms import FormBody, field

log = structlog.get_logger(__name__)

#: How many of each the list shows.
_NEWEST = 50


def returns_of(session: Session, payment: Payment, debtor_name: str) -> PaymentReturns:
    """What a payment's own page says of money that went back."""
    may = return_queries.refundable_of(session, payment)
    supplier_id = payment.supplier_id
    return PaymentReturns(
        refunds=tuple(
            _refund_row(one, debtor_name)
            for one in return_queries.refunds_of(session, supplier_id, payment.id)
        ),
        chargebacks=tuple(
            _chargeback_row(one, debtor_name)
            for one in return_queries.chargebacks_of(session, supplier_id, payment.id)
        ),
        refundable=may.left,
        blocked=may.reason,  # type: ignore[arg-type]  # one of the two of `refundable`
    )


def _refund_row(one: Refund, debtor_name: str) -> RefundRow:
    return RefundRow(
        id=one.id,
        payment_id=one.payment_id,
        debtor_name=debtor_name,
        amount=one.amount,
        state=RefundState(one.state).value,
        external=one.external,
        why=one.why,
        code=one.failure_code,
        problem=one.problem,
        at=one.state_since,
    )


def _chargeback_row(one: Chargeback, debtor_name: str) -> ChargebackRow:
    return ChargebackRow(
        id=one.id,
        payment_id=one.payment_id,
        debtor_name=debtor_name,
        amount=one.amount,
        state=one.state,  # type: ignore[arg-type]  # the table's own constraint
        money=one.money,  # type: ignore[arg-type]  # likewise
        reason=one.reason,
        problem=one.problem,
        respond_by=one.respond_by,
        at=one.opened_at,
    )


@get("/payments/returns", sync_to_thread=True)
def show_returns(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = returns_page(session, asker)
    return asker.page("returns.html", page)


def returns_page(session: Session, asker: Asker) -> ReturnsPage:
    supplier_id = asker.supplier_id
    waiting = return_queries.refunds_for_a_person(session, supplier_id)
    contested = return_queries.open_chargebacks(session, supplier_id)
    refunds = return_queries.listed_refunds(session, supplier_id, most=_NEWEST)
    chargebacks = return_queries.listed_chargebacks(session, supplier_id, most=_NEWEST)
    proposals = return_queries.refund_proposals(session, supplier_id)
    names = _debtors_of(
        session,
        supplier_id,
        [
            *(one.payment_id for one in (*waiting, *refunds)),
            *(one.payment_id for one in (*contested, *chargebacks)),
            *(payment.id for payment, _ in proposals),
        ],
    )
    supplier = parties.supplier(session, supplier_id)
    return ReturnsPage(
        head=asker.head(session, "payments"),
        notice=asker.notice(),
        stripe_trouble=supplier.stripe_trouble,  # type: ignore[arg-type]  # one of the three
        waiting=tuple(_refund_row(one, names[one.payment_id]) for one in waiting),
        contested=tuple(_chargeback_row(one, names[one.payment_id]) for one in contested),
        proposals=tuple(
            Proposal(
                payment_id=payment.id,
                debtor_name=names[payment.id],
                amount=amount,
                at=payment.state_since,
            )
            for payment, amount in proposals
        ),
        refunds=tuple(_refund_row(one, names[one.payment_id]) for one in refunds),
        chargebacks=tuple(_chargeback_row(one, names[one.payment_id]) for one in chargebacks),
    )


def _debtors_of(
    session: Session, supplier_id: SupplierId, payment_ids: Sequence[PaymentId]
) -> dict[PaymentId, str]:
    """The name of each payment's debtor."""
    rows = session.execute(
        select(Payment.id, Payment.debtor_id).where(
            Payment.supplier_id == supplier_id, Payment.id.in_(payment_ids)
        )
    ).all()
    names = parties.debtor_names(session, supplier_id, [row.debtor_id for row in rows])
    return {row.id: names[row.debtor_id] for row in rows}


@get("/payments/{payment_id:uuid}/refund", sync_to_thread=True)
def show_refund(
    payment_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    collector: NamedDependency[Asker],
) -> Response[str]:
    """The form, and what the amount in the address would do; nothing is changed by looking."""
    typed = str(request.query_params.get("amount", ""))[:40]
    why = str(request.query_params.get("why", ""))[:300]
    with collector.reading() as session:
        page = refund_page(session, collector, PaymentId(payment_id), new_id(), typed, why)
    return collector.page("refund.html", page)


def refund_page(
    session: Session,
    asker: Asker,
    payment_id: PaymentId,
    refund_id: UUID,
    typed: str,
    why: str,
    error: FormError = "",
) -> RefundPage:
    """Raises NoSuchPayment."""
    supplier_id = asker.supplier_id
    payment = queries.of_supplier(session, supplier_id, payment_id)
    may = return_queries.refundable_of(session, payment)
    amount = _typed(typed, may.left) if typed else may.left
    if typed and not error:
        error = "not_an_amount" if amount is None else "too_much" if amount > may.left else ""
    if error == "too_much":
        amount = None
    parts = _would_open(session, payment, amount) if amount else []
    return RefundPage(
        head=asker.head(session, "payments"),
        notice=asker.notice(),
        payment_id=payment.id,
        debtor_name=parties.debtor(session, supplier_id, payment.debtor_id).name,
        method=payment.method,
        paid=payment.amount,
        refundable=may.left,
        blocked=may.reason,  # type: ignore[arg-type]  # one of the two of `refundable`
        refund_id=refund_id,
        typed_amount=typed or str(may.left.decimal),
        why=why,
        error=error,
        amount=amount or None,
        from_unapplied=Money.total(
            (share for invoice_id, share in parts if invoice_id is None), payment.amount.currency
        ),
        reopened=_reopened(session, supplier_id, parts),
    )


def _typed(typed: str, left: Money) -> Money | None:
    try:
        amount = read_amount(typed, left.currency, None)
    except NotAnAmount:
        return None
    return amount if amount.minor > 0 else None


def _would_open(
    session: Session, payment: Payment, amount: Money
) -> list[tuple[InvoiceId | None, Money]]:
    """Where the money would come from, by the rule that books it."""
    currency = payment.amount.currency
    standing = standing_of(session, payment.supplier_id, payment.id, currency)
    parts, _short = take_back(amount, standing.unapplied, standing.placed)
    return parts


def _reopened(
    session: Session,
    supplier_id: SupplierId,
    parts: Sequence[tuple[InvoiceId | None, Money]],
) -> tuple[Reopened, ...]:
    ids = [invoice_id for invoice_id, _ in parts if invoice_id is not None]
    outstanding = outstanding_of(session, supplier_id, ids)
    rows = session.execute(
        select(Invoice.id, Invoice.number).where(
            Invoice.supplier_id == supplier_id, Invoice.id.in_(ids)
        )
    )
    numbers = {row.id: row.number for row in rows}
    return tuple(
        Reopened(
            id=invoice_id,
            number=numbers[invoice_id],
            amount=share,
            outstanding=outstanding[invoice_id] + share,
        )
        for invoice_id, share in parts
        if invoice_id is not None
    )


@post("/payments/{payment_id:uuid}/refund", sync_to_thread=True)
def take_refund(
    payment_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Send money back; no transaction is open while Stripe is asked."""
    typed, why = field(data, "amount"), field(data, "why")[:300]
    refund_id = _id(field(data, "refund"))
    with collector.reading() as session:
        payment = queries.of_supplier(session, collector.supplier_id, PaymentId(payment_id))
    amount = _typed(typed, payment.amount)
    error: FormError = "not_an_amount" if amount is None else "" if why else "no_reason"
    if amount is not None and not error:
        try:
            made = refund(
                collector.runtime,
                collector.supplier_id,
                payment.id,
                amount,
                refund_id=RefundId(refund_id),
                why=why,
                by=f"staff:{collector.me.staff_id}",
            )
            return collector.back(f"/payments/{payment_id}", _notice_of(made))
        except RefundExceedsLeft:
            error = "too_much"
        except (NotRefundable, CardPaymentUnavailable) as refused:
            log.info("refund.not_possible", payment=str(payment_id), reason=str(refused))
            return collector.back(f"/payments/{payment_id}", "refund_impossible")
    with collector.reading() as session:
        page = refund_page(session, collector, payment.id, refund_id, typed, why, error)
    return collector.page("refund.html", page, status=422)


def _notice_of(made: Refund) -> str:
    if made.state in GONE:
        return "refund_made"
    return "refund_refused" if made.state in ("refused", "failed") else "refund_unknown"


def _id(text: str) -> UUID:
    """The id made with the form; a form without one makes its own."""
    try:
        return UUID(text)
    except ValueError:
        return new_id()


@post("/refunds/{refund_id:uuid}/ask", sync_to_thread=True)
def ask_about_refund(refund_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[Any]:
    """Ask Stripe once more how it stands."""
    found = look_again_at(collector.runtime, collector.supplier_id, RefundId(refund_id))
    log.info("refund.asked", refund=str(refund_id), by=str(collector.me.staff_id))
    return collector.back(f"/payments/{found.payment_id}", _notice_of(found))


@post("/refunds/{refund_id:uuid}/seen", sync_to_thread=True)
def see_refund(refund_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[Any]:
    """Somebody has dealt with a refund that went wrong."""
    with collector.transaction() as session:
        seen = see_to(session, collector.supplier_id, RefundId(refund_id))
    log.info("refund.seen_to", refund=str(seen.id), by=str(collector.me.staff_id))
    return collector.back("/payments/returns", "refund_seen")
