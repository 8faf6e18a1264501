"""What debtors and their banks do: pages, payments, messages told twice, refunds, chargebacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from receivables.database import SYSTEM
from receivables.ids import InvoiceId, PaymentId, RefundId, new_id
from receivables.money import Money
from receivables.payments import chargebacks, refund_actions
from receivables.payments.actions import mark_sent
from receivables.payments.checkout import begin_checkout
from receivables.payments.errors import (
    NothingToPay,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
    PaymentInProgress,
)
from receivables.payments.inbox import receive
from receivables.payments.queries import of_supplier
from receivables.payments.refund_rules import NotRefundable
from receivables.payments.refunds import refund
from receivables.payments.rules import Part
from receivables.payments.starting import Choice, start
from receivables.payments.topics.matching import take_down
from receivables.ports import ChargebackStatus, CheckoutStatus, RefundStatus, SignedEvent
from tests.support.ledger_machine import AMOUNTS, ROLLS, Machine, Roll

#: The least that is taken by card: Stripe's, and what the machine's supplier takes.
LEAST = 50

_EVERYTHING = "SELECT count(*), total(amount_minor) FROM ledger_entries"

#: How a page ends, mostly well.
_ENDS = st.sampled_from(
    (*[CheckoutStatus.PAID] * 4, CheckoutStatus.PROCESSING, CheckoutStatus.FAILED)
)


class Paying(Machine):
    def __init__(self) -> None:
        super().__init__()
        self.sent_back: list[str] = []
        self.taken_back: list[str] = []
        self.messages: list[SignedEvent] = []

    # Pages.

    def choice(self, which: int, part: int) -> Choice | None:
        """A part of an invoice, or the whole where a part would be too little."""
        debtors = [key for key, one in self.model.invoices.items() if one.owed >= LEAST]
        if not debtors:
            return None
        key = self.chosen(debtors, which)
        invoice = self.model.invoices[key]
        amount = min(max(part, LEAST), invoice.owed)
        return Choice(
            attempt=PaymentId(new_id()), supplier_id=self.supplier_id,
            debtor_id=invoice.debtor, contact_id=None, locale="fr_CH",
            parts=(Part(InvoiceId(key), Money(amount, "CHF")),),
        )  # fmt: skip

    def open(self, choice: Choice, fate: int) -> str | None:
        """The page; None when something was in the way that the model knows of too."""
        invoice = choice.parts[0].invoice_id
        before = set(self.model.payments)
        try:
            self.go(lambda: begin_checkout(self.house.runtime, choice), fate)
        except PaymentInProgress:
            self.then()
            assert self.model.live_on(invoice), "nobody is paying it"
        except (NothingToPay, PaymentExceedsOutstanding, PaymentBelowMinimum):
            self.then()
            assert set(self.model.payments) > before, "nothing came meanwhile"
        self.then()
        mine = [one.id for one in self.gateway.pages.values() if one.attempt == choice.attempt]
        return mine[0] if mine and self.model.attempts[choice.attempt].state == "open" else None

    @rule(how=ROLLS, part=AMOUNTS)
    def open_a_page(self, how: Roll, part: int) -> None:
        choice = self.choice(how.which, part)
        if choice is not None:
            self.open(choice, how.fate)

    @rule(how=ROLLS, part=AMOUNTS)
    def pay(self, how: Roll, part: int) -> None:
        """An attempt whose page was paid before we had heard that there is one."""
        choice = self.choice(how.which, part)
        if choice is None:
            return
        if self.model.live_on(choice.parts[0].invoice_id):
            page_id = self.open(choice, 0)
        else:
            with self.house.database.transaction(SYSTEM) as session:
                made = start(
                    session, choice, livemode=False, clock=self.clock,
                    freeze=lambda _, lines: {"minor": lines[0][1].minor, "customer": ""},
                )  # fmt: skip
                made, _ = mark_sent(session, self.supplier_id, made.id, clock=self.clock)
            page_id = self.gateway.open_checkout("", made.id, made.request).id
            self.hear()
        if page_id is not None:
            self.gateway.pay(page_id, CheckoutStatus.PAID)
            self.tell(page_id, how)

    @precondition(lambda self: self.gateway.pages)
    @rule(how=ROLLS, ends=_ENDS)
    def a_page_is_paid(self, how: Roll, ends: CheckoutStatus) -> None:
        """We may be told at once, or later."""
        waiting = self.pages("open", "processing")
        if not waiting:
            return
        page_id = self.chosen(waiting, how.which)
        if self.gateway.pages[page_id].status in (CheckoutStatus.OPEN, CheckoutStatus.PROCESSING):
            self.gateway.pay(page_id, ends)
            if how.turn:
                self.tell(page_id, how)

    @precondition(lambda self: self.gateway.pages)
    @rule(how=ROLLS)
    def be_told_again(self, how: Roll) -> None:
        """Old news, or news that had not come through."""
        self.tell(self.chosen(self.gateway.pages, how.which), how)

    def pages(self, *states: str) -> list[str]:
        found = self.gateway.pages.values()
        return [
            one.id
            for one in found
            if one.attempt in self.model.attempts
            and self.model.attempts[one.attempt].state in states
        ]

    def tell(self, page_id: str, how: Roll) -> None:
        """Stripe's message about a page: through the inbox, or as the return page asks."""

        def ask() -> None:
            with self.house.database.transaction(SYSTEM) as session:
                take_down(session, self.gateway.pages[page_id], self.clock)

        if how.turn == 1:
            self.receive("checkout.session.completed", page_id, how.fate)
        else:
            self.go(ask, how.fate)
        self.then()
        page = self.gateway.pages[page_id]
        assert page.attempt is not None
        assert self.model.attempts[page.attempt].state == self.word_of(page.attempt)

    def receive(self, kind: str, object_id: str, fate: int) -> None:
        """The same message, twice if need be."""
        self.messages.append(self.gateway.message(kind, object_id))
        self.go(lambda: self._take_in(self.messages[-1]), fate)

    def _take_in(self, message: SignedEvent) -> None:
        with self.house.database.transaction(SYSTEM) as session:
            receive(session, message, self.gateway, clock=self.clock)
        self.house.work()

    @precondition(lambda self: self.messages)
    @rule(how=ROLLS)
    def a_message_comes_again(self, how: Roll) -> None:
        """One that was received and understood, to the letter: it changes nothing."""
        message = self.chosen(self.messages, how.which)
        before, deaths = self.driver.execute(_EVERYTHING).fetchall(), self.clock.deaths
        self.go(lambda: self._take_in(message), how.fate)
        # Who recovers may find something else.
        if self.clock.deaths == deaths:
            assert self.driver.execute(_EVERYTHING).fetchall() == before
        self.happened["message came again"] += 1
        self.then()

    # Money that goes back.

    def refundable(self) -> list[PaymentId]:
        return [key for key, one in self.model.payments.items() if one.received > one.gone]

    @precondition(lambda self: self.model.payments)
    @rule(how=ROLLS, amount=AMOUNTS)
    def refund(self, how: Roll, amount: int) -> None:
        """By the supplier's staff here, or in Stripe's own pages."""
        left = self.refundable()
        if not left:
            return
        payment_id = self.chosen(left, how.which)
        paid, attempt = self.model.payments[payment_id], self.model.attempts[payment_id]
        amount = min(amount, paid.received - paid.gone)
        if how.turn % 2:
            found = self.gateway.send_back(attempt.intent, amount)
            self._take_down_refund(payment_id, found.id, how.fate)
        else:
            refund_id = RefundId(new_id())
            try:
                self.go(
                    lambda: refund(
                        self.house.runtime, self.supplier_id, payment_id, Money(amount, "CHF"),
                        refund_id=refund_id, why="returned goods",
                    ),
                    how.fate,
                )  # fmt: skip
            except NotRefundable:
                assert any(
                    one.payment_intent_id == attempt.intent and one.status is ChargebackStatus.OPEN
                    for one in self.gateway.chargebacks.values()
                )
                return
            self.then()
        self.sent_back = list(self.gateway.refunds)

    def _take_down_refund(self, payment_id: PaymentId, name: str, fate: int) -> None:
        self._apply(refund_actions.apply, payment_id, self.gateway.refunds[name], fate)

    def _apply(self, apply: Any, payment_id: PaymentId, found: Any, fate: int) -> None:
        def act() -> None:
            with self.house.database.transaction(SYSTEM) as session:
                payment = of_supplier(session, self.supplier_id, payment_id)
                apply(session, payment, found, clock=self.clock)

        self.go(act, fate)
        self.then()

    @precondition(lambda self: self.sent_back)
    @rule(how=ROLLS)
    def a_refund_arrives_or_fails(self, how: Roll) -> None:
        name, fails = self.chosen(self.sent_back, how.which), how.turn % 2 == 1
        found = self.gateway.refunds[name]
        if found.status is not RefundStatus.FAILED:
            status = RefundStatus.FAILED if fails else RefundStatus.SUCCEEDED
            self.gateway.refunds[name] = replace(found, status=status)
        payment_id = self._paid_by(found.payment_intent_id)
        self._take_down_refund(payment_id, name, how.fate)
        assert not fails or name in self.model.again

    def _paid_by(self, intent: str) -> PaymentId:
        return next(key for key, one in self.model.attempts.items() if one.intent == intent)

    @precondition(lambda self: self.model.payments)
    @rule(how=ROLLS)
    def chargeback(self, how: Roll) -> None:
        """Of the whole payment, whatever was refunded of it before."""
        payment_id = self.chosen(self.model.payments, how.which)
        intent = self.model.attempts[payment_id].intent
        whole = Money(self.model.payments[payment_id].received, "CHF")
        found = self.gateway.take_back(intent, whole)
        self.taken_back.append(found.id)
        if how.turn == 1:
            self.receive("charge.dispute.created", found.id, how.fate)
            self.then()
        else:
            self._apply(chargebacks.apply, payment_id, found, how.fate)

    @precondition(lambda self: self.taken_back)
    @rule(how=ROLLS)
    def a_chargeback_ends(self, how: Roll) -> None:
        name, won = self.chosen(self.taken_back, how.which), how.turn % 2 == 0
        found = self.gateway.chargebacks[name]
        if found.status is ChargebackStatus.OPEN:
            found = replace(
                found,
                status=ChargebackStatus.WON if won else ChargebackStatus.LOST,
                withdrawn=Money(0, "CHF") if won else found.withdrawn,
            )
            self.gateway.chargebacks[name] = found
        self._apply(chargebacks.apply, self._paid_by(found.payment_intent_id), found, how.fate)
