"""Stripe's test cards, and what the bank behind each one says.

Source: https://docs.stripe.com/testing. Advice codes: https://docs.stripe.com/declines/codes.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True)
class Decline:
    """`code` is what the API's error carries, `decline_code` the bank's finer reason."""

    code: str
    decline_code: str | None
    advice_code: str | None
    message: str


class Check(StrEnum):
    """When the bank wants the card holder to confirm (3-D Secure)."""

    NEVER = "never"
    ALWAYS = "always"
    #: On session always; off session only until the card was set up for it.
    UNTIL_SET_UP = "until_set_up"
    #: On session always; off session never.
    ON_SESSION = "on_session"


_DECLINED = "Your card was declined."


def _declined(decline_code: str, advice: str, message: str = _DECLINED) -> Decline:
    return Decline("card_declined", decline_code, advice, message)


GENERIC = _declined("generic_decline", "try_again_later")
INSUFFICIENT = _declined(
    "insufficient_funds", "try_again_later", "Your card has insufficient funds."
)
AUTHENTICATION = Decline(
    "authentication_required",
    "authentication_required",
    None,
    "Your card was declined. This transaction requires authentication.",
)
AUTHENTICATION_FAILED = Decline(
    "payment_intent_authentication_failure",
    None,
    None,
    "We are unable to authenticate your payment method. Please choose a different payment method "
    "and try again.",
)


@dataclass(frozen=True, slots=True)
class TestCard:
    """`declines_when_saved` is the card that can be attached but never charged."""

    number: str
    decline: Decline | None = None
    check: Check = Check.NEVER
    attaches: bool = False
    refund: Literal["succeeded", "pending"] = "succeeded"
    disputed_as: str | None = None


_ALL = (
    TestCard("4242424242424242"),
    TestCard("5555555555554444"),
    TestCard("4000000000000002", GENERIC),
    TestCard("4000000000009995", INSUFFICIENT),
    TestCard("4000000000009987", _declined("lost_card", "do_not_try_again")),
    TestCard("4000000000009979", _declined("stolen_card", "do_not_try_again")),
    TestCard(
        "4000000000000069",
        Decline("expired_card", None, "confirm_card_data", "Your card has expired."),
    ),
    TestCard(
        "4000000000000127",
        Decline(
            "incorrect_cvc", None, "confirm_card_data", "Your card's security code is incorrect."
        ),
    ),
    TestCard(
        "4000000000000119",
        Decline(
            "processing_error",
            None,
            "try_again_later",
            "An error occurred while processing your card. Try again in a little bit.",
        ),
    ),
    TestCard("4000000000000341", GENERIC, attaches=True),
    TestCard("4000002500003155", check=Check.UNTIL_SET_UP),
    TestCard("4000002760003184", check=Check.ALWAYS),
    TestCard("4000003800000446", check=Check.ON_SESSION),
    TestCard("4000008260003178", INSUFFICIENT, check=Check.ON_SESSION, attaches=True),
    TestCard("4000008400001629", GENERIC, check=Check.ALWAYS, attaches=True),
    TestCard("4000000000007726", refund="pending"),
    TestCard("4000000000000259", disputed_as="fraudulent"),
)
CARDS = {card.number: card for card in _ALL}

#: Offered on the page, in this order, for people who click rather than type.
OFFERED = (
    "4242424242424242",
    "4000000000000002",
    "4000000000009995",
    "4000002500003155",
    "4000002760003184",
    "4000000000000069",
    "4000000000000127",
)

#: Stripe's named test methods, for `payment_method="pm_card_..."`.
NAMED = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_authenticationRequiredSetupForOffSession": "4000003800000446",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_pendingRefund": "4000000000007726",
}


def card(number: str) -> TestCard:
    """A test card by its number; any other passes the test-mode door as a plain decline."""
    return CARDS.get(number, TestCard(number, GENERIC))


def brand(number: str) -> str:
    return "mastercard" if number.startswith("5") else "visa"


def is_card_number(number: str) -> bool:
    """Luhn's check, on 13 to 19 digits."""
    if not (number.isascii() and number.isdigit() and 13 <= len(number) <= 19):
        return False
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(number))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def wants_confirmation(held: TestCard, *, off_session: bool, set_up: bool) -> bool:
    match held.check:
        case Check.NEVER:
            return False
        case Check.ALWAYS:
            return True
        case Check.UNTIL_SET_UP:
            return not (off_session and set_up)
        case Check.ON_SESSION:
            return not off_session
