"""A bank's no as the error object of a call, an intent and a webhook."""

from sandbox.stripe.cards import Decline
from sandbox.stripe.problems import Json, doc_url
from sandbox.stripe.shapes import public


def error(decline: Decline, *, charge: str | None = None, method: Json | None = None) -> Json:
    """Absent where Stripe leaves it absent: no decline code without a bank's word."""
    shown: Json = {
        "code": decline.code,
        "doc_url": doc_url(decline.code),
        "message": decline.message,
        "type": "card_error",
    }
    if decline.code == "payment_intent_authentication_failure":
        shown["type"] = "invalid_request_error"
    if decline.decline_code is not None:
        shown["decline_code"] = decline.decline_code
        shown["network_decline_code"] = "01"
    if decline.advice_code is not None:
        shown["advice_code"] = decline.advice_code
    if decline.code in ("expired_card", "incorrect_cvc"):
        shown["param"] = "exp_month" if decline.code == "expired_card" else "cvc"
    if charge is not None:
        shown["charge"] = charge
    if method is not None:
        shown["payment_method"] = public(method)
    return shown
