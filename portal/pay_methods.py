"""The ways to pay that a pay page tells of: those of the supplier's own account."""

from __future__ import annotations

from dataclasses import replace

from portal.pages import PayMethod, PayPage
from receivables.money import Money
from receivables.payments.methods import WayToPay, offer_from
from receivables.runtime import Runtime


def with_methods(
    runtime: Runtime, page: PayPage, *, stripe_account: str | None, country: str
) -> PayPage:
    """The page with what a debtor of `country` is offered. Calls out: never in a transaction."""
    if runtime.gateway is None:
        return page
    offer = offer_from(runtime.gateway, stripe_account or "", page.currency, country)
    largest = max(each for each in (page.chosen, page.overdue, page.everything) if each is not None)
    shown = tuple(_shown(way, largest) for way in offer.for_amount(page.minimum))
    return replace(page, methods=shown, more_methods=not offer.complete)


def _shown(way: WayToPay, largest: Money) -> PayMethod:
    return PayMethod(
        kind=way.kind,
        name=way.name,
        takes=way.speed.value,
        up_to=None if way.takes(largest) else way.most,
        wallets=way.wallets,
    )
