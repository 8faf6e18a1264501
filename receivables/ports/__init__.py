"""What we ask of the outside: who carries mail, who wakes a browser, who takes payments."""

from receivables.ports.checkouts import (
    Checkout,
    CheckoutLine,
    CheckoutOrder,
    Checkouts,
    CheckoutStatus,
)
from receivables.ports.gateway import (
    BadSignature,
    Gateway,
    GatewayKeyReused,
    GatewayNotConfigured,
    GatewayRefused,
    GatewaySilent,
    GatewayUnclear,
    GatewayUnreached,
    SignedEvent,
)
from receivables.ports.mail import (
    Attachment,
    MailDeferred,
    Mailer,
    MailMessage,
    MailRefused,
    MailUnknown,
)
from receivables.ports.push import (
    Pusher,
    PushOutcome,
    PushPayload,
    PushResult,
    PushTarget,
    Urgency,
)

__all__ = [
    "Attachment",
    "BadSignature",
    "Checkout",
    "CheckoutLine",
    "CheckoutOrder",
    "CheckoutStatus",
    "Checkouts",
    "Gateway",
    "GatewayKeyReused",
    "GatewayNotConfigured",
    "GatewayRefused",
    "GatewaySilent",
    "GatewayUnclear",
    "GatewayUnreached",
    "MailDeferred",
    "MailMessage",
    "MailRefused",
    "MailUnknown",
    "Mailer",
    "PushOutcome",
    "PushPayload",
    "PushResult",
    "PushTarget",
    "Pusher",
    "SignedEvent",
    "Urgency",
]
