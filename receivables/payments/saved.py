"""Saved cards and bank accounts: which can be charged, changing one on a hosted page, removing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.database import Scope
from receivables.ids import ContactId, DebtorId, SavedMethodId, SupplierId
from receivables.parties.queries import supplier as supplier_of
from receivables.payments.customers import customer_for
from receivables.payments.errors import CardPaymentUnavailable, NoSuchSavedMethod
from receivables.payments.keeping import MethodState, customer_of, end, keep, locked
from receivables.payments.tables import SavedMethod
from receivables.ports import (
    Gateway,
    GatewayNotConfigured,
    GatewayRefused,
    GatewaySilent,
    GatewayUnclear,
    GatewayUnreached,
    SetupOrder,
)
from receivables.runtime import Runtime

#: Made once: a run of charges asks for it twice with every instalment.
_USABLE = (
    select(SavedMethod)
    .where(
        SavedMethod.supplier_id == bindparam("supplier"),
        SavedMethod.debtor_id == bindparam("debtor"),
        SavedMethod.state == MethodState.USABLE,
        SavedMethod.stripe_account == bindparam("account"),
        or_(
            SavedMethod.exp_year.is_(None),
            SavedMethod.exp_year > bindparam("year"),
            (SavedMethod.exp_year == bindparam("year"))
            & (SavedMethod.exp_month >= bindparam("month")),
        ),
    )
    .order_by(SavedMethod.created_at.desc(), SavedMethod.id.desc())
)


def usable_methods(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, *, currency: str, on: date
) -> Sequence[SavedMethod]:
    """What can be charged in a currency on a day, without the debtor; the newest first.

    A card is good to the end of its last month; a bank account is debited in euros alone.
    """
    account = supplier_of(session, supplier_id).stripe_account or ""
    whose = {"supplier": supplier_id, "debtor": debtor_id, "account": account}
    found = session.scalars(_USABLE, {**whose, "year": on.year, "month": on.month})
    return [method for method in found if currency == "EUR" or method.kind == "card"]


def methods_of(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> Sequence[SavedMethod]:
    """Everything a debtor saved and did not remove, the newest first."""
    return session.scalars(
        select(SavedMethod)
        .where(
            SavedMethod.supplier_id == supplier_id,
            SavedMethod.debtor_id == debtor_id,
            SavedMethod.state != MethodState.REMOVED,
        )
        .order_by(SavedMethod.created_at.desc(), SavedMethod.id.desc())
    ).all()


def method_of_debtor(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, saved_method_id: SavedMethodId
) -> SavedMethod:
    """One saved method of this debtor. Raises NoSuchSavedMethod."""
    found = session.scalar(
        select(SavedMethod).where(
            SavedMethod.supplier_id == supplier_id,
            SavedMethod.debtor_id == debtor_id,
            SavedMethod.id == saved_method_id,
        )
    )
    if found is None:
        raise NoSuchSavedMethod(saved_method_id)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CardChange:
    """A debtor wants to save a card, perhaps for another one; nothing is taken.

    `path` is where they come back to in the portal: with `?cs=` the page's id when it is done.
    `consent` is what the page says about charging the card (1200 characters at most).
    """

    supplier_id: SupplierId
    debtor_id: DebtorId
    contact_id: ContactId | None
    currency: str
    locale: str
    path: str
    consent: str = ""
    replaces: SavedMethodId | None = None


def begin_card_change(runtime: Runtime, change: CardChange) -> str:
    """The address of a hosted page that saves a card.

    Raises NoSuchSavedMethod for a method that is not the debtor's, and CardPaymentUnavailable.
    """
    gateway = _gateway(runtime)
    if change.replaces is not None:
        with runtime.reading(Scope(change.supplier_id)) as session:
            method_of_debtor(session, change.supplier_id, change.debtor_id, change.replaces)
    customer = customer_for(
        runtime, gateway, change.supplier_id, change.debtor_id, change.contact_id
    )
    back = f"{runtime.settings.web.portal_url}{change.path}"
    order = SetupOrder(
        customer=customer.stripe_customer_id,
        debtor_id=change.debtor_id,
        replaces=change.replaces,
        currency=change.currency,
        locale=change.locale,
        consent=change.consent,
        success_url=f"{back}?cs={{CHECKOUT_SESSION_ID}}",
        cancel_url=back,
    )
    try:
        page = gateway.open_setup(customer.stripe_account, order)
    except GatewayNotConfigured as error:
        raise CardPaymentUnavailable("not_configured") from error
    except GatewayRefused as error:
        raise CardPaymentUnavailable(error.code) from error
    except (GatewayUnreached, GatewaySilent, GatewayUnclear) as error:
        # The page that may have been made is left alone, and runs out in a day.
        raise CardPaymentUnavailable("unreached") from error
    assert page.url is not None, "a page that was just made is open"
    return page.url


def returned_from_change(
    runtime: Runtime,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    page_id: str,
    *,
    by: str = "system",
) -> SavedMethod | None:
    """The debtor is back from the page that saves a card: what was saved, if anything.

    A page of somebody else's is as good as none.
    """
    gateway = _gateway(runtime)
    with runtime.reading(Scope(supplier_id)) as session:
        account = supplier_of(session, supplier_id).stripe_account or ""
        customer = customer_of(session, supplier_id, debtor_id, account, livemode=gateway.livemode)
    try:
        page = gateway.setup_page(account, page_id)
    except (GatewayRefused, GatewayUnreached, GatewaySilent, GatewayUnclear):
        return None
    if page is None or customer is None or page.customer != customer.stripe_customer_id:
        return None
    if page.method is None:
        return None
    with runtime.transaction(Scope(supplier_id), by=by) as session:
        return keep(
            session,
            customer,
            page.method,
            consent=page.consent,
            replaces=page.replaces,
            clock=runtime.clock,
        )


def remove(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    saved_method_id: SavedMethodId,
    *,
    clock: Clock,
) -> SavedMethod:
    """Keep it no longer; the gateway is told by `tasks.forget_method`. Raises NoSuchSavedMethod."""
    method = locked(session, supplier_id, saved_method_id, debtor_id)
    end(session, method, MethodState.REMOVED, clock=clock)
    return method


def expire(session: Session, supplier_id: SupplierId, *, today: date, clock: Clock) -> int:
    """Note of each card of the supplier whose last month is over; how many."""
    over = session.scalars(
        select(SavedMethod.id).where(
            SavedMethod.supplier_id == supplier_id,
            SavedMethod.state == MethodState.USABLE,
            or_(
                SavedMethod.exp_year < today.year,
                (SavedMethod.exp_year == today.year) & (SavedMethod.exp_month < today.month),
            ),
        )
    ).all()
    for saved_method_id in over:
        method = locked(session, supplier_id, saved_method_id)
        end(session, method, MethodState.EXPIRED, clock=clock)
    return len(over)


def _gateway(runtime: Runtime) -> Gateway:
    if runtime.gateway is None:
        raise CardPaymentUnavailable("not_configured")
    return runtime.gateway
