"""Stripe's words and people's: languages of the hosted page, names of ways to pay."""

from __future__ import annotations

#: Languages of the hosted page. Source: SessionCreateParams.locale.
_LANGUAGES = frozenset(
    ["bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "hu", "it", "lt", "lv",
     "mt", "nb", "nl", "pl", "pt", "ro", "sk", "sl", "sv", "tr"]
)  # fmt: skip

_BRANDS = {
    "amex": "American Express",
    "cartes_bancaires": "CB",
    "diners": "Diners Club",
    "jcb": "JCB",
    "unionpay": "UnionPay",
}
#: As their owners write them; every other is its own word, capitalised (`klarna`).
_KINDS = {
    "blik": "BLIK",
    "cartes_bancaires": "CB",
    "eps": "EPS",
    "ideal": "iDEAL | Wero",
    "mb_way": "MB WAY",
    "mobilepay": "MobilePay",
    "p24": "Przelewy24",
    "paypal": "PayPal",
    "sepa_debit": "SEPA",
    "twint": "TWINT",
    "apple_pay": "Apple Pay",
    "bacs_debit": "Bacs Direct Debit",
    "google_pay": "Google Pay",
}


def hosted_locale(locale: str) -> str:
    """The hosted page's language for a locale of ours; "auto" where Stripe does not speak it."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return language if language in _LANGUAGES else "auto"


def method_name(kind: str, *, brand: str | None = None, last4: str | None = None) -> str:
    """A way to pay as people call it: `Visa ...4242`, `TWINT`."""
    if kind == "card":
        name = _BRANDS.get(brand or "", (brand or "card").capitalize())
    else:
        name = _KINDS.get(kind, kind.replace("_", " ").capitalize())
    return f"{name} ...{last4}" if last4 else name
