"""Stripe as our gateway: the one package that knows its SDK."""

from receivables.payments.stripe.gateway import StripeGateway
from receivables.payments.stripe.messages import EVENT_KINDS
from receivables.payments.stripe.transport import API_VERSION, Transport

__all__ = ["API_VERSION", "EVENT_KINDS", "StripeGateway", "Transport"]
