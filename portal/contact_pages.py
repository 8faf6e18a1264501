"""What the pages about a debtor's people get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from portal.pages import PortalHead

ContactError = Literal["", "no_name", "no_address", "known", "too_many", "no_street"]
#: Whose form the error stands in.
Form = Literal["me", "address", "person", "postal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """Somebody at the debtor's who can see the account."""

    name: str
    email: str
    role: Literal["billing", "approver", "manager"]
    #: Reminders go there.
    is_primary: bool
    #: It is the one who reads the page.
    is_me: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLine:
    """A change that was asked for and waits; the fragment `_contacts.html` shows them, too."""

    id: UUID
    kind: Literal["person", "email", "postal"]
    #: Who or what is proposed.
    what: str
    #: Whose yes it waits for.
    waits_for: Literal["them", "supplier"]
    asked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsPage:
    """`GET /contacts` -> contacts.html, behind a code. Its forms:

    `POST /contacts/me` (`name`, `language`, `role`), `POST /contacts/address` (`email`),
    `POST /contacts/person` (`name`, `email`, `role`, `becomes_primary`), `POST /contacts/postal`
    (`street`, `postcode`, `city`).
    """

    head: PortalHead
    me: PersonLine
    #: What is stored; "" where none is, and the customer's or the country's holds.
    language: str
    people: tuple[PersonLine, ...]
    waiting: tuple[WaitingLine, ...]
    postal: tuple[str, str, str]
    #: What was just done, once.
    done: Literal["", "me", "address", "person", "postal"]
    form: Form | None = None
    error: ContactError = ""
    #: What was typed in the form that was refused.
    typed: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFragment:
    """The fragment `_contacts.html` of the account page gets it as `people`.

    Addresses are masked: they are shown in full behind a code only.
    """

    me: str
    masked_address: str
    others: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmAddressPage:
    """`GET /contacts/confirm/{token}` -> confirm_address.html: nothing of any account.

    Its form is `POST /contacts/confirm` with `token`.
    """

    head: PortalHead
    token: str
    #: Who is asked to confirm, and who named them ("" for a new address of one's own).
    name: str
    named_by: str
    done: bool
