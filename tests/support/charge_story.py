"""One debtor, one invoice, one saved card: where a charge without the debtor goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from receivables import history
from receivables.database import Scope
from receivables.ids import (
    DebtorId,
    InstalmentId,
    PaymentId,
    SavedMethodId,
    new_id,
)
from receivables.payments.charging import ChargeOrder, charge
from receivables.payments.rules import Advice, Part, retry_advice
from receivables.payments.starting import Choice
from receivables.payments.tables import Payment, SavedMethod
from receivables.runtime import Runtime
from sandbox.stripe import Means
from tests.support.builders import money
from tests.support.payment_story import Story
from tests.support.payments import VISA, Till, open_till

CHARGES = "/v1/payment_intents"
#: Good when it is saved, refused later: the debtor's bank changed its mind.
GOES_BAD = {
    "insufficient": "4000000000009995",
    "lost": "4000000000009987",
    "stolen": "4000000000009979",
    "expired": "4000000000000069",
    "generic": "4000000000000341",
    "asks": "4000002760003184",
}
CONSENT = "I agree that Menuiserie Rochat SA charges my card for each instalment of the plan."


@dataclass
class ChargeStory(Story):
    """A debtor with a saved card; 120 francs are due, or what `sum_due` says."""

    saved_method_id: SavedMethodId
    sum_due: str = "120.00 CHF"

    def order(
        self,
        amount: str | None = None,
        *,
        attempt: PaymentId | None = None,
        instalment_id: InstalmentId | None = None,
        saved_method_id: SavedMethodId | None = None,
    ) -> ChargeOrder:
        return ChargeOrder(
            attempt=attempt or PaymentId(new_id()),
            supplier_id=self.till.supplier_id,
            debtor_id=self.debtor_id,
            contact_id=self.till.contact_of(self.debtor_id, self.till.supplier_id),
            saved_method_id=saved_method_id or self.saved_method_id,
            parts=(Part(self.invoice_id, money(amount or self.sum_due)),),
            instalment_id=instalment_id,
        )

    def charge(self, order: ChargeOrder | None = None) -> Payment:
        return charge(self.till.runtime, order or self.order())

    def advice(self, payment: Payment, tries: int = 1) -> Advice:
        return retry_advice(payment.failure_code, payment.decline_code, payment.advice_code, tries)

    def method(self, saved_method_id: SavedMethodId | None = None) -> SavedMethod:
        with self.till.runtime.reading(Scope(self.till.supplier_id)) as session:
            wanted = saved_method_id or self.saved_method_id
            return session.scalars(select(SavedMethod).where(SavedMethod.id == wanted)).one()

    def turn_bad(self, how: str) -> None:
        """The saved card behaves like another from now on."""
        self.till.stripe.change_card(self.method().stripe_payment_method_id, GOES_BAD[how])

    def intents(self) -> list[dict[str, Any]]:
        """Every charge without a page that was ever made at Stripe."""
        made = self.till.stripe.store.every("payment_intent")
        return [intent for _, intent in made if not intent.get("_checkout")]

    def happened(self, kind: str) -> list[Any]:
        with self.till.runtime.reading(Scope(self.till.supplier_id)) as session:
            rows = session.scalars(
                select(history.EventRow.body)
                .where(history.EventRow.kind == kind, history.EventRow.debtor_id == self.debtor_id)
                .order_by(history.EventRow.id)
            )
            return list(rows)

    def taken_minor(self) -> int:
        """What was taken for this debt: the card was saved with another."""
        return self.till.charged_minor() - self._before

    def is_charged_once(self, payment_id: PaymentId) -> None:
        assert self.till.payment(payment_id).state == "settled"
        assert self.till.booked(payment_id) == [money(self.sum_due)]
        assert self.till.world.outstanding(self.invoice_id).minor == 0
        assert self.taken_minor() == money(self.sum_due).minor
        assert len([intent for intent in self.intents() if intent["status"] == "succeeded"]) == 1

    def is_paid_once_on(self, payment_id: PaymentId) -> None:
        """On a page, and nothing was charged beside it."""
        assert self.till.payment(payment_id).state == "settled"
        assert self.till.booked(payment_id) == [money(self.sum_due)]
        assert self.taken_minor() == money(self.sum_due).minor

    def pay_by_debit(self, payment_id: PaymentId) -> None:
        """The debtor has their bank account debited: that takes days."""
        self.till.stripe.pay(self.till.session_of(payment_id), Means(kind="sepa_debit"))

    def __post_init__(self) -> None:
        self._before = self.till.charged_minor()


def saving(choice: Choice, consent: str = CONSENT) -> Choice:
    """The same choice, with what it is paid with kept."""
    return replace(choice, save_method=True, consent=consent)


def save_by_paying(till: Till, debtor_id: DebtorId, card: str = VISA) -> SavedMethodId:
    """A debtor pays five francs on a page that keeps their card."""
    invoice_id = till.world.invoice("5.00 CHF", debtor_id=debtor_id)
    page = till.begin(saving(till.choice(debtor_id, [(invoice_id, "5.00 CHF")])))
    till.pay(page.payment_id, card)
    till.deliver()
    saved = till.payment(page.payment_id).saved_method_id
    assert saved is not None, "the card was to be kept"
    return saved


def open_charge_story(runtime: Runtime, sum_due: str = "120.00 CHF") -> ChargeStory:
    """A debtor who owes, and let us keep their card, at a till over `runtime`."""
    till = open_till(runtime)
    debtor_id = till.world.debtor()
    saved = save_by_paying(till, debtor_id)
    invoice_id = till.world.invoice(sum_due, debtor_id=debtor_id)
    # The schedule writes itself down the first time.
    till.world.fire_schedules()
    till.world.run_jobs()
    return ChargeStory(till, debtor_id, invoice_id, saved, sum_due)


def debt_of(story: ChargeStory, sum_due: str = "120.00 CHF") -> ChargeStory:
    """Another invoice, of another debtor with a card of their own, at the same till."""
    debtor_id = story.till.world.debtor()
    saved = save_by_paying(story.till, debtor_id)
    invoice_id = story.till.world.invoice(sum_due, debtor_id=debtor_id)
    return ChargeStory(story.till, debtor_id, invoice_id, saved, sum_due)


def attempts_of(story: ChargeStory) -> Sequence[Payment]:
    with story.till.runtime.reading(Scope(story.till.supplier_id)) as session:
        return session.scalars(
            select(Payment)
            .where(Payment.debtor_id == story.debtor_id, Payment.channel == "charge")
            .order_by(Payment.id)
        ).all()
