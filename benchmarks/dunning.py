"""The daily run of reminders: what it decides and writes down, and what the database spends on it.

`python -m benchmarks.dunning [--items 100000]`: that many overdue invoices, five a debtor, on a
PostgreSQL started here. Measured is a worker's process that makes the run of one day, and beside
it what all of the server's own processes used. Two days: on the first every debtor is due a
message, and all of them are written down with the steps they take; on the second, with that
history, hardly anybody is, and all that is left is to decide. Smaller books before show that the
cost grows with their size and memory does not.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select, text

import receivables.tasks
from benchmarks.load import cpu_seconds
from benchmarks.measuring import Spent, run_measured
from benchmarks.overdue import EACH, all_sent, open_books, settle_down
from receivables import logs
from receivables.boot import build_runtime
from receivables.broker import perform
from receivables.clock import SteppingClock, local_date
from receivables.database import SYSTEM, Scope
from receivables.dunning.tables import Reminder
from receivables.dunning.tasks import dun_supplier
from receivables.ids import SupplierId
from receivables.jobs import Job, JobState, take_due
from receivables.runtime import Runtime
from receivables.settings import read_settings
from receivables.workshop import keep_what_is_loaded
from tests.support.databases import PostgresServer, postgres_admin
from tests.support.processes import environment

assert receivables.tasks  # imported for its actors

#: CPU seconds for a hundred thousand items, the server's among them.
LIMIT_OF_100000 = 20.0
#: CPU seconds of Tryton 8.2 account_dunning for as many: 2 to 7 for a thousand lines.
TRYTON_OF_100000 = 370.0
#: How much more the largest books may hold in memory than a tenth of them, and how much more than
#: its share of the work they may cost.
MORE_MEMORY, MORE_CPU = 1.25, 1.25

#: In place of a supplier: what it costs to start and stop.
NOBODY = "nobody"

_NAME, _ZONE = "quittance_bench", "Europe/Zurich"
#: A Tuesday and a Wednesday without a holiday anywhere, past nine in the morning in Zurich.
FIRST, SECOND = "2026-11-17T08:10:00+00:00", "2026-11-18T08:10:00+00:00"


@dataclass(frozen=True, slots=True)
class Cost:
    """One run over so many items: our process, the server, and how many messages it planned."""

    items: int
    ours: Spent
    server_cpu_s: float
    messages: int

    @property
    def cpu_s(self) -> float:
        return self.ours.cpu_s + self.server_cpu_s


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--work", nargs=2, metavar=("SUPPLIER", "AT"))
    given = parser.parse_args(arguments)
    logs.configure(level=logging.ERROR)
    if given.work:
        return _work(*given.work)
    sizes = [size for size in (1_000, 10_000) if size < given.items] + [given.items]
    with tempfile.TemporaryDirectory(prefix="quittance-bench-") as folder:
        costs = [_measure(size, Path(folder)) for size in sizes]
    _print(costs)
    return 0 if given.items < 100_000 or _is_within(costs) else 1


def _measure(items: int, folder: Path) -> tuple[Cost, Cost]:
    with postgres_admin() as admin_url:
        server = PostgresServer(admin_url, _NAME)
        env = environment(server.fresh())
        runtime = _runtime(env, FIRST)
        _be_in_use(runtime)
        supplier_id = open_books(runtime, items, after_each=lambda: settle_down(admin_url, _NAME))
        settle_down(admin_url, _NAME)
        first = _run(runtime, supplier_id, items, FIRST, env, folder)
        all_sent(runtime, supplier_id)
        settle_down(admin_url, _NAME)
        second = _run(runtime, supplier_id, items, SECOND, env, folder)
        runtime.database.close()
        server.close()
    return first, second


def _be_in_use(runtime: Runtime) -> None:
    """Another supplier's debtors were written to before: no table is empty."""
    supplier_id = open_books(runtime, 1_000)
    _make_run(runtime, supplier_id)
    all_sent(runtime, supplier_id)


def _run(
    runtime: Runtime, supplier_id: SupplierId, items: int, at: str, env: dict[str, str],
    folder: Path,
) -> Cost:  # fmt: skip
    postmaster = _postmaster(runtime)
    started = run_measured("benchmarks.dunning", ["--work", NOBODY, at], env, folder)
    before = _server_cpu(postmaster)
    spent = run_measured("benchmarks.dunning", ["--work", str(supplier_id), at], env, folder)
    server_cpu = _server_cpu(postmaster) - before
    day = local_date(datetime.fromisoformat(at), _ZONE)
    with runtime.reading(Scope(supplier_id)) as session:
        planned = select(func.count()).select_from(Reminder).where(Reminder.run_on == day)
        messages = session.scalar(planned) or 0
    ours = replace(spent, cpu_s=spent.cpu_s - started.cpu_s)
    return Cost(items, ours, server_cpu, messages)


def _work(supplier: str, at: str) -> int:
    """Be the worker's process; with no supplier, only start and stop."""
    runtime = _runtime(dict(os.environ), at)
    keep_what_is_loaded()
    if supplier != NOBODY:
        _make_run(runtime, SupplierId(UUID(supplier)))
    runtime.database.close()
    return 0


def _make_run(runtime: Runtime, supplier_id: SupplierId) -> None:
    now = runtime.clock.now()
    with runtime.transaction(Scope(supplier_id)) as session:
        dun_supplier.enqueue(
            session, now=now, supplier_id=supplier_id, run_on=local_date(now, _ZONE)
        )
    with runtime.transaction(SYSTEM) as session:
        ((job_id, _actor),) = take_due(session, now=now, limit=1)
    perform(runtime, job_id)
    with runtime.reading(SYSTEM) as session:
        job = session.get_one(Job, job_id)
        assert job.state == JobState.DONE, job.error


def _runtime(env: dict[str, str], at: str) -> Runtime:
    clock = SteppingClock(datetime.fromisoformat(at))
    return replace(build_runtime(read_settings(env)), clock=clock)


def _postmaster(runtime: Runtime) -> int:
    with runtime.reading(SYSTEM) as session:
        backend = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


def _server_cpu(postmaster: int) -> float:
    """What a server's processes have used, the ones that have ended among them."""
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return cpu_seconds(postmaster, waited_for=True) + sum(
        cpu_seconds(int(child)) for child in children
    )


def _is_within(costs: Sequence[tuple[Cost, Cost]]) -> bool:
    """Whether the largest books cost what they may, and their share of what smaller ones do."""
    largest, smaller = costs[-1], costs[-2]
    return all(
        big.cpu_s <= LIMIT_OF_100000 * big.items / 100_000
        and big.cpu_s / big.items <= MORE_CPU * small.cpu_s / small.items
        and big.ours.peak_mb <= MORE_MEMORY * small.ours.peak_mb
        for big, small in zip(largest, smaller, strict=True)
    )


def _print(costs: Sequence[tuple[Cost, Cost]]) -> None:
    print("\n### The daily run of reminders, PostgreSQL\n")
    print("| overdue items | debtors | messages | CPU-s | worker | PostgreSQL | peak MB |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for pair in costs:
        for one in pair:
            print(
                f"| {one.items} | {one.items // EACH} | {one.messages} | {one.cpu_s:.1f} "
                f"| {one.ours.cpu_s:.1f} | {one.server_cpu_s:.1f} | {one.ours.peak_mb:.0f} |"
            )
    print(
        f"\nLimit for 100 000 items: {LIMIT_OF_100000:.0f} CPU-s, with the memory of 10 000."
        f" Tryton 8.2 takes about {TRYTON_OF_100000:.0f} to create and process as many dunnings."
    )


if __name__ == "__main__":
    sys.exit(main())
