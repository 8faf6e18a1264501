"""Which ways to pay are offered for a currency and an amount, and how long each takes.

None of them costs the debtor anything, and nothing here could say otherwise: whoever is paid may
ask no fee for a regulated card, a SEPA transfer or a SEPA debit.
Source: Directive (EU) 2015/2366 (PSD2), article 62(4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from receivables.errors import TemporarilyUnavailable
from receivables.money import Money
from receivables.ports import Gateway, GatewayRefused, OfferedMethod


class Speed(StrEnum):
    """When the money is ours."""

    AT_ONCE = "at_once"
    DAYS = "days"
    """The bank answers some working days later; until then the payment is on its way."""


@dataclass(frozen=True, slots=True)
class _Terms:
    """`currencies` empty: any; `most` in minor units, where the method itself has a limit."""

    currencies: frozenset[str]
    speed: Speed = Speed.AT_ONCE
    most: int | None = None


def _in(currencies: str, speed: Speed = Speed.AT_ONCE, most: int | None = None) -> _Terms:
    return _Terms(frozenset(currencies.split()), speed, most)


#: In the order in which they are shown where nothing else decides.
#: Source: docs.stripe.com/payments/payment-methods/payment-method-support (currencies),
#: docs.stripe.com/payments/twint ("Maximum amount: 5000.00 CHF"),
#: docs.stripe.com/payments/sepa-debit ("a limit of 10,000 EUR each"; up to 14 business days).
_TERMS: Mapping[str, _Terms] = {
    "card": _in(""),
    "twint": _in("CHF", most=500_000),
    "bancontact": _in("EUR"),
    "ideal": _in("EUR"),
    "eps": _in("EUR"),
    "blik": _in("PLN"),
    "p24": _in("EUR PLN"),
    "mobilepay": _in("DKK EUR NOK SEK"),
    "swish": _in("SEK"),
    "mb_way": _in("EUR"),
    "bizum": _in("EUR"),
    "satispay": _in("EUR"),
    "paypal": _in("AUD CAD CHF CZK DKK EUR GBP HKD NOK NZD PLN SEK SGD USD"),
    "sepa_debit": _in("EUR", Speed.DAYS, 1_000_000),
    "bacs_debit": _in("GBP", Speed.DAYS),
}

#: Cards by another name, on the same line as they are.
_CARD_BRANDS = ("Visa", "Mastercard", "American Express")
_WALLETS = ("apple_pay", "google_pay")
_FRENCH_CARDS = "cartes_bancaires"

#: Switched on for most accounts and no way of their own on our pages: Link remembers cards, and
#: bank transfers (`customer_balance`) are offered to customers kept at Stripe alone.
#: Source: docs.stripe.com/payments/link and docs.stripe.com/payments/bank-transfers.
_NOT_LISTED = ("link", "customer_balance")

#: What people of a country look for first.
_HOME: Mapping[str, str] = {
    "AT": "eps",
    "BE": "bancontact",
    "CH": "twint",
    "ES": "bizum",
    "LI": "twint",
    "NL": "ideal",
    "PL": "blik",
    "SE": "swish",
}


@dataclass(frozen=True, slots=True)
class WayToPay:
    """One way, as it is offered in a currency.

    `most` is the largest amount it takes, None without a limit; `wallets` are by what else a card
    can be paid with, where the debtor's device has it.
    """

    kind: str
    name: str
    speed: Speed
    most: Money | None = None
    wallets: tuple[str, ...] = ()

    def takes(self, amount: Money) -> bool:
        return self.most is None or amount <= self.most


@dataclass(frozen=True, slots=True)
class Offer:
    """What the payment page will offer; `complete` is false where it may offer more."""

    ways: tuple[WayToPay, ...]
    complete: bool

    def for_amount(self, amount: Money) -> tuple[WayToPay, ...]:
        return tuple(way for way in self.ways if way.takes(amount))


def offer_of(methods: Sequence[OfferedMethod] | None, currency: str, country: str) -> Offer:
    """What an account offers a debtor of `country` in `currency`.

    `methods` None: the account could not be asked, and cards are what every account takes.
    What people of the country look for comes first, then cards, what takes days last. A method
    whose terms we do not know is left to the payment page.
    """
    if not methods:
        return Offer((_cards({}, currency),), complete=False)
    offered = {method.kind: method.name for method in methods}
    home = _HOME.get(country)
    ways = [
        _cards(offered, currency) if kind == "card" else _way(kind, offered[kind], currency)
        for kind, terms in _TERMS.items()
        if kind in offered and (not terms.currencies or currency in terms.currencies)
    ]
    ways.sort(key=lambda way: (way.kind != home, way.speed is Speed.DAYS))
    known = {*_TERMS, *_WALLETS, _FRENCH_CARDS, *_NOT_LISTED}
    return Offer(tuple(ways), complete=offered.keys() <= known)


def _way(kind: str, name: str, currency: str) -> WayToPay:
    terms = _TERMS[kind]
    most = Money(terms.most, currency) if terms.most is not None else None
    return WayToPay(kind, name, terms.speed, most)


def _cards(offered: Mapping[str, str], currency: str) -> WayToPay:
    # French cards are charged as such in euros alone.
    french = (offered[_FRENCH_CARDS],) if _FRENCH_CARDS in offered and currency == "EUR" else ()
    wallets = tuple(offered[kind] for kind in _WALLETS if kind in offered)
    return WayToPay("card", ", ".join((*french, *_CARD_BRANDS)), Speed.AT_ONCE, wallets=wallets)


def offer_from(gateway: Gateway, account: str, currency: str, country: str) -> Offer:
    """As `offer_of`, of what the gateway says. Calls out: never inside a transaction."""
    try:
        methods = gateway.methods(account)
    except (GatewayRefused, TemporarilyUnavailable):
        methods = None
    return offer_of(methods, currency, country)
