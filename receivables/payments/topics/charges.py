"""Messages about charges: made on a hosted page, or by us without the debtor."""

from __future__ import annotations

from receivables.payments.inbox import Topic
from receivables.payments.tables import StripeEvent
from receivables.payments.topics.matching import take_down
from receivables.ports import Charge, Checkout, Gateway


def _page_or_charge(gateway: Gateway, event: StripeEvent) -> Checkout | Charge | None:
    page = gateway.checkout_of_intent(event.account, event.object_id)
    return page or gateway.charge_of(event.account, event.object_id)


INTENTS = Topic("payment_intent.", fetch=_page_or_charge, apply=take_down)
