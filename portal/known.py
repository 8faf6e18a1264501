"""Which kinds of matter a debtor has ever had, asked along with who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Exists, bindparam, select
from sqlalchemy.orm import Session

from receivables.disputes.tables import Dispute
from receivables.handover.tables import Handover
from receivables.ids import DebtorId, SupplierId
from receivables.ledger.tables import Account, Entry
from receivables.links.queries import access_and
from receivables.links.tables import PortalGrant
from receivables.payments.return_tables import Chargeback
from receivables.payments.tables import Payment, PaymentPart
from receivables.plans.tables import Plan
from receivables.promises.tables import PaidClaim, Promise


@dataclass(frozen=True, slots=True)
class Known:
    """Which kinds of matter the debtor has ever had: most have had none."""

    disputes: bool
    promises: bool
    claims: bool
    plans: bool
    #: Somebody else collects: no matter of the debtor's, and held all the same.
    handed_over: bool
    #: A bank took a payment back: no matter of its own, and nothing is held for it.
    taken_back: bool
    #: A payment that is neither settled nor over.
    live_attempts: bool
    #: Cash or credit that may not have been put against anything.
    unapplied: bool

    def __bool__(self) -> bool:
        return self.disputes or self.promises or self.claims or self.plans or self.handed_over


#: Plain columns: this runs on every request.
_PAYMENT, _PART = Payment.__table__.c, PaymentPart.__table__.c
_CHARGEBACK, _ENTRY = Chargeback.__table__.c, Entry.__table__.c

_TAKEN_BACK = (
    select(_CHARGEBACK.id)
    .where(
        _CHARGEBACK.supplier_id == _PAYMENT.supplier_id,
        _CHARGEBACK.payment_id == _PAYMENT.id,
        _CHARGEBACK.money == "withdrawn",
    )
    .correlate(Payment.__table__)
    .exists()
)
_LIVE = (
    select(_PART.payment_id)
    .where(_PART.supplier_id == _PAYMENT.supplier_id, _PART.payment_id == _PAYMENT.id, _PART.live)
    .correlate(Payment.__table__)
    .exists()
)


def _known(debtor: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
    """The columns of `Known`, in its order, for the debtor of the enclosing statement."""
    supplier: ColumnElement[Any] = bindparam("supplier")

    def ever(row: type[Dispute | Promise | PaidClaim | Plan | Handover]) -> Exists:
        columns = row.__table__.c
        own = (columns.supplier_id == supplier) & (columns.debtor_id == debtor)
        return select(columns.id).where(own).exists()

    def payment_with(condition: ColumnElement[bool]) -> Exists:
        """From the debtor's own payments on: those of the supplier are a hundred thousand."""
        own = (_PAYMENT.supplier_id == supplier) & (_PAYMENT.debtor_id == debtor)
        return select(_PAYMENT.id).where(own, condition).exists()

    unapplied = (
        select(_ENTRY.id)
        .where(
            _ENTRY.supplier_id == supplier,
            _ENTRY.credit_subject == debtor,
            _ENTRY.credit_account == Account.UNAPPLIED,
        )
        .exists()
    )
    return (
        ever(Dispute), ever(Promise), ever(PaidClaim), ever(Plan), ever(Handover),
        payment_with(_TAKEN_BACK), payment_with(_LIVE), unapplied,
    )  # fmt: skip


_KNOWN = select(*_known(bindparam("debtor", type_=PortalGrant.__table__.c.debtor_id.type)))

#: Who asks, and what is known of their debtor: one statement.
ACCESS_AND_KNOWN = access_and(*_known(PortalGrant.__table__.c.debtor_id))


def known_of(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> Known:
    """One statement, so that an account without any of it costs no more; and none where this very
    transaction was told by the look-up of who asks.
    """
    told = session.info.get(debtor_id)
    if isinstance(told, Known):
        return told
    row = session.execute(_KNOWN, {"supplier": supplier_id, "debtor": debtor_id}).one()
    return _as_known(row)


def keep_known(session: Session, debtor_id: DebtorId, told: Sequence[Any]) -> None:
    """What ACCESS_AND_KNOWN told beside the access, kept while its transaction lasts."""
    session.info[debtor_id] = _as_known(told)


def _as_known(told: Sequence[Any]) -> Known:
    return Known(*(bool(value) for value in told))
