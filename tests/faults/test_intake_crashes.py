"""Kill -9 in the middle of an import: every file is there whole or not at all, and the import done
again completes it without doubling anything. For invoices and for bank statements alike."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from receivables import jobs
from receivables.bank.importing import import_statements
from receivables.bank.matching_tables import BankMatch
from receivables.bank.matching_tasks import match_statement
from receivables.bank.tables import BankEntry, BankStatement
from receivables.broker import perform
from receivables.database import SYSTEM, Scope
from receivables.history import EventRow
from receivables.ids import SupplierId
from receivables.intake.importing import import_files
from receivables.invoices.tables import Document, Invoice, InvoiceLine
from receivables.ledger.tables import Entry
from receivables.parties.tables import Contact, Debtor, Identifier
from receivables.runtime import Runtime
from tests.support.bank_files import camt, detail, entry
from tests.support.databases import open_for_forks
from tests.support.fuses import Fuse, fuse_database
from tests.support.world import World

SAMPLES = Path(__file__).parents[1] / "receivables" / "intake_samples"

#: Imports some files for a supplier.
Import = Callable[[Runtime, SupplierId, Sequence[Path]], None]
#: What is on record of a supplier, without ids and instants.
Books = dict[str, Counter[str]]

_COLUMNS: dict[type, tuple[str, ...]] = {
    Invoice: ("number", "kind", "total", "due_on", "preceding_number"),
    InvoiceLine: ("place", "description", "net_minor"),
    Document: ("name", "sha256", "size_bytes"),
    Entry: ("reason", "amount", "booked_on"),
    Debtor: ("number", "name"),
    Contact: ("email", "is_primary"),
    Identifier: ("scheme", "value"),
    BankStatement: ("number", "opening_minor", "closing_minor", "entry_count"),
    BankEntry: ("entry_key", "part", "amount", "may_be_posted"),
    BankMatch: ("kind", "state", "by_person"),
    EventRow: ("kind",),
}


@dataclass
class Trial:
    """One kind of import, its files, and what the books look like after the first so many."""

    world: World
    run: Import
    files: Sequence[Path]
    owes: bool
    after: list[Books]

    def begin(self) -> None:
        for count in range(len(self.files) + 1):
            supplier_id = self.new_supplier()
            self.run(self.world.runtime, supplier_id, self.files[:count])
            self.world.run_jobs()
            self.after.append(self.books(supplier_id))

    def new_supplier(self) -> SupplierId:
        supplier_id = self.world.supplier()
        if self.owes:
            debtor_id = self.world.debtor(
                supplier_id=supplier_id, number="K1", name="Atelier Dubois Sàrl",
                email="compta@dubois.example",
            )  # fmt: skip
            for number, amount in (("F-1001", "120.00 CHF"), ("F-1002", "75.50 CHF")):
                self.world.invoice(
                    amount, debtor_id=debtor_id, supplier_id=supplier_id, number=number
                )
        return supplier_id

    def books(self, supplier_id: SupplierId) -> Books:
        with self.world.runtime.reading(Scope(supplier_id)) as session:
            return {
                table.__name__: Counter(
                    " ".join(str(getattr(row, name)) for name in columns)
                    for row in session.scalars(
                        select(table).where(table.supplier_id == supplier_id)  # type: ignore[attr-defined]
                    )
                )
                for table, columns in _COLUMNS.items()
            }

    def kill(self, supplier_id: SupplierId, *, at: int | None, statements: bool) -> int | None:
        """The import in a child; how many boundaries it passed, or None when it was killed."""
        heard, told = os.pipe()
        self.world.runtime.database.engine.dispose()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                fuse = Fuse(at)
                fuse_database(self.world.runtime.database, fuse, statements=statements)
                self.run(self.world.runtime, supplier_id, self.files)
                os.write(told, str(fuse.passed).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(told)
        with os.fdopen(heard) as answer:
            passed = answer.read()
        os.waitpid(pid, 0)
        return int(passed) if passed else None

    def recover(self) -> None:
        with self.world.runtime.transaction(SYSTEM) as session:
            jobs.reclaim_all(session)
        self.world.run_jobs()


def take_invoices(runtime: Runtime, supplier_id: SupplierId, files: Sequence[Path]) -> None:
    contents = ((path.name, path.read_bytes()) for path in files)
    assert all(line.accepted for line in import_files(runtime, supplier_id, contents))


def take_statements(runtime: Runtime, supplier_id: SupplierId, files: Sequence[Path]) -> None:
    """And match what came, as the worker does next."""
    named = [(path.name, path) for path in files]
    assert all(line.accepted for line in import_statements(runtime, supplier_id, named))
    with runtime.transaction(SYSTEM) as session:
        due = jobs.take_due(session, now=runtime.clock.now(), limit=100)
    for job_id, name in due:
        if name == match_statement.name:
            perform(runtime, job_id)
    with runtime.transaction(SYSTEM) as session:
        jobs.take_back(session, [job_id for job_id, _ in due])


def invoice_files(folder: Path) -> list[Path]:
    """A list of three, an e-invoice with its document, and a credit note for the first."""
    header = "number,issued_on,due_on,currency,amount,debtor_name,debtor_number,email,type"
    lists = {
        "three.csv": [
            "L-1,2026-11-01,2026-12-01,CHF,100.00,Atelier Dubois Sàrl,K1,a@dubois.example,invoice",
            "L-2,2026-11-01,2026-12-01,CHF,200.00,Garage Roth AG,K2,b@roth.example,invoice",
            "L-3,2026-11-02,2026-12-02,CHF,300.00,Atelier Dubois Sàrl,K1,c@dubois.example,invoice",
        ],
        "credit.csv": [
            "G-1,2026-11-02,2026-11-02,CHF,40.00,Atelier Dubois Sàrl,K1,,credit_note",
        ],
    }
    for name, lines in lists.items():
        (folder / name).write_text("\n".join([header, *lines, ""]))
    return [folder / "three.csv", SAMPLES / "ubl_invoice.xml", folder / "credit.csv"]


def statement_files(folder: Path) -> list[Path]:
    """Two days: what pays an invoice, a batch of two, and what nobody can place."""
    first = camt(
        entry("120.00", reference="A", details=[detail(words=["F-1001"])]),
        entry("33.00", reference="B", details=[detail(payer="Nobody", account="", words=["?"])]),
        opening="0.00", closing="153.00",
    )  # fmt: skip
    second = camt(
        entry(
            "95.50", on="2026-11-03", reference="C",
            details=[detail("75.50", words=["F-1002"]), detail("20.00", payer="Somebody")],
        ),
        number="2", opening="153.00", closing="248.50", opening_on="2026-11-03",
        closing_on="2026-11-03",
    )  # fmt: skip
    for name, content in (("1.xml", first), ("2.xml", second)):
        (folder / name).write_text(content)
    return [folder / "1.xml", folder / "2.xml"]


@pytest.fixture
def trial_of(
    database_url: str, runtime: Runtime, tmp_path: Path
) -> Iterator[Callable[[str], Trial]]:
    database = open_for_forks(database_url)
    world = World(replace(runtime, database=database))

    def make(what: str) -> Trial:
        if what == "invoices":
            return Trial(world, take_invoices, invoice_files(tmp_path), False, [])
        return Trial(world, take_statements, statement_files(tmp_path), True, [])

    yield make
    database.close()


def _wrong_after(trial: Trial, *, at: int | None, statements: bool) -> Iterator[str]:
    supplier_id = trial.new_supplier()
    survived = trial.kill(supplier_id, at=at, statements=statements)
    assert survived is None, f"boundary {at} was not reached"
    trial.recover()
    if trial.books(supplier_id) not in trial.after:
        yield f"killed at {at}: a file is there in part: {trial.books(supplier_id)}"
    trial.run(trial.world.runtime, supplier_id, trial.files)
    trial.world.run_jobs()
    if trial.books(supplier_id) != trial.after[-1]:
        yield f"killed at {at}: done again it is not the same: {trial.books(supplier_id)}"


@pytest.mark.parametrize("what", ["invoices", "statements"])
@pytest.mark.once("a file is one transaction, and those are killed on both elsewhere")
def test_an_import_killed_anywhere_leaves_whole_files_and_completes_when_done_again(
    trial_of: Callable[[str], Trial], what: str
) -> None:
    trial = trial_of(what)
    trial.begin()
    boundaries: list[tuple[int, bool]] = []
    for statements in (False, True):
        passed = trial.kill(trial.new_supplier(), at=None, statements=statements)
        assert passed is not None, "the import itself does not run"
        # Before and after commits, and between statements: a handful of each.
        step = -(-passed // (7 if statements else 4))
        boundaries += [(at, statements) for at in range(step // 2 + 1, passed + 1, step)]
    assert len(boundaries) >= 6

    wrong = partial(_wrong_after, trial)
    found = [one for at, each in boundaries for one in wrong(at=at, statements=each)]
    print(f"{what}: {len(boundaries)} cases, {len(found)} violations")  # noqa: T201  (the figure)
    assert found == []
    assert len({str(books) for books in trial.after}) == len(trial.after)
