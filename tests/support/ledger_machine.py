"""The machine that does to a supplier's debts whatever can be done to them, beside a model.

The rules are in `ledger_rules`, `ledger_paying`, `ledger_agreeing` and `ledger_contesting`; here
is what they stand on, and what holds after every one of them.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy.orm import Session

from receivables.clock import local_date
from receivables.database import SYSTEM, Database, Scope
from receivables.ids import DebtorId, PaymentId, StaffId, SupplierId
from receivables.ledger.lots import standing_of
from receivables.ledger.queries import outstanding_of, unapplied_of
from receivables.payments.looking import look_again
from receivables.payments.queries import for_a_person
from receivables.ports import ChargeStatus, CheckoutStatus
from tests.support.ledger_checks import Watch
from tests.support.ledger_dice import LEANINGS, WEIGHTS, Weighted
from tests.support.ledger_house import House, ProcessDied
from tests.support.ledger_model import LIVE, Attempt, Model

ZONE = "Europe/Zurich"
AMOUNTS = st.integers(1, 400)


class Roll(NamedTuple):
    """Everything but amounts that is left to chance about a step, in one draw: what it is about,
    which way it takes, and how it goes (once, told twice, or in a process that dies after so many
    looks at the clock).
    """

    which: int
    turn: int = 0
    fate: int = 0


ROLLS = st.integers(0, 80_000 - 1).map(lambda dice: Roll(dice % 100, dice // 100 % 8, dice // 800))
_TWICE, _DIES = 78, 86

#: What stands on each account, of whom, and of which payment's money: debits less credits.
BALANCES = """
SELECT account, subject, payment_id, sum(minor) FROM (
  SELECT debit_account AS account, debit_subject AS subject, payment_id, amount_minor AS minor
    FROM ledger_entries
   UNION ALL
  SELECT credit_account, credit_subject, payment_id, -amount_minor FROM ledger_entries)
 GROUP BY account, subject, payment_id
"""
_NEW_ENTRIES = "SELECT rowid, reason, source, payment_id FROM ledger_entries WHERE rowid > ?"
_PARTS = """
SELECT p.invoice_id, p.amount_minor FROM payment_parts p JOIN invoices i ON i.id = p.invoice_id
 WHERE p.payment_id = ? ORDER BY i.due_on, i.number
"""
_ATTEMPTS = """
SELECT id, state, debtor_id, amount_minor, instalment_id, stripe_payment_intent_id FROM payments
 ORDER BY rowid
"""

_HAPPENED = """
SELECT kind, count(*) FROM events GROUP BY kind
 UNION ALL SELECT 'paid in part', count(*) FROM payment_parts p
    JOIN payments t ON t.id = p.payment_id JOIN invoices i ON i.id = p.invoice_id
   WHERE t.state = 'settled' AND p.amount_minor < i.total_minor
 UNION ALL SELECT 'dispute upheld', count(*) FROM dispute_items WHERE upheld_minor > 0
"""

#: What the provider's word for an attempt makes of it.
_WORDS = {
    CheckoutStatus.OPEN: "open",
    CheckoutStatus.PROCESSING: "processing",
    CheckoutStatus.PAID: "settled",
    CheckoutStatus.FAILED: "failed",
    CheckoutStatus.EXPIRED: "expired",
    ChargeStatus.PAID: "settled",
    ChargeStatus.PROCESSING: "processing",
    ChargeStatus.NEEDS_DEBTOR: "failed",
    ChargeStatus.FAILED: "failed",
}
#: Before the provider has answered, or where it was never asked.
_UNHEARD = ("started", "sent", "expired")


class Machine(RuleBasedStateMachine):
    """One supplier, two debtors, in one transaction that is rolled back in the end."""

    #: A database with the people in it, and who they are.
    database: Database
    supplier_id: SupplierId
    staff_id: StaffId
    debtors: tuple[DebtorId, ...]
    #: How often what happened, over all runs: a run that failed is not among them.
    happened: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        # What Hypothesis draws the steps of a run from.
        self._rules_strategy = Weighted(self, WEIGHTS, LEANINGS)
        self.connection = self.database.engine.connect()
        driver = self.connection.connection.driver_connection
        assert driver is not None
        self.driver, self.watch = driver, Watch(driver)
        self.whole = self.connection.begin()
        self.session = Session(self.connection, expire_on_commit=False)
        self.session.info.update(scope=SYSTEM, by="system", reading=False)
        self.house = House(self.session, driver)
        self.clock, self.gateway = self.house.clock, self.house.gateway
        self.model = Model(self.today)
        self._last_entry = driver.execute("SELECT max(rowid) FROM ledger_entries").fetchone()[0]
        self._last_entry = self._last_entry or 0

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.look_back()
                self.happened.update(dict(self.driver.execute(_HAPPENED).fetchall()))
                self.happened["process died"] += self.clock.deaths
        finally:
            self.session.close()
            self.whole.rollback()
            self.connection.close()

    @property
    def today(self) -> date:
        return local_date(self.clock.seen_from_outside(), ZONE)

    # How things are done.

    def do(self, action: Callable[[Session], object], fate: int = 0, *, once: bool = False) -> None:
        """In a transaction; see `go`. What is another thing when it is done again is done `once`:
        whoever died after the commit finds it done.
        """
        database = self.house.database

        def act() -> None:
            with database.transaction(SYSTEM) as session:
                action(session)

        before = database.commits
        self.go(
            act,
            0 if once and _TWICE <= fate < _DIES else fate,
            is_done=lambda: database.commits > before,
            again=not once,
        )

    def go(
        self,
        act: Callable[[], object],
        fate: int = 0,
        *,
        is_done: Callable[[], bool] = lambda: False,
        again: bool = True,
    ) -> None:
        """Once, twice, or by a process that dies half-way; then by another that has recovered. It
        may also die later, at what follows: see `then`. What was done before the death came before
        all that is heard since; so it is not heard before whoever calls has the model do it too.
        """
        self.clock.advance(timedelta(seconds=1))
        self.clock.lives = fate - _DIES if fate >= _DIES else None
        try:
            act()
        except ProcessDied:
            done = is_done()
            self.house.recover()
            if not done:
                self.follow()
            if again or not done:
                act()
        else:
            if _TWICE <= fate < _DIES:
                act()

    def then(self) -> None:
        """What follows from a step is done, and the model hears what the product has heard."""
        try:
            self.house.work()
        except ProcessDied:
            self.house.recover()
        self.clock.lives = None
        self.follow()

    def follow(self) -> None:
        """The model after what has been heard."""
        self.hear()

    @property
    def scope(self) -> Scope:
        return Scope(self.supplier_id)

    def about(self, debtor_id: DebtorId) -> dict[str, Any]:
        return {
            "supplier_id": self.supplier_id,
            "debtor_id": debtor_id,
            "booked_on": self.today,
            "clock": self.clock,
        }

    def debtor(self, pick: int) -> DebtorId:
        return self.debtors[pick % len(self.debtors)]

    @staticmethod
    def chosen(things: Any, pick: int) -> Any:
        listed = list(things)
        return listed[pick % len(listed)]

    # What the product has heard of the outside.

    def word_of(self, payment_id: PaymentId) -> str | None:
        """What the provider says of an attempt now."""
        for known in (self.gateway.pages, self.gateway.charges):
            for one in known.values():
                if one.attempt == payment_id:
                    return _WORDS[one.status]
        return None

    def hear(self) -> None:
        """Whatever the product did by itself must be what the world outside says; then the model
        follows, in the order in which it was booked, each cause once.
        """
        rows = self.driver.execute(_ATTEMPTS).fetchall()
        for key, state, debtor, minor, instalment, intent in rows:
            payment_id = UUID(key)
            if payment_id not in self.model.attempts:
                self._meet(payment_id, state, UUID(debtor), minor, instalment)
            self.model.attempts[payment_id].intent = intent or ""
        for cause, name, payment_id in self._booked():
            if cause == "settled":
                assert self.word_of(payment_id) == "settled", "booked, and nobody took it"
                assert payment_id not in self.model.payments, "booked twice"
                self.model.report(payment_id, "settled")
            elif cause == "gone":
                found = self.gateway.refunds.get(name) or self.gateway.chargebacks[name]
                assert name not in self.model.gone, "given back twice"
                self.model.give_back(name, payment_id, found.amount.minor)
            else:
                assert name in self.model.gone and name not in self.model.again, "back twice"
                self.model.come_again(name)
        for key, state, *_ in rows:
            one = self.model.attempts[UUID(key)]
            if one.state != state:
                said = self.word_of(UUID(key))
                assert state == said or (said is None and state in _UNHEARD), (state, said)
                self.model.report(UUID(key), state)
                assert one.state == state, f"{one.state} became {state}"
        asked = [
            part
            for one in self.model.attempts.values()
            for part, _ in one.wanted
            if one.state in LIVE
        ]
        assert len(asked) == len(set(asked)), "an invoice is asked for twice"

    def _meet(
        self, payment_id: UUID, state: str, debtor: UUID, minor: int, instalment: str | None
    ) -> None:
        parts = self.driver.execute(_PARTS, [payment_id.hex]).fetchall()
        wanted = [(UUID(invoice), part) for invoice, part in parts]
        assert sum(part for _, part in wanted) == minor, "an attempt is the sum of its parts"
        named = UUID(instalment) if instalment else None
        # Whatever it has come to, it began as a question.
        begun = state if state in LIVE else "open"
        self.model.attempts[payment_id] = Attempt(debtor, list(wanted), minor, begun, named)

    def _booked(self) -> list[tuple[str, str, Any]]:
        """What outside causes were booked since this was last asked: each once, in order."""
        causes: dict[tuple[str, str, Any], None] = {}
        for rowid, reason, source, payment in self.driver.execute(_NEW_ENTRIES, [self._last_entry]):
            self._last_entry = max(self._last_entry, rowid)
            if reason in ("payment_settled", "payment_surplus"):
                causes["settled", "", UUID(payment)] = None
            elif reason in ("refunded", "charged_back"):
                causes["gone", source.split("/")[0], UUID(payment)] = None
            elif reason in ("refund_failed", "chargeback_reinstated"):
                causes["again", source.split("/")[0], UUID(payment)] = None
        return list(causes)

    # What always holds.

    @invariant()
    def everything_holds(self) -> None:
        written = self.watch.written()
        if "ledger_entries" in written:
            self._the_books_agree_with_the_model()
        self.everything_else_holds(written)
        wrong = self.watch.findings(written, self.clock.seen_from_outside())
        assert not wrong, wrong

    def everything_else_holds(self, written: frozenset[str]) -> None:
        """What the rules of a subject know to hold after a step that wrote to these tables."""

    def _the_books_agree_with_the_model(self) -> None:
        """P1: no invoice below nothing. P2, both ways: what came and what went is booked, once
        each. P3: every amount stands where the model has it, and nowhere else.
        """
        booked: dict[str, dict[str, int]] = {}
        by_payment: dict[tuple[str, str, str], int] = {}
        for account, subject, payment, minor in self.driver.execute(BALANCES):
            whose = booked.setdefault(account, {})
            whose[subject] = whose.get(subject, 0) + minor
            if payment is not None and minor:
                by_payment[account, subject, payment] = minor
        owed = {key.hex: one.owed for key, one in self.model.invoices.items()}
        waiting = {one.hex: self.model.unapplied(one) for one in self.debtors}
        held = sum(paid.received - paid.gone for paid in self.model.payments.values())
        assert all(minor >= 0 for minor in owed.values()), owed
        receivable = booked.get("receivable", {})
        assert owed == {key: receivable.get(key, 0) for key in owed}
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
                found["stripe_clearing", self.supplier_id.hex, key.hex] = paid.received - paid.gone
            lot = self.model.lots.get(paid.debtor, {}).get(key, 0)
            if lot:
                found["unapplied", paid.debtor.hex, key.hex] = -lot
            for invoice, minor in paid.at.items():
                if minor:
                    found["receivable", invoice.hex, key.hex] = -minor
        return found

    def _a_person_looks(self) -> None:
        """At what we have given up looking at by ourselves, after a month: it is on their list."""
        with self.house.database.reading(self.scope) as session:
            waiting = [one.id for one in for_a_person(session, self.supplier_id)]
        for payment_id in waiting:
            look_again(self.house.runtime, self.supplier_id, payment_id)
        self.house.work()

    def look_back(self) -> None:
        """At the end: no payment is lost (P2), nothing is stuck (P7), and the product's own
        queries say what the model says.
        """
        if any(one.state in LIVE for one in self.model.attempts.values()):
            # Processing is looked at every hour, and after the first day once a day.
            self.clock.advance(timedelta(days=1))
            self.model.today = self.today
            self.house.recover()
            self._a_person_looks()
            self.follow()
            self.everything_holds()
        for key, one in self.model.attempts.items():
            said = self.word_of(key)
            assert said is None or one.state == said, f"the provider says {said}: {one}"
        owed = outstanding_of(self.session, self.supplier_id, list(self.model.invoices))
        assert {key: one.minor for key, one in owed.items()} == {
            key: one.owed for key, one in self.model.invoices.items()
        }
        for debtor_id in self.debtors:
            waiting = unapplied_of(self.session, self.supplier_id, debtor_id)
            assert sum(one.minor for one in waiting) == self.model.unapplied(debtor_id)
        for payment_id, paid in list(self.model.payments.items())[-3:]:
            found = standing_of(self.session, self.supplier_id, PaymentId(payment_id), "CHF")
            assert (found.received.minor, found.given_back.minor) == (paid.received, paid.gone)
            assert {one.invoice_id: one.amount.minor for one in found.placed} == {
                key: minor for key, minor in paid.at.items() if minor
            }
