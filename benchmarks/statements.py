"""Bank statements read, matched and posted: a hundred thousand lines of camt.053.

`python -m benchmarks.statements [--lines 100000] [--files 5]`: months drawn from a seed
(`tests/support/bank_months.py` says how), their debtors and invoices on record in a fresh
installation on SQLite, their lines as files. For each file in turn `quittance import statement`
reads it as a process of its own with its confined child, then a worker's process matches what it
brought, posting what is certain. CPU time is user and system of each with its children, as the
kernel counts it.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from xml.sax.saxutils import escape

from sqlalchemy import Table, func, insert, select

import receivables.tasks
from benchmarks.measuring import Spent, run_measured, set_up
from receivables import checks, logs
from receivables.bank.matching_tables import BankMatch
from receivables.bank.matching_tasks import match_statement
from receivables.bank.tables import BankEntry
from receivables.boot import build_runtime
from receivables.broker import perform
from receivables.database import SYSTEM, Scope
from receivables.ids import EntryId, SupplierId, new_id
from receivables.invoices.tables import Invoice
from receivables.jobs import Job, JobState
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money
from receivables.parties.tables import Debtor
from receivables.runtime import Runtime
from receivables.settings import read_settings
from tests.support.bank_files import camt, detail, entry
from tests.support.bank_months import Booked, Months, make_months
from tests.support.processes import environment

assert receivables.tasks  # imported for its actors

#: Lines that a hundred invoices bring in a drawn month, about; a few more are drawn than used.
_LINES_OF_100_INVOICES: Final = 80
_ROWS_AT_A_TIME: Final = 2000


@dataclass(slots=True)
class Total:
    """What the same step cost over all files."""

    title: str
    seconds: float = 0
    cpu_s: float = 0
    peak_mb: float = 0

    def add(self, spent: Spent) -> None:
        self.seconds += spent.seconds
        self.cpu_s += spent.cpu_s
        self.peak_mb = max(self.peak_mb, spent.peak_mb)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--files", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", metavar="DATABASE_URL", help="be the worker that is measured")
    given = parser.parse_args(arguments)
    logs.configure(level=logging.ERROR)
    if given.work:
        return _work(given.work)
    months = make_months(given.seed, given.lines * 100 // _LINES_OF_100_INVOICES)
    lines = months.lines[: given.lines]
    with tempfile.TemporaryDirectory(prefix="quittance-bench-") as folder:
        _measure(months, lines, given.files, Path(folder))
    return 0


def _measure(months: Months, lines: Sequence[Booked], files: int, folder: Path) -> None:
    env = environment(f"sqlite:///{folder}/books.sqlite")
    supplier_id = set_up(env)
    runtime = build_runtime(read_settings(env))
    _put_on_record(runtime, supplier_id, months)
    runtime.database.close()
    reading, matching = Total("read and taken"), Total("matched and posted")
    for name, content in _statements(lines, files):
        (folder / name).write_text(content, encoding="utf-8")
        reading.add(run_measured("starting", ["import", "statement", name], env, folder))
        arguments = ["--work", env["DATABASE_URL"]]
        matching.add(run_measured("benchmarks.statements", arguments, env, folder))
        print(
            f"{name}: so far {reading.cpu_s:.0f} CPU-s read, {matching.cpu_s:.0f} CPU-s matched",
            file=sys.stderr, flush=True,
        )  # fmt: skip
    posted, taken = _counted(env)
    assert taken == len(lines), f"{taken} of {len(lines)} lines are on record"
    print(f"\n### {len(lines)} lines of camt.053 in {files} files (SQLite)\n")
    print(f"{len(months.claims)} invoices; {posted} lines ({posted / taken:.1%}) posted.\n")
    print("| | lines/s | CPU-ms a line | peak MB |")
    print("|---|---:|---:|---:|")
    for total in (reading, matching):
        print(
            f"| {total.title} | {taken / total.seconds:.0f}"
            f" | {total.cpu_s / taken * 1000:.2f} | {total.peak_mb:.0f} |"
        )


def _work(database_url: str) -> int:
    """Match what the last import brought; mails and other consequences are not what is measured."""
    runtime = build_runtime(read_settings(environment(database_url)))
    with runtime.transaction(SYSTEM) as session:
        due = session.scalars(
            select(Job.id).where(Job.actor == match_statement.name, Job.state == JobState.PENDING)
        ).all()
        session.execute(
            Job.__table__.update().where(Job.id.in_(due)).values(state=JobState.SENT)  # type: ignore[attr-defined]
        )
    assert len(due) == 1, f"{len(due)} statements wait"
    for job_id in due:
        perform(runtime, job_id)
    runtime.database.close()
    return 0


def _counted(env: dict[str, str]) -> tuple[int, int]:
    """Lines posted and lines on record, where the books balance."""
    runtime = build_runtime(read_settings(env))
    with runtime.reading(SYSTEM) as session:
        posted = session.scalar(select(func.count()).select_from(BankMatch)) or 0
        taken = session.scalar(select(func.count()).select_from(BankEntry)) or 0
        # What follows from a posting waits, as it is not measured: that alone is found undone.
        found = [
            one for one in checks.findings(session, now=runtime.clock.now()) if one.promise != "P7"
        ]
    runtime.database.close()
    assert not found, found[:10]
    return posted, taken


T = TypeVar("T")


def _batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch


# The books before


def _put_on_record(runtime: Runtime, supplier_id: SupplierId, months: Months) -> None:
    """Debtors, invoices and what they owe, as plain rows: this is not what is measured."""
    now = runtime.clock.now()
    tables = (
        (Debtor, _debtors(supplier_id, months, now)),
        (Invoice, _invoices(supplier_id, months, now)),
        (Entry, _entries(supplier_id, months, now)),
    )
    for table, rows in tables:
        for chunk in _batches(rows, _ROWS_AT_A_TIME):
            with runtime.transaction(Scope(supplier_id)) as session:
                session.execute(insert(cast("Table", table.__table__)), chunk)


def _debtors(supplier_id: SupplierId, months: Months, now: datetime) -> Iterator[dict[str, Any]]:
    for payer in months.payers:
        yield {
            "id": payer.debtor_id, "supplier_id": supplier_id, "number": payer.number,
            "name": payer.name, "kind": "business", "country": "CH", "created_at": now,
        }  # fmt: skip


def _invoices(supplier_id: SupplierId, months: Months, now: datetime) -> Iterator[dict[str, Any]]:
    for claim in months.claims:
        yield {
            "id": claim.invoice_id, "supplier_id": supplier_id, "debtor_id": claim.debtor_id,
            "number": claim.number, "kind": "invoice", "type_code": "380",
            "issued_on": claim.due_on - timedelta(days=30), "due_on": claim.due_on,
            "due_date_source": "explicit", "total_minor": claim.outstanding.minor,
            "currency": claim.outstanding.currency, "created_at": now,
            "content_hash": hashlib.sha256(claim.number.encode()).hexdigest(),
        }  # fmt: skip


def _entries(supplier_id: SupplierId, months: Months, now: datetime) -> Iterator[dict[str, Any]]:
    for claim in months.claims:
        yield {
            "id": EntryId(new_id()), "supplier_id": supplier_id,
            "debit_account": Account.RECEIVABLE, "debit_subject": claim.invoice_id,
            "credit_account": Account.SALES, "credit_subject": supplier_id,
            "amount_minor": claim.outstanding.minor, "currency": claim.outstanding.currency,
            "reason": Reason.INVOICE_ISSUED, "source": str(claim.invoice_id),
            "booked_on": claim.due_on - timedelta(days=30), "created_at": now,
        }  # fmt: skip


# The files


def _statements(lines: Sequence[Booked], files: int) -> Iterator[tuple[str, str]]:
    """Name and content of each; a day's batch is one entry, and each opens as the last closed."""
    days = [list(day) for _, day in groupby(lines, key=lambda one: one.on)]
    per_file = -(-len(days) // files)
    balance = Money.zero("CHF")
    for number, chosen in enumerate(_batches(days, per_file), 1):
        opening, entries = balance, list[str]()
        for booked in (one for day in chosen for one in day):
            amount = booked.line.amount
            balance = balance - amount if booked.is_debit else balance + amount
        for day in chosen:
            entries.extend(_of_a_day(day))
        first, last = chosen[0][0].on, chosen[-1][0].on
        yield f"{number:02}.camt053.xml", camt(
            *entries, number=str(number), opening=_written(opening), closing=_written(balance),
            opening_on=first.isoformat(), closing_on=last.isoformat(),
        )  # fmt: skip


def _of_a_day(day: Sequence[Booked]) -> Iterator[str]:
    batch = [one for one in day if one.batch]
    for one in day:
        if not one.batch:
            yield _entry([one], f"B{one.number:08}")
    if batch:
        yield _entry(batch, f"S{batch[0].number:08}")


def _entry(lines: Sequence[Booked], reference: str) -> str:
    whole = Money.total((one.line.amount for one in lines), "CHF")
    is_debit = lines[0].is_debit
    booking: str = entry(
        _written(whole), direction="DBIT" if is_debit else "CRDT", reversal=is_debit,
        on=lines[0].on.isoformat(), reference=reference,
        details=[_detail(one, alone=len(lines) == 1) for one in lines],
    )  # fmt: skip
    return booking


def _detail(booked: Booked, *, alone: bool) -> str:
    line = booked.line
    transaction: str = detail(
        "" if alone else _written(line.amount), payer=escape(line.name), account=line.account,
        end_to_end_id=line.end_to_end or "NOTPROVIDED",
        references=[line.structured] if line.structured else [],
        words=[escape(line.text)] if line.text else [],
    )  # fmt: skip
    return transaction


def _written(money: Money) -> str:
    return format(money.decimal, "f")


if __name__ == "__main__":
    # As the module it is elsewhere, so that both of its processes speak of the same classes.
    from benchmarks.statements import main as run

    sys.exit(run())
