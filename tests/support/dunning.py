"""One supplier's dunning, a step at a time."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from receivables.database import Scope
from receivables.dunning import tasks
from receivables.dunning.actions import dun_supplier
from receivables.dunning.letting_out import let_out
from receivables.dunning.tables import Reminder, ReminderItem
from receivables.ids import DebtorId, InvoiceId, PaymentId, SupplierId, new_id
from receivables.ledger.actions import settle
from receivables.payments.tables import Payment, PaymentPart
from tests.support.builders import money
from tests.support.world import World

assert tasks  # imported for its actors

#: The world's first day, a Monday, and the Friday before: its D+3 is that Monday.
MONDAY = date(2026, 11, 2)
FRIDAY = date(2026, 10, 30)


class Dunning:
    """One supplier's dunning, a step at a time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.supplier_id: SupplierId = world.supplier()
        self.scope = Scope(self.supplier_id)
        # The first firing only notes the next, a quarter of an hour on.
        world.fire_schedules()
        world.clock.advance(timedelta(minutes=15))

    @property
    def today(self) -> date:
        return self.world.clock.now().date()

    def run(self) -> int:
        """Make today's run; nothing is sent yet."""
        with self.world.runtime.transaction(self.scope) as session:
            return dun_supplier(session, self.supplier_id, self.today, clock=self.world.clock)

    def live_a_day(self) -> None:
        """Today's run and everything it leads to, as the schedule does it."""
        self.world.fire_schedules()
        self.world.run_jobs()

    def let_out(self) -> None:
        """A person lets out whatever waits, and it is sent."""
        with self.world.runtime.transaction(self.scope) as session:
            for one in session.scalars(select(Reminder).where(Reminder.state == "waiting")).all():
                let_out(session, self.supplier_id, one.id, clock=self.world.clock)
        self.world.run_jobs()

    def reminders(self) -> list[Reminder]:
        with self.world.runtime.reading(self.scope) as session:
            return list(session.scalars(select(Reminder).order_by(Reminder.id)))

    def states(self) -> list[tuple[str, str]]:
        return [(one.state, one.reason) for one in self.reminders()]

    def only(self) -> Reminder:
        (one,) = self.reminders()
        return one

    def items(self) -> set[tuple[InvoiceId, str, str, bool]]:
        with self.world.runtime.reading(self.scope) as session:
            return {
                (one.invoice_id, one.step, one.state, one.released_at is not None)
                for one in session.scalars(select(ReminderItem))
            }

    def pay(self, debtor_id: DebtorId, amount: str) -> PaymentId:
        """Money of the debtor arrives and is put against the oldest invoices."""
        payment_id = PaymentId(new_id())
        now = self.world.clock.now()
        with self.world.runtime.transaction(self.scope) as session:
            session.add(
                Payment(
                    id=payment_id, supplier_id=self.supplier_id, debtor_id=debtor_id,
                    amount=money(amount), state="settled", state_since=now, method="Visa ···· 4242",
                    fingerprint="", request={}, livemode=False, created_at=now, sent_at=now,
                    expires_at=now,
                )
            )  # fmt: skip
            session.flush()
            settle(
                session, supplier_id=self.supplier_id, debtor_id=debtor_id, payment_id=payment_id,
                parts=(), amount=money(amount), booked_on=now.date(), clock=self.world.clock,
            )  # fmt: skip
        return payment_id

    def start_paying(self, debtor_id: DebtorId, invoice_id: InvoiceId, amount: str) -> PaymentId:
        """The debtor opens a checkout for an invoice and does nothing more."""
        payment_id = PaymentId(new_id())
        now = self.world.clock.now()
        with self.world.runtime.transaction(self.scope) as session:
            session.add(
                Payment(
                    id=payment_id, supplier_id=self.supplier_id, debtor_id=debtor_id,
                    amount=money(amount), state="open", state_since=now, fingerprint="",
                    request={}, livemode=False, created_at=now, sent_at=now,
                    expires_at=now + timedelta(hours=1),
                )
            )  # fmt: skip
            session.flush()
            session.add(
                PaymentPart(
                    payment_id=payment_id, invoice_id=invoice_id, supplier_id=self.supplier_id,
                    amount_minor=money(amount).minor, live=True,
                )
            )  # fmt: skip
        return payment_id

    def abandon(self, payment_id: PaymentId) -> None:
        """The checkout expires."""
        with self.world.runtime.transaction(self.scope) as session:
            session.execute(
                PaymentPart.__table__.update()  # type: ignore[attr-defined]
                .where(PaymentPart.payment_id == payment_id)
                .values(live=False)
            )
            session.execute(
                Payment.__table__.update()  # type: ignore[attr-defined]
                .where(Payment.id == payment_id)
                .values(state="expired")
            )
