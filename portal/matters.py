"""What stands between the debtor and the supplier beside invoices: disputes, promises,
declarations of having paid, instalment plans; and what of the debt is held for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Exists, bindparam, select
from sqlalchemy.orm import Session

from portal.access import Asker
from portal.account_pages import AccountMatters
from portal.claims import claim_lines
from portal.dispute_pages import DisputeLine
from portal.disputes import dispute_lines
from portal.plans import plan_lines
from portal.promises import promise_lines
from receivables.disputes.tables import Dispute
from receivables.dunning.holding import holds_of
from receivables.handover.tables import Handover
from receivables.i18n import reading_as
from receivables.ids import InvoiceId
from receivables.ledger.holds import Hold, by_invoice, standing
from receivables.ledger.tables import Account, Entry
from receivables.payments.return_tables import Chargeback
from receivables.payments.tables import Payment, PaymentPart
from receivables.plans.tables import Plan
from receivables.promises.tables import PaidClaim, Promise
from receivables.runtime import Runtime


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


def _any(row: type[Dispute | Promise | PaidClaim | Plan | Handover]) -> Exists:
    columns = row.__table__.c
    own = (columns.supplier_id == bindparam("supplier")) & (
        columns.debtor_id == bindparam("debtor")
    )
    return select(columns.id).where(own).exists()


def _payment_with(condition: ColumnElement[bool]) -> Exists:
    """From the debtor's own payments on: those of the supplier are a hundred thousand."""
    return (
        select(_PAYMENT.id)
        .where(
            _PAYMENT.supplier_id == bindparam("supplier"),
            _PAYMENT.debtor_id == bindparam("debtor"),
            condition,
        )
        .exists()
    )


_TAKEN_BACK = _payment_with(
    select(_CHARGEBACK.id)
    .where(
        _CHARGEBACK.supplier_id == _PAYMENT.supplier_id,
        _CHARGEBACK.payment_id == _PAYMENT.id,
        _CHARGEBACK.money == "withdrawn",
    )
    .correlate(Payment.__table__)
    .exists()
)
_LIVE = _payment_with(
    select(_PART.payment_id)
    .where(_PART.supplier_id == _PAYMENT.supplier_id, _PART.payment_id == _PAYMENT.id, _PART.live)
    .correlate(Payment.__table__)
    .exists()
)
_UNAPPLIED = (
    select(_ENTRY.id)
    .where(
        _ENTRY.supplier_id == bindparam("supplier"),
        _ENTRY.credit_subject == bindparam("debtor"),
        _ENTRY.credit_account == Account.UNAPPLIED,
    )
    .exists()
)
_KNOWN = select(
    _any(Dispute), _any(Promise), _any(PaidClaim), _any(Plan), _any(Handover),
    _TAKEN_BACK, _LIVE, _UNAPPLIED,
)  # fmt: skip


def known_to(session: Session, asker: Asker) -> Known:
    """One statement, so that an account without any of it costs no more."""
    supplier_id, debtor_id = asker.access.supplier_id, asker.access.debtor_id
    row = session.execute(_KNOWN, {"supplier": supplier_id, "debtor": debtor_id}).one()
    return Known(*(bool(value) for value in row))


def held(
    session: Session, asker: Asker, known: Known, today: date
) -> dict[InvoiceId, Sequence[Hold]]:
    """What is not asked for today, by invoice."""
    if not known:
        return {}
    holds = holds_of(session, asker.access.supplier_id, asker.access.debtor_id)
    return dict(by_invoice(standing(holds, today)))


def matters_of(session: Session, asker: Asker, known: Known, runtime: Runtime) -> AccountMatters:
    """What the account shows of them."""
    supplier_id, debtor_id = asker.access.supplier_id, asker.access.debtor_id
    with reading_as(asker.reader.locale, asker.reader.zone):
        return AccountMatters(
            disputes=tuple(dispute_lines(session, supplier_id, debtor_id, runtime))
            if known.disputes
            else (),
            promises=tuple(promise_lines(session, asker)) if known.promises else (),
            claims=tuple(claim_lines(session, asker)) if known.claims else (),
            plans=tuple(plan_lines(session, asker, runtime)) if known.plans else (),
        )


def invoice_disputes(
    session: Session, asker: Asker, known: Known, number: str, runtime: Runtime
) -> tuple[DisputeLine, ...]:
    """The disputes that one invoice is or was in."""
    if not known.disputes:
        return ()
    supplier_id, debtor_id = asker.access.supplier_id, asker.access.debtor_id
    with reading_as(asker.reader.locale, asker.reader.zone):
        return dispute_lines(session, supplier_id, debtor_id, runtime, number=number)
