"""Messages about hosted pages: those that take a payment, and those that save a card."""

from __future__ import annotations

from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.payments.inbox import Topic, Verdict
from receivables.payments.tables import StripeEvent
from receivables.payments.topics.matching import take_down
from receivables.payments.topics.saved_methods import card_saved
from receivables.ports import Checkout, Gateway, SetupPage


def _page(gateway: Gateway, event: StripeEvent) -> Checkout | SetupPage | None:
    return gateway.checkout(event.account, event.object_id) or gateway.setup_page(
        event.account, event.object_id
    )


def _take_down(session: Session, page: Checkout | SetupPage | None, clock: Clock) -> Verdict:
    if isinstance(page, SetupPage):
        return card_saved(session, page, clock)
    return take_down(session, page, clock)


PAGES = Topic("checkout.session.", fetch=_page, apply=_take_down)
