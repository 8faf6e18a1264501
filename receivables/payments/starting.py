"""Starting to pay: an attempt is on record before the gateway hears of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import (
    ContactId,
    DebtorId,
    InstalmentId,
    InvoiceId,
    PaymentId,
    SavedMethodId,
    SupplierId,
    new_id,
)
from receivables.invoices.queries import NoSuchInvoice
from receivables.invoices.tables import Invoice
from receivables.jobs import add_unless_known
from receivables.ledger.actions import lock_invoices
from receivables.ledger.queries import outstanding_of
from receivables.ledger.tables import Account
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.parties.tables import Supplier
from receivables.payments.actions import whose
from receivables.payments.errors import (
    CardPaymentUnavailable,
    MethodNotUsable,
    PaymentAlreadySettled,
    PaymentInProgress,
)
from receivables.payments.events import PaymentStarted
from receivables.payments.keeping import MethodState, locked
from receivables.payments.queries import entries_of, find
from receivables.payments.rules import (
    CHARGE_REPEATABLE,
    PAGE_LIFETIME,
    Channel,
    Part,
    PaymentState,
    check_choice,
    fingerprint,
    next_check,
)
from receivables.payments.tables import Payment, PaymentPart, SavedMethod

#: Source: docs.stripe.com/api/checkout/sessions/create, `custom_text.submit.message`.
LONGEST_CONSENT = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a debtor decided to pay. `attempt` was made with the page they decided on."""

    attempt: PaymentId
    supplier_id: SupplierId
    debtor_id: DebtorId
    contact_id: ContactId | None
    parts: tuple[Part, ...]
    #: Of the hosted page and of what it lists.
    locale: str
    #: Keep what is paid with, to charge it later without the debtor; `consent` is what the page
    #: says about that.
    save_method: bool = False
    consent: str = ""
    #: What of a plan is paid. The least amount of free choice does not hold for it.
    instalment_id: InstalmentId | None = None

    def __post_init__(self) -> None:
        assert len(self.consent) <= LONGEST_CONSENT, "the hosted page shows no more"
        assert self.save_method or not self.consent, "consent to what?"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeOrder:
    """What is to be charged without the debtor. `attempt` is this try's and no other's."""

    attempt: PaymentId
    supplier_id: SupplierId
    debtor_id: DebtorId
    #: Where the receipt goes.
    contact_id: ContactId | None
    saved_method_id: SavedMethodId
    parts: tuple[Part, ...]
    instalment_id: InstalmentId | None = None


class InvoicesHeld(ReceivablesError):
    """Other live attempts hold some of the invoices; they must be over first."""

    def __init__(self, payment_ids: Sequence[PaymentId]) -> None:
        self.payment_ids = tuple(payment_ids)
        super().__init__(f"held by {', '.join(map(str, payment_ids))}")


#: Makes the gateway's request for an attempt from what is paid of each invoice (by number).
Freeze = Callable[[PaymentId, Sequence[tuple[str, Money]]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Charged:
    """What a charge's request is made from; `language` is the supplier's: it is on their books."""

    method: SavedMethod
    amount: Money
    numbers: tuple[str, ...]
    language: str


FreezeCharge = Callable[[PaymentId, Charged], dict[str, Any]]

#: An order is carried out sooner than this: what was settled earlier was known to who made it.
_OLDEST_ORDER = timedelta(days=1)

#: A page with less time left than this is not worth sending anybody to.
_LEAST_TIME_LEFT = timedelta(minutes=3)


def start(
    session: Session, choice: Choice, *, livemode: bool, freeze: Freeze, clock: Clock
) -> Payment:
    """Put an attempt on record, or find the live one that is the same choice.

    Raises what `check_choice` raises, NoSuchInvoice, CardPaymentUnavailable while the supplier's
    account takes no payments, PaymentAlreadySettled for this very attempt, and InvoicesHeld when
    other attempts have to be over first.
    """
    parts = tuple(part for part in choice.parts if part.amount)
    invoice_ids = [part.invoice_id for part in parts]
    # From here until the commit nobody else starts or settles anything on these invoices.
    lock_invoices(session, choice.supplier_id, invoice_ids)
    mark = fingerprint(choice.debtor_id, parts, choice.save_method or None, choice.instalment_id)
    known = find(session, choice.supplier_id, choice.attempt)
    if known is not None and known.fingerprint == mark and known.state == PaymentState.SETTLED:
        raise PaymentAlreadySettled(known.id)
    numbers = _numbers(session, choice.supplier_id, choice.debtor_id, invoice_ids)
    supplier = _taking_payments(session, choice.supplier_id)
    outstanding = outstanding_of(session, choice.supplier_id, invoice_ids)
    least = None if choice.instalment_id else _least_payment(supplier, parts)
    amount = check_choice(parts, outstanding, least)
    held = _holding(session, choice.supplier_id, invoice_ids)
    if len(held) == 1 and held[0].fingerprint == mark and _worth_showing(held[0], clock):
        return held[0]
    if held:
        raise InvoicesHeld([payment.id for payment in held])
    row = {
        "channel": Channel.CHECKOUT,
        "supplier_id": choice.supplier_id,
        "debtor_id": choice.debtor_id,
        "contact_id": choice.contact_id,
        "instalment_id": choice.instalment_id,
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "fingerprint": mark,
        "livemode": livemode,
        "stripe_account": supplier.stripe_account or "",
        "expires_at": clock.now() + PAGE_LIFETIME,
    }
    lines = [(numbers[part.invoice_id], part.amount) for part in parts]
    # The page's id may have been used: by a try that is over (a new try is a new key), or by
    # whoever made the form up.
    ids = (choice.attempt, PaymentId(new_id()))
    return _put_on_record(session, ids, row, parts, lambda made: freeze(made, lines), clock)


def start_charge(
    session: Session, order: ChargeOrder, *, livemode: bool, freeze: FreezeCharge, clock: Clock
) -> Payment:
    """Put a charge on record, or find it there: the same order again is the same charge.

    Raises what `check_choice` raises, NoSuchInvoice, CardPaymentUnavailable, NoSuchSavedMethod and
    MethodNotUsable;
    PaymentAlreadySettled or PaymentInProgress when its instalment is paid, or being paid, by
    another attempt; and InvoicesHeld when other attempts have to be over first.
    """
    parts = tuple(part for part in order.parts if part.amount)
    invoice_ids = [part.invoice_id for part in parts]
    lock_invoices(session, order.supplier_id, invoice_ids)
    mark = fingerprint(order.debtor_id, parts, order.saved_method_id, order.instalment_id)
    known = find(session, order.supplier_id, order.attempt)
    if known is not None:
        assert known.fingerprint == mark, "another order is another attempt"
        return known
    _refuse_twice(session, order, clock)
    supplier = _taking_payments(session, order.supplier_id)
    account = supplier.stripe_account or ""
    method = _chargeable(session, order, account, livemode=livemode)
    numbers = _numbers(session, order.supplier_id, order.debtor_id, invoice_ids)
    outstanding = outstanding_of(session, order.supplier_id, invoice_ids)
    amount = check_choice(parts, outstanding, None)
    if method.kind == "sepa_debit" and amount.currency != "EUR":
        raise MethodNotUsable(method.id, "currency")
    held = _holding(session, order.supplier_id, invoice_ids)
    if held:
        raise InvoicesHeld([payment.id for payment in held])
    row = {
        "channel": Channel.CHARGE,
        "supplier_id": order.supplier_id,
        "debtor_id": order.debtor_id,
        "contact_id": order.contact_id,
        "instalment_id": order.instalment_id,
        "saved_method_id": method.id,
        "method": method.label,
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "fingerprint": mark,
        "livemode": livemode,
        "stripe_account": account,
        "expires_at": clock.now() + CHARGE_REPEATABLE,
    }
    listed = tuple(numbers[part.invoice_id] for part in parts)
    charged = Charged(method, amount, listed, supplier.language)
    ids = (order.attempt,)
    return _put_on_record(session, ids, row, parts, lambda made: freeze(made, charged), clock)


def _taking_payments(session: Session, supplier_id: SupplierId) -> Supplier:
    """Raises CardPaymentUnavailable while the supplier's account takes none."""
    supplier = supplier_of(session, supplier_id)
    if supplier.stripe_trouble:
        raise CardPaymentUnavailable(supplier.stripe_trouble)
    return supplier


#: Made once, as the others in capitals here: a run of instalments asks them thousands of times.
_PAID_LATELY = (
    select(Payment)
    .where(
        Payment.supplier_id == bindparam("supplier"),
        Payment.instalment_id == bindparam("instalment"),
        or_(
            Payment.state == PaymentState.PROCESSING,
            (Payment.state == PaymentState.SETTLED) & (Payment.state_since > bindparam("since")),
        ),
    )
    .order_by(Payment.id)
)


def _refuse_twice(session: Session, order: ChargeOrder, clock: Clock) -> None:
    """What has come for the instalment since the order was made: it is not charged on top. Money
    that was sent or taken back since then has not paid it.
    """
    if order.instalment_id is None:
        return
    asked = {
        "supplier": order.supplier_id,
        "instalment": order.instalment_id,
        "since": clock.now() - _OLDEST_ORDER,
    }
    for other in session.scalars(_PAID_LATELY, asked):
        if other.state == PaymentState.PROCESSING:
            raise PaymentInProgress(other.id)
        if _still_ours(session, other):
            raise PaymentAlreadySettled(other.id)


def _still_ours(session: Session, payment: Payment) -> bool:
    """Whether anything of a settled payment is left with us."""
    left = Money.zero(payment.amount.currency)
    for entry in entries_of(session, payment.supplier_id, payment.id):
        if entry.debit_account == Account.STRIPE_CLEARING:
            left += entry.amount
        elif entry.credit_account == Account.STRIPE_CLEARING:
            left -= entry.amount
    return bool(left)


def _chargeable(
    session: Session, order: ChargeOrder, account: str, *, livemode: bool
) -> SavedMethod:
    method = locked(session, order.supplier_id, order.saved_method_id, order.debtor_id)
    if method.state != MethodState.USABLE:
        raise MethodNotUsable(method.id, method.state)
    if (method.stripe_account, method.livemode) != (account, livemode):
        raise MethodNotUsable(method.id, "account")
    return method


def _least_payment(supplier: Supplier, parts: Sequence[Part]) -> Money | None:
    if not parts or parts[0].amount.currency != supplier.currency:
        return None
    return Money(supplier.least_payment_minor, supplier.currency)


def _worth_showing(payment: Payment, clock: Clock) -> bool:
    return payment.state != PaymentState.OPEN or payment.expires_at - clock.now() > _LEAST_TIME_LEFT


_NUMBERS = select(Invoice.id, Invoice.number).where(
    Invoice.supplier_id == bindparam("supplier"),
    Invoice.debtor_id == bindparam("debtor"),
    Invoice.id.in_(bindparam("invoices", expanding=True)),
    Invoice.kind == "invoice",
)


def _numbers(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    invoice_ids: Sequence[InvoiceId],
) -> dict[InvoiceId, str]:
    asked = {"supplier": supplier_id, "debtor": debtor_id, "invoices": invoice_ids}
    rows = session.execute(_NUMBERS, asked)
    numbers = {row.id: row.number for row in rows}
    for invoice_id in invoice_ids:
        if invoice_id not in numbers:
            raise NoSuchInvoice(str(invoice_id))
    return numbers


_HOLDING = (
    select(Payment)
    .where(
        Payment.supplier_id == bindparam("supplier"),
        Payment.id.in_(
            select(PaymentPart.payment_id).where(
                PaymentPart.supplier_id == bindparam("supplier"),
                PaymentPart.live,
                PaymentPart.invoice_id.in_(bindparam("invoices", expanding=True)),
            )
        ),
    )
    .order_by(Payment.id)
)


def _holding(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> Sequence[Payment]:
    asked = {"supplier": supplier_id, "invoices": invoice_ids}
    return session.scalars(_HOLDING, asked).all()


def _put_on_record(
    session: Session,
    ids: Sequence[PaymentId],
    row: Mapping[str, Any],
    parts: Sequence[Part],
    freeze: Callable[[PaymentId], dict[str, Any]],
    clock: Clock,
) -> Payment:
    """The attempt, with its parts, under the first of `ids` that is free."""
    now = clock.now()
    for payment_id in ids:
        values = {
            **row,
            "id": payment_id,
            "state": PaymentState.STARTED,
            "state_since": now,
            "request": freeze(payment_id),
            "created_at": now,
            "next_check_at": next_check(PaymentState.STARTED, now, now),
        }
        if add_unless_known(session, Payment, values):
            break
    else:
        raise AssertionError("a fresh id is free")
    session.add_all(
        PaymentPart(
            payment_id=payment_id,
            invoice_id=part.invoice_id,
            supplier_id=row["supplier_id"],
            amount_minor=part.amount.minor,
            live=True,
        )
        for part in parts
    )
    session.flush()
    made = find(session, row["supplier_id"], payment_id)
    assert made is not None, payment_id
    only = parts[0].invoice_id if len(parts) == 1 else None
    record(session, PaymentStarted(**whose(made, only)), clock=clock)
    return made
