"""What a status message said: pure values, before anything is put on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

#: As much as a person reads of why.
LONGEST_WORDS = 4000


class Format(StrEnum):
    CDAR = "cdar"
    """UN/CEFACT Cross Domain Acknowledgement and Response, as the French life cycle uses it."""
    INVOICE_RESPONSE = "invoice-response"
    """Peppol's Invoice Response 3: an ApplicationResponse of UBL 2.1."""


@dataclass(frozen=True, slots=True)
class Motive:
    """Why; `code` and `text` are as written, and either may be empty."""

    code: str
    text: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.text) if part)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount that a status names, of a `kind` such as MEN (cashed) or MNATTC (not approved,
    with tax); `currency` is empty where none is written, `rate` is per cent of VAT.
    """

    kind: str
    value: Decimal
    currency: str = ""
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What was said of one invoice. `said` is the code as written, `status` the French number.

    `stated_at` has no zone where none is written. `seller` is the seller's number, SIREN in France.
    """

    number: str
    issued_on: date | None
    seller: str
    status: int
    said: str
    stated_at: datetime
    motives: tuple[Motive, ...] = ()
    note: str = ""
    amounts: tuple[Amount, ...] = ()

    def amount(self, *kinds: str) -> Decimal | None:
        """The sum of what is named of the first of these kinds that is named at all."""
        for kind in kinds:
            found = [one.value for one in self.amounts if one.kind == kind]
            if found:
                return sum(found, Decimal(0))
        return None

    @property
    def words(self) -> str:
        """Code, motives and note, as a person reads them."""
        lines = [" ".join((self.said, str(one))) for one in self.motives] or [self.said]
        return "\n".join([*lines, *([self.note] if self.note else [])])[:LONGEST_WORDS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message: who sent it ("scheme:number", "" where nobody is named) and what it calls
    itself.
    """

    format: Format
    sender: str
    reference: str
    statuses: tuple[Stated, ...]
