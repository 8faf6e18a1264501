"""What Stripe's objects say, in our words; shared by pages and charges."""

from __future__ import annotations

from uuid import UUID

import stripe

from receivables.ids import PaymentId
from receivables.payments.rules import Refusal
from receivables.payments.stripe.words import method_name
from receivables.ports import KeptMethod


def attempt_in(
    metadata: stripe.StripeObject | dict[str, str] | None, *others: str | None
) -> PaymentId | None:
    """The attempt we wrote on an object: in its metadata, or else in one of `others`."""
    for text in (written(metadata).get("attempt"), *others):
        try:
            return PaymentId(UUID(text))
        except (TypeError, ValueError):
            continue
    return None


def written(metadata: stripe.StripeObject | dict[str, str] | None) -> dict[str, str]:
    """An object's metadata, whatever the SDK made of it."""
    if isinstance(metadata, stripe.StripeObject):
        return dict(metadata.to_dict())
    return dict(metadata or {})


def method_of(intent: stripe.PaymentIntent) -> str:
    """What a charge was paid with, as people call it: `Visa ...4242`, `TWINT`."""
    charge = intent.latest_charge
    if not isinstance(charge, stripe.Charge) or not charge.payment_method_details:
        return ""
    details = charge.payment_method_details
    # Absent fields raise: what the type does not name is not there.
    if details.type == "card" and details.card is not None:
        return method_name("card", brand=details.card.brand, last4=details.card.last4)
    last4 = getattr(getattr(details, details.type, None), "last4", None)
    return method_name(details.type, last4=last4)


def refusal_of(intent: stripe.PaymentIntent) -> Refusal:
    """Why a charge failed. Source: docs.stripe.com/declines/codes."""
    error = intent.last_payment_error
    if error is None:
        return Refusal("refused")
    decline = getattr(error, "decline_code", None) or ""
    code = decline or getattr(error, "code", None) or "refused"
    return Refusal(code, decline, getattr(error, "advice_code", None) or "")


def kept_method(
    method: stripe.PaymentMethod, account: str, *, mandate: str | None = None
) -> KeptMethod:
    """A way to pay, with whom it is kept."""
    customer = method.customer
    brand: str | None = None
    expiry: tuple[int | None, int | None] = (None, None)
    details = getattr(method, method.type, None)
    if method.type == "card" and method.card is not None:
        brand, expiry = method.card.brand, (method.card.exp_month, method.card.exp_year)
    return KeptMethod(
        id=method.id,
        account=account,
        livemode=method.livemode,
        customer=customer.id if isinstance(customer, stripe.Customer) else customer or "",
        kind=method.type,
        label=method_name(method.type, brand=brand, last4=getattr(details, "last4", None)),
        exp_month=expiry[0],
        exp_year=expiry[1],
        mandate=mandate,
    )


def mandate_of(intent: stripe.PaymentIntent) -> str | None:
    """The permission under which a bank account was debited, where one was given."""
    charge = intent.latest_charge
    if not isinstance(charge, stripe.Charge) or not charge.payment_method_details:
        return None
    debit = getattr(charge.payment_method_details, "sepa_debit", None)
    mandate = getattr(debit, "mandate", None)
    return mandate if isinstance(mandate, str) else None
