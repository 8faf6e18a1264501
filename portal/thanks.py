"""Back from the payment page: a page that never lies, because it writes nothing and says what the
ledger says.
"""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from portal.access import Asker, head_with_person
from portal.pages import PaidPart, Refusal, ThanksPage
from portal.returns import gone_back
from receivables.ids import PaymentId
from receivables.ledger.queries import open_items, outstanding_of
from receivables.ledger.tables import Reason
from receivables.links.tokens import masked
from receivables.money import Money
from receivables.parties.presentation import transfer_to
from receivables.parties.queries import supplier as supplier_of
from receivables.payments import queries as payments
from receivables.payments.checkout import returned
from receivables.payments.rules import PaymentState
from receivables.payments.tables import Payment
from receivables.runtime import Runtime
from receivables.web.face import Face

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
        retry_url=pay_url(currency, frozenset(numbers)),
        transfer=transfer_to(supplier, ", ".join(numbers)[:140]),
        poll_seconds=None if over or state in ("processing", "open") else 2,
        gone_back=gone_back(session, payment),
    )


def pay_url(currency: str, numbers: frozenset[str]) -> str:
    """Where these invoices are chosen again."""
    pairs = [("currency", currency), *(("invoice", number) for number in sorted(numbers))]
    return f"/pay?{urlencode(pairs)}"


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
