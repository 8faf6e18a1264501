"""Importing bank statements, from the command line and the upload page alike."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.exc import IntegrityError

from receivables.bank.actions import TakenStatement, take
from receivables.bank.csv_layouts import ToldLayout
from receivables.bank.parsed import Balance, FileReport
from receivables.bank.queries import csv_mappings
from receivables.bank.supervision import Progress, StatementChild
from receivables.database import Scope
from receivables.ids import SupplierId
from receivables.intake.faults import Fault
from receivables.runtime import Runtime

Outcome = Literal["taken", "known", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """What became of one file: taken (something is new), known (nothing is), or refused.

    The entries of `report` can be walked through until the next file's line.
    """

    report: FileReport
    outcome: Outcome
    taken: tuple[TakenStatement, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.outcome != "refused"

    @property
    def entry_count(self) -> int:
        return sum(each.entry_count for each in self.report.statements)

    @property
    def new_entries(self) -> int:
        return sum(each.new_entries for each in self.taken)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What a person should know of a file that was taken; of one only read, what it shows."""
        if self.taken:
            return tuple(finding for each in self.taken for finding in each.findings)
        return tuple(finding for each in self.report.statements for finding in each.findings)

    @property
    def text(self) -> str:
        """The line for a person at the command, in English, with all that is wrong below it."""
        accounts = ", ".join(dict.fromkeys(each.account for each in self.report.statements))
        new = f", {self.new_entries} new" if self.taken else ""
        said = f"{self.report.format} {accounts}: {self.entry_count} entries{new}"
        told = (*self.report.faults, *self.warnings)
        return "\n".join(
            [
                f"{self.outcome:8}{self.report.file}: {said if self.accepted else ''}".rstrip(),
                *(f"        {each.where}: {each.what} {each.how}" for each in told),
            ]
        )

    def json_pieces(self) -> Iterator[str]:
        """One JSON object for the file, in pieces: it may have a hundred thousand entries.

        `account` and `opening` are the first statement's, `closing` is what that account closed
        with last; balances are below zero when overdrawn.
        """
        report = self.report
        first = report.statements[0] if report.statements and self.accepted else None
        head: dict[str, Any] = {
            "file": report.file,
            "format": report.format,
            "accepted": self.accepted,
            "account": first.account or None if first else None,
            "opening": _decimal(first.opening) if first else None,
            "closing": None,
        }
        if first is not None:
            of_account = [each for each in report.statements if each.account == first.account]
            head["closing"] = _decimal(of_account[-1].closing)
        yield json.dumps(head, ensure_ascii=False)[:-1] + ', "entries": ['
        if self.accepted:
            between = ""
            for entry in report.entries:
                yield between + json.dumps(entry.as_json(), ensure_ascii=False)
                between = ", "
        told = {"warnings": _told(self.warnings), "errors": _told(report.faults)}
        yield "], " + json.dumps(told, ensure_ascii=False)[1:]


def _decimal(balance: Balance | None) -> str | None:
    return None if balance is None else f"{balance.amount.decimal:f}"


def _told(faults: Iterable[Fault]) -> list[dict[str, str]]:
    return [{"where": each.where, "what": each.what, "how": each.how} for each in faults]


class _DryRun(Exception):
    """Ends a transaction that must leave nothing behind."""

    def __init__(self, line: StatementLine) -> None:
        self.line = line


def import_statements(
    runtime: Runtime,
    supplier_id: SupplierId,
    files: Iterable[tuple[str, Path]],
    *,
    dry_run: bool = False,
    by: str = "system",
    progress: Progress | None = None,
) -> Iterator[StatementLine]:
    """Read and take files, given as name and path; a line about each as soon as it is done.

    Each file is read in a child with limits and no transaction open, then taken in one of its
    own. A dry run does all of it and leaves nothing.
    """
    with StatementChild() as child:
        for name, path in files:
            with runtime.reading(Scope(supplier_id)) as session:
                told = csv_mappings(session, supplier_id)
            report = child.read(name, path, told, progress)
            try:
                yield _taken(runtime, supplier_id, report, dry_run=dry_run, by=by)
            except IntegrityError:
                # Somebody else took the same statement at this moment; now it is on record.
                yield _taken(runtime, supplier_id, report, dry_run=dry_run, by=by)


def look_at_statements(
    files: Iterable[tuple[str, Path]],
    told: Mapping[str, ToldLayout] | None = None,
    progress: Progress | None = None,
) -> Iterator[StatementLine]:
    """Read files and say what they are, without any books to hold them against."""
    with StatementChild() as child:
        for name, path in files:
            report = child.read(name, path, told, progress)
            yield StatementLine(report=report, outcome="refused" if report.faults else "taken")


def _taken(
    runtime: Runtime, supplier_id: SupplierId, report: FileReport, *, dry_run: bool, by: str
) -> StatementLine:
    if report.faults:
        return StatementLine(report=report, outcome="refused")
    try:
        with runtime.transaction(Scope(supplier_id), by=by) as session:
            taken = take(session, supplier_id, report, runtime.clock)
            is_new = any(each.is_new for each in taken)
            line = StatementLine(report=report, outcome="taken" if is_new else "known", taken=taken)
            if dry_run:
                raise _DryRun(line)
    except _DryRun as rehearsed:
        return rehearsed.line
    return line
