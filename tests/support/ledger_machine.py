"""The machine that does to the books whatever can be done to them, beside a model of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from receivables import checks
from receivables.clock import SteppingClock
from receivables.database import SYSTEM, Database
from receivables.ids import DebtorId, EntryId, InvoiceId, PaymentId, SupplierId, new_id
from receivables.invoices.actions import NewInvoice
from receivables.ledger.actions import settle
from receivables.ledger.allocating import ALLOCATIONS, NoSuchAllocation, allocate, take_off
from receivables.ledger.giving_back import come_again, give_back
from receivables.ledger.issuing import issue
from receivables.ledger.lots import standing_of
from receivables.ledger.queries import outstanding_of, unapplied_of
from receivables.ledger.tables import Entry, Reason
from receivables.ledger.writing_off import reverse_write_off, write_off
from receivables.money import Money
from tests.support.ledger_model import Model

MORNING = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)
AMOUNTS = st.integers(1, 400)
PICK = st.integers(0, 10_000)

#: The checks that say something about the ledger alone.
LEDGER_CHECKS = [
    text(check.sql)
    for check in checks.CHECKS
    if check.promise in ("P1", "P3") and "FROM payments" not in check.sql
]


#: What stands on each account, of whom, and of which payment's money: debits less credits.
BALANCES = """
SELECT account, subject, payment_id, sum(minor) FROM (
  SELECT debit_account AS account, debit_subject AS subject, payment_id, amount_minor AS minor
    FROM ledger_entries
   UNION ALL
  SELECT credit_account, credit_subject, payment_id, -amount_minor FROM ledger_entries)
 GROUP BY account, subject, payment_id
"""


def _hex(key: Any) -> str:
    """An id as SQLite keeps it."""
    return str(key.hex)


class Books(RuleBasedStateMachine):
    """One supplier, two debtors. A subclass adds rules of its own on `session` and `model`."""

    #: Set by `run_books`: a database with the people in it, and who they are.
    database: Database
    supplier_id: SupplierId
    debtors: tuple[DebtorId, ...]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.clock = SteppingClock(MORNING)
        self.connection = self.database.engine.connect()
        self.whole = self.connection.begin()
        self.session = Session(self.connection, expire_on_commit=False)
        self.session.info.update(scope=SYSTEM, by="system", reading=False)
        self.refunds: list[str] = []
        self.chargebacks: list[str] = []

    def teardown(self) -> None:
        try:
            self.look_back()
        finally:
            self._forget()

    def _forget(self) -> None:
        self.session.close()
        self.whole.rollback()
        self.connection.close()

    # How things are done: once, or by a process that dies first, or told twice.

    def do(self, action: Callable[[], object], *, crash: bool = False, twice: bool = False) -> None:
        self.clock.advance(timedelta(seconds=1))
        if crash:
            before_it_commits = self.session.begin_nested()
            action()
            before_it_commits.rollback()
        action()
        if twice:
            action()

    def about(self, debtor_id: DebtorId) -> dict[str, Any]:
        return {
            "supplier_id": self.supplier_id,
            "debtor_id": debtor_id,
            "booked_on": TODAY,
            "clock": self.clock,
        }

    def debtor(self, pick: int) -> DebtorId:
        return self.debtors[pick % len(self.debtors)]

    @staticmethod
    def chosen(things: Any, pick: int) -> Any:
        listed = list(things)
        return listed[pick % len(listed)]

    # What can happen.

    def _issue(self, debtor_id: DebtorId, total: int, due: int, preceding: str | None) -> InvoiceId:
        number = f"N{len(self.model.invoices)}-{self.clock.now():%H%M%S}"
        new = NewInvoice(
            number=number,
            issued_on=TODAY,
            due_on=TODAY + timedelta(days=due),
            total=Money(total, "CHF"),
            is_credit_note=due < 0,
            type_code="381" if due < 0 else "380",
            preceding_number=preceding,
            content_hash=number.ljust(64, "0"),
        )
        return issue(
            self.session,
            supplier_id=self.supplier_id,
            debtor_id=debtor_id,
            new=new,
            clock=self.clock,
        )

    @rule(who=PICK, total=AMOUNTS, due=st.integers(0, 5))
    def issue_an_invoice(self, who: int, total: int, due: int) -> None:
        debtor_id, made = self.debtor(who), []
        self.do(lambda: made.append(self._issue(debtor_id, total, due, None)))
        number = f"N{len(self.model.invoices)}-{self.clock.now():%H%M%S}"
        self.model.issue(made[-1], debtor_id, due, number, total)

    @rule(who=PICK, total=AMOUNTS, which=PICK, names_one=st.booleans())
    def credit_note(self, who: int, total: int, which: int, names_one: bool) -> None:
        debtor_id, named = self.debtor(who), None
        if names_one and self.model.invoices:
            named = self.chosen(self.model.invoices, which)
            debtor_id = self.model.invoices[named].debtor
        number = self.model.invoices[named].number if named else None
        self.do(lambda: self._issue(debtor_id, total, -1, number))
        self.model.credit(debtor_id, total, named)

    @rule(who=PICK, which=PICK, part=AMOUNTS, too_much=st.integers(0, 200), twice=st.booleans(),
          crash=st.booleans())  # fmt: skip
    def pay(self, who: int, which: int, part: int, too_much: int, twice: bool, crash: bool) -> None:
        """A part, the whole, or more, meant for one invoice; told once, or twice."""
        debtor_id, payment_id = self.debtor(who), PaymentId(new_id())
        mine = self.model.open_of(debtor_id)
        wanted = [(self.chosen(mine, which), part)] if mine else []
        amount = part + too_much
        self.do(
            lambda: settle(
                self.session,
                **self.about(debtor_id),
                payment_id=payment_id,
                parts=[(key, Money(minor, "CHF")) for key, minor in wanted],
                amount=Money(amount, "CHF"),
            ),
            crash=crash,
            twice=twice,
        )
        self.model.settle(payment_id, debtor_id, wanted, amount)

    def _back(self, which: int, amount: int, kind: str, *, twice: bool, crash: bool) -> str:
        payment_id = self.chosen(self.model.payments, which)
        paid = self.model.payments[payment_id]
        reason: Any = Reason.REFUNDED if kind == "re" else Reason.CHARGED_BACK
        name = f"{kind}_{new_id().hex}"
        self.do(
            lambda: give_back(
                self.session,
                **self.about(paid.debtor),
                payment_id=payment_id,
                amount=Money(amount, "CHF"),
                reason=reason,
                source=name,
            ),
            crash=crash,
            twice=twice,
        )
        self.model.give_back(name, payment_id, amount)
        return name

    @precondition(lambda self: self.model.payments)
    @rule(which=PICK, amount=AMOUNTS, twice=st.booleans(), crash=st.booleans())
    def refund(self, which: int, amount: int, twice: bool, crash: bool) -> None:
        self.refunds.append(self._back(which, amount, "re", twice=twice, crash=crash))

    @precondition(lambda self: self.model.payments)
    @rule(which=PICK, twice=st.booleans())
    def chargeback(self, which: int, twice: bool) -> None:
        """Of the whole payment, whatever was refunded of it before."""
        whole = self.model.payments[self.chosen(self.model.payments, which)].received
        self.chargebacks.append(self._back(which, whole, "du", twice=twice, crash=False))

    def _again(self, name: str, undoes: Any, *, twice: bool) -> None:
        payment_id, _ = self.model.gone[name]
        self.do(
            lambda: come_again(
                self.session,
                **self.about(self.model.payments[payment_id].debtor),
                payment_id=payment_id,
                currency="CHF",
                undoes=undoes,
                source=name,
            ),
            twice=twice,
        )
        self.model.come_again(name)

    @precondition(lambda self: self.refunds)
    @rule(which=PICK, twice=st.booleans())
    def refund_fails(self, which: int, twice: bool) -> None:
        self._again(self.chosen(self.refunds, which), Reason.REFUNDED, twice=twice)

    @precondition(lambda self: self.chargebacks)
    @rule(which=PICK, twice=st.booleans())
    def reinstated(self, which: int, twice: bool) -> None:
        self._again(self.chosen(self.chargebacks, which), Reason.CHARGED_BACK, twice=twice)

    @rule(who=PICK, which=PICK, amount=AMOUNTS)
    def allocate_by_hand(self, who: int, which: int, amount: int) -> None:
        debtor_id = self.debtor(who)
        mine, waiting = self.model.open_of(debtor_id), self.model.unapplied(debtor_id)
        if not mine or not waiting:
            return
        key = self.chosen(mine, which)
        amount = min(amount, waiting, self.model.invoices[key].owed)
        source = str(new_id())
        self.do(
            lambda: allocate(
                self.session,
                **self.about(debtor_id),
                parts=[(key, Money(amount, "CHF"))],
                source=source,
            ),
            twice=True,
        )
        self.model.allocate(debtor_id, key, amount)

    @precondition(lambda self: self.model.invoices)
    @rule(which=PICK)
    def take_an_allocation_back(self, which: int) -> None:
        rows = self.session.execute(
            select(Entry.id, Entry.credit_subject, Entry.payment_id, Entry.amount)
            .where(Entry.supplier_id == self.supplier_id, Entry.reason.in_(ALLOCATIONS))
            .order_by(Entry.created_at, Entry.id)
        ).all()
        undone = set(
            self.session.scalars(
                select(Entry.source).where(
                    Entry.supplier_id == self.supplier_id,
                    Entry.reason == Reason.ALLOCATION_UNDONE,
                )
            )
        )
        rows = [row for row in rows if str(row.id) not in undone]
        if not rows:
            return
        row = self.chosen(rows, which)
        key = InvoiceId(row.credit_subject)
        moved = self.model.take_off(key, row.payment_id, row.amount.minor)

        def act() -> None:
            take_off(self.session, **self.about(self.model.invoices[key].debtor), entry_id=row.id)

        if moved:
            self.do(act)
        else:
            with pytest.raises(NoSuchAllocation):
                act()

    @precondition(lambda self: self.model.invoices)
    @rule(which=PICK, amount=AMOUNTS, undo=st.booleans())
    def write_off_and_perhaps_back(self, which: int, amount: int, undo: bool) -> None:
        key = self.chosen(self.model.invoices, which)
        invoice = self.model.invoices[key]
        amount = min(amount, invoice.owed)
        if not amount:
            return
        source = str(new_id())
        self.do(
            lambda: write_off(
                self.session,
                **self.about(invoice.debtor),
                invoice_id=key,
                amount=Money(amount, "CHF"),
                why="gone",
                source=source,
            ),
            twice=True,
        )
        self.model.write_off(key, amount)
        if not undo:
            return
        entry_id = self.session.scalars(select(Entry.id).where(Entry.source == source)).one()
        self.do(
            lambda: reverse_write_off(
                self.session,
                **self.about(invoice.debtor),
                invoice_id=key,
                entry_id=EntryId(entry_id),
            )
        )
        self.model.write_off(key, -amount)

    # What always holds.

    @invariant()
    def the_books_agree_with_the_model(self) -> None:
        """P1: no invoice below nothing. P2, both ways: what came and what went is booked, once
        each. P3: every amount stands where the model has it, and nowhere else.
        """
        driver = self.connection.connection.driver_connection
        assert driver is not None
        booked: dict[str, dict[str, int]] = {}
        by_payment: dict[tuple[str, str, str], int] = {}
        for account, subject, payment, minor in driver.execute(BALANCES):
            whose = booked.setdefault(account, {})
            whose[subject] = whose.get(subject, 0) + minor
            if payment is not None and minor:
                by_payment[account, subject, payment] = minor
        owed = {_hex(key): one.owed for key, one in self.model.invoices.items()}
        waiting = {_hex(one): self.model.unapplied(one) for one in self.debtors}
        held = sum(paid.received - paid.gone for paid in self.model.payments.values())
        assert all(minor >= 0 for minor in owed.values()), owed
        assert owed == {key: booked.get("receivable", {}).get(key, 0) for key in owed}
        assert waiting == {key: -booked.get("unapplied", {}).get(key, 0) for key in waiting}
        assert held == sum(booked.get("stripe_clearing", {}).values())
        assert self.model.written_off == sum(booked.get("write_off", {}).values())
        assert sum(sum(one.values()) for one in booked.values()) == 0
        assert by_payment == self._as_the_model_has_it()

    def _as_the_model_has_it(self) -> dict[tuple[str, str, str], int]:
        """Where each payment's money stands, as balances of the accounts."""
        found: dict[tuple[str, str, str], int] = {}
        for key, paid in self.model.payments.items():
            if paid.received - paid.gone:
                found["stripe_clearing", _hex(self.supplier_id), _hex(key)] = (
                    paid.received - paid.gone
                )
            lot = self.model.lots.get(paid.debtor, {}).get(key, 0)
            if lot:
                found["unapplied", _hex(paid.debtor), _hex(key)] = -lot
            for invoice, minor in paid.at.items():
                if minor:
                    found["receivable", _hex(invoice), _hex(key)] = -minor
        return found

    def look_back(self) -> None:
        """At the end, what the product's own queries and checks say of it all."""
        owed = outstanding_of(self.session, self.supplier_id, list(self.model.invoices))
        assert {key: one.minor for key, one in owed.items()} == {
            key: one.owed for key, one in self.model.invoices.items()
        }
        for debtor_id in self.debtors:
            waiting = unapplied_of(self.session, self.supplier_id, debtor_id)
            assert sum(one.minor for one in waiting) == self.model.unapplied(debtor_id)
        for payment_id, paid in list(self.model.payments.items())[-3:]:
            found = standing_of(self.session, self.supplier_id, PaymentId(payment_id), "CHF")  # type: ignore[arg-type]
            assert (found.received.minor, found.given_back.minor) == (paid.received, paid.gone)
            assert {one.invoice_id: one.amount.minor for one in found.placed} == {
                key: minor for key, minor in paid.at.items() if minor
            }
        for check in LEDGER_CHECKS:
            assert self.session.execute(check).all() == []
