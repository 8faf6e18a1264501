"""What the templates of mails about links and codes get as `mail`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from receivables.parties.heads import SupplierHead


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLinkMail:
    """-> new_link/{subject.txt,body.txt,body.html}: to the registered address only."""

    supplier: SupplierHead
    debtor_name: str
    contact_name: str
    link: str
    expires_on: date
    #: False when the supplier's staff sent it, True when somebody asked for it in the portal.
    was_asked_for: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMail:
    """-> step_up/{subject.txt,body.txt,body.html}: to the registered address only.

    The code is in the body alone: subjects stand on locked screens and in the logs of servers.
    """

    supplier: SupplierHead
    debtor_name: str
    contact_name: str
    #: In two groups of four digits.
    code: str
    good_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmAddressMail:
    """-> confirm_address/{subject.txt,body.txt,body.html}: to an address nobody answers for yet.

    It says whose supplier asks and who named the address, and nothing of any account.
    """

    supplier: SupplierHead
    #: Who is named; empty where somebody gave a new address of their own.
    contact_name: str
    #: Who named them; empty where it is their own new address.
    named_by: str
    link: str
    good_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChangedMail:
    """-> address_changed/{subject.txt,body.txt,body.html}: to the address that held before."""

    supplier: SupplierHead
    contact_name: str
    #: A hint at the new one.
    masked_address: str
