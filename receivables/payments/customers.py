"""Who a debtor is at the gateway: made there once for each account, before anything is kept."""

from __future__ import annotations

from receivables.database import Scope
from receivables.ids import ContactId, DebtorId, SupplierId
from receivables.jobs import insert_or_ignore
from receivables.parties import queries as parties
from receivables.payments.errors import CardPaymentUnavailable
from receivables.payments.keeping import customer_of
from receivables.payments.tables import GatewayCustomer
from receivables.ports import (
    Gateway,
    GatewayNotConfigured,
    GatewayRefused,
    GatewaySilent,
    GatewayUnclear,
    GatewayUnreached,
)
from receivables.runtime import Runtime


def customer_for(
    runtime: Runtime,
    gateway: Gateway,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    contact_id: ContactId | None,
) -> GatewayCustomer:
    """The debtor at the gateway, made there if need be. Raises CardPaymentUnavailable."""
    scope = Scope(supplier_id)
    with runtime.reading(scope) as session:
        account = parties.supplier(session, supplier_id).stripe_account or ""
        known = customer_of(session, supplier_id, debtor_id, account, livemode=gateway.livemode)
        if known is not None:
            return known
        name = parties.debtor(session, supplier_id, debtor_id).name
        contact = parties.contact(session, supplier_id, contact_id) if contact_id else None
    try:
        made = gateway.make_customer(
            account, debtor_id, name=name, email=contact.email if contact else ""
        )
    except GatewayNotConfigured as error:
        raise CardPaymentUnavailable("not_configured") from error
    except (GatewayUnreached, GatewaySilent, GatewayUnclear) as error:
        raise CardPaymentUnavailable("unreached") from error
    except GatewayRefused as error:
        raise CardPaymentUnavailable(error.code) from error
    row = {
        "supplier_id": supplier_id,
        "debtor_id": debtor_id,
        "stripe_account": account,
        "livemode": gateway.livemode,
        "stripe_customer_id": made,
        "created_at": runtime.clock.now(),
    }
    with runtime.transaction(scope) as session:
        # Of two who made one at the same moment, the first is kept.
        session.execute(insert_or_ignore(session, GatewayCustomer).values(row))
        kept = customer_of(session, supplier_id, debtor_id, account, livemode=gateway.livemode)
    assert kept is not None, "it was just written"
    return kept
