"""Ways to pay that debtors let us keep: with whom the gateway keeps them, and how one is saved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from receivables.ids import DebtorId, SavedMethodId


@dataclass(frozen=True, slots=True)
class KeptMethod:
    """A card or bank account as the gateway knows it now.

    `customer` is whom it is kept with, "" when it is (no longer) kept. `label` is as people call
    it (`Visa ...4242`); the expiry is the last month a card is good for. `mandate` is what allows
    us to debit a bank account, where it is known.
    """

    id: str
    account: str
    livemode: bool
    customer: str
    kind: str
    label: str
    exp_month: int | None = None
    exp_year: int | None = None
    mandate: str | None = None


@dataclass(frozen=True, slots=True)
class Mandate:
    """A permission to debit a bank account, as the gateway knows it now."""

    id: str
    method: str
    active: bool


class SetupStatus(StrEnum):
    """How far a page that saves a card has come."""

    OPEN = "open"
    DONE = "done"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SetupOrder:
    """A page to be made that saves a card and takes nothing.

    `{CHECKOUT_SESSION_ID}` in `success_url` is filled in by the gateway; `replaces` is the
    method of ours that the new one is to stand in for.
    """

    customer: str
    debtor_id: DebtorId
    replaces: SavedMethodId | None
    currency: str
    locale: str
    consent: str
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class SetupPage:
    """Such a page as the gateway knows it; `method` goes with DONE."""

    id: str
    status: SetupStatus
    account: str
    livemode: bool
    customer: str
    url: str | None
    replaces: SavedMethodId | None
    consent: str
    method: KeptMethod | None


class SavedMethods(Protocol):
    """Keeps ways to pay for us."""

    def make_customer(self, account: str, debtor_id: DebtorId, *, name: str, email: str) -> str:
        """The id of a debtor at the gateway. The same again on the same day is the same one."""
        ...

    def open_setup(self, account: str, order: SetupOrder) -> SetupPage:
        """Make a page that saves a card."""
        ...

    def setup_page(self, account: str, page_id: str) -> SetupPage | None:
        """The page of this id, or None when the account has no such page."""
        ...

    def kept_method(self, account: str, method_id: str) -> KeptMethod | None:
        """The method of this id, or None when the account has none."""
        ...

    def forget_method(self, account: str, method_id: str) -> None:
        """Keep it no longer; nothing happens when it was not kept any more."""
        ...

    def mandate(self, account: str, mandate_id: str) -> Mandate | None:
        """The mandate of this id, or None when the account has none."""
        ...
