"""A note that claims late interest, as words and as a letter, in the debtor's language.

No VAT is due on what makes lateness good. Source: Court of Justice, 222/81 (BAZ Bausystem); in
Switzerland MWSTG/LTVA art. 18 (2) i.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from receivables.i18n import day, money, percent, reading_as, translate_plural
from receivables.i18n import translate as _
from receivables.interest.reckoning import Reckoning
from receivables.interest.rules import Segment
from receivables.invoices.tables import Invoice
from receivables.letters.rendering import Letterhead, render_letter
from receivables.money import Money
from receivables.parties.heads import TransferDetails
from receivables.parties.letterheads import letterhead
from receivables.parties.presentation import locale_with, transfer_to
from receivables.parties.tables import Debtor, Supplier


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """One line of a note: days with one rate, or else (without them) a correction of days claimed
    before, or (with a source alone) the law's fixed sum.
    """

    amount: Money
    segment: Segment | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLetter:
    """-> debit_note/letter.xml."""

    head: Letterhead
    zone: str
    number: str
    #: The invoice that is late, and when it was due.
    invoice_number: str
    invoice_issued_on: date
    invoice_due_on: date
    due_on: date
    until: date
    rows: tuple[NoteRow, ...]
    total: Money
    #: None for a supplier without an account.
    transfer: TransferDetails | None

    @classmethod
    def of(
        cls,
        found: Reckoning,
        *,
        supplier: Supplier,
        debtor: Debtor,
        invoice: Invoice,
        number: str,
        due_on: date,
        interest: Money,
        compensation: Money | None,
    ) -> NoteLetter:
        rows = tuple(_rows(found, interest, compensation))
        return cls(
            head=letterhead(supplier, debtor),
            zone=supplier.zone,
            number=number,
            invoice_number=invoice.number,
            invoice_issued_on=invoice.issued_on,
            invoice_due_on=invoice.due_on,
            due_on=due_on,
            until=found.until,
            rows=rows,
            total=Money.total((one.amount for one in rows), rows[0].amount.currency),
            transfer=transfer_to(supplier, number),
        )


def _rows(found: Reckoning, interest: Money, compensation: Money | None) -> Iterator[NoteRow]:
    if interest:
        for one in found.since:
            yield NoteRow(amount=one.amount, segment=one, source=one.source)
        if found.correction:
            yield NoteRow(amount=found.correction)
    if compensation is not None:
        yield NoteRow(amount=compensation, source=found.compensation_source)


def locale_of(supplier: Supplier, debtor: Debtor) -> str:
    """What the note is written in, whoever claims it."""
    return locale_with(supplier, debtor)


def wordings(letter: NoteLetter, locale: str) -> list[str]:
    """Each row as the line of an invoice."""
    with reading_as(locale, letter.zone):
        about = _("Invoice %(number)s") % {"number": letter.invoice_number}
        return [f"{about}: {_wording(row)}" for row in letter.rows]


def _wording(row: NoteRow) -> str:
    one = row.segment
    if one is not None:
        return translate_plural(
            "late interest from %(first)s to %(last)s, %(num)s day on %(amount)s at %(rate)s"
            " a year (%(source)s)",
            "late interest from %(first)s to %(last)s, %(num)s days on %(amount)s at %(rate)s"
            " a year (%(source)s)",
            one.days,
        ) % {
            "first": day(one.first_day),
            "last": day(one.last_day),
            "num": one.days,
            "amount": money(one.principal),
            "rate": percent(one.percent / 100),
            "source": row.source,
        }
    if row.source:
        return _("fixed sum of the law for late payment (%(source)s)") % {"source": row.source}
    return _("correction of the days that were claimed before")


def print_note(letter: NoteLetter, *, locale: str, now: datetime) -> bytes:
    """The note as a letter. Raises LetterTooLong."""
    return render_letter(
        "debit_note", head=letter.head, locale=locale, zone=letter.zone, written_at=now, note=letter
    )
