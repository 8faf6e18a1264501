"""What the templates of reminders get as `mail`; finished values, one message to one contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from receivables.interest.first_reminder import FirstReminder
from receivables.money import Money
from receivables.parties.heads import SupplierHead, TransferDetails
from receivables.wording.rules import OwnText

#: Whose words a message speaks: one set for each level from 0, helpful, to 4, legal.
Words = Literal["courtesy", "r1", "r2", "r3", "formal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderLine:
    """One invoice in the table of a reminder."""

    number: str
    issued_on: date
    due_on: date
    #: Negative before the due date.
    days_past_due: int
    #: What may be demanded now: outstanding less what is on its way.
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseNamed:
    """A promise that was not kept, or in part: `received` came in time."""

    amount: Money
    received: Money
    promised_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LateLine:
    """What the lateness of one invoice has come to, and is not claimed by a note yet."""

    number: str
    interest: Money
    #: The law's fixed sum, in its own currency; None where there is none (any more).
    compensation: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """Late interest beside what is asked for, and never part of it.

    `is_claimed`: the supplier claims it; else it could apply.
    """

    is_claimed: bool
    on: date
    lines: tuple[LateLine, ...]
    totals: tuple[Money, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderMail:
    """-> reminder/{courtesy,r1,r2,r3,formal}/{subject.txt,body.txt,body.html}.

    `lines` are what this message is about; `coming` are not due yet and `disputed` under review:
    both are shown for information.
    Links are absolute, from the settings.
    """

    step: Words
    supplier: SupplierHead
    debtor_name: str
    #: Empty when we know no person's name.
    contact_name: str
    lines: tuple[ReminderLine, ...]
    coming: tuple[ReminderLine, ...]
    #: Invoices of which something is contested; `amount` is that part, and is not asked for.
    disputed: tuple[ReminderLine, ...]
    total: Money
    #: The account's page in the portal, through the contact's grant.
    link: str
    transfer: TransferDetails | None
    #: When it was last written about; None in the first message.
    last_reminded_on: date | None
    #: Invoices of which something is promised for a day to come; `amount` is that part.
    promised: tuple[ReminderLine, ...] = ()
    #: Promises about its invoices that were broken since the last message.
    broken: tuple[PromiseNamed, ...] = ()
    #: The supplier's own words, filled, in place of ours; what the law wants stands all the same.
    own: OwnText | None = None
    lateness: Lateness | None = None
    #: The last day to pay, where the law's consequences follow; and which law, where we know it.
    deadline_on: date | None = None
    law: str = ""
    #: What the law wants said, where this is the free first reminder of some of its invoices.
    first: FirstReminder | None = None
