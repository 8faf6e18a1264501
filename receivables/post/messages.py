"""What the templates of letters get as `page`: finished values, one letter to one debtor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from receivables.interest.first_reminder import FirstReminder
from receivables.money import Money
from receivables.ports import MessageLine, OwnWords


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestLine:
    """Late interest on one invoice over days with one rate."""

    number: str
    principal: Money
    first_day: date
    last_day: date
    #: Per cent a year: 10.15.
    percent: Decimal
    #: The rate's source, as the law's register has it.
    source: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPage:
    """-> reminder_letter/letter.xml, formal_notice/letter.xml.

    `claimed` is interest and fixed sums together, one amount per currency; empty where none are
    asked for. `compensation` is the invoice's number, the sum, and its source.
    """

    level: int
    tone: str
    supplier_name: str
    debtor_name: str
    #: Empty when we know no person's name.
    contact_name: str
    lines: tuple[MessageLine, ...]
    total: Money
    interest: tuple[InterestLine, ...]
    compensation: tuple[tuple[str, Money, str], ...]
    claimed: tuple[Money, ...]
    #: The last day to pay; always there in a formal notice.
    deadline_on: date | None
    own: OwnWords
    #: What the law wants said, where this is the free first reminder of some of its invoices.
    first: FirstReminder | None = None
