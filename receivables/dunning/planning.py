"""The facts that dunning decides from, gathered in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select, true
from sqlalchemy.orm import Session

from receivables.credit.queries import standings
from receivables.credit.rules import Standing
from receivables.dunning.holding import holds_of
from receivables.dunning.rules import (
    SCENARIO,
    Account,
    Item,
    Reason,
    Verdict,
    decide,
)
from receivables.dunning.tables import Reminder, ReminderItem, ReminderState
from receivables.ids import DebtorId, InvoiceId, ReminderId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.holds import by_invoice
from receivables.ledger.queries import OpenItem, open_items
from receivables.ledger.tables import Account as LedgerAccount
from receivables.ledger.tables import Entry
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.presentation import language_for
from receivables.parties.tables import Contact, Debtor, Supplier
from receivables.payments.tables import PaymentPart
from receivables.promises.breaking import broken
from receivables.promises.rules import BrokenPromise
from receivables.workdays import WEEKDAYS, Calendar

_EVERY_STEP = frozenset(step.name for step in SCENARIO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One debtor in one currency: what is decided from, and whom the message would go to."""

    account: Account
    debtor: Debtor
    contact: Contact | None
    language: str
    last_reminded_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A case and what a run does about it."""

    case: Case
    verdict: Verdict


def plan(
    session: Session,
    supplier_id: SupplierId,
    today: date,
    *,
    calendar: Calendar = WEEKDAYS,
    debtor_id: DebtorId | None = None,
) -> list[Planned]:
    """What a run on `today` would do about each debtor with something open; writes nothing.

    With tomorrow's date it says what will be sent tomorrow, and why, if nothing changes.
    """
    return [
        Planned(case=case, verdict=decide(SCENARIO, case.account, today, calendar=calendar))
        for case in cases(session, supplier_id, debtor_id=debtor_id)
    ]


def plan_again(
    session: Session, reminder: Reminder, *, calendar: Calendar = WEEKDAYS
) -> Planned | None:
    """The decision of a planned message, taken anew from what is true now.

    Only the invoices it was planned for may take a step; others are listed. None when nothing
    is open any more.
    """
    own = set(
        session.scalars(
            select(ReminderItem.invoice_id).where(
                ReminderItem.supplier_id == reminder.supplier_id,
                ReminderItem.reminder_id == reminder.id,
                ReminderItem.released_at.is_(None),
            )
        )
    )
    for case in cases(
        session, reminder.supplier_id, debtor_id=reminder.debtor_id, own=reminder.id, only=own
    ):
        if case.account.currency == reminder.amount.currency:
            verdict = decide(SCENARIO, case.account, reminder.run_on, calendar=calendar)
            return Planned(case=case, verdict=verdict)
    return None


def cases(
    session: Session,
    supplier_id: SupplierId,
    *,
    debtor_id: DebtorId | None = None,
    own: ReminderId | None = None,
    only: set[InvoiceId] | None = None,
) -> list[Case]:
    """Every debtor with something open, per currency, in a stable order.

    The steps that `own` took count as not taken; invoices that are not in `only` as having no
    step left.
    """
    items = open_items(session, supplier_id, debtor_id)
    if not items:
        return []
    supplier = parties.supplier(session, supplier_id)
    processing = _processing(session, supplier_id, debtor_id)
    taken = _taken(session, supplier_id, items, own)
    unapplied = _unapplied(session, supplier_id, debtor_id)
    written = _written(session, supplier_id, debtor_id)
    contacts = _primary_contacts(session, supplier_id, debtor_id)
    debtors = _debtors(session, supplier_id, debtor_id)
    stands = standings(session, supplier_id)
    holds = by_invoice(holds_of(session, supplier_id, debtor_id))
    unspoken = _broken_promises(session, supplier_id, debtor_id, own)
    grouped: dict[tuple[DebtorId, str], list[Item]] = defaultdict(list)
    for item in items:
        own_item = only is None or item.invoice_id in only
        zero = Money.zero(item.outstanding.currency)
        grouped[item.debtor_id, item.outstanding.currency].append(
            Item(
                invoice_id=item.invoice_id,
                number=item.number,
                issued_on=item.issued_on,
                due_on=item.due_on,
                outstanding=item.outstanding,
                processing=processing.get(item.invoice_id, zero),
                taken=frozenset(taken[item.invoice_id]) if own_item else _EVERY_STEP,
                holds=tuple(holds.get(item.invoice_id, ())),
                broken=unspoken.get(item.invoice_id),
            )
        )
    return [
        _case(
            supplier, debtors[debtor], contacts.get(debtor), currency, of_debtor,
            unapplied.get((debtor, currency), 0), written.get(debtor),
            stands.get(debtor, Standing()),
        )
        for (debtor, currency), of_debtor in sorted(grouped.items())
    ]  # fmt: skip


def _case(
    supplier: Supplier,
    debtor: Debtor,
    contact: Contact | None,
    currency: str,
    items: Sequence[Item],
    unapplied_minor: int,
    written: tuple[int, date] | None,
    standing: Standing,
) -> Case:
    unreachable = None
    if contact is None:
        unreachable = Reason.NO_CONTACT
    elif contact.bounced_at is not None:
        unreachable = Reason.ADDRESS_DEAD
    last_level, last_on = written or (None, None)
    account = Account(
        debtor_id=debtor.id,
        currency=currency,
        country=debtor.country,
        items=items,
        unapplied=Money(unapplied_minor, currency),
        last_level=last_level,
        unreachable=unreachable,
        standing=standing,
    )
    language = language_for(
        contact=contact.language if contact else None,
        debtor=debtor.language,
        country=debtor.country,
        supplier=supplier.language,
    )
    return Case(
        account=account, debtor=debtor, contact=contact, language=language,
        last_reminded_on=last_on,
    )  # fmt: skip


def _of(
    statement: Select[*tuple[Any, ...]], column: Any, debtor_id: DebtorId | None
) -> Select[*tuple[Any, ...]]:
    return statement if debtor_id is None else statement.where(column == debtor_id)


def _processing(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None
) -> dict[InvoiceId, Money]:
    """What live attempts to pay are to put against each invoice."""
    statement = (
        select(
            PaymentPart.invoice_id,
            func.sum(PaymentPart.amount_minor).label("minor"),
            Invoice.currency.label("currency"),  # type: ignore[attr-defined]
        )
        .join(Invoice, Invoice.id == PaymentPart.invoice_id)
        .where(PaymentPart.supplier_id == supplier_id, PaymentPart.live)
        .group_by(PaymentPart.invoice_id, Invoice.currency)  # type: ignore[attr-defined]
    )
    rows = session.execute(_of(statement, Invoice.debtor_id, debtor_id))
    return {row.invoice_id: Money(int(row.minor), row.currency) for row in rows}


def _taken(
    session: Session, supplier_id: SupplierId, items: Sequence[OpenItem], own: ReminderId | None
) -> Mapping[InvoiceId, set[str]]:
    """Which steps of these invoices are taken or superseded, those of `own` apart."""
    oldest = min(item.due_on for item in items)
    statement = (
        select(ReminderItem.invoice_id, ReminderItem.step, ReminderItem.reminder_id)
        .join(Invoice, Invoice.id == ReminderItem.invoice_id)
        .where(
            ReminderItem.supplier_id == supplier_id,
            ReminderItem.released_at.is_(None),
            Invoice.due_on >= oldest,
        )
    )
    of_whom = {item.debtor_id for item in items}
    rows = session.execute(
        _of(statement, Invoice.debtor_id, of_whom.pop() if len(of_whom) == 1 else None)
    )
    taken: dict[InvoiceId, set[str]] = defaultdict(set)
    for row in rows:
        if row.reminder_id != own:
            taken[row.invoice_id].add(row.step)
    return taken


def _broken_promises(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None, own: ReminderId | None
) -> dict[InvoiceId, BrokenPromise]:
    """Broken promises that no message but `own` has followed."""
    found = broken(session, supplier_id, debtor_id)
    if not found:
        return found
    rows = session.execute(
        select(ReminderItem.invoice_id, func.max(Reminder.run_on).label("run_on"))
        .join(
            Reminder,
            (Reminder.supplier_id == ReminderItem.supplier_id)
            & (Reminder.id == ReminderItem.reminder_id),
        )
        .where(
            ReminderItem.supplier_id == supplier_id,
            ReminderItem.released_at.is_(None),
            ReminderItem.invoice_id.in_(found),
            ReminderItem.reminder_id != own if own is not None else true(),
        )
        .group_by(ReminderItem.invoice_id)
    )
    followed = {row.invoice_id: row.run_on for row in rows}
    return {
        invoice_id: promise
        for invoice_id, promise in found.items()
        if invoice_id not in followed or followed[invoice_id] < promise.broken_on
    }


def _unapplied(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None
) -> dict[tuple[DebtorId, str], int]:
    """Credits and cash put against nothing, in minor units, of each debtor and currency."""
    sums: dict[tuple[DebtorId, str], int] = defaultdict(int)
    for sign, account, subject in (
        (1, Entry.credit_account, Entry.credit_subject),
        (-1, Entry.debit_account, Entry.debit_subject),
    ):
        statement = (
            select(
                subject.label("debtor"),
                Entry.currency.label("currency"),  # type: ignore[attr-defined]
                func.sum(Entry.amount_minor).label("minor"),  # type: ignore[attr-defined]
            )
            .where(Entry.supplier_id == supplier_id, account == LedgerAccount.UNAPPLIED)
            .group_by(subject, Entry.currency)  # type: ignore[attr-defined]
        )
        for row in session.execute(_of(statement, subject, debtor_id)):
            sums[row.debtor, row.currency] += sign * int(row.minor)
    return sums


def _written(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None
) -> dict[DebtorId, tuple[int, date]]:
    """The highest level and the last day of the messages each debtor has had, perhaps had."""
    statement = (
        select(
            Reminder.debtor_id,
            func.max(Reminder.level).label("level"),
            func.max(Reminder.run_on).label("run_on"),
        )
        .where(
            Reminder.supplier_id == supplier_id,
            Reminder.state.in_((ReminderState.SENT, ReminderState.UNKNOWN)),
        )
        .group_by(Reminder.debtor_id)
    )
    rows = session.execute(_of(statement, Reminder.debtor_id, debtor_id))
    return {row.debtor_id: (row.level, row.run_on) for row in rows}


def _primary_contacts(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None
) -> dict[DebtorId, Contact]:
    statement = select(Contact).where(Contact.supplier_id == supplier_id, Contact.is_primary)
    return {
        row.debtor_id: row for row in session.scalars(_of(statement, Contact.debtor_id, debtor_id))
    }


def _debtors(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None
) -> dict[DebtorId, Debtor]:
    statement = select(Debtor).where(Debtor.supplier_id == supplier_id)
    return {row.id: row for row in session.scalars(_of(statement, Debtor.id, debtor_id))}
