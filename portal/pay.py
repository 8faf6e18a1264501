"""Choose what to pay, go to the payment page, come back to a page that never lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from portal.access import Asker, head_with_person
from portal.account import OpenAccount, on_its_way, open_account
from portal.pages import (
    NothingToPayPage,
    OpenInvoice,
    PaidPart,
    PayPage,
    Refusal,
    ThanksPage,
)
from portal.pay_methods import with_methods
from portal.returns import gone_back, transfer_only
from receivables.ids import PaymentId, new_id
from receivables.intake.csv_cells import amount as read_amount
from receivables.ledger.queries import open_items, outstanding_of
from receivables.ledger.tables import Reason
from receivables.links.actions import mark_seen
from receivables.links.tokens import masked
from receivables.money import Money, NotAnAmount
from receivables.parties.presentation import transfer_to
from receivables.parties.queries import supplier as supplier_of
from receivables.parties.tables import Supplier
from receivables.payments import queries as payments
from receivables.payments.checkout import begin_checkout, card_trouble, returned
from receivables.payments.errors import (
    NothingToPay,
    PaymentAboveMaximum,
    PaymentAlreadySettled,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
    PaymentInProgress,
)
from receivables.payments.rules import Part, PaymentState, least_by_card
from receivables.payments.starting import Choice
from receivables.payments.tables import Payment
from receivables.runtime import Runtime
from receivables.web.face import Face
from receivables.web.forms import FormBody, field, fields

What = Literal["chosen", "overdue", "all", "other"]
PayError = Literal["not_an_amount", "below_minimum", "above_outstanding"]


def _chosen(rows: Sequence[OpenInvoice], what: What) -> list[OpenInvoice]:
    if what == "overdue":
        return [row for row in rows if row.payable and row.days_past_due > 0]
    if what == "all":
        return [row for row in rows if row.payable]
    return [row for row in rows if row.chosen]


def _sum(rows: Sequence[OpenInvoice], currency: str) -> Money:
    return Money.total((row.payable for row in rows), currency)


def _least(supplier: Supplier, currency: str) -> Money:
    """The least one may choose freely: the supplier's own figure, never below the gateway's."""
    gateway = least_by_card(currency)
    if currency != supplier.currency:
        return gateway
    return max(Money(supplier.least_payment_minor, currency), gateway)


def _pay_page(
    session: Session,
    asker: Asker,
    account: OpenAccount,
    currency: str,
    numbers: frozenset[str] | None,
    *,
    attempt_id: UUID,
    what: What = "chosen",
    typed: str = "",
    error: PayError | None = None,
) -> PayPage | NothingToPayPage:
    rows = account.invoices(currency, numbers) if currency in account.currencies() else []
    chosen = _chosen(rows, "chosen")
    if not chosen:
        attempts = [on_its_way(attempt) for attempt in account.attempts]
        return NothingToPayPage(head=asker.head, on_its_way=attempts[0] if attempts else None)
    everything, overdue = _chosen(rows, "all"), _chosen(rows, "overdue")
    whole = _sum(chosen, currency)
    supplier = supplier_of(session, asker.access.supplier_id)
    return PayPage(
        head=head_with_person(asker, supplier),
        attempt_id=attempt_id,
        currency=currency,
        invoices=tuple(chosen),
        chosen=whole,
        overdue=_sum(overdue, currency) if overdue and overdue != chosen else None,
        everything=_sum(everything, currency) if everything != chosen else None,
        everything_count=len(everything),
        minimum=min(_least(supplier, currency), _sum(everything, currency)),
        choice=what,
        typed_amount=typed,
        error=error,
        methods=(),
    )


def _answer(
    page: PayPage | NothingToPayPage,
    asker: Asker,
    face: Face,
    runtime: Runtime,
    *,
    stripe_account: str | None,
    status: int = 200,
) -> Response[str]:
    """The page, with the ways to pay that the supplier's account offers. Calls out."""
    if not isinstance(page, PayPage):
        return face.page("nothing_to_pay.html", asker.reader, page=page, status=status)
    full = with_methods(runtime, page, stripe_account=stripe_account, country=asker.access.country)
    return face.page("pay.html", asker.reader, page=full, status=status)


@get("/pay", sync_to_thread=True)
def choose(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    currency = str(request.query_params.get("currency", ""))
    given = request.query_params.getall("invoice", [])
    numbers = frozenset(given) if given else None
    with runtime.reading(asker.scope) as session:
        account = open_account(session, asker, runtime)
        supplier = supplier_of(session, asker.access.supplier_id)
        trouble = card_trouble(
            runtime, supplier.stripe_account, currency, standing=supplier.stripe_trouble
        )
        if currency in account.currencies() and trouble:
            instead = transfer_only(asker, supplier, trouble, given)
            return face.page("transfer_only.html", asker.reader, page=instead)
        page = _pay_page(session, asker, account, currency, numbers, attempt_id=new_id())
    return _answer(page, asker, face, runtime, stripe_account=supplier.stripe_account)


def _spread(rows: Sequence[OpenInvoice], amount: Money) -> list[tuple[OpenInvoice, Money]]:
    """Put an amount against invoices, the oldest first. Raises PaymentExceedsOutstanding."""
    left, parts = amount, []
    for row in rows:
        share = min(left, row.payable)
        if share.minor > 0:
            parts.append((row, share))
            left -= share
    if left:
        raise PaymentExceedsOutstanding(amount, amount - left)
    return parts


def _decided(
    account: OpenAccount, currency: str, numbers: frozenset[str], what: What, typed: str
) -> list[tuple[OpenInvoice, Money]]:
    """What of which invoice is to be paid. Raises NotAnAmount, PaymentExceedsOutstanding and
    NothingToPay."""
    rows = account.invoices(currency, numbers) if currency in account.currencies() else []
    if what != "other":
        parts = [(row, row.payable) for row in _chosen(rows, what)]
        if not parts:
            raise NothingToPay
        return parts
    amount = read_amount(typed, currency, None)
    if amount.minor <= 0:
        raise NotAnAmount(typed, currency)
    chosen_first = sorted(_chosen(rows, "all"), key=lambda row: not row.chosen)
    return _spread(chosen_first, amount)


@post("/pay", sync_to_thread=True)
def pay(
    data: FormBody,
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """303 to the payment page; or the form again with what is wrong with the amount."""
    access = asker.access
    face.limiter.count("pay", str(access.debtor_id))
    currency, typed = field(data, "currency"), field(data, "amount")
    numbers = frozenset(fields(data, "invoice"))
    choice = field(data, "choice")
    what: What = choice if choice in ("chosen", "overdue", "all", "other") else "chosen"  # type: ignore[assignment]
    attempt_id = _attempt_id(field(data, "attempt"))
    with runtime.transaction(asker.scope, by=asker.by) as session:
        mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
        account = open_account(session, asker, runtime)
    error: PayError
    try:
        decided = _decided(account, currency, numbers, what, typed)
        ids = {item.number: item.invoice_id for item in account.items}
        order = Choice(
            attempt=attempt_id,
            supplier_id=access.supplier_id,
            debtor_id=access.debtor_id,
            contact_id=access.contact_id,
            parts=tuple(Part(ids[row.number], amount) for row, amount in decided),
            locale=asker.reader.locale,
        )
        page = begin_checkout(runtime, order, by=asker.by)
    except NotAnAmount:
        error = "not_an_amount"
    except PaymentBelowMinimum:
        error = "below_minimum"
    except (PaymentExceedsOutstanding, PaymentAboveMaximum):
        error = "above_outstanding"
    except (PaymentAlreadySettled, PaymentInProgress) as standing:
        return Redirect(f"/payments/{standing.payment_id}/thanks", status_code=303)
    except NothingToPay:
        return Redirect(_again(currency, numbers), status_code=303)
    else:
        return Redirect(page.url, status_code=303)
    with runtime.reading(asker.scope) as session:
        stripe_account = supplier_of(session, access.supplier_id).stripe_account
        again = _pay_page(
            session,
            asker,
            account,
            currency,
            numbers,
            attempt_id=attempt_id,
            what=what,
            typed=typed,
            error=error,
        )
    return _answer(again, asker, face, runtime, stripe_account=stripe_account, status=422)


def _attempt_id(text: str) -> PaymentId:
    """The attempt made with the page; a form without one starts its own."""
    try:
        return PaymentId(UUID(text))
    except ValueError:
        return PaymentId(new_id())


def _again(currency: str, numbers: frozenset[str]) -> str:
    pairs = [("currency", currency), *(("invoice", number) for number in sorted(numbers))]
    return f"/pay?{urlencode(pairs)}"


_STATES: dict[
    PaymentState, Literal["settled", "processing", "confirming", "failed", "expired", "open"]
] = {
    PaymentState.STARTED: "confirming",
    PaymentState.SENT: "confirming",
    PaymentState.UNKNOWN: "confirming",
    PaymentState.OPEN: "open",
    PaymentState.PROCESSING: "processing",
    PaymentState.SETTLED: "settled",
    PaymentState.FAILED: "failed",
    PaymentState.EXPIRED: "expired",
}

#: How a code of the gateway is told; anything else is "other". Those of debits that banks return:
#: docs.stripe.com/payments/sepa-debit, "Failed payments".
_REFUSALS: dict[str, Refusal] = {
    "insufficient_funds": "insufficient_funds",
    "expired_card": "expired_card",
    "authentication_required": "authentication",
    "payment_intent_authentication_failure": "authentication",
    "lost_card": "not_this_card",
    "stolen_card": "not_this_card",
    "card_not_supported": "not_this_card",
    "account_closed": "debit_returned",
    "bank_account_restricted": "debit_returned",
    "debit_not_authorized": "debit_returned",
    "generic_could_not_process": "debit_returned",
    "payment_intent_payment_attempt_failed": "debit_returned",
    "refer_to_customer": "debit_returned",
}


def _thanks_page(
    session: Session, asker: Asker, payment: Payment, *, just_back: bool
) -> ThanksPage:
    access = asker.access
    state = _STATES[PaymentState(payment.state)]
    if state == "open" and just_back:
        state = "confirming"
    parts = payments.parts_of(session, access.supplier_id, payment)
    currency = payment.amount.currency
    standing = outstanding_of(session, access.supplier_id, [part.invoice_id for part in parts])
    entries = payments.entries_of(session, access.supplier_id, payment.id)
    settled = {
        entry.credit_subject: entry.amount
        for entry in entries
        if entry.reason == Reason.PAYMENT_SETTLED
    }
    surplus = Money.total(
        (entry.amount for entry in entries if entry.reason == Reason.PAYMENT_SURPLUS), currency
    )
    still = Money.total(
        (
            item.outstanding
            for item in open_items(session, access.supplier_id, access.debtor_id)
            if item.outstanding.currency == currency
        ),
        currency,
    )
    supplier = supplier_of(session, access.supplier_id)
    numbers = [part.number for part in parts]
    over = state in ("settled", "failed", "expired")
    return ThanksPage(
        head=head_with_person(asker, supplier),
        payment_id=payment.id,
        state=state,
        amount=payment.amount,
        at=payment.state_since if state == "settled" else payment.created_at,
        method=payment.method,
        reference=reference_of(payment.id),
        parts=tuple(
            PaidPart(
                number=part.number,
                amount=settled.get(
                    part.invoice_id, Money.zero(currency) if surplus else part.amount
                ),
                outstanding=standing[part.invoice_id],
            )
            for part in parts
        ),
        surplus=surplus,
        still_outstanding=still,
        receipt_to=masked(access.contact_email) if state == "settled" else "",
        refusal=_refusal(payment) if state == "failed" else "",
        resume_url=payment.stripe_session_url if state == "open" else None,
        retry_url=_again(currency, frozenset(numbers)),
        transfer=transfer_to(supplier, ", ".join(numbers)[:140]),
        poll_seconds=None if over or state in ("processing", "open") else 2,
        gone_back=gone_back(session, payment),
    )


def _refusal(payment: Payment) -> Refusal:
    return _REFUSALS.get(payment.failure_code, "other")


def reference_of(payment_id: PaymentId) -> str:
    """What a debtor quotes when they ask about a payment."""
    return f"Q-{payment_id.hex[-10:].upper()}"


@get("/payments/{payment_id:uuid}/thanks", sync_to_thread=True)
def thanks(
    payment_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    """What the ledger says. `cs` is the payment page's own name, and must be this payment's."""
    checkout_id = request.query_params.get("cs")
    return _thanks(PaymentId(payment_id), checkout_id, asker, face, runtime, "thanks.html")


@get("/payments/{payment_id:uuid}/state", sync_to_thread=True)
def payment_state(
    payment_id: FromPath[UUID],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    """The part of the page that looks again by itself."""
    return _thanks(PaymentId(payment_id), None, asker, face, runtime, "_payment_state.html")


def _thanks(
    payment_id: PaymentId,
    checkout_id: str | None,
    asker: Asker,
    face: Face,
    runtime: Runtime,
    template: str,
) -> Response[str]:
    access = asker.access
    payment = returned(
        runtime, access.supplier_id, access.debtor_id, payment_id, checkout_id=checkout_id
    )
    with runtime.reading(asker.scope) as session:
        page = _thanks_page(session, asker, payment, just_back=checkout_id is not None)
    return face.page(template, asker.reader, page=page)


@get("/payments/{payment_id:uuid}/cancelled", sync_to_thread=True)
def cancelled(payment_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Redirect:
    """Back from the payment page without paying: it stays open and can be gone on with."""
    assert asker, "only somebody with a visit comes back"
    return Redirect(f"/payments/{payment_id}/thanks", status_code=303)
