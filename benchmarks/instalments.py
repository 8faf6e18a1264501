"""The instalment run: due instalments claimed, charged against the sandbox, and posted.

`python -m benchmarks.instalments [--count 1000]`, 10 000 if not said: one worker, SQLite, the
sandbox in the same process behind the real SDK. Its own ceiling, the same charges asked of it
directly, is measured in the same run and printed beside it; what is left is ours.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from alembic import command
from sqlalchemy import update

import receivables.tasks
from benchmarks.plans import PART, ZONE, open_plans
from benchmarks.stage import settings
from receivables import jobs, logs
from receivables.boot import alembic_config, build_runtime
from receivables.broker import ACTORS, perform
from receivables.clock import SteppingClock, local_date
from receivables.database import SYSTEM, Scope
from receivables.ids import SupplierId
from receivables.payments.stripe import StripeGateway
from receivables.payments.tables import Payment
from receivables.plans import tasks
from receivables.plans.charges import due_instalments
from receivables.runtime import Runtime
from sandbox.stripe.app import SandboxApp
from tests.support.builders import money
from tests.support.payments import stripe_settings
from tests.support.stripe_sandbox import InProcessClient, in_process, sandbox_config, sdk

assert receivables.tasks  # imported for its actors


@dataclass(frozen=True, slots=True)
class Rate:
    title: str
    per_second: float
    cpu_ms: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    count = parser.parse_args().count
    logs.configure(level=logging.ERROR)
    with _installation() as (runtime, app, clock):
        supplier_id = open_plans(runtime, app, count)
        ceiling = _ceiling(app, min(count, 1000))
        rate = _run(runtime, supplier_id, clock, count)
    print("\n### Instalment run\n")
    print(f"{count} due instalments, one worker, SQLite, the sandbox in process.\n")
    print("| | per second | CPU-ms each |")
    print("|---|---:|---:|")
    for one in (rate, ceiling):
        print(f"| {one.title} | {one.per_second:.0f} | {one.cpu_ms:.2f} |")
    print(f"| ours without the sandbox | | {rate.cpu_ms - ceiling.cpu_ms:.2f} |")
    return 0


@contextmanager
def _installation() -> Iterator[tuple[Runtime, SandboxApp, SteppingClock]]:
    clock = SteppingClock(datetime(2026, 11, 2, 9, tzinfo=UTC))
    app = in_process(sandbox_config(now=clock.now, endpoints=()))
    gateway = StripeGateway(stripe_settings(), http_client=InProcessClient(app))
    with tempfile.TemporaryDirectory(prefix="quittance-bench-") as folder:
        made = settings(f"sqlite:///{folder}/plans.sqlite", 1)
        command.upgrade(alembic_config(made), "head")
        runtime = replace(build_runtime(made), clock=clock, gateway=gateway)
        yield runtime, app, clock
        runtime.database.close()


def _ceiling(app: SandboxApp, count: int) -> Rate:
    """The same charges, asked of the sandbox by the SDK alone."""
    client = sdk(app)
    customer = client.v1.customers.create({"name": "Ceiling"})
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})

    def charge_all() -> None:
        for _ in range(count):
            client.v1.payment_intents.create(
                {
                    "amount": money(PART).minor, "currency": "chf", "customer": customer.id,
                    "payment_method": method.id, "off_session": True, "confirm": True,
                }
            )  # fmt: skip

    seconds, cpu = _timed(charge_all)
    return Rate("the sandbox's own ceiling", count / seconds, cpu / count * 1000)


def _run(runtime: Runtime, supplier_id: SupplierId, clock: SteppingClock, count: int) -> Rate:
    with runtime.reading(Scope(supplier_id)) as session:
        due = due_instalments(session, supplier_id, local_date(clock.now(), ZONE))
    assert len(due) == count, f"{len(due)} are due"

    def run_all() -> None:
        for start in range(0, count, 50):
            with runtime.transaction(Scope(supplier_id)) as session:
                for instalment_id in due[start : start + 50]:
                    tasks.charge_instalment.enqueue(
                        session, now=clock.now(), supplier_id=supplier_id,
                        instalment_id=instalment_id,
                    )  # fmt: skip
        _work_off(runtime, ("plans.charge_instalment", "plans.take_payment"))

    seconds, cpu = _timed(run_all)
    with runtime.reading(Scope(supplier_id)) as session:
        settled = session.query(Payment).filter(Payment.state == "settled").count()
    assert settled == count, f"{settled} of {count} were charged"
    return Rate("claims, charges and postings", count / seconds, cpu / count * 1000)


def _work_off(runtime: Runtime, names: Sequence[str]) -> None:
    """Do the run's own jobs; mails and other consequences are not what is measured."""
    others = [name for name in ACTORS if name not in names]
    with runtime.transaction(SYSTEM) as session:
        session.execute(
            update(jobs.Job)
            .where(jobs.Job.actor.in_(others), jobs.Job.state == jobs.JobState.PENDING)
            .values(state=jobs.JobState.DONE)
        )
    while True:
        with runtime.transaction(SYSTEM) as session:
            due = jobs.take_due(session, now=runtime.clock.now(), limit=500)
        if not due:
            return
        for job_id, name in due:
            if name in names:
                perform(runtime, job_id)


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds on the wall, and seconds of this process's CPU."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - cpu


if __name__ == "__main__":
    sys.exit(main())
