"""Saved ways to pay at Stripe: customers, their methods, mandates, and pages that save a card."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import stripe

from receivables.ids import DebtorId, SavedMethodId
from receivables.payments.stripe.reading import kept_method, written
from receivables.payments.stripe.transport import Line
from receivables.payments.stripe.words import hosted_locale
from receivables.ports import (
    GatewayNotConfigured,
    GatewayRefused,
    KeptMethod,
    Mandate,
    SetupOrder,
    SetupPage,
    SetupStatus,
)

if TYPE_CHECKING:
    from stripe.params import CustomerCreateParams
    from stripe.params.checkout import SessionCreateParams

_EXPAND = ["setup_intent.payment_method"]


class StripeSavedMethods:
    """`ports.SavedMethods` at Stripe."""

    line: Line

    def make_customer(self, account: str, debtor_id: DebtorId, *, name: str, email: str) -> str:
        request: CustomerCreateParams = {"name": name, "metadata": {"debtor": str(debtor_id)}}
        if email:
            request["email"] = email
        # A key is good for one request only, and a debtor's name may change.
        content = hashlib.sha256(f"{name}\n{email}".encode()).hexdigest()[:16]
        made = self.line.posting(
            account,
            f"customer-{debtor_id}-{content}",
            lambda options: self.line.client.v1.customers.create(request, options),
        )
        return made.id

    def open_setup(self, account: str, order: SetupOrder) -> SetupPage:
        metadata = {"debtor": str(order.debtor_id)}
        if order.replaces is not None:
            metadata["replaces"] = str(order.replaces)
        request: SessionCreateParams = {
            "mode": "setup",
            "ui_mode": "hosted_page",
            "locale": cast("Any", hosted_locale(order.locale)),
            "customer": order.customer,
            "currency": order.currency.lower(),
            "allowed_payment_method_types": ["card"],
            "metadata": metadata,
            "setup_intent_data": {"metadata": metadata},
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
        }
        if order.consent:
            request["custom_text"] = {"submit": {"message": order.consent}}
        with self.line.asking(account):
            made = self.line.client.v1.checkout.sessions.create(request, self.line.options(account))
        return _page(made, account)

    def setup_page(self, account: str, page_id: str) -> SetupPage | None:
        try:
            with self.line.asking(account):
                found = self.line.client.v1.checkout.sessions.retrieve(
                    page_id, {"expand": _EXPAND}, self.line.options(account)
                )
        except GatewayRefused as refused:
            if refused.code == "resource_missing":
                return None
            raise
        return _page(found, account) if found.mode == "setup" else None

    def kept_method(self, account: str, method_id: str) -> KeptMethod | None:
        try:
            with self.line.asking(account):
                found = self.line.client.v1.payment_methods.retrieve(
                    method_id, {}, self.line.options(account)
                )
        except GatewayRefused as refused:
            if refused.code == "resource_missing":
                return None
            raise
        return kept_method(found, account)

    def forget_method(self, account: str, method_id: str) -> None:
        try:
            with self.line.asking(account):
                self.line.client.v1.payment_methods.detach(
                    method_id, {}, self.line.options(account)
                )
        except GatewayNotConfigured:
            raise
        except GatewayRefused:
            # Somebody was faster, unless it is kept still.
            standing = self.kept_method(account, method_id)
            if standing is not None and standing.customer:
                raise

    def mandate(self, account: str, mandate_id: str) -> Mandate | None:
        try:
            with self.line.asking(account):
                found = self.line.client.v1.mandates.retrieve(
                    mandate_id, {}, self.line.options(account)
                )
        except GatewayRefused as refused:
            if refused.code == "resource_missing":
                return None
            raise
        method = found.payment_method
        return Mandate(
            id=found.id,
            method=method.id if isinstance(method, stripe.PaymentMethod) else method,
            active=found.status != "inactive",
        )


_STATUSES = {"complete": SetupStatus.DONE, "expired": SetupStatus.EXPIRED}


def _page(session: stripe.checkout.Session, account: str) -> SetupPage:
    setup = session.setup_intent
    method = setup.payment_method if isinstance(setup, stripe.SetupIntent) else None
    customer = session.customer
    submit = session.custom_text.submit if session.custom_text else None
    return SetupPage(
        id=session.id,
        status=_STATUSES.get(session.status or "", SetupStatus.OPEN),
        account=account,
        livemode=session.livemode,
        customer=customer.id if isinstance(customer, stripe.Customer) else customer or "",
        url=session.url,
        replaces=_replaced(session),
        consent=submit.message if submit else "",
        method=kept_method(method, account) if isinstance(method, stripe.PaymentMethod) else None,
    )


def _replaced(session: stripe.checkout.Session) -> SavedMethodId | None:
    try:
        return SavedMethodId(UUID(written(session.metadata).get("replaces")))
    except (TypeError, ValueError):
        return None
