"""Importing files, from the command line and the upload page alike: one line about each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from receivables.database import Scope
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.intake.actions import Taken, TakenInvoice, is_credit, take_in
from receivables.intake.faults import Fault, Refused
from receivables.intake.parsed import FileReport, ParsedInvoice
from receivables.intake.supervision import ReadingChild
from receivables.parties.queries import debtor_names
from receivables.runtime import Runtime

#: Told how many invoices have been taken in so far, now and then.
Progress = Callable[[int], None]
_NOW_AND_THEN = 100

#: Days to pay where a document says nothing.
USUAL_TERMS_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedInvoice:
    """One invoice of a file. `invoice_id` is None after a dry run, and both ids of a refused
    file; after a dry run the debtor may be one that is not registered.
    """

    parsed: ParsedInvoice
    is_credit_note: bool
    debtor_id: DebtorId | None
    debtor_name: str
    invoice_id: InvoiceId | None
    is_new: bool

    def as_json(self) -> dict[str, Any]:
        said = self.parsed
        return {
            "number": said.number,
            "type_code": said.type_code,
            "issue_date": said.issue_date.isoformat(),
            "due_date": said.due_date.isoformat(),
            "due_date_source": said.due_date_source.value,
            "currency": said.currency,
            "payable": f"{said.payable.decimal:f}",
            "seller": said.seller.stated_name or None,
            "buyer": said.buyer.stated_name,
            "payment_reference": said.payment_reference,
            "account": said.account,
        }


_OF_ONE = (
    "number", "type_code", "issue_date", "due_date", "due_date_source", "currency", "payable",
    "seller", "buyer", "payment_reference", "account",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """What became of one file: taken (something is new), known (nothing is), or refused."""

    file: str
    format: str | None
    outcome: Literal["taken", "known", "refused"]
    invoices: tuple[ImportedInvoice, ...]
    faults: tuple[Fault, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.outcome != "refused"

    @property
    def text(self) -> str:
        """The line for a person at the command, in English, with all that is wrong below it."""
        numbers = ", ".join(each.parsed.number for each in self.invoices[:5])
        more = len(self.invoices) - 5
        return "\n".join(
            [
                f"{self.outcome:8}{self.file}: {numbers}"
                + (f" and {more} more" if more > 0 else ""),
                *(f"        {each.where}: {each.what} {each.how}" for each in self.faults),
                *(f"        {warning}" for warning in self.warnings),
            ]
        )

    def json_pieces(self) -> Iterator[str]:
        """`as_json`, as it is written."""
        yield json.dumps(self.as_json(), ensure_ascii=False)

    def as_json(self) -> dict[str, Any]:
        """One object for a file. What is said of an invoice stands at the top where the file has
        exactly one (None otherwise), and always in `invoices`.
        """
        invoices = [each.as_json() for each in self.invoices]
        only = invoices[0] if len(invoices) == 1 else dict.fromkeys(_OF_ONE)
        return {
            "file": self.file,
            "format": self.format,
            "accepted": self.accepted,
            "outcome": self.outcome,
            **only,
            "invoices": invoices,
            "warnings": list(self.warnings),
            "errors": [
                {"where": each.where, "what": each.what, "how": each.how} for each in self.faults
            ],
        }


class _Counting:
    """Counts invoices, of all the files together, for whoever wants to know."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._count = progress, 0

    def one_more(self) -> None:
        self._count += 1
        if self._progress is not None and self._count % _NOW_AND_THEN == 0:
            self._progress(self._count)


class _DryRun(Exception):
    """Ends a transaction that must leave nothing behind."""

    def __init__(self, line: ImportLine) -> None:
        self.line = line


def import_files(
    runtime: Runtime,
    supplier_id: SupplierId,
    files: Iterable[tuple[str, bytes]],
    *,
    dry_run: bool = False,
    by: str = "system",
    progress: Progress | None = None,
) -> Iterator[ImportLine]:
    """Read and take in files, given as name and content; a line about each as soon as it is done.

    Each file is read in a child with limits and no transaction open, then taken in one of its
    own. A dry run does all of it and leaves nothing.
    """
    taking = _Taking(runtime, supplier_id, dry_run, by, _Counting(progress).one_more)
    with ReadingChild() as child:
        for name, content in files:
            report = child.read(name, content, default_terms_days=USUAL_TERMS_DAYS)
            try:
                yield _taken(taking, report, content)
            except IntegrityError:
                # Somebody else took the same number at this moment; now it is on record.
                yield _taken(taking, report, content)


def look_at_files(files: Iterable[tuple[str, bytes]]) -> Iterator[ImportLine]:
    """Read files and say what they are, without any books to hold them against."""
    with ReadingChild() as child:
        for name, content in files:
            report = child.read(name, content, default_terms_days=USUAL_TERMS_DAYS)
            yield _line_of(report, "refused" if report.faults else "taken", report.faults)


@dataclass(frozen=True, slots=True)
class _Taking:
    """Whose files are taken in, by whom and how."""

    runtime: Runtime
    supplier_id: SupplierId
    dry_run: bool
    by: str
    one_more: Callable[[], None]


def _taken(taking: _Taking, report: FileReport, content: bytes) -> ImportLine:
    if report.faults:
        return _refused(report, report.faults)
    supplier_id, clock = taking.supplier_id, taking.runtime.clock
    try:
        with taking.runtime.transaction(Scope(supplier_id), by=taking.by) as session:
            taken = take_in(session, supplier_id, report, content, clock, taking.one_more)
            line = _line(session, supplier_id, report, taken, dry_run=taking.dry_run)
            if taking.dry_run:
                raise _DryRun(line)
    except _DryRun as rehearsed:
        return rehearsed.line
    except Refused as refusal:
        return _refused(report, refusal.faults)
    return line


def _line(
    session: Session, supplier_id: SupplierId, report: FileReport, taken: Taken, *, dry_run: bool
) -> ImportLine:
    names = debtor_names(session, supplier_id, {each.debtor_id for each in taken.invoices})
    return ImportLine(
        file=report.file,
        format=report.format,
        outcome="taken" if any(each.is_new for each in taken.invoices) else "known",
        invoices=tuple(
            _imported(each, names[each.debtor_id], dry_run=dry_run) for each in taken.invoices
        ),
        warnings=taken.warnings,
    )


def _imported(each: TakenInvoice, debtor_name: str, *, dry_run: bool) -> ImportedInvoice:
    return ImportedInvoice(
        parsed=each.parsed,
        is_credit_note=each.is_credit_note,
        debtor_id=each.debtor_id,
        debtor_name=debtor_name,
        invoice_id=None if dry_run and each.is_new else each.invoice_id,
        is_new=each.is_new,
    )


def _refused(report: FileReport, faults: tuple[Fault, ...]) -> ImportLine:
    return _line_of(report, "refused", faults)


def _line_of(
    report: FileReport, outcome: Literal["taken", "refused"], faults: tuple[Fault, ...]
) -> ImportLine:
    """What the file says, where nothing of it was (or could be) written down."""
    return ImportLine(
        file=report.file,
        format=report.format,
        outcome=outcome,
        invoices=tuple(
            ImportedInvoice(
                parsed=each,
                is_credit_note=is_credit(each),
                debtor_id=None,
                debtor_name=each.buyer.name,
                invoice_id=None,
                is_new=outcome == "taken",
            )
            for each in report.invoices
        ),
        faults=faults,
    )
