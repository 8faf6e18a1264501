"""What the templates of the mails about a dispute get as `mail`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from receivables.disputes.rules import Term
from receivables.disputes.steps import Letter, Memo
from receivables.money import Money
from receivables.parties.heads import SupplierHead


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedLine:
    """One invoice: what is disputed of it, what was upheld (None before), what can be paid now."""

    number: str
    disputed: Money
    upheld: Money | None
    payable: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeLetter:
    """-> dispute_letter/{subject.txt,body.txt,body.html}: what the debtor is told of one step."""

    letter: Letter
    supplier: SupplierHead
    debtor_name: str
    contact_name: str
    reference: str
    lines: tuple[DisputedLine, ...]
    disputed: Money
    proposed: Money
    upheld: Money
    #: accepted, accepted_in_part, rejected, withdrawn, expired, or empty.
    outcome: str
    #: Who answers for it; empty while nobody does.
    owner_name: str
    #: What the supplier wrote with this step.
    quote: str
    #: By when the supplier answers; None where their clock stands or is over.
    due_on: date | None
    #: By when the debtor is to answer, where they were asked.
    answer_by: date | None
    #: The last day on which what was not upheld is not asked for.
    grace_until: date | None
    #: The last day on which the debtor may have another word; None where they may not.
    reopen_until: date | None
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeMemo:
    """-> dispute_memo/{subject.txt,body.txt,body.html}: what staff are told."""

    memo: Memo
    supplier: SupplierHead
    debtor_name: str
    reference: str
    reason: str
    numbers: tuple[str, ...]
    disputed: Money
    is_urgent: bool
    is_late: bool
    #: What the debtor wrote with this step.
    quote: str
    #: With a warning: which term, how much of it is used up, its day.
    term: Term | None
    percent: int
    due_on: date | None
    link: str
