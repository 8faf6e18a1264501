"""What the supplier's books do: invoices, credit notes, allocations by hand, write-offs."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, EntryId, InvoiceId, new_id
from receivables.invoices.actions import NewInvoice
from receivables.ledger.allocating import ALLOCATIONS, NoSuchAllocation, allocate, take_off
from receivables.ledger.issuing import issue
from receivables.ledger.tables import Entry, Reason
from receivables.ledger.writing_off import reverse_write_off, write_off
from receivables.money import Money
from tests.support.ledger_machine import AMOUNTS, ROLLS, Machine, Roll

_TO_TAKE_OFF = f"""
SELECT id, credit_subject, payment_id, amount_minor FROM ledger_entries e
 WHERE reason IN {tuple(reason.value for reason in ALLOCATIONS)}
   AND NOT EXISTS (SELECT 1 FROM ledger_entries u WHERE u.reason = 'allocation_undone'
                      AND replace(u.source, '-', '') = e.id)
 ORDER BY created_at, id
"""  # noqa: S608


class KeepingBooks(Machine):
    def __init__(self) -> None:
        super().__init__()
        #: What was given up and not taken back: invoice, the form's id, amount.
        self.written_off: list[tuple[InvoiceId, str, int]] = []
        self._numbered = 0

    def _issue(
        self, session: Session, debtor_id: DebtorId, total: int, due: int, preceding: str | None
    ) -> InvoiceId:
        number = self._number()
        today = self.today
        new = NewInvoice(
            number=number,
            issued_on=today,
            due_on=today + timedelta(days=due),
            total=Money(total, "CHF"),
            is_credit_note=due < 0,
            type_code="381" if due < 0 else "380",
            preceding_number=preceding,
            content_hash=number.ljust(64, "0"),
        )
        return issue(
            session,
            supplier_id=self.supplier_id,
            debtor_id=debtor_id,
            new=new,
            clock=self.clock,
        )

    def _number(self) -> str:
        return f"N{len(self.model.invoices):03}-{self._numbered:03}"

    @initialize(first=AMOUNTS, second=AMOUNTS)
    def everybody_owes_something(self, first: int, second: int) -> None:
        self.issue_an_invoice(Roll(0, 2), first)
        self.issue_an_invoice(Roll(1, 0), second)

    @rule(how=ROLLS, total=AMOUNTS)
    def issue_an_invoice(self, how: Roll, total: int) -> None:
        debtor_id, made, due = self.debtor(how.which), [], how.turn % 6
        self._numbered += 1
        due_on = self.today + timedelta(days=due)
        self.do(
            lambda session: made.append(self._issue(session, debtor_id, total, due, None)),
            how.fate,
            once=True,
        )
        self.model.issue(made[-1], debtor_id, due_on, self._number(), total)
        self.then()

    @rule(how=ROLLS, total=st.integers(1, 100))
    def credit_note(self, how: Roll, total: int) -> None:
        """For an invoice, or for none."""
        debtor_id, named = self.debtor(how.which), None
        if how.turn % 2 and self.model.invoices:
            named = self.chosen(self.model.invoices, how.which)
            debtor_id = self.model.invoices[named].debtor
        number = self.model.invoices[named].number if named else None
        self._numbered += 1
        self.do(
            lambda session: self._issue(session, debtor_id, total, -1, number),
            how.fate,
            once=True,
        )
        self.model.credit(debtor_id, total, named)
        self.credit_note_came(debtor_id, total, named)
        self.then()

    def credit_note_came(self, debtor_id: DebtorId, total: int, named: InvoiceId | None) -> None:
        """For whoever waits for one."""

    @rule(how=ROLLS, amount=AMOUNTS)
    def allocate_by_hand(self, how: Roll, amount: int) -> None:
        debtor_id = self.debtor(how.turn)
        mine, waiting = self.model.open_of(debtor_id), self.model.unapplied(debtor_id)
        if not mine or not waiting:
            return
        key = self.chosen(mine, how.which)
        source = str(new_id())

        def possible() -> int:
            """Less, or nothing, when something came while nobody was alive."""
            return min(amount, self.model.unapplied(debtor_id), self.model.invoices[key].owed)

        def act(session: Session) -> None:
            if possible():
                parts = [(key, Money(possible(), "CHF"))]
                allocate(session, **self.about(debtor_id), parts=parts, source=source)

        self.do(act, how.fate)
        self.model.allocate(debtor_id, key, possible())
        self.then()

    @precondition(lambda self: self.model.puts)
    @rule(how=ROLLS)
    def take_an_allocation_back(self, how: Roll) -> None:
        rows = self.driver.execute(_TO_TAKE_OFF).fetchall()
        if not rows:
            return
        entry, subject, payment, amount = self.chosen(rows, how.which)
        key = InvoiceId(UUID(subject))
        moved = self.model.take_off(key, UUID(payment) if payment else None, amount)
        whose = self.about(self.model.invoices[key].debtor)

        def act(session: Session) -> None:
            take_off(session, **whose, entry_id=EntryId(UUID(entry)))

        if moved:
            self.do(act)
            self.then()
        else:
            with pytest.raises(NoSuchAllocation):
                self.do(act)

    @precondition(lambda self: self.model.invoices)
    @rule(how=ROLLS, amount=AMOUNTS)
    def write_off(self, how: Roll, amount: int) -> None:
        owed = [key for key, one in self.model.invoices.items() if one.owed]
        if not owed:
            return
        key = self.chosen(owed, how.which)
        invoice = self.model.invoices[key]
        source = str(new_id())

        def act(session: Session) -> None:
            if invoice.owed:
                write_off(
                    session,
                    **self.about(invoice.debtor),
                    invoice_id=key,
                    amount=Money(min(amount, invoice.owed), "CHF"),
                    why="gone",
                    source=source,
                )

        self.do(act, how.fate)
        if gone := min(amount, invoice.owed):
            self.model.write_off(key, gone)
            self.written_off.append((key, source, gone))
        self.then()

    @precondition(lambda self: self.written_off)
    @rule(how=ROLLS)
    def expect_it_again(self, how: Roll) -> None:
        key, source, amount = self.chosen(self.written_off, how.which)
        self.written_off.remove((key, source, amount))

        def act(session: Session) -> None:
            entry_id = session.scalars(
                select(Entry.id).where(
                    Entry.supplier_id == self.supplier_id,
                    Entry.reason == Reason.WRITTEN_OFF,
                    Entry.source == source,
                )
            ).one()
            reverse_write_off(
                session,
                **self.about(self.model.invoices[key].debtor),
                invoice_id=key,
                entry_id=entry_id,
            )

        self.do(act, how.fate, once=True)
        self.model.write_off(key, -amount)
        self.then()
