"""Saved cards and bank accounts as rows: kept, renewed, and one day good no longer."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import DebtorId, SavedMethodId, SupplierId, new_id
from receivables.jobs import insert_or_ignore
from receivables.payments.errors import NoSuchSavedMethod
from receivables.payments.events import (
    MethodExpired,
    MethodRefused,
    MethodRemoved,
    MethodRenewed,
    MethodSaved,
)
from receivables.payments.tables import GatewayCustomer, SavedMethod
from receivables.ports import KeptMethod


class MethodState(StrEnum):
    USABLE = "usable"
    REFUSED = "refused"
    """The bank will never take it again."""
    EXPIRED = "expired"
    REMOVED = "removed"
    """It is kept no longer."""


#: What can be charged without the debtor.
CHARGEABLE = frozenset({"card", "sepa_debit"})

#: What the bank's, or the gateway's, word means for the method; anything else refuses it.
_MEANS = {
    "expired_card": MethodState.EXPIRED,
    "payment_method_unexpected_state": MethodState.REMOVED,
    "resource_missing": MethodState.REMOVED,
}


def keep(
    session: Session,
    customer: GatewayCustomer,
    kept: KeptMethod,
    *,
    consent: str,
    replaces: SavedMethodId | None = None,
    clock: Clock,
) -> SavedMethod | None:
    """Have a method of this customer on record; again, it changes nothing. None when it is not
    theirs, or nothing that could be charged.
    """
    theirs = (kept.account, kept.customer, kept.livemode) == (
        customer.stripe_account,
        customer.stripe_customer_id,
        customer.livemode,
    )
    if not theirs or kept.kind not in CHARGEABLE:
        return None
    now = clock.now()
    row = {
        "id": SavedMethodId(new_id()),
        "supplier_id": customer.supplier_id,
        "debtor_id": customer.debtor_id,
        "kind": kept.kind,
        "label": kept.label[:60],
        "exp_month": kept.exp_month,
        "exp_year": kept.exp_year,
        "state": MethodState.USABLE,
        "state_since": now,
        "consent": consent[:1200],
        "livemode": kept.livemode,
        "stripe_account": kept.account,
        "stripe_customer_id": kept.customer,
        "stripe_payment_method_id": kept.id,
        "stripe_mandate_id": kept.mandate,
        "created_at": now,
    }
    statement = insert_or_ignore(session, SavedMethod).values(row).returning(SavedMethod.id)
    made = session.execute(statement).one_or_none()
    found = session.scalar(
        select(SavedMethod).where(
            SavedMethod.supplier_id == customer.supplier_id,
            SavedMethod.stripe_account == kept.account,
            SavedMethod.stripe_payment_method_id == kept.id,
        )
    )
    if made is not None and found is not None:
        record(session, MethodSaved(**_about(found), replaces=replaces), clock=clock)
    return found


def renew(session: Session, method: SavedMethod, kept: KeptMethod, *, clock: Clock) -> None:
    """Take down the number and dates the bank gave a card anew."""
    news = (kept.label[:60], kept.exp_month, kept.exp_year)
    if news == (method.label, method.exp_month, method.exp_year):
        return
    method.label, method.exp_month, method.exp_year = news
    if method.state == MethodState.EXPIRED:
        method.state, method.state_since = MethodState.USABLE, clock.now()
    record(session, MethodRenewed(**_about(method)), clock=clock)


def end(
    session: Session, method: SavedMethod, state: MethodState, *, code: str = "", clock: Clock
) -> bool:
    """Note that a method is good no longer; False when that is known, or worse."""
    assert state is not MethodState.USABLE, "an end"
    if method.state in (MethodState.REMOVED, state):
        return False
    method.state, method.state_since = state, clock.now()
    about = _about(method)
    if state is MethodState.REFUSED:
        record(session, MethodRefused(**about, code=code), clock=clock)
    else:
        happened = MethodExpired if state is MethodState.EXPIRED else MethodRemoved
        record(session, happened(**about), clock=clock)
    session.flush()
    return True


def _about(method: SavedMethod) -> dict[str, Any]:
    return {
        "supplier_id": method.supplier_id,
        "debtor_id": method.debtor_id,
        "saved_method_id": method.id,
        "label": method.label,
    }


def refused(
    session: Session,
    supplier_id: SupplierId,
    saved_method_id: SavedMethodId,
    code: str,
    *,
    clock: Clock,
) -> None:
    """Note what the bank's final no means for a method."""
    method = locked(session, supplier_id, saved_method_id)
    end(session, method, _MEANS.get(code, MethodState.REFUSED), code=code, clock=clock)


_LOCKED = (
    select(SavedMethod)
    .where(SavedMethod.supplier_id == bindparam("supplier"), SavedMethod.id == bindparam("method"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def locked(
    session: Session,
    supplier_id: SupplierId,
    saved_method_id: SavedMethodId,
    debtor_id: DebtorId | None = None,
) -> SavedMethod:
    """The method as it stands now, and nobody else changes it. Raises NoSuchSavedMethod."""
    found = session.scalar(_LOCKED, {"supplier": supplier_id, "method": saved_method_id})
    if found is None or debtor_id not in (None, found.debtor_id):
        raise NoSuchSavedMethod(saved_method_id)
    return found


def customer_of(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, account: str, *, livemode: bool
) -> GatewayCustomer | None:
    """Who a debtor is at the gateway, if they are anybody there yet."""
    return session.scalar(
        select(GatewayCustomer).where(
            GatewayCustomer.supplier_id == supplier_id,
            GatewayCustomer.debtor_id == debtor_id,
            GatewayCustomer.stripe_account == account,
            GatewayCustomer.livemode == livemode,
        )
    )
