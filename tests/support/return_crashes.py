"""Kill a process at every boundary of money that goes back: by a refund, or by the payer's bank."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from receivables import jobs
from receivables.database import SYSTEM
from receivables.ids import RefundId
from receivables.ledger.lots import standing_of
from receivables.payments import tasks
from receivables.payments.checkout import begin_checkout
from receivables.payments.looking import look_again
from receivables.payments.queries import of_supplier
from receivables.payments.refund_rules import UNDECIDED, RefundExceedsLeft
from receivables.payments.refunds import look_again_at, refund
from receivables.payments.return_queries import chargebacks_of, refunds_of
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.payment_crashes import Debt, Flow, Line, Matrix, take_webhooks

#: Twice this is more than the payment.
BACK = "70.00 CHF"


def refund_of(debt: Debt) -> RefundId:
    """The form's id: one refund a case."""
    return RefundId(debt.choice.attempt)


def refund_flow(runtime: Runtime, debt: Debt, line: Line) -> None:
    """Staff confirm, webhooks arrive and are worked off, somebody looks."""
    send_back(runtime, debt)
    take_webhooks(runtime, line)
    look_again_at(runtime, debt.choice.supplier_id, refund_of(debt))


def send_back(runtime: Runtime, debt: Debt) -> None:
    refund(
        runtime,
        debt.choice.supplier_id,
        debt.choice.attempt,
        money(BACK),
        refund_id=refund_of(debt),
        why="returned goods",
    )


def chargeback_flow(runtime: Runtime, debt: Debt, line: Line) -> None:
    """The bank takes the payment back and gives it again; webhooks arrive and are worked off."""
    line.ask("withdraw")
    take_webhooks(runtime, line)
    line.ask("reinstate")
    take_webhooks(runtime, line)


class ReturnMatrix(Matrix):
    """Each case is about a payment that has settled."""

    def debt(self) -> Debt:
        debt = super().debt()
        begin_checkout(self.runtime, debt.choice)
        super().pay(debt)
        supplier_id, payment_id = debt.choice.supplier_id, debt.choice.attempt
        assert look_again(self.runtime, supplier_id, payment_id).state == "settled"
        self._world.run_jobs()
        self._events_before = len(self.stripe.store.every("event"))
        return debt

    def pay(self, debt: Debt) -> str:
        """What the child asks of the bank: to take the payment back, then to give it again."""
        charge = next(
            one["id"]
            for _, one in self.stripe.store.every("charge")
            if one["metadata"].get("attempt") == str(debt.choice.attempt)
        )
        known = [d for _, d in self.stripe.store.every("dispute") if d["charge"] == charge]
        if not known:
            self.stripe.open_dispute(charge)
        elif known[0]["status"] not in ("won", "lost"):
            self.stripe.close_dispute(known[0]["id"], won=True)
        return "done"

    def recover(self) -> None:
        self.stripe.faults.clear()
        with self.runtime.transaction(SYSTEM) as session:
            jobs.reclaim_all(session)
        for minutes in (2, 6):
            self.clock.advance(timedelta(minutes=minutes))
            with self.runtime.transaction(SYSTEM) as session:
                tasks.reconcile_refunds.enqueue(session, now=self.clock.now())
            self._world.run_jobs()

    def try_again(self, debt: Debt, flow: Flow) -> None:
        """The form is sent once more, or the bank goes on; all webhooks arrive once more."""
        if flow is chargeback_flow:
            self.pay(debt)
            self.pay(debt)
        else:
            with suppress(RefundExceedsLeft):
                send_back(self.runtime, debt)
        for post in self._posts():
            self._till.knock(post["body"].encode(), {"stripe-signature": post["signature"]})
        self._world.run_jobs()

    def violations(self, debt: Debt) -> Iterator[str]:
        """P1: not twice. P2: what Stripe sent is booked, and nothing else. P7: nothing stuck."""
        supplier_id, payment_id = debt.choice.supplier_id, debt.choice.attempt
        with self.runtime.reading(SYSTEM) as session:
            payment = of_supplier(session, supplier_id, payment_id)
            standing = standing_of(session, supplier_id, payment_id, "CHF")
            rows = refunds_of(session, supplier_id, payment_id)
            contested = chargebacks_of(session, supplier_id, payment_id)
        sent = [
            one
            for _, one in self.stripe.store.every("refund")
            if one["payment_intent"] == payment.stripe_payment_intent_id
        ]
        if len(sent) > 1:
            yield f"P1: sent back {len(sent)} times"
        if not sent and not contested:
            yield "the decision to send it back was lost"
        if standing.given_back.minor != sum(one["amount"] for one in sent):
            yield f"P2: {sent} sent, {standing.given_back} booked"
        if any(row.state in UNDECIDED for row in rows):
            yield f"P7: {[row.state for row in rows]}"
        if any((one.state, one.money) != ("won", "reinstated") for one in contested):
            yield f"P7: {[(one.state, one.money) for one in contested]}"
        if self._world.outstanding(debt.invoice_id) != standing.given_back:
            yield "the invoice is open by another amount than went back"
        yield from self.broken_promises()
