"""What the templates about plans get; finished values, one message to one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from receivables.money import Money
from receivables.parties.heads import SupplierHead


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleLine:
    """One instalment in a table."""

    #: From 1.
    place: int
    due_on: date
    amount: Money
    open: Money
    #: What of it goes to which of several invoices, by number; on the agreement alone.
    pays: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    sentences: tuple[str, ...]
    action: str
    #: Whether the schedule stands below.
    with_schedule: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMail:
    """-> plan_message/{subject.txt,body.txt,body.html}: every mail about a plan.

    Which one it is stands in its words: `title`, `sentences` and `action` are in the reader's
    language already, since each kind has its own.
    """

    supplier: SupplierHead
    contact_name: str
    number: str
    title: str
    sentences: tuple[str, ...]
    #: Empty where the message is about one day and says so.
    lines: tuple[ScheduleLine, ...]
    action: str
    link: str
    #: To the supplier's own staff.
    to_office: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementInvoice:
    number: str
    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """-> plan_agreement/letter.xml: what both sides agreed to, as it was signed."""

    number: str
    version: int
    supplier_name: str
    debtor_name: str
    total: Money
    invoices: tuple[AgreementInvoice, ...]
    #: What the plan costs, item by item; empty where it costs nothing.
    costs: tuple[tuple[str, Money], ...]
    lines: tuple[ScheduleLine, ...]
    #: The words the debtor agreed to, in paragraphs, in the language they read them in.
    words: tuple[str, ...]
    agreed_by: str
    agreed_at: str
    address: str
    text_hash: str
    wording: str
    insurer_agreement: str
