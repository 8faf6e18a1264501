"""How a supplier presents itself to a debtor: on every page of the portal and in every mail."""

from __future__ import annotations

from dataclasses import dataclass

from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPerson:
    """Whom a debtor can ask: somebody at the supplier's, never a machine."""

    name: str
    email: str
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierCard:
    """What a supplier lets its debtors see of itself, as it stands in its row."""

    name: str
    street: str
    postcode: str
    city: str
    iban: str
    contact_name: str
    contact_email: str
    contact_phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierHead:
    """A supplier's face: its name, its mark and its person."""

    name: str
    #: One to three letters, shown where there is no logo.
    initials: str
    #: Served by us: no page and no mail loads anything from elsewhere.
    logo_url: str | None = None
    #: A stylesheet of ours that sets the accent colour (`/brand/<supplier>.css`).
    brand_css_url: str | None = None
    contact: ContactPerson | None = None
    #: One line for the foot of a mail: street, place, company number.
    imprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDetails:
    """What a debtor types into their bank to pay by transfer."""

    beneficiary: str
    #: In groups of four, as people read it.
    iban: str
    bic: str | None = None
    #: The reference that lets us recognise the payment.
    reference: str
    #: What is due now, where the slip says so.
    amount: Money | None = None
    #: Where the code for a banking app is: an address of ours, in a mail a part of it (`cid:`).
    slip_image: str | None = None
    #: Where the slip is to be had as a letter.
    slip_letter: str | None = None
