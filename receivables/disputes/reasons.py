"""Why a debtor contests an invoice, who at the supplier's answers that, and what helps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    PRICE = "price"
    QUANTITY = "quantity"
    DELIVERY = "delivery"
    QUALITY = "quality"
    ITEM = "item"
    REFERENCE = "reference"
    LEGAL = "legal"
    TERMS = "terms"
    BANK = "bank"
    DUPLICATE = "duplicate"
    PAID = "paid"
    UNKNOWN = "unknown"
    OTHER = "other"


class Department(StrEnum):
    """Who answers; `owner` is whoever looks after the customer."""

    SALES = "sales"
    LOGISTICS = "logistics"
    SERVICE = "service"
    BILLING = "billing"
    FINANCE = "finance"
    CASH = "cash"
    OWNER = "owner"


class Evidence(StrEnum):
    """What helps to decide."""

    ORDER = "order"
    DELIVERY_NOTE = "delivery_note"
    PHOTO = "photo"
    REFERENCE = "reference"
    MENTION = "mention"
    CONTRACT = "contract"
    OTHER_NUMBER = "other_number"
    PAYMENT = "payment"
    WORDS = "words"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Handling:
    """How a reason is dealt with. `clarification` travels with the status of an e-invoice."""

    clarification: str
    department: Department
    evidence: Evidence
    #: Looked at first: it may be a fraud that is under way.
    is_urgent: bool = False
    #: Says nothing by itself.
    needs_words: bool = False


#: Clarification codes: OpenPeppol's list OPStatusReason; `einvoice` says what was checked of it. It
#: has no word for "paid already"; its PPD means "partially paid" and is the nearest.
HANDLING: Final[Mapping[Reason, Handling]] = {
    Reason.PRICE: Handling("PRI", Department.SALES, Evidence.ORDER),
    Reason.QUANTITY: Handling("QTY", Department.LOGISTICS, Evidence.DELIVERY_NOTE),
    Reason.DELIVERY: Handling("DEL", Department.LOGISTICS, Evidence.NONE),
    Reason.QUALITY: Handling("QUA", Department.SERVICE, Evidence.PHOTO),
    Reason.ITEM: Handling("ITM", Department.SALES, Evidence.PHOTO),
    Reason.REFERENCE: Handling("REF", Department.BILLING, Evidence.REFERENCE),
    Reason.LEGAL: Handling("LEG", Department.BILLING, Evidence.MENTION),
    Reason.TERMS: Handling("PAY", Department.BILLING, Evidence.CONTRACT),
    Reason.BANK: Handling("FIN", Department.FINANCE, Evidence.NONE, is_urgent=True),
    Reason.DUPLICATE: Handling("OTH", Department.BILLING, Evidence.OTHER_NUMBER),
    Reason.PAID: Handling("PPD", Department.CASH, Evidence.PAYMENT),
    Reason.UNKNOWN: Handling("UNR", Department.SALES, Evidence.NONE),
    Reason.OTHER: Handling("OTH", Department.OWNER, Evidence.WORDS, needs_words=True),
}
