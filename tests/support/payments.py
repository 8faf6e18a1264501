"""A world in which debtors pay by card: the real gateway, with the sandbox behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from receivables.database import SYSTEM, Scope
from receivables.ids import ContactId, DebtorId, InvoiceId, PaymentId, SupplierId, new_id
from receivables.money import Money
from receivables.parties.queries import contacts
from receivables.payments import tasks
from receivables.payments.checkout import CheckoutPage, begin_checkout, returned
from receivables.payments.inbox import receive
from receivables.payments.looking import look_again
from receivables.payments.queries import entries_of, of_supplier
from receivables.payments.rules import Part
from receivables.payments.starting import Choice
from receivables.payments.stripe import StripeGateway
from receivables.payments.tables import Payment, StripeEvent
from receivables.ports import BadSignature
from receivables.runtime import Runtime
from receivables.settings import StripeSettings
from sandbox.stripe import CONNECTED, StripeSandbox, WebhookEndpoint
from sandbox.stripe.app import SandboxApp
from tests.support.builders import money
from tests.support.settings import WEBHOOK_SECRET
from tests.support.stripe_sandbox import (
    API_BASE,
    Doorstep,
    InProcessClient,
    in_process,
    sandbox_config,
)
from tests.support.world import World

assert tasks  # imported for its actors

VISA = "4242424242424242"
DECLINED = "4000000000000002"
HOOK = "http://app.test/webhooks/stripe"


@dataclass
class Till:
    """One supplier's card payments. Webhooks wait until `deliver` lets them through."""

    world: World
    app: SandboxApp
    doorstep: Doorstep
    statuses: list[int] = field(default_factory=list)

    @property
    def runtime(self) -> Runtime:
        return self.world.runtime

    @property
    def stripe(self) -> StripeSandbox:
        return self.app.sandbox

    @property
    def supplier_id(self) -> SupplierId:
        assert self.world.supplier_id is not None
        return self.world.supplier_id

    def choice(
        self,
        debtor_id: DebtorId,
        parts: Sequence[tuple[InvoiceId, str]],
        *,
        attempt: PaymentId | None = None,
        supplier_id: SupplierId | None = None,
    ) -> Choice:
        return Choice(
            attempt=attempt or PaymentId(new_id()),
            supplier_id=supplier_id or self.supplier_id,
            debtor_id=debtor_id,
            contact_id=self.contact_of(debtor_id, supplier_id or self.supplier_id),
            parts=tuple(Part(invoice_id, money(amount)) for invoice_id, amount in parts),
            locale="fr_CH",
        )

    def contact_of(self, debtor_id: DebtorId, supplier_id: SupplierId) -> ContactId | None:
        with self.runtime.reading(Scope(supplier_id)) as session:
            return contacts(session, supplier_id, debtor_id)[0].id

    def begin(self, choice: Choice) -> CheckoutPage:
        return begin_checkout(self.runtime, choice)

    def payment(self, payment_id: PaymentId, supplier_id: SupplierId | None = None) -> Payment:
        supplier_id = supplier_id or self.supplier_id
        with self.runtime.reading(Scope(supplier_id)) as session:
            return of_supplier(session, supplier_id, payment_id)

    def session_of(self, payment_id: PaymentId) -> str:
        found = self.payment(payment_id).stripe_session_id
        assert found is not None, "no page yet"
        return found

    def pay(self, payment_id: PaymentId, card: str = VISA) -> None:
        """The debtor fills in the hosted page."""
        self.stripe.pay_by_card(self.session_of(payment_id), card)

    def deliver(self) -> list[int]:
        """Let waiting webhooks through, then do the work they leave; the statuses answered."""
        before = len(self.statuses)
        self.stripe.webhooks.deliver_due(ignore_pauses=True)
        self.world.run_jobs()
        return self.statuses[before:]

    def come_back(self, payment: Payment) -> Payment:
        """The debtor's browser follows the hosted page's link back to us."""
        return returned(
            self.runtime,
            payment.supplier_id,
            payment.debtor_id,
            payment.id,
            checkout_id=payment.stripe_session_id,
        )

    def look(self, payment_id: PaymentId) -> Payment:
        return look_again(self.runtime, self.supplier_id, payment_id)

    def booked(self, payment_id: PaymentId) -> list[Money]:
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            return [entry.amount for entry in entries_of(session, self.supplier_id, payment_id)]

    def inbox(self) -> list[StripeEvent]:
        with self.runtime.reading(SYSTEM) as session:
            return list(session.query(StripeEvent).order_by(StripeEvent.received_at))

    def pages(self) -> int:
        """How many hosted pages were ever made."""
        return len(self.stripe.store.every("checkout.session"))

    def charged_minor(self) -> int:
        return sum(charge["amount"] for charge in self.stripe.charged())

    def knock(self, body: bytes, headers: dict[str, str]) -> int:
        """What the portal's door does with a webhook."""
        gateway = self.runtime.gateway
        assert gateway is not None
        try:
            event = gateway.verify(body, headers.get("stripe-signature", ""))
        except BadSignature:
            self.statuses.append(400)
            return 400
        with self.runtime.transaction(SYSTEM) as session:
            receive(session, event, gateway, clock=self.runtime.clock)
        self.statuses.append(200)
        return 200


def stripe_settings(api_base: str = API_BASE, *secrets: str) -> StripeSettings:
    return StripeSettings(
        secret_key="sk_test_sandbox",
        webhook_secrets=secrets or (WEBHOOK_SECRET,),
        api_base=api_base,
    )


def open_till(runtime: Runtime) -> Till:
    """A till over `runtime`, whose clock is the sandbox's too."""
    doorstep = Doorstep()
    config = sandbox_config(
        now=runtime.clock.now,
        endpoints=(
            WebhookEndpoint(HOOK, WEBHOOK_SECRET),
            WebhookEndpoint(HOOK, WEBHOOK_SECRET, account=CONNECTED),
        ),
    )
    app = in_process(config, doorstep.send)
    gateway = StripeGateway(stripe_settings(), http_client=InProcessClient(app))
    world = World(replace(runtime, gateway=gateway))
    world.supplier()
    till = Till(world, app, doorstep)
    doorstep.pass_on = till.knock
    return till
