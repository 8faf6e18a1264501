"""From the parts an e-invoice gave to a ParsedInvoice: what both syntaxes share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from receivables.intake.faults import Refused
from receivables.intake.findings import Findings
from receivables.intake.identifiers import account, is_iban
from receivables.intake.parsed import DueDateSource, Format, Line, ParsedInvoice, Party
from receivables.intake.terms import due_date_from_notes, due_date_from_terms
from receivables.money import Money


@dataclass(slots=True)
class Parts:
    """What was found in an e-invoice; None and empty where nothing was."""

    format: Format
    number: str
    type_code: str
    issue_date: date | None
    due_dates: Sequence[date]
    currency: str | None
    payable: Money | None
    total: Money | None
    seller: Party
    buyer: Party
    payment_reference: str | None = None
    accounts: Sequence[str] = ()
    preceding_invoice: str | None = None
    terms: str | None = None
    lines: Sequence[Line] = field(default=())
    profile: str | None = None
    notes: Sequence[str] = ()


def assembled(parts: Parts, findings: Findings, *, default_terms_days: int) -> ParsedInvoice:
    """The invoice, or Refused with every fault that was found.

    Several due dates (a discount's and the net one, or instalments) mean the last of them.
    """
    if findings.faults:
        raise Refused(findings.faults)
    assert parts.issue_date and parts.currency and parts.payable is not None
    due_date, source = due(
        parts.due_dates,
        parts.terms,
        parts.issue_date,
        notes=parts.notes,
        default_terms_days=default_terms_days,
    )
    return ParsedInvoice(
        format=parts.format,
        number=parts.number,
        type_code=parts.type_code,
        issue_date=parts.issue_date,
        due_date=due_date,
        due_date_source=source,
        currency=parts.currency,
        payable=parts.payable,
        total=parts.total if parts.total is not None else parts.payable,
        seller=parts.seller,
        buyer=parts.buyer,
        payment_reference=parts.payment_reference,
        account=best_account(parts.accounts),
        preceding_invoice=parts.preceding_invoice,
        note=parts.terms,
        lines=tuple(parts.lines),
        profile=parts.profile,
    )


def due(
    stated: Sequence[date],
    terms: str | None,
    issue_date: date,
    *,
    notes: Sequence[str] = (),
    default_terms_days: int,
) -> tuple[date, DueDateSource]:
    """The day to pay by: as stated, else as the text says, else by the usual terms.

    Notes count only where there are no terms.
    """
    if stated:
        return max(stated), DueDateSource.EXPLICIT
    said = (
        due_date_from_terms(terms, issue_date) if terms else due_date_from_notes(notes, issue_date)
    )
    if said is not None:
        return said, DueDateSource.TERMS
    return issue_date + timedelta(days=default_terms_days), DueDateSource.DEFAULT


def best_account(written: Iterable[str]) -> str | None:
    """The first valid IBAN among the accounts, else the first of them."""
    accounts = [account(each) for each in written]
    return next(filter(is_iban, accounts), accounts[0] if accounts else None)


def joined(parts: Iterable[str | None], separator: str = ", ") -> str | None:
    return separator.join(part for part in parts if part) or None


def one_line(written: str | None) -> tuple[str, str | None]:
    """A name in one line; and as it was written, where that is not the same."""
    line = " ".join((written or "").split())
    return line, written if written != line else None


def country_code(text: str | None) -> str | None:
    code = (text or "").upper()
    return code if len(code) == 2 and code.isalpha() and code.isascii() else None
