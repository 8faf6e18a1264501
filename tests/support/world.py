"""A world with a calendar: suppliers, debtors and invoices, days that pass, work that gets done."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import cast

import monitoring.tasks
import receivables.tasks
from receivables import jobs, schedules
from receivables.broker import ACTORS, perform
from receivables.clock import SteppingClock
from receivables.database import SYSTEM, Scope
from receivables.ids import DebtorId, InvoiceId, StaffId, SupplierId
from receivables.ledger.queries import outstanding_of
from receivables.money import Money
from receivables.ports import MailMessage
from receivables.runtime import Runtime
from tests.support.builders import make_debtor, make_invoice, make_staff, make_supplier
from tests.support.idle import close_idle
from tests.support.outbox import RecordingMailer
from tests.support.pace import PACE

assert receivables.tasks
assert monitoring.tasks  # both imported for their actors


_HOURLY = timedelta(hours=6)


def _step(left: timedelta, hourly: timedelta) -> timedelta:
    if left > timedelta(days=1):
        return timedelta(hours=6)
    return timedelta(hours=1 if left <= hourly or PACE.thorough else 3)


class World:
    """Everything goes through the product's own actions; time moves only by `advance`."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.clock = cast("SteppingClock", runtime.clock)
        self.supplier_id: SupplierId | None = None

    def supplier(self, **given: object) -> SupplierId:
        """A supplier; the first one is whose the other builders mean unless told otherwise."""
        with self.runtime.transaction(SYSTEM) as session:
            supplier_id = make_supplier(session, clock=self.clock, **given)
        self.supplier_id = self.supplier_id or supplier_id
        return supplier_id

    def _of(self, supplier_id: SupplierId | None) -> SupplierId:
        return supplier_id or self.supplier_id or self.supplier()

    def staff(self, *, supplier_id: SupplierId | None = None, **given: str) -> StaffId:
        supplier_id = self._of(supplier_id)
        with self.runtime.transaction(SYSTEM) as session:
            return make_staff(session, supplier_id, clock=self.clock, **given)

    def debtor(self, *, supplier_id: SupplierId | None = None, **given: object) -> DebtorId:
        supplier_id = self._of(supplier_id)
        with self.runtime.transaction(Scope(supplier_id)) as session:
            return make_debtor(session, supplier_id, clock=self.clock, **given)

    def invoice(
        self,
        amount: str,
        *,
        debtor_id: DebtorId | None = None,
        supplier_id: SupplierId | None = None,
        **given: object,
    ) -> InvoiceId:
        supplier_id = self._of(supplier_id)
        debtor_id = debtor_id or self.debtor(supplier_id=supplier_id)
        with self.runtime.transaction(Scope(supplier_id)) as session:
            return make_invoice(
                session,
                supplier_id,
                debtor_id,
                amount,
                clock=self.clock,
                **given,  # type: ignore[arg-type]
            )

    def outstanding(self, invoice_id: InvoiceId, *, supplier_id: SupplierId | None = None) -> Money:
        supplier_id = self._of(supplier_id)
        with self.runtime.reading(Scope(supplier_id)) as session:
            return outstanding_of(session, supplier_id, [invoice_id])[invoice_id]

    def advance(self, *, days: int = 0, hours: int = 0, minutes: int = 0) -> None:
        """Let time pass, with the schedule firing and work getting done.

        An hour at a time in the end and as many as are asked for, before that three, before the
        last day six: work may come late by as much.
        """
        asked = timedelta(hours=hours, minutes=minutes)
        left = timedelta(days=days) + asked
        while left > timedelta(0):
            step = min(left, _step(left, max(asked, _HOURLY)))
            self.clock.advance(step)
            left -= step
            self.fire_schedules()
            self.run_jobs()

    def fire_schedules(self) -> None:
        now = self.clock.now()
        firings = {
            declared.name: declared.next_after(now)
            for declared in ACTORS.values()
            # Every database is checked when its test is over.
            if declared.cron and declared is not receivables.tasks.check_promises
        }
        with self.runtime.transaction(SYSTEM) as session:
            schedules.fire_due(session, firings, now=now)

    def run_jobs(self, *, most: int = 10_000, leaving: Collection[str] = ()) -> int:
        """Do what is due, and what follows from it, until nothing is; returns how many jobs.

        Those of the actors in `leaving` are only done in the long runs.
        """
        done = 0
        while done < most:
            with self.runtime.transaction(SYSTEM) as session:
                due = jobs.take_due(session, now=self.clock.now(), limit=100)
                settings = self.runtime.settings
                idle = () if PACE.thorough else close_idle(session, due, settings, leaving=leaving)
            if not due:
                return done
            for job_id, _ in due:
                if job_id not in idle:
                    perform(self.runtime, job_id)
                done += 1
        raise AssertionError(f"still busy after {most} jobs")

    @property
    def mail(self) -> list[MailMessage]:
        """Every message handed over so far."""
        return cast("RecordingMailer", self.runtime.mailer).sent
