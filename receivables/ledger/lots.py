"""Whose money stands where: unapplied cash by origin, and one payment's money wherever it is.

Every entry that moves a payment's money carries the payment's id, so both are sums over entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, InvoiceId, PaymentId, SupplierId
from receivables.ledger.rules import Placed
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money

_ENTRY = Entry.__table__.c


@dataclass(frozen=True, slots=True)
class Lot:
    """Unapplied cash of one origin: a payment's surplus, or (None) credit notes and the rest."""

    payment_id: PaymentId | None
    amount: Money


def _side(sign: int, by: str) -> object:
    account = _ENTRY.credit_account if sign > 0 else _ENTRY.debit_account
    subject = _ENTRY.credit_subject if sign > 0 else _ENTRY.debit_subject
    statement = select(
        subject.label("debtor"),
        _ENTRY.payment_id.label("payment"),
        _ENTRY.currency.label("currency"),
        (sign * _ENTRY.amount_minor).label("minor"),
        _ENTRY.created_at.label("at"),
    ).where(_ENTRY.supplier_id == bindparam("supplier"), account == Account.UNAPPLIED)
    return statement.where(subject == bindparam(by)) if by else statement


def _lots(by: str) -> object:
    both = _side(1, by).union_all(_side(-1, by)).subquery()  # type: ignore[attr-defined]
    total = func.sum(both.c.minor)
    return (
        select(both.c.debtor, both.c.payment, both.c.currency, total.label("minor"))
        .group_by(both.c.debtor, both.c.payment, both.c.currency)
        .having(total > 0)
        .order_by(func.min(both.c.at), both.c.currency)
    )


_OF_DEBTOR = _lots(by="debtor")
_OF_SUPPLIER = _lots(by="")


def lots_of(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> dict[str, list[Lot]]:
    """The debtor's unapplied cash by origin, the oldest first, per currency."""
    rows = session.execute(_OF_DEBTOR, {"supplier": supplier_id, "debtor": debtor_id})  # type: ignore[call-overload]
    lots: dict[str, list[Lot]] = {}
    for row in rows:
        lot = Lot(row.payment, Money(int(row.minor), row.currency))
        lots.setdefault(row.currency, []).append(lot)
    return lots


def surpluses(session: Session, supplier_id: SupplierId) -> dict[PaymentId, Money]:
    """Payments of which something is still unapplied, and how much: each could be sent back."""
    rows = session.execute(_OF_SUPPLIER, {"supplier": supplier_id})  # type: ignore[call-overload]
    return {
        PaymentId(row.payment): Money(int(row.minor), row.currency)
        for row in rows
        if row.payment is not None
    }


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a payment's money stands now, and what of it has gone back."""

    received: Money
    given_back: Money
    unapplied: Money
    #: In the order in which it was first put there.
    placed: tuple[Placed, ...]

    @property
    def left(self) -> Money:
        """What could still be given back."""
        return self.received - self.given_back


_OF_PAYMENT = (
    select(
        _ENTRY.debit_account,
        _ENTRY.debit_subject,
        _ENTRY.credit_account,
        _ENTRY.credit_subject,
        _ENTRY.amount_minor,
        _ENTRY.reason,
    )
    .where(_ENTRY.supplier_id == bindparam("supplier"), _ENTRY.payment_id == bindparam("payment"))
    .order_by(_ENTRY.created_at, _ENTRY.id)
)

#: The reverse of giving back: what was to go and came again.
_CAME_AGAIN = frozenset({Reason.REFUND_FAILED, Reason.CHARGEBACK_REINSTATED})


def standing_of(
    session: Session, supplier_id: SupplierId, payment_id: PaymentId, currency: str
) -> Standing:
    """Where the money of a payment is; all zero before it has settled."""
    rows = session.execute(_OF_PAYMENT, {"supplier": supplier_id, "payment": payment_id}).all()
    received = given_back = unapplied = 0
    placed: dict[UUID, int] = {}
    own: set[UUID] = set()
    for row in rows:
        minor = row.amount_minor
        if row.debit_account == Account.STRIPE_CLEARING:
            received, given_back = (
                (received, given_back - minor)
                if row.reason in _CAME_AGAIN
                else (received + minor, given_back)
            )
        if row.credit_account == Account.STRIPE_CLEARING:
            given_back += minor
        for sign, account, subject in (
            (1, row.credit_account, row.credit_subject),
            (-1, row.debit_account, row.debit_subject),
        ):
            if account == Account.UNAPPLIED:
                unapplied += sign * minor
            elif account == Account.RECEIVABLE:
                placed[subject] = placed.get(subject, 0) + sign * minor
                if row.reason == Reason.PAYMENT_SETTLED:
                    own.add(subject)
    return Standing(
        Money(received, currency),
        Money(given_back, currency),
        Money(unapplied, currency),
        _placed(placed, own, currency),
    )


def _placed(standing: Mapping[UUID, int], own: set[UUID], currency: str) -> tuple[Placed, ...]:
    return tuple(
        Placed(InvoiceId(subject), Money(minor, currency), subject in own)
        for subject, minor in standing.items()
        if minor > 0
    )
