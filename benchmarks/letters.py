"""Letters with a slip, from the books to one file to be printed.

`python -m benchmarks.letters [--count 1000] [--country CH]`: debtors with two overdue invoices
each in a fresh installation on SQLite, a letter waiting for each of them. Measured is a worker's
process that makes the batch (the ledger read again), sets the pages in one run after another and
keeps them: CPU time, user and system of all its threads, as the kernel counts it, and its peak of
memory. A Swiss supplier's letters have a QR-bill at the foot, a Belgian's an EPC code.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

from alembic import command
from pypdf import PdfReader
from sqlalchemy.orm import Session

import receivables.tasks
from benchmarks.measuring import run_measured
from receivables import logs
from receivables.boot import alembic_config, build_runtime
from receivables.broker import perform
from receivables.clock import local_date
from receivables.database import SYSTEM, Scope
from receivables.dunning.holding import holds_of
from receivables.dunning.lateness import claim_of
from receivables.ids import ContactId, DebtorId, ExecutionId, SupplierId, new_id
from receivables.jobs import take_due
from receivables.parties import queries as parties
from receivables.ports import Channel, ChannelMessage, MessageLine
from receivables.post import actions, queries
from receivables.post.batches import make_batch
from receivables.post.tasks import set_batch
from receivables.runtime import Runtime
from receivables.settings import read_settings
from tests.support.builders import make_debtor, make_invoice, make_supplier, money
from tests.support.processes import environment

assert receivables.tasks  # imported for its actors

#: CPU seconds for a thousand letters, and what WeasyPrint takes for as many.
LIMIT_OF_1000, WEASYPRINT_OF_1000 = 15.0, 286.0

#: In place of a supplier: what it costs to start and stop.
NOBODY = "nobody"

_SUPPLIERS = {
    "CH": {},
    "BE": {
        "country": "BE", "currency": "EUR", "iban": "BE68539007547034", "postcode": "1000",
        "city": "Bruxelles", "zone": "Europe/Brussels",
    },
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--country", choices=sorted(_SUPPLIERS), default="CH")
    parser.add_argument("--work", metavar="SUPPLIER", help="be the worker that is measured")
    given = parser.parse_args(arguments)
    logs.configure(level=logging.ERROR)
    if given.work:
        return _work(given.work)
    with tempfile.TemporaryDirectory(prefix="quittance-bench-") as folder:
        return _measure(given.count, given.country, Path(folder))


def _measure(count: int, country: str, folder: Path) -> int:
    env = environment(f"sqlite:///{folder}/books.sqlite")
    settings = read_settings(env)
    command.upgrade(alembic_config(settings), "head")
    runtime = build_runtime(settings)
    supplier_id = _put_on_record(runtime, count, country)
    nothing = run_measured("benchmarks.letters", ["--work", NOBODY], env, folder)
    spent = run_measured("benchmarks.letters", ["--work", str(supplier_id)], env, folder)
    pages, size = _printed(runtime, supplier_id)
    runtime.database.close()
    limit = LIMIT_OF_1000 * count / 1000
    print(f"{count} letters of a supplier in {country}, {pages} pages, {size / 1e6:.1f} MB")
    print(
        f"  {spent.cpu_s:7.1f} CPU-s  limit {limit:.1f}  {spent.seconds:.1f} s  "
        f"peak {spent.peak_mb:.0f} MB  (of that {nothing.cpu_s:.1f} CPU-s to start)"
    )
    print(f"  {WEASYPRINT_OF_1000 * count / 1000:7.1f} CPU-s  WeasyPrint, the same letter")
    return 0 if spent.cpu_s <= limit or count < 1000 else 1


def _put_on_record(runtime: Runtime, count: int, country: str) -> SupplierId:
    """Debtors, what they owe and the letters that wait: not what is measured."""
    clock = runtime.clock
    with runtime.transaction(SYSTEM) as session:
        supplier_id: SupplierId = make_supplier(session, clock=clock, **_SUPPLIERS[country])
    for first in range(0, count, 100):
        with runtime.transaction(Scope(supplier_id)) as session:
            for _ in range(first, min(first + 100, count)):
                debtor_id = make_debtor(session, supplier_id, clock=clock)
                contact = parties.contacts(session, supplier_id, debtor_id)[0]
                message = _message(runtime, session, supplier_id, debtor_id, contact.id, country)
                actions.hand_over(session, message, clock=clock)
    return supplier_id


def _message(
    runtime: Runtime, session: Session, supplier_id: SupplierId, debtor_id: DebtorId,
    contact_id: ContactId, country: str,
) -> ChannelMessage:  # fmt: skip
    today = local_date(runtime.clock.now(), "Europe/Zurich")
    due_on = today - timedelta(days=20)
    amount = "1950.00 CHF" if country == "CH" else "1950.00 EUR"
    lines = []
    for _ in range(2):
        number = f"2026-{new_id().hex[-9:]}"
        invoice_id = make_invoice(
            session, supplier_id, debtor_id, amount, clock=runtime.clock, due_on=due_on,
            number=number,
        )  # fmt: skip
        lines.append(
            MessageLine(
                invoice_id=invoice_id, number=number, issued_on=due_on - timedelta(days=30),
                due_on=due_on, days_past_due=20, amount=money(amount),
            )
        )  # fmt: skip
    return ChannelMessage(
        execution_id=ExecutionId(new_id()), supplier_id=supplier_id, debtor_id=debtor_id,
        contact_id=contact_id, channel=Channel.LETTER, language="fr", level=2, tone="firm",
        address="", lines=tuple(lines), link="",
    )  # fmt: skip


def _work(supplier: str) -> int:
    """Be the worker's process; with no supplier, only start and stop."""
    runtime = build_runtime(read_settings(os.environ))
    if supplier != NOBODY:
        _print_all(runtime, SupplierId(UUID(supplier)))
    runtime.database.close()
    return 0


def _print_all(runtime: Runtime, supplier_id: SupplierId) -> None:
    clock = runtime.clock
    with runtime.transaction(Scope(supplier_id)) as session:
        batch_id = make_batch(
            session, supplier_id, registered=False, holds=holds_of(session, supplier_id),
            claim_of=lambda one, on: claim_of(session, supplier_id, one, on), clock=clock,
        )  # fmt: skip
        assert batch_id is not None, "letters wait"
        set_batch.enqueue(session, now=clock.now(), supplier_id=supplier_id, batch_id=batch_id)
    with runtime.transaction(SYSTEM) as session:
        ((job_id, _actor),) = take_due(session, now=clock.now(), limit=1)
    perform(runtime, job_id)


def _printed(runtime: Runtime, supplier_id: SupplierId) -> tuple[int, int]:
    with runtime.reading(Scope(supplier_id)) as session:
        (batch,) = queries.batches(session, supplier_id)
        pdf = queries.pages_of_batch(session, supplier_id, batch.id)
    assert len(PdfReader(BytesIO(pdf)).pages) == batch.pages
    return batch.pages, len(pdf)


if __name__ == "__main__":
    sys.exit(main())
