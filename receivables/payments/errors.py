"""What can be wrong about a payment."""

from __future__ import annotations

from receivables.errors import NoSuch, ReceivablesError, TemporarilyUnavailable
from receivables.ids import PaymentId, SavedMethodId
from receivables.money import Money


class NoSuchPayment(NoSuch):
    """There is no such payment for the one who asks."""

    def __init__(self, payment_id: PaymentId) -> None:
        self.payment_id = payment_id
        super().__init__(f"payment {payment_id}")


class NothingToPay(ReceivablesError):
    """What was chosen is paid already, or nothing was chosen."""

    def __init__(self) -> None:
        super().__init__("nothing of what was chosen is outstanding")


class PaymentExceedsOutstanding(ReceivablesError):
    """More was offered for an invoice than is outstanding of it."""

    def __init__(self, offered: Money, outstanding: Money) -> None:
        self.offered, self.outstanding = offered, outstanding
        super().__init__(f"{offered} offered, {outstanding} outstanding")


class PaymentBelowMinimum(ReceivablesError):
    """Less was offered than the supplier, or the gateway, takes."""

    def __init__(self, offered: Money, minimum: Money) -> None:
        self.offered, self.minimum = offered, minimum
        super().__init__(f"{offered} offered, at least {minimum} is taken")


class PaymentAboveMaximum(ReceivablesError):
    """More was offered than the gateway takes at once: it must go by bank transfer."""

    def __init__(self, offered: Money, maximum: Money) -> None:
        self.offered, self.maximum = offered, maximum
        super().__init__(f"{offered} offered, at most {maximum} is taken")


class PaymentInProgress(ReceivablesError):
    """Something of what was chosen is being paid already; `payment_id` is that payment."""

    def __init__(self, payment_id: PaymentId) -> None:
        self.payment_id = payment_id
        super().__init__(f"payment {payment_id} is under way for the same invoice")


class PaymentAlreadySettled(ReceivablesError):
    """This very attempt is paid; `payment_id` is its thank-you page."""

    def __init__(self, payment_id: PaymentId) -> None:
        self.payment_id = payment_id
        super().__init__(f"payment {payment_id} is settled")


class CardPaymentUnavailable(TemporarilyUnavailable):
    """Nobody can be sent to the gateway now; nothing was taken, and bank transfer remains.

    `reason` is "not_configured" (no key, or one that is refused), "disconnected" or "restricted"
    (the supplier's account takes none), "currency", or "unreached".
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"no card payment: {reason}")


class CheckoutMismatch(ReceivablesError):
    """The gateway's page does not belong to the attempt it names; nothing was booked."""


class NoSuchSavedMethod(NoSuch):
    """There is no such saved card for the one who asks."""

    def __init__(self, saved_method_id: SavedMethodId | str) -> None:
        self.saved_method_id = saved_method_id
        super().__init__(f"saved method {saved_method_id}")


class MethodNotUsable(ReceivablesError):
    """The saved method cannot be charged: `reason` is its state, or "account", or "currency"."""

    def __init__(self, saved_method_id: SavedMethodId, reason: str) -> None:
        self.saved_method_id, self.reason = saved_method_id, reason
        super().__init__(f"saved method {saved_method_id}: {reason}")
