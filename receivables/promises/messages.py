"""What the templates of mails about promises and declarations get as `mail`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from receivables.money import Money
from receivables.parties.heads import SupplierHead


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMail:
    """-> promise_made/, promise_kept/{subject.txt,body.txt,body.html}."""

    supplier: SupplierHead
    debtor_name: str
    #: Empty when we know no person's name.
    contact_name: str
    amount: Money
    promised_on: date
    #: The last value date that counts as kept.
    judged_on: date
    numbers: tuple[str, ...]
    #: The account's page in the portal, through the contact's grant.
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofMail:
    """-> claim_not_found/{subject.txt,body.txt,body.html}: asks for a proof of payment."""

    supplier: SupplierHead
    debtor_name: str
    contact_name: str
    amount: Money
    paid_on: date
    reference: str
    numbers: tuple[str, ...]
    link: str
