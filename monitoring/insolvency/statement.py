"""The statement that goes with a claim: what is owed on the day of the opening, item by item."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from monitoring.feeds.scales import name_of
from monitoring.insolvency.claims import ClaimLine
from receivables.dunning.lateness import claim_of
from receivables.i18n import reading_as
from receivables.i18n import translate as _
from receivables.ids import SupplierId
from receivables.interest.queries import rate_book
from receivables.interest.reckoning import Reckoning
from receivables.ledger.queries import open_items, unapplied_of
from receivables.letters.rendering import Letterhead, render_letter
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.letterheads import letterhead
from receivables.parties.presentation import locale_with


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """One invoice of the time before the opening; `interest` and `fixed_sum` until that day."""

    number: str
    issued_on: date
    due_on: date
    principal: Money
    interest: Money
    #: In a currency of its own where the law grants one; None where it grants none.
    fixed_sum: Money | None
    #: By what rule, or why no interest is reckoned.
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementTotal:
    """What is lodged in one currency."""

    principal: Money
    interest: Money
    fixed_sums: Money
    #: In the debtor's favour: it is set off.
    credit: Money

    @property
    def total(self) -> Money:
        return self.principal + self.interest + self.fixed_sums - self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStatement:
    """-> claim_statement/letter.xml."""

    head: Letterhead
    zone: str
    locale: str
    debtor_name: str
    debtor_lines: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]
    creditor_iban: str
    opened_on: date
    lodge_until: date | None
    label: str
    court: str
    source: str
    reference: str
    published_on: date | None
    rows: tuple[StatementRow, ...]
    totals: tuple[StatementTotal, ...]
    #: Invoices of the time after the opening: they are no part of the claim.
    later_numbers: tuple[str, ...]
    retains_title: bool
    securities: str


def statement_of(
    session: Session, supplier_id: SupplierId, claim: ClaimLine, *, today: date
) -> ClaimStatement:
    """What is to be lodged, as the books stand today. Raises NoSuchDebtor.

    In the debtor's language, which is the court's as a rule. Interest ends on the opening.
    """
    supplier = parties.supplier(session, supplier_id)
    debtor = parties.debtor(session, supplier_id, claim.debtor_id)
    locale = locale_with(supplier, debtor)
    book = rate_book(session, supplier_id)
    rows, later = [], []
    with reading_as(locale, supplier.zone):
        to, said_by = claim.court or _("To the liquidator"), name_of(claim.source)
        for item in open_items(session, supplier_id, claim.debtor_id):
            if item.issued_on > claim.opened_on:
                later.append(item.number)
                continue
            found = claim_of(
                session, supplier_id, item.invoice_id, min(today, claim.opened_on), book=book
            )
            rows.append(_row(item.number, item.issued_on, item.due_on, item.outstanding,
                             found.reckoning))  # fmt: skip
    credit = {one.currency: one for one in unapplied_of(session, supplier_id, claim.debtor_id)}
    return ClaimStatement(
        head=_to_liquidator(letterhead(supplier, debtor), to),
        zone=supplier.zone,
        locale=locale,
        debtor_name=debtor.name,
        debtor_lines=tuple(
            line
            for line in (
                debtor.street or "",
                f"{debtor.postcode or ''} {debtor.city or ''}".strip(),
            )
            if line
        ),
        identifiers=tuple(parties.identifiers(session, supplier_id, claim.debtor_id)),
        creditor_iban=supplier.iban,
        opened_on=claim.opened_on,
        lodge_until=claim.lodge_until,
        label=claim.label,
        court=claim.court,
        source=said_by,
        reference=claim.reference,
        published_on=claim.published_on,
        rows=tuple(rows),
        totals=totals_of(rows, credit),
        later_numbers=tuple(later),
        retains_title=claim.retains_title,
        securities=claim.securities,
    )


def _to_liquidator(head: Letterhead, to: str) -> Letterhead:
    """The same with the court or office over the debtor's name and address."""
    return replace(head, recipient=(to, *head.recipient))


def _row(
    number: str, issued_on: date, due_on: date, principal: Money, found: Reckoning | None
) -> StatementRow:
    sources: tuple[str, ...] = ()
    if found is not None and found.demandable.segments:
        sources = tuple(dict.fromkeys(one.source for one in found.demandable.segments))
    return StatementRow(
        number=number,
        issued_on=issued_on,
        due_on=due_on,
        principal=principal,
        interest=found.run_up if found is not None else Money.zero(principal.currency),
        fixed_sum=found.compensation if found is not None else None,
        source="; ".join(sources),
    )


def totals_of(rows: list[StatementRow], credit: dict[str, Money]) -> tuple[StatementTotal, ...]:
    """Per currency; a fixed sum counts in the currency it is granted in."""
    currencies = dict.fromkeys(
        [
            *(row.principal.currency for row in rows),
            *(row.fixed_sum.currency for row in rows if row.fixed_sum is not None),
        ]
    )
    return tuple(
        StatementTotal(
            principal=Money.total(
                (one.principal for one in rows if one.principal.currency == currency), currency
            ),
            interest=Money.total(
                (one.interest for one in rows if one.interest.currency == currency), currency
            ),
            fixed_sums=Money.total(
                (
                    one.fixed_sum
                    for one in rows
                    if one.fixed_sum is not None and one.fixed_sum.currency == currency
                ),
                currency,
            ),
            credit=credit.get(currency, Money.zero(currency)),
        )
        for currency in currencies
    )


def print_statement(statement: ClaimStatement, *, now: datetime) -> bytes:
    """The statement as PDF/A. Raises LetterTooLong."""
    return render_letter(
        "claim_statement",
        head=statement.head,
        locale=statement.locale,
        zone=statement.zone,
        written_at=now,
        claim=statement,
    )
