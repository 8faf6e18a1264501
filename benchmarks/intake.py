"""Taking in e-invoices as an operator does: `quittance import invoices` over a folder of them.

`python -m benchmarks.intake [--counts 1000 10000]`: for each count a fresh installation on SQLite
and the command itself as a process of its own, with the confined child that reads the files; every
document is kept and posted. CPU time is user and system of both from their start to their end, as
the kernel counts it; the peak is the larger process's. Beside it, in the same run: the same files
parsed by lxml and nothing else.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from lxml import etree
from sqlalchemy import func, select

import receivables.tasks
from benchmarks.e_invoices import e_invoices
from benchmarks.measuring import Spent, run_measured, set_up
from receivables import checks, logs
from receivables.boot import build_runtime
from receivables.database import SYSTEM
from receivables.invoices.tables import Document, Invoice
from receivables.ledger.tables import Entry, Reason
from receivables.settings import read_settings
from tests.support.processes import environment

assert receivables.tasks  # imported for its actors

#: Seconds of CPU for a thousand invoices, taken in and posted.
AIM_CPU_S = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    logs.configure(level=logging.ERROR)
    print("\n### E-invoices taken in and posted (SQLite, the command with its reading child)\n")
    print("| invoices | CPU-s a thousand | invoices/s | peak MB | lxml alone, CPU-s a thousand |")
    print("|---:|---:|---:|---:|---:|")
    for count in given.counts:
        spent, bare = _measure(given.seed, count)
        print(
            f"| {count} | {spent.cpu_s / count * 1000:.2f} | {count / spent.seconds:.0f}"
            f" | {spent.peak_mb:.0f} | {bare / count * 1000:.2f} |",
            flush=True,
        )
    print(f"\nAim: {AIM_CPU_S:.0f} CPU-s a thousand, and a peak that does not grow.")
    return 0


def _measure(seed: int, count: int) -> tuple[Spent, float]:
    with tempfile.TemporaryDirectory(prefix="quittance-bench-") as name:
        folder = Path(name)
        env = environment(f"sqlite:///{folder}/books.sqlite")
        set_up(env)
        for file, content in e_invoices(seed, count):
            (folder / file).write_bytes(content)
        # Relative names, as a shell's * gives them: ten thousand long ones are too many to pass on.
        files = sorted(path.name for path in folder.glob("*.xml"))
        spent = run_measured("starting", ["import", "invoices", *files], env, folder)
        _check(env, count)
        return spent, _parsed_alone([folder / file for file in files])


def _check(env: dict[str, str], count: int) -> None:
    """Nothing was left out: each invoice with its document and its entry, and the books balance."""
    runtime = build_runtime(read_settings(env))
    issued = Entry.reason.in_((Reason.INVOICE_ISSUED, Reason.CREDIT_NOTE_ISSUED))
    with runtime.reading(SYSTEM) as session:
        invoices = session.scalar(select(func.count()).select_from(Invoice))
        documents = session.scalar(select(func.count()).select_from(Document))
        posted = session.scalar(select(func.count()).select_from(Entry).where(issued))
        found = list(checks.findings(session, now=runtime.clock.now()))
    runtime.database.close()
    assert invoices == documents == posted == count, f"{invoices}, {documents}, {posted}"
    assert not found, found


def _parsed_alone(paths: Sequence[Path]) -> float:
    """CPU seconds of the bare parser over the same files."""
    began = time.process_time()
    for path in paths:
        etree.fromstring(path.read_bytes())
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
