"""kill -9 at every boundary of opening and of deciding a dispute: whole or not at all, one mail
each, and the money held back is what the dispute says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from receivables import history, jobs
from receivables.clock import SteppingClock
from receivables.database import SYSTEM, Scope
from receivables.disputes import deciding, queries
from receivables.disputes.errors import AlreadyDisputed, StepNotPossible
from receivables.disputes.opening import Claim, Opening, open_dispute
from receivables.disputes.reasons import Reason
from receivables.disputes.steps import Words
from receivables.disputes.tables import Dispute, DisputeItem, DisputeMessage, DisputeStep
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.ports import MailMessage
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.databases import open_for_forks
from tests.support.disputes import contest
from tests.support.fuses import Fuse, deaths, fuse_database
from tests.support.world import World

HALF = money("50.00 CHF")


@dataclass(frozen=True)
class NotingMailer:
    """Takes every message, and notes its name in a file that outlives the process."""

    file: Path
    fuse: Fuse | None = None

    def send(self, message: MailMessage) -> None:
        if self.fuse:
            self.fuse.pass_boundary()
        with self.file.open("a") as notes:
            notes.write(message.message_id + "\n")
        if self.fuse:
            self.fuse.pass_boundary()


@dataclass
class Matrix:
    """One database for many cases; each case has a debtor of its own."""

    runtime: Runtime
    mails: Path
    supplier_id: SupplierId

    @property
    def world(self) -> World:
        return World(replace(self.runtime, mailer=NotingMailer(self.mails)))

    def sent(self) -> list[str]:
        return self.mails.read_text().split() if self.mails.exists() else []

    def in_child(self, flow: Callable[[Runtime], None], at: int | None) -> int | None:
        """The flow in a process that is killed at a boundary; how many it passed, or None."""
        self.runtime.database.engine.dispose()
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                fuse = Fuse(at)
                fuse_database(self.runtime.database, fuse, statements=False)
                runtime = replace(self.runtime, mailer=NotingMailer(self.mails, fuse))
                flow(runtime)
                World(runtime).run_jobs()
                os.write(writer, str(fuse.passed).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(writer)
        with os.fdopen(reader) as answers:
            said = answers.read()
        os.waitpid(pid, 0)
        return int(said) if said else None

    def recover(self) -> None:
        """A restart: what was in flight is taken back, and done."""
        with self.runtime.transaction(SYSTEM) as session:
            jobs.reclaim_all(session)
        self.world.run_jobs()

    def disputes(self, debtor_id: DebtorId) -> tuple[queries.DisputeView, ...]:
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            return queries.of_debtor(session, self.supplier_id, debtor_id)

    def count(self, table: type, *where: object) -> int:
        with self.runtime.reading(SYSTEM) as session:
            statement = select(func.count()).select_from(table).where(*where)  # type: ignore[arg-type]
            return session.scalar(statement) or 0


@pytest.fixture
def matrix(
    database_url: str, runtime: Runtime, clock: SteppingClock, tmp_path: Path
) -> Iterator[Matrix]:
    database = open_for_forks(database_url)
    forked = replace(runtime, database=database, clock=clock)
    world = World(forked)
    supplier_id = world.supplier()
    world.staff(role="owner")
    yield Matrix(forked, tmp_path / "mails", supplier_id)
    database.close()


def debtor_with_an_invoice(matrix: Matrix, number: str) -> tuple[DebtorId, InvoiceId]:
    world = matrix.world
    debtor_id = world.debtor(supplier_id=matrix.supplier_id)
    invoice_id = world.invoice(
        "100.00 CHF", debtor_id=debtor_id, supplier_id=matrix.supplier_id, number=number
    )
    return debtor_id, invoice_id


def test_a_process_killed_anywhere_while_a_dispute_is_opened(
    matrix: Matrix, thorough: bool
) -> None:
    def case(at: int | None) -> int | None:
        debtor_id, invoice_id = debtor_with_an_invoice(matrix, f"O-{at}")
        before = set(matrix.sent())

        def flow(runtime: Runtime) -> None:
            opening = Opening(
                supplier_id=matrix.supplier_id, debtor_id=debtor_id, contact_id=None,
                reason=Reason.PRICE, claims=[Claim(number=f"O-{at}")], words=Words("Too dear"),
            )  # fmt: skip
            with runtime.transaction(Scope(matrix.supplier_id)) as session:
                open_dispute(session, opening, clock=runtime.clock)

        passed = matrix.in_child(flow, at)
        matrix.recover()
        with suppress(AlreadyDisputed):  # the debtor presses the button once more
            flow(matrix.runtime)
        matrix.recover()

        (view,) = matrix.disputes(debtor_id)
        assert view.disputed == money("100.00 CHF")
        assert matrix.count(DisputeItem, DisputeItem.invoice_id == invoice_id) == 1
        assert matrix.count(DisputeMessage, DisputeMessage.dispute_id == view.id) == 1
        opened = history.EventRow.kind == "dispute.opened"
        assert matrix.count(history.EventRow, opened, history.EventRow.debtor_id == debtor_id) == 1
        told = set(matrix.sent()) - before
        assert len(told) == 2, "the debtor and the owner, each under one name"
        return passed

    boundaries = case(None)
    assert boundaries is not None
    assert boundaries >= 10
    killed_at = deaths(boundaries, thorough=thorough)
    assert [case(at) for at in killed_at] == [None] * len(killed_at)
    assert matrix.count(jobs.Job, jobs.Job.state != "done") == 0


def test_a_process_killed_anywhere_while_a_dispute_is_decided(
    matrix: Matrix, thorough: bool
) -> None:
    def case(at: int | None) -> int | None:
        debtor_id, invoice_id = debtor_with_an_invoice(matrix, f"D-{at}")
        opened = contest(matrix.world, debtor_id, f"D-{at}", supplier_id=matrix.supplier_id)
        before = set(matrix.sent())

        def flow(runtime: Runtime) -> None:
            with runtime.transaction(Scope(matrix.supplier_id)) as session:
                deciding.decide(
                    session, matrix.supplier_id, opened.dispute_id, {invoice_id: HALF},
                    Words("Half of it"), clock=runtime.clock,
                )  # fmt: skip

        passed = matrix.in_child(flow, at)
        matrix.recover()
        with suppress(StepNotPossible):  # decided already: nothing is decided twice
            flow(matrix.runtime)
        matrix.recover()

        (view,) = matrix.disputes(debtor_id)
        assert (view.state, view.upheld) == ("awaiting_credit_note", HALF)
        held = opened.holds()
        assert sorted((hold.reason.value, hold.amount) for hold in held) == [
            ("disputed", HALF), ("grace", HALF)
        ]  # fmt: skip
        decisions = DisputeStep.step == "accept_in_part"
        assert matrix.count(DisputeStep, decisions, DisputeStep.dispute_id == view.id) == 1
        assert len(set(matrix.sent()) - before) == 1, "the debtor, under one name"
        return passed

    boundaries = case(None)
    assert boundaries is not None
    assert boundaries >= 6
    killed_at = deaths(boundaries, thorough=thorough)
    assert [case(at) for at in killed_at] == [None] * len(killed_at)
    assert matrix.count(jobs.Job, jobs.Job.state != "done") == 0
    assert matrix.count(Dispute) == len(killed_at) + 1
