"""Charges without the debtor present, to a way to pay that they let us keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from receivables.ids import InstalmentId, PaymentId
from receivables.money import Money


class ChargeStatus(StrEnum):
    """How far a charge has come, as the gateway says now."""

    PROCESSING = "processing"
    """The bank takes days: a debit."""
    PAID = "paid"
    """The money is ours."""
    NEEDS_DEBTOR = "needs_debtor"
    """The bank wants its customer to confirm: it cannot go on without them."""
    FAILED = "failed"
    """Refused or cancelled; nothing was taken."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge as the gateway knows it.

    `attempt` is what we wrote on it; None on a charge that is not ours. `account` is the
    connected account, "" for our own. `failure_code`, `decline_code` (the bank's own word) and
    `advice_code` (whether to try again) go with FAILED and are empty where nothing was said.
    """

    id: str
    status: ChargeStatus
    attempt: PaymentId | None
    amount: Money
    account: str
    livemode: bool
    method: str = ""
    failure_code: str = ""
    decline_code: str = ""
    advice_code: str = ""

    @property
    def payment_intent_id(self) -> str:
        """As a `Checkout` has it."""
        return self.id


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """A charge to be made. `attempt` is its idempotency key."""

    attempt: PaymentId
    instalment_id: InstalmentId | None
    amount: Money
    customer: str
    method: str
    description: str


class Charges(Protocol):
    """Charges saved ways to pay."""

    def charge_request_for(self, line: ChargeLine) -> dict[str, Any]:
        """What `charge` will post; kept with the attempt. Calls nobody."""
        ...

    def charge(self, account: str, attempt: PaymentId, request: Mapping[str, Any]) -> Charge:
        """Make the charge. The same attempt and request again is the same charge; a refusal of
        the bank is a Charge that FAILED. Also raises GatewayKeyReused.
        """
        ...

    def charge_of(self, account: str, payment_intent_id: str) -> Charge | None:
        """The charge of this id, or None when the account has none."""
        ...

    def find_charge(
        self,
        account: str,
        attempt: PaymentId,
        request: Mapping[str, Any],
        *,
        made_from: datetime,
        made_until: datetime,
    ) -> Charge | None:
        """The charge made for an attempt, among all of its customer that were made in that time."""
        ...

    def cancel_charge(self, account: str, payment_intent_id: str) -> Charge:
        """See to it that a charge that was not taken never will be, and say how it stands.

        One that was taken meanwhile comes back PAID: that is not an error.
        """
        ...
