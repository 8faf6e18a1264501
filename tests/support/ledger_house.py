"""The one transaction of a run, as the product's edges see it: a database whose commits are
savepoints, a process that can die anywhere, and the work that is left afterwards.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy.orm import Session

from receivables import jobs
from receivables.broker import perform
from receivables.clock import SteppingClock
from receivables.database import SYSTEM, Database, Scope
from receivables.ids import JobId, SupplierId
from receivables.runtime import Runtime
from tests.support.ledger_gateway import PaperGateway
from tests.support.outbox import RecordingMailer
from tests.support.settings import make_settings

MORNING = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)

#: Work that changes debts, payments, plans or disputes. Whatever else is left to do (mails,
#: receipts, promises) is done elsewhere, and counts as done here.
CAST = (
    "disputes.take_credit_note", "payments.cancel_refused_charge", "payments.look",
    "payments.page_after_credit", "payments.page_after_payment", "payments.page_after_transfer",
    "payments.page_after_write_off", "payments.process_stripe_event", "payments.reconcile",
    "payments.reconcile_refunds", "payments.look_at_refund", "plans.ask_after_expiry",
    "plans.ask_after_refusal", "plans.charge_instalment", "plans.expire_waiting",
    "plans.keep_plans", "plans.look_after_credit", "plans.look_after_payment",
    "plans.look_after_transfer", "plans.look_after_write_off", "plans.pause_after_chargeback",
    "plans.pause_after_refund", "plans.take_back_charge", "plans.take_payment",
    "plans.take_refusal", "plans.use_saved_card",
)  # fmt: skip

_NOT_OURS = f"UPDATE jobs SET state = 'done' WHERE state = 'pending' AND actor NOT IN {CAST}"  # noqa: S608
#: Looking after an invoice that is on no plan, standing or waiting for its first payment, and in no
#: live attempt, or after a dispute where none waits, finds nothing. One in 32 is done all the same,
#: to see that it does.
_IDLE = """
UPDATE jobs SET state = 'done' WHERE state = 'pending' AND rowid % 32 <> 0 AND (
  ((actor LIKE 'payments.page_after%' OR actor LIKE 'plans.look_after%')
    AND replace(json_extract(args, '$.event.invoice_id'), '-', '') NOT IN (
      SELECT invoice_id FROM plan_invoices WHERE stands
       UNION ALL SELECT v.invoice_id FROM plans p JOIN plan_invoices v ON v.plan_id = p.id
                  WHERE p.state = 'awaiting_first'
       UNION ALL SELECT invoice_id FROM payment_parts WHERE live))
  OR (actor LIKE 'plans.pause_after%' AND NOT EXISTS (SELECT 1 FROM plan_invoices WHERE stands))
  OR (actor = 'disputes.take_credit_note' AND NOT EXISTS (
      SELECT 1 FROM disputes WHERE state = 'awaiting_credit_note'))
  OR (actor IN ('plans.take_payment', 'plans.take_refusal', 'plans.take_back_charge')
    AND json_extract(args, '$.event.instalment_id') IS NULL))
"""
_DUE = "SELECT id FROM jobs WHERE state = 'pending' AND available_at <= ? ORDER BY rowid"
_IN_FLIGHT = "SELECT 1 FROM jobs WHERE state IN ('sent', 'running') LIMIT 1"
_RECONCILERS = {"payments.reconcile": "payments", "payments.reconcile_refunds": "refunds"}


class ProcessDied(BaseException):
    """Nobody catches it: whatever was not committed is gone."""


class MortalClock(SteppingClock):
    """The clock of a process that may die wherever something is about to be different: when it
    looks at the time, before and after a commit, and when the provider has done what it was asked.
    """

    #: How many such places it lives through; None: it does not die.
    lives: int | None = None
    deaths = 0

    def live_on(self) -> None:
        if self.lives is None:
            return
        self.lives -= 1
        if self.lives < 0:
            self.lives = None
            self.deaths += 1
            raise ProcessDied

    def now(self) -> datetime:
        self.live_on()
        return super().now()

    def seen_from_outside(self) -> datetime:
        """The time, for whoever is not in the process."""
        return super().now()


class OneConnection:
    """Says `transaction` and `reading` as a Database does, on one connection and session."""

    kind = "sqlite"

    def __init__(self, session: Session, driver: sqlite3.Connection, clock: MortalClock) -> None:
        self.session, self.driver, self.clock = session, driver, clock
        self.commits = 0
        self._is_open = False

    @contextmanager
    def transaction(self, scope: Scope, *, by: str = "system") -> Iterator[Session]:
        assert not self._is_open, "a transaction inside a transaction"
        self._is_open = True
        self.session.info.update(scope=scope, by=by)
        self.driver.execute("SAVEPOINT step")
        try:
            yield self.session
            self.session.flush()
            self.clock.live_on()
            self.commits += 1
        except BaseException:
            self.session.expunge_all()
            self.driver.execute("ROLLBACK TO step")
            raise
        finally:
            self._is_open = False
            self.driver.execute("RELEASE step")
            self.session.expunge_all()
        self.clock.live_on()

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Session]:
        assert not self._is_open, "a transaction inside a transaction"
        yield self.session
        self.session.expunge_all()


class House:
    """A runtime over one connection, with whoever works there."""

    def __init__(self, session: Session, driver: sqlite3.Connection) -> None:
        self.session, self.driver = session, driver
        self.clock = MortalClock(MORNING)
        self.gateway = PaperGateway(self.clock.live_on)
        self.database = OneConnection(session, driver, self.clock)
        self.runtime = Runtime(
            settings=SETTINGS, database=cast(Database, self.database), clock=self.clock,
            mailer=RecordingMailer(), pusher=None, gateway=cast(Any, self.gateway),
        )  # fmt: skip

    def enqueue(self, actor: str, supplier_id: SupplierId | None, **args: Any) -> None:
        with self.database.transaction(SYSTEM) as session:
            now = self.clock.now()
            jobs.enqueue(session, actor, args, now=now, supplier_id=supplier_id)

    def work(self) -> None:
        """Do what is due, and what follows from it; nothing may fail for good."""
        for _ in range(20):
            if not self.session.info.pop("enqueued", False):
                return
            self.driver.execute(_NOT_OURS)
            self.driver.execute(_IDLE)
            due = self.driver.execute(_DUE, [self._now()])
            for (key,) in due.fetchall():
                self.driver.execute("UPDATE jobs SET state = 'sent' WHERE id = ?", [key])
                perform(self.runtime, JobId(UUID(key)))
            waits = "SELECT actor, error FROM jobs WHERE error IS NOT NULL AND state <> 'done'"
            failed = self.driver.execute(waits).fetchall()
            if failed:
                self.clock.advance(timedelta(minutes=2))
                self.session.info["enqueued"] = True
        raise AssertionError(f"still busy: {failed}")

    def recover(self) -> None:
        """What a process does that takes over from one that died: what was in flight is put back,
        and what nobody knows the outcome of is looked at. What finds nothing to do is left out.
        """
        self.clock.lives = None
        if self.driver.execute(_IN_FLIGHT).fetchone():
            with self.database.transaction(SYSTEM) as session:
                jobs.reclaim_all(session)
        self.clock.advance(timedelta(minutes=3))
        for actor, table in _RECONCILERS.items():
            late = f"SELECT 1 FROM {table} WHERE next_check_at <= ? LIMIT 1"  # noqa: S608
            if self.driver.execute(late, [self._now()]).fetchone():
                self.enqueue(actor, None)
        self.session.info["enqueued"] = True
        self.work()

    def _now(self) -> str:
        return f"{self.clock.seen_from_outside():%Y-%m-%d %H:%M:%S.%f}"


SETTINGS = make_settings("sqlite://")
