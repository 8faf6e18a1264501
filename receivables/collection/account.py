"""What is owed and how it came about: invoices, their documents, interest, every movement."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from receivables.clock import local_date
from receivables.collection.case import Case
from receivables.collection.dossier import (
    Enclosure,
    EntryFact,
    InterestFact,
    InterestRow,
    InvoiceFact,
    Totals,
)
from receivables.collection.rules import free_path, safe_name
from receivables.collection.words import entry_words, interest_words
from receivables.dunning.holding import holds_of
from receivables.dunning.lateness import spells_of
from receivables.handover.tables import Handover
from receivables.interest.queries import Claim, ClaimState, claim_for, rate_book
from receivables.invoices.tables import Document, Invoice
from receivables.ledger.holds import HoldReason, held_for, standing
from receivables.ledger.queries import open_items, outstanding_of, unapplied_of
from receivables.ledger.rules import days_past_due
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money


def invoices(case: Case, handed: Sequence[Handover]) -> Sequence[Invoice]:
    """What is open, and what was handed over, paid since or not; the oldest due first."""
    ids = {item.invoice_id for item in open_items(case.session, case.supplier_id, case.debtor_id)}
    ids |= {one.invoice_id for one in handed}
    return case.session.scalars(
        select(Invoice)
        .where(Invoice.supplier_id == case.supplier_id, Invoice.id.in_(ids))
        .order_by(Invoice.due_on, Invoice.number)
    ).all()


def invoice_facts(
    case: Case, found: Sequence[Invoice], handed: Sequence[Handover]
) -> tuple[InvoiceFact, ...]:
    """How each stands today."""
    outstanding = outstanding_of(case.session, case.supplier_id, [one.id for one in found])
    holds = standing(holds_of(case.session, case.supplier_id, case.debtor_id), case.today)
    gone = {one.invoice_id: one for one in handed}
    facts = []
    for one in found:
        own = [hold for hold in holds if hold.invoice_id == one.id]
        disputed = held_for(outstanding[one.id], own, HoldReason.DISPUTED)
        handover = gone.get(one.id)
        facts.append(
            InvoiceFact(
                number=one.number,
                issued_on=one.issued_on,
                due_on=one.due_on,
                total=one.total,
                outstanding=outstanding[one.id],
                days_late=max(0, days_past_due(one.due_on, case.today)),
                reference=one.payment_reference or "",
                disputed=disputed or None,
                handed_to=handover.recipient if handover else "",
                handed_on=local_date(handover.handed_over_at, case.supplier.zone)
                if handover
                else None,
            )
        )
    return tuple(facts)


def documents(case: Case, found: Sequence[Invoice]) -> tuple[Enclosure, ...]:
    """The files the invoices came as."""
    numbers = {one.id: one.number for one in found}
    rows = case.session.execute(
        select(
            Document.id,
            Document.invoice_id,
            Document.name,
            Document.sha256,
            Document.size_bytes,
        )
        .where(Document.supplier_id == case.supplier_id, Document.invoice_id.in_(numbers))
        .order_by(Document.id)
    ).all()
    places = {one.id: place for place, one in enumerate(found)}
    enclosed: list[Enclosure] = []
    taken: list[str] = []
    for row in sorted(rows, key=lambda row: places[row.invoice_id]):
        number = numbers[row.invoice_id]
        folder = f"invoices/{safe_name(number, 'invoice')}"
        path = free_path(folder, safe_name(row.name, "document"), taken)
        taken.append(path)
        enclosed.append(
            Enclosure(
                path=path,
                what=number,
                sha256=row.sha256,
                size_bytes=row.size_bytes,
                document_id=row.id,
            )
        )
    return tuple(enclosed)


def claims(case: Case, found: Sequence[Invoice]) -> tuple[Claim, ...]:
    """What lateness has come to on each, by the law of the debtor's country."""
    book = rate_book(case.session, case.supplier_id)
    holds = standing(holds_of(case.session, case.supplier_id, case.debtor_id), case.today)
    return tuple(
        claim_for(
            case.session,
            case.supplier_id,
            one.id,
            case.today,
            holds=holds,
            spells=spells_of(case.session, case.supplier_id, case.debtor_id, one.id, case.today),
            book=book,
        )
        for one in found
    )


def interest_facts(found: Sequence[Claim]) -> tuple[InterestFact, ...]:
    """Item by item, or why there is nothing."""
    return tuple(_interest(claim) for claim in found)


def _interest(claim: Claim) -> InterestFact:
    words, why_none = interest_words(claim)
    found = claim.reckoning
    if found is None or why_none:
        return InterestFact(number=claim.number, why_none=why_none or words)
    return InterestFact(
        number=claim.number,
        rows=tuple(
            InterestRow(
                first_day=one.first_day,
                last_day=one.last_day,
                days=one.days,
                principal=one.principal,
                percent=one.percent,
                source=one.source,
                amount=one.amount,
            )
            for one in found.interest.segments
        ),
        interest=found.interest.total,
        withheld=found.withheld or None,
        compensation=found.compensation,
        compensation_source=found.compensation_source,
        noted=found.noted or None,
        state_words=words,
    )


def totals(case: Case, found: Sequence[Claim]) -> tuple[Totals, ...]:
    """What may be asked for, per currency. Interest that was waived is not in it; what notes have
    claimed is among the invoices.
    """
    items = open_items(case.session, case.supplier_id, case.debtor_id)
    credit = {
        one.currency: one for one in unapplied_of(case.session, case.supplier_id, case.debtor_id)
    }
    interest: dict[str, Money] = {}
    for claim in found:
        if claim.reckoning is None or claim.state in (ClaimState.WAIVED, ClaimState.UNDECIDED):
            continue
        for amount in claim.reckoning.totals:
            before = interest.get(amount.currency, Money.zero(amount.currency))
            interest[amount.currency] = before + amount
    currencies = dict.fromkeys([*(item.outstanding.currency for item in items), *interest, *credit])
    return tuple(
        Totals(
            currency=currency,
            outstanding=Money.total(
                (item.outstanding for item in items if item.outstanding.currency == currency),
                currency,
            ),
            interest=interest.get(currency, Money.zero(currency)),
            unapplied=credit.get(currency, Money.zero(currency)),
        )
        for currency in currencies
    )


def booked_to(entry: Entry) -> Account | None:
    """The account of revenue that an invoice or a credit note is booked to; None for the rest."""
    if entry.reason == Reason.INVOICE_ISSUED:
        return Account(entry.credit_account)
    return Account(entry.debit_account) if entry.reason == Reason.CREDIT_NOTE_ISSUED else None


def entries(case: Case) -> tuple[EntryFact, ...]:
    """Every movement on the debtor's account, as the ledger has it, the oldest first."""
    numbers = {
        row.id: row.number
        for row in case.session.execute(
            select(Invoice.id, Invoice.number).where(
                Invoice.supplier_id == case.supplier_id, Invoice.debtor_id == case.debtor_id
            )
        )
    }
    theirs = select(Invoice.id).where(
        Invoice.supplier_id == case.supplier_id, Invoice.debtor_id == case.debtor_id
    )
    sides = [
        or_(
            (account == Account.RECEIVABLE) & subject.in_(theirs),
            (account == Account.UNAPPLIED) & (subject == case.debtor_id),
        )
        for account, subject in (
            (Entry.debit_account, Entry.debit_subject),
            (Entry.credit_account, Entry.credit_subject),
        )
    ]
    rows = case.session.scalars(
        select(Entry)
        .where(Entry.supplier_id == case.supplier_id, or_(*sides))
        .order_by(Entry.booked_on, Entry.id)
    )
    found = []
    for row in rows:
        for sign, account, subject in (
            (1, row.debit_account, row.debit_subject),
            (-1, row.credit_account, row.credit_subject),
        ):
            on_invoice = account == Account.RECEIVABLE and subject in numbers
            if not on_invoice and (account, subject) != (Account.UNAPPLIED, case.debtor_id):
                continue
            found.append(
                EntryFact(
                    on=row.booked_on,
                    what=entry_words(Reason(row.reason), takes=sign < 0, booked=booked_to(row)),
                    number=numbers[subject] if on_invoice else "",
                    amount=row.amount if sign > 0 else -row.amount,
                    source=row.source,
                )
            )
    return tuple(found)
