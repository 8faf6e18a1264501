"""A payment provider that is a few dictionaries: it does at once what it is asked, and says how
things stand when it is asked again. What it has taken is the outside truth of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from receivables.ids import DebtorId, PaymentId, RefundId
from receivables.money import Money
from receivables.ports import (
    Charge,
    ChargebackFound,
    ChargebackStatus,
    ChargeLine,
    ChargeStatus,
    Checkout,
    CheckoutOrder,
    CheckoutStatus,
    KeptMethod,
    RefundFound,
    RefundOrder,
    RefundStatus,
    SignedEvent,
)

CARD = "Visa ...4242"


class PaperGateway:
    """Pages, charges, refunds and chargebacks by their ids. `answers` is how the next charge
    goes. `on_the_way` is called between what was done and its answer.
    """

    livemode = False
    api_version = "paper"

    def __init__(self, on_the_way: Callable[[], None]) -> None:
        self._on_the_way = on_the_way
        self._numbers = count(1)
        self.pages: dict[str, Checkout] = {}
        self.charges: dict[str, Charge] = {}
        self.refunds: dict[str, RefundFound] = {}
        self.chargebacks: dict[str, ChargebackFound] = {}
        self.answers = ChargeStatus.PAID

    def _name(self, kind: str) -> str:
        return f"{kind}_{next(self._numbers)}"

    def _answered(self, found: Any) -> Any:
        self._on_the_way()
        return found

    # What we ask of it.

    def request_for(self, order: CheckoutOrder) -> dict[str, Any]:
        return {
            "minor": sum(line.amount.minor for line in order.lines),
            "customer": order.saving.customer if order.saving else "",
        }

    def open_checkout(
        self, account: str, attempt: PaymentId, request: Mapping[str, Any]
    ) -> Checkout:
        known = self._page_of(attempt)
        if known is None:
            known = Checkout(
                id=self._name("cs"), status=CheckoutStatus.OPEN, attempt=attempt,
                amount=Money(request["minor"], "CHF"), account=account, livemode=False,
                url="https://paper.example/", payment_intent_id=None,
                saving=bool(request["customer"]),
                consent=request["customer"],
            )  # fmt: skip
            self.pages[known.id] = known
        return self._answered(known)

    def _page_of(self, attempt: PaymentId) -> Checkout | None:
        return next((one for one in self.pages.values() if one.attempt == attempt), None)

    def checkout(self, account: str, checkout_id: str) -> Checkout | None:
        return self.pages.get(checkout_id)

    def checkout_of_intent(self, account: str, payment_intent_id: str) -> Checkout | None:
        named = (one for one in self.pages.values() if one.payment_intent_id == payment_intent_id)
        return next(named, None)

    def find_checkout(
        self, account: str, attempt: PaymentId, *, made_from: datetime, made_until: datetime
    ) -> Checkout | None:
        return self._page_of(attempt)

    def expire_checkout(self, account: str, checkout_id: str) -> Checkout:
        if self.pages[checkout_id].status is CheckoutStatus.OPEN:
            self.pages[checkout_id] = replace(
                self.pages[checkout_id], status=CheckoutStatus.EXPIRED, url=None
            )
        return self._answered(self.pages[checkout_id])

    def charge_request_for(self, line: ChargeLine) -> dict[str, Any]:
        return {"minor": line.amount.minor, "instalment": str(line.instalment_id)}

    def charge(self, account: str, attempt: PaymentId, request: Mapping[str, Any]) -> Charge:
        known = self.find_charge(account, attempt, request)
        if known is None:
            refused = self.answers is ChargeStatus.FAILED
            known = Charge(
                id=self._name("pi"), status=self.answers, attempt=attempt,
                amount=Money(request["minor"], "CHF"), account=account, livemode=False,
                method=CARD, failure_code="insufficient_funds" if refused else "",
            )  # fmt: skip
            self.charges[known.id] = known
        return self._answered(known)

    def charge_of(self, account: str, payment_intent_id: str) -> Charge | None:
        return self.charges.get(payment_intent_id)

    def find_charge(
        self, account: str, attempt: PaymentId, request: Mapping[str, Any], **_: datetime
    ) -> Charge | None:
        return next((one for one in self.charges.values() if one.attempt == attempt), None)

    def cancel_charge(self, account: str, payment_intent_id: str) -> Charge:
        return self.charges[payment_intent_id]

    def make_customer(self, account: str, debtor_id: DebtorId, *, name: str, email: str) -> str:
        return f"cus_{debtor_id.hex}"

    def refund_request(self, order: RefundOrder) -> dict[str, Any]:
        return {"payment_intent": order.payment_intent_id, "minor": order.amount.minor}

    def make_refund(
        self, account: str, refund: RefundId, request: Mapping[str, Any]
    ) -> RefundFound:
        known = next((one for one in self.refunds.values() if one.refund == refund), None)
        known = known or self.send_back(request["payment_intent"], request["minor"], refund)
        return self._answered(known)

    def refund(self, account: str, gateway_refund_id: str) -> RefundFound | None:
        return self.refunds.get(gateway_refund_id)

    def refunds_of(self, account: str, payment_intent_id: str) -> Sequence[RefundFound]:
        return [one for one in self.refunds.values() if one.payment_intent_id == payment_intent_id]

    def chargeback(self, account: str, chargeback_id: str) -> ChargebackFound | None:
        return self.chargebacks.get(chargeback_id)

    # What people and banks do there.

    def pay(self, page_id: str, status: CheckoutStatus, *, keeps: bool = True) -> Checkout:
        """The debtor fills in the page, or the bank has got on with it."""
        page = self.pages[page_id]
        kept = None
        if page.saving and keeps and status is CheckoutStatus.PAID:
            kept = KeptMethod(
                id=f"pm_{page.id}", account=page.account, livemode=False, customer=page.consent,
                kind="card", label=CARD, exp_month=12, exp_year=2099,
            )  # fmt: skip
        intent = page.payment_intent_id or self._name("pi")
        self.pages[page_id] = replace(
            page, status=status, payment_intent_id=intent, method=CARD, url=None, kept=kept
        )
        return self.pages[page_id]

    def send_back(self, intent: str, minor: int, refund: RefundId | None = None) -> RefundFound:
        """A refund; without one of ours, made in the provider's own pages."""
        name = self._name("re")
        self.refunds[name] = RefundFound(
            id=name, status=RefundStatus.PENDING, refund=refund, payment_intent_id=intent,
            amount=Money(minor, "CHF"), account="",
        )  # fmt: skip
        return self.refunds[name]

    def take_back(self, intent: str, amount: Money) -> ChargebackFound:
        """The payer's bank takes the money."""
        name = self._name("du")
        self.chargebacks[name] = ChargebackFound(
            id=name, status=ChargebackStatus.OPEN, payment_intent_id=intent, amount=amount,
            withdrawn=amount, has_moved=True, reason="fraudulent", account="", respond_by=None,
        )  # fmt: skip
        return self.chargebacks[name]

    def message(self, kind: str, object_id: str) -> SignedEvent:
        return SignedEvent("", self._name("evt"), kind, object_id, self.api_version, False, {})
