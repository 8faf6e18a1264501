"""Messages about saved cards and bank accounts: saved, renewed, gone, no longer permitted."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.payments.inbox import NOT_OURS, EventState, Topic, Verdict
from receivables.payments.keeping import MethodState, end, keep, locked, renew
from receivables.payments.tables import GatewayCustomer, SavedMethod, StripeEvent
from receivables.ports import Gateway, KeptMethod, Mandate, SetupPage, SetupStatus


def card_saved(session: Session, page: SetupPage, clock: Clock) -> Verdict:
    """Keep what was saved on a page that takes nothing."""
    customer = session.scalar(
        select(GatewayCustomer).where(
            GatewayCustomer.stripe_account == page.account,
            GatewayCustomer.stripe_customer_id == page.customer,
        )
    )
    if customer is None:
        return NOT_OURS
    if page.status is SetupStatus.DONE and page.method is not None:
        keep(
            session,
            customer,
            page.method,
            consent=page.consent,
            replaces=page.replaces,
            clock=clock,
        )
    return Verdict(EventState.APPLIED, customer.supplier_id)


def _method(gateway: Gateway, event: StripeEvent) -> KeptMethod | None:
    return gateway.kept_method(event.account, event.object_id)


def _follow(session: Session, kept: KeptMethod | None, clock: Clock) -> Verdict:
    if kept is None:
        return NOT_OURS
    method = session.scalar(
        select(SavedMethod).where(
            SavedMethod.stripe_account == kept.account,
            SavedMethod.stripe_payment_method_id == kept.id,
        )
    )
    if method is None:
        return NOT_OURS
    method = locked(session, method.supplier_id, method.id)
    if kept.customer == method.stripe_customer_id:
        renew(session, method, kept, clock=clock)
    else:
        end(session, method, MethodState.REMOVED, clock=clock)
    return Verdict(EventState.APPLIED, method.supplier_id)


def _mandate(gateway: Gateway, event: StripeEvent) -> tuple[str, Mandate | None]:
    return event.account, gateway.mandate(event.account, event.object_id)


def _permitted(session: Session, found: tuple[str, Mandate | None], clock: Clock) -> Verdict:
    account, mandate = found
    if mandate is None:
        return NOT_OURS
    method = session.scalar(
        select(SavedMethod).where(
            SavedMethod.stripe_account == account,
            SavedMethod.stripe_payment_method_id == mandate.method,
        )
    )
    if method is None:
        return NOT_OURS
    method = locked(session, method.supplier_id, method.id)
    if not mandate.active and method.stripe_mandate_id in (None, mandate.id):
        end(session, method, MethodState.REFUSED, code="mandate_invalid", clock=clock)
    return Verdict(EventState.APPLIED, method.supplier_id)


METHODS = Topic("payment_method.", fetch=_method, apply=_follow)
MANDATES = Topic("mandate.", fetch=_mandate, apply=_permitted)
