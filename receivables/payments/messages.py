"""What the template of the thanks gets as `mail`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from receivables.money import Money
from receivables.parties.heads import SupplierHead


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """What the payment put against one invoice, and what remains of it."""

    number: str
    amount: Money
    outstanding: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ThanksMail:
    """-> thanks/{subject.txt,body.txt,body.html}: thanks and receipt, once a payment settled."""

    supplier: SupplierHead
    debtor_name: str
    contact_name: str
    amount: Money
    settled_on: date
    method: str
    reference: str
    lines: tuple[ReceiptLine, ...]
    #: Of this debtor in this currency, after the payment.
    still_outstanding: Money
    link: str
