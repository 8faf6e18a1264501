"""Stripe played on one machine: its API, its hosted checkout page, its signed webhooks.

The real SDK talks to it through `base_addresses`; nothing here is imported by the product.
"""

from sandbox.stripe.app import create_app
from sandbox.stripe.config import CONNECTED, SECRET_KEY, SandboxConfig, WebhookEndpoint
from sandbox.stripe.hosted import BankAnswer, Means
from sandbox.stripe.sandbox import StripeSandbox
from sandbox.stripe.server import serve

__all__ = [
    "CONNECTED",
    "SECRET_KEY",
    "BankAnswer",
    "Means",
    "SandboxConfig",
    "StripeSandbox",
    "WebhookEndpoint",
    "create_app",
    "serve",
]
