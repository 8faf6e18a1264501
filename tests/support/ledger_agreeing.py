"""Instalment plans: agreed, paid, charged, late, broken; and days that pass."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import cast
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy.orm import Session

from receivables.ids import ContactId, DebtorId, InstalmentId, InvoiceId, PaymentId, PlanId, new_id
from receivables.money import Money
from receivables.parties.queries import contacts
from receivables.payments.errors import (
    NothingToPay,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
    PaymentInProgress,
)
from receivables.plans import actions, upkeep
from receivables.plans.folding import Instalment, PlanStanding, Receipt, standing_of
from receivables.plans.paying import pay_instalment
from receivables.plans.queries import find, view
from receivables.plans.rules import Frequency, Quote, Wish
from receivables.ports import ChargeStatus, CheckoutStatus
from tests.support import ledger_plan_looks as looks
from tests.support.ledger_machine import ROLLS, Machine, Roll
from tests.support.ledger_model import LIVE
from tests.support.ledger_paying import LEAST
from tests.support.ledger_plan_model import Agreement, paid_of, review

#: What a charge comes to.
_ANSWERS = st.sampled_from(
    (ChargeStatus.PAID, ChargeStatus.PAID, ChargeStatus.FAILED, ChargeStatus.NEEDS_DEBTOR,
     ChargeStatus.PROCESSING)
)  # fmt: skip


class Agreeing(Machine):
    def __init__(self) -> None:
        super().__init__()
        self.plans: dict[PlanId, Agreement] = {}
        self._returns: set[str] = set()
        self._paid: set[PaymentId] = set()
        #: What each plan had received when it was last folded.
        self._folded: dict[PlanId, tuple[int, datetime]] = {}

    # A plan.

    def _for_a_plan(self, debtor_id: DebtorId) -> list[InvoiceId]:
        """What a debtor could agree a plan over; one at a time, and nothing that is contested."""
        if any(one.debtor == debtor_id and self._goes_on(one) for one in self.plans.values()):
            return []
        mine = [
            key
            for key in self.model.open_of(debtor_id)
            if not self.model.live_on(key) and self.contested(key) == 0
        ]
        owed = sum(self.model.invoices[key].owed for key in mine)
        return mine if owed >= 2 * LEAST else []

    def contested(self, key: InvoiceId) -> int:
        """How much of an invoice is in dispute."""
        return 0

    @staticmethod
    def _goes_on(one: Agreement) -> bool:
        return one.stands or one.state == "awaiting_first"

    @precondition(lambda self: self.model.invoices)
    @rule(how=ROLLS)
    def agree_a_plan(self, how: Roll) -> None:
        """Asked for, approved by policy or by a person, and signed, in one transaction each; most
        pay the first part at once.
        """
        debtor_id = self.debtor(how.which)
        mine = self._for_a_plan(debtor_id)
        if not mine:
            return
        with self.house.database.reading(self.scope) as session:
            contact_id = contacts(session, self.supplier_id, debtor_id)[0].id
        asked: list[PlanId] = []

        def ask(session: Session) -> None:
            plan = actions.propose(
                session, supplier_id=self.supplier_id, debtor_id=debtor_id,
                contact_id=contact_id, invoice_ids=mine,
                wish=Wish(parts=2, frequency=Frequency.WEEKLY), clock=self.clock,
            )  # fmt: skip
            if plan.state == "proposed":
                actions.approve(
                    session, supplier_id=self.supplier_id, plan_id=plan.id,
                    staff_id=self.staff_id, clock=self.clock,
                )  # fmt: skip
            asked.append(plan.id)

        self.do(ask, how.fate, once=True)
        shown = self._took_down(asked[-1])
        one = self.plans[asked[-1]]

        def sign(session: Session) -> None:
            self._sign(session, debtor_id, contact_id, asked[-1], shown)
            one.signed_at = self.clock.seen_from_outside()
            last = self.driver.execute("SELECT max(rowid) FROM ledger_entries")
            one.last_entry = last.fetchone()[0]

        self.do(sign, how.fate, once=True)
        one.parts = self._parts(asked[-1])
        self.then()
        if how.which % 10:
            self._pay_part(asked[-1], how._replace(fate=0))

    def _sign(
        self,
        session: Session,
        debtor_id: DebtorId,
        contact_id: ContactId,
        plan_id: PlanId,
        shown: str,
    ) -> None:
        given = actions.GivenConsent(
            text="I agree.", locale="fr_CH", address="192.0.2.7", user_agent="Firefox"
        )
        actions.accept(
            session, supplier_id=self.supplier_id, debtor_id=debtor_id, contact_id=contact_id,
            plan_id=plan_id, shown=shown, given=given, clock=self.clock,
        )  # fmt: skip

    def _took_down(self, plan_id: PlanId) -> str:
        """What is agreed: all that is owed, in parts that add up to it (P3); and what the debtor
        is shown of it.
        """
        covered = [UUID(key) for (key,) in self.driver.execute(looks.COVERED, [plan_id.hex])]
        owed = [(key, self.model.invoices[key].owed) for key in covered]
        debtor = self.model.invoices[covered[0]].debtor
        parts = self._parts(plan_id)
        assert sum(minor for *_, minor in parts) == sum(minor for _, minor in owed)
        self.plans[plan_id] = Agreement(
            debtor, covered, parts, len(self.model.puts), self.clock.seen_from_outside()
        )
        order = self.model.open_of(debtor)
        quoted = SimpleNamespace(
            items=[
                SimpleNamespace(invoice_id=key, outstanding=Money(minor, "CHF"))
                for key, minor in sorted(owed, key=lambda one: order.index(one[0]))
            ],
            schedule=[
                SimpleNamespace(due_on=day, amount=Money(minor, "CHF")) for _, day, minor in parts
            ],
            costs=None,
        )
        return actions.fingerprint(cast(Quote, quoted))

    def _parts(self, plan_id: PlanId) -> list[tuple[UUID, date, int]]:
        return [
            (UUID(key), date.fromisoformat(day), minor)
            for key, day, minor in self.driver.execute(looks.PARTS, [plan_id.hex])
        ]

    @precondition(lambda self: self.plans)
    @rule(how=ROLLS)
    def pay_an_instalment(self, how: Roll) -> None:
        """In person, on a page that may keep the card."""
        payable = self._payable()
        if not payable:
            return
        self._pay_part(self.chosen(payable, how.which), how)

    def _pay_part(self, plan_id: PlanId, how: Roll) -> None:
        one = self.plans[plan_id]
        paid, _ = paid_of(one, self.model)
        place = next((at for at, (*_, minor) in enumerate(one.parts) if paid[at] < minor), 0)
        attempt = PaymentId(new_id())
        owed = self._owed(one)
        is_too_much = False
        try:
            self.go(
                lambda: pay_instalment(
                    self.house.runtime, attempt=attempt, supplier_id=self.supplier_id,
                    debtor_id=one.debtor, contact_id=None, plan_id=plan_id,
                    instalment_id=one.parts[place][0], locale="fr_CH",
                ),
                how.fate,
            )  # fmt: skip
        except NothingToPay:
            is_paid = paid[place] == one.parts[place][2]
            assert is_paid or (
                one.state == "awaiting_first" and (place > 0 or self._owes_less(one))
            )
        except PaymentExceedsOutstanding:
            is_too_much = not (one.state == "awaiting_first" and self._owes_less(one))
        except PaymentInProgress:
            assert any(self.model.live_on(key) for key in one.invoices)
        except PaymentBelowMinimum:
            assert one.parts[place][2] - paid[place] < LEAST
        self.then()
        # An earlier page was looked at first, and had been paid.
        assert not is_too_much or self._owed(one) < owed
        page = next((page for page in self.gateway.pages.values() if page.attempt == attempt), None)
        if page is not None and self.model.attempts[attempt].state == "open":
            self.gateway.pay(page.id, CheckoutStatus.PAID, keeps=how.which % 2 == 0)
            if how.turn or how.which % 3:
                self.tell(page.id, how)

    def _owes_less(self, one: Agreement) -> bool:
        """Than was signed for: a plan is held to its invoices only once it has begun."""
        return self._owed(one) < sum(minor for *_, minor in one.parts)

    def _owed(self, one: Agreement) -> int:
        return sum(self.model.invoices[key].owed for key in one.invoices)

    def _payable(self) -> list[PlanId]:
        return [key for key, one in self.plans.items() if self._goes_on(one)]

    @precondition(lambda self: self.plans)
    @rule(how=ROLLS)
    def cancel_a_plan(self, how: Roll) -> None:
        """By staff."""
        payable = self._payable()
        if not payable:
            return
        plan_id = self.chosen(payable, how.which)
        self.do(
            lambda session: upkeep.cancel(
                session, supplier_id=self.supplier_id, plan_id=plan_id, clock=self.clock
            )
        )
        self.plans[plan_id].state = "cancelled"
        self.then()

    @precondition(lambda self: any(one.stands and one.is_paused for one in self.plans.values()))
    @rule()
    def resume(self) -> None:
        """A person has looked at a plan of which money went back."""
        for plan_id, one in self.plans.items():
            if one.stands and one.is_paused:
                self.do(
                    lambda session, plan_id=plan_id: upkeep.resume(
                        session, supplier_id=self.supplier_id, plan_id=plan_id, clock=self.clock
                    )
                )
                one.is_paused = False
        self.then()

    # Days.

    @rule()
    def a_moment_passes(self) -> None:
        """Nobody does anything, and nothing was left that somebody should have done."""
        self.clock.advance(timedelta(seconds=1))

    @rule(days=st.sampled_from((1, 4, 8, 15)), answers=_ANSWERS)
    def days_pass(self, days: int, answers: ChargeStatus) -> None:
        """Pages run out, what is open is looked at, plans are kept and cards are charged."""
        self.clock.advance(timedelta(days=days))
        self.model.today = self.today
        self.gateway.answers = answers
        if any(one.state in LIVE for one in self.model.attempts.values()):
            for page_id in list(self.gateway.pages):
                self.gateway.expire_checkout("", page_id)
            self.house.recover()
            self.follow()
        if not self._payable():
            return
        before = deepcopy(self.plans)
        for one in self.plans.values():
            self._run_out(one)
            review(one, self.model, only_money=False)
        self.house.enqueue("plans.expire_waiting", None)
        self.house.enqueue("plans.keep_plans", self.supplier_id, run_on=self.today.isoformat())
        self.house.work()
        self._forgive(before)
        self.then()

    def _run_out(self, one: Agreement) -> None:
        """Signed, and not paid within two days."""
        parts = {key for key, *_ in one.parts}
        trying = any(
            try_.instalment in parts and try_.state in LIVE for try_ in self.model.attempts.values()
        )
        over = one.signed_at + timedelta(hours=48) <= self.clock.seen_from_outside()
        if one.state == "awaiting_first" and over and not trying:
            one.state = "expired"

    def _forgive(self, before: dict[PlanId, Agreement]) -> None:
        """Where we are to charge a card, what is late may be ours: the product may have been
        milder than the calendar, never harder.
        """
        rows = {UUID(key): row for key, *row in self.driver.execute(looks.PLANS)}
        for plan_id, one in self.plans.items():
            state, _, _ = rows[plan_id]
            if one.charges_card and one.state in ("in_default", "accelerated") != state:
                was = before[plan_id]
                given = self.driver.execute(looks.NOTICED, [plan_id.hex]).fetchall()
                found = {UUID(key): date.fromisoformat(day) for key, day, runs in given if runs}
                one.lates = {UUID(key) for key, *_ in given}
                allowed = one.noticed if one.state == "in_default" else {**was.noticed}
                if one.state == "accelerated" and found != was.noticed:
                    allowed = found
                assert found.items() <= allowed.items(), "notice of what is not late"
                one.noticed = found
                if state in (was.state, "in_default"):
                    one.state = state
                elif one.state == "accelerated" != state:
                    # It was charged instead: what that made of the plan, the money says.
                    one.state = was.state

    # What follows.

    def follow(self) -> None:
        """The plans after what has been heard of money."""
        self.hear()
        new = [key for key in self.model.payments if key not in self._paid]
        self._paid.update(new)
        cards = {UUID(key): bool(has) for key, _, _, has in self.driver.execute(looks.PLANS)}
        for key in new:
            self._settled(self.model.attempts[key].instalment)
        for plan_id, one in self.plans.items():
            if self.model.touched & set(one.invoices):
                self._begins(one)
                review(one, self.model, only_money=True)
            one.charges_card = cards[plan_id]
        self.model.touched.clear()
        for key, payment in self.driver.execute(looks.RETURNS).fetchall():
            if key not in self._returns:
                self._returns.add(key)
                meant = {part for part, _ in self.model.attempts[UUID(payment)].wanted}
                for one in self.plans.values():
                    one.is_paused |= one.stands and bool(meant & set(one.invoices))

    def _settled(self, instalment: UUID | None) -> None:
        """The first payment of a plan has it begin; one that it pays off is over at once."""
        for one in self.plans.values():
            if one.state == "awaiting_first" and instalment == one.parts[0][0]:
                paid, _ = paid_of(one, self.model)
                if paid[0] == one.parts[0][2]:
                    one.state = "active"
                    review(one, self.model, only_money=True)
            elif instalment in {key for key, *_ in one.parts}:
                review(one, self.model, only_money=True)

    def _begins(self, one: Agreement) -> None:
        """Whatever covers the first part, a payment or a credit note, is the first payment."""
        if one.state == "awaiting_first" and paid_of(one, self.model)[0][0] == one.parts[0][2]:
            one.state = "active"

    def everything_else_holds(self, written: frozenset[str]) -> None:
        """The plans are in the states of the model, and each is folded as the model folds it."""
        super().everything_else_holds(written)
        if "plans" in written:
            for key, state, is_paused, _ in self.driver.execute(looks.PLANS):
                one = self.plans.get(UUID(key))
                if one is not None:
                    assert (state, bool(is_paused)) == (one.state, one.is_paused), (state, one)
        for plan_id, one in self.plans.items():
            puts = sum(put.invoice in one.invoices for put in self.model.puts[one.since :])
            if self._folded.get(plan_id) != (puts, one.signed_at):
                # What is paid depends on what was put where, and on which day: nothing else.
                self._folded[plan_id] = (puts, one.signed_at)
                self._is_folded_alike(plan_id, one)

    def _is_folded_alike(self, plan_id: PlanId, one: Agreement) -> None:
        """By the product's rule, from what the ledger has; how the product itself reads that is
        looked at in the end.
        """
        schedule = [
            Instalment(
                instalment_id=InstalmentId(key), place=place, due_on=day, amount=Money(minor, "CHF")
            )
            for place, (key, day, minor) in enumerate(one.parts)
        ]
        found = self.driver.execute(looks.RECEIPTS, [plan_id.hex, one.last_entry])
        receipts = [
            Receipt(
                on=date.fromisoformat(day),
                amount=Money(minor, "CHF"),
                instalment_id=InstalmentId(UUID(instalment)) if instalment else None,
                payment_id=PaymentId(UUID(payment)) if payment else None,
            )
            for day, minor, instalment, payment in found
        ]
        assert _told(standing_of(schedule, receipts, self.today)) == paid_of(one, self.model)

    def look_back(self) -> None:
        super().look_back()
        for plan_id, one in self.plans.items():
            with self.house.database.reading(self.scope) as session:
                plan = find(session, self.supplier_id, plan_id)
                standing = view(session, self.supplier_id, plan, self.today).standing
            assert _told(standing) == paid_of(one, self.model)


def _told(standing: PlanStanding) -> tuple[list[int], int]:
    return [part.paid.minor for part in standing.parts], standing.beside.minor
