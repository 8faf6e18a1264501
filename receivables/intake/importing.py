"""Importing files, from the command line and the upload page alike: one line about each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from receivables.database import Scope
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.intake.actions import Taken, TakenInvoice, is_credit, take_in
from receivables.intake.explaining import remembered_by_key
from receivables.intake.faults import COLUMN_FAULTS, Fault, Refused
from receivables.intake.list_layout import SeenLayout, Told, ToldColumns
from receivables.intake.parsed import FileReport, ParsedInvoice
from receivables.intake.queries import Standing
from receivables.intake.supervision import ReadingChild
from receivables.parties.queries import debtor_names, hold_supplier
from receivables.parties.tables import Supplier
from receivables.runtime import Runtime

#: Told how many invoices have been taken in so far, now and then.
Progress = Callable[[int], None]
_NOW_AND_THEN = 100

#: Files that are taken in by one transaction: so many, of so many bytes and invoices together. It
#: stays short, since nobody else can write to SQLite meanwhile.
_TOGETHER = 16
_BYTES_TOGETHER = 2_000_000
_INVOICES_TOGETHER = 50

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


_SAY_COLUMNS = (
    'Say what its columns are on the page "Import invoices", or here: '
    '--columns "number=HEADING,issued_on=HEADING,amount=HEADING,debtor_name=HEADING,currency=EUR"'
)

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
    #: What a list looks like, where that is worth knowing.
    layout: SeenLayout | None = None

    @property
    def accepted(self) -> bool:
        return self.outcome != "refused"

    @property
    def needs_columns(self) -> bool:
        """Whether it can be taken once somebody says what its columns are."""
        return self.layout is not None and any(each.code in COLUMN_FAULTS for each in self.faults)

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
                *([f"        {_SAY_COLUMNS}"] if self.needs_columns else []),
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

    def __init__(self, lines: Sequence[ImportLine]) -> None:
        self.lines = lines


def import_files(
    runtime: Runtime,
    supplier_id: SupplierId,
    files: Iterable[tuple[str, bytes]],
    *,
    dry_run: bool = False,
    by: str = "system",
    progress: Progress | None = None,
    columns: ToldColumns | None = None,
) -> Iterator[ImportLine]:
    """Read and take in files, given as name and content; a line about each once it is done.

    The columns of lists are `columns` where they are given, else what the supplier's staff said
    of lists with the same headings, else what their headings mean for certain.

    Files are read in a child with limits and no transaction open, then taken in, a few of them by
    one transaction: each wholly or not at all. A dry run does all of it and leaves nothing.
    """
    taking = _Taking(runtime, supplier_id, dry_run, by, _Counting(progress).one_more)
    with runtime.reading(Scope(supplier_id)) as session:
        told = Told(columns, remembered_by_key(session, supplier_id))
    with ReadingChild() as child:
        batch = _Batch()
        for name, content in files:
            report = child.read(name, content, default_terms_days=USUAL_TERMS_DAYS, told=told)
            if not batch.has_room_for(report, content):
                yield from _taken(taking, batch.files)
                batch = _Batch()
            batch.add(report, content)
            if dry_run:
                # Each as if it came alone: what is left nowhere is nothing to the next.
                yield from _taken(taking, batch.files)
                batch = _Batch()
        yield from _taken(taking, batch.files)


def look_at_files(
    files: Iterable[tuple[str, bytes]], *, columns: ToldColumns | None = None
) -> Iterator[ImportLine]:
    """Read files and say what they are, without any books to hold them against."""
    with ReadingChild() as child:
        for name, content in files:
            report = child.read(
                name, content, default_terms_days=USUAL_TERMS_DAYS, told=Told(columns)
            )
            yield _line_of(report, "refused" if report.faults else "taken", report.faults)


@dataclass(frozen=True, slots=True)
class _Taking:
    """Whose files are taken in, by whom and how."""

    runtime: Runtime
    supplier_id: SupplierId
    dry_run: bool
    by: str
    one_more: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _File:
    """A file that was read, and is to be taken in."""

    report: FileReport
    content: bytes


class _Batch:
    """Files that are taken in together."""

    def __init__(self) -> None:
        self.files: list[_File] = []
        self._bytes = self._invoices = 0

    def has_room_for(self, report: FileReport, content: bytes) -> bool:
        """Always for the first, however large."""
        return not self.files or (
            len(self.files) < _TOGETHER
            and self._bytes + len(content) <= _BYTES_TOGETHER
            and self._invoices + len(report.invoices) <= _INVOICES_TOGETHER
        )

    def add(self, report: FileReport, content: bytes) -> None:
        self.files.append(_File(report, content))
        self._bytes += len(content)
        self._invoices += len(report.invoices)


def _taken(taking: _Taking, files: Sequence[_File]) -> Sequence[ImportLine]:
    try:
        return _taken_together(taking, files)
    except IntegrityError:
        # Somebody else took the same number at this moment; now it is on record. Each alone:
        # should one fail for good, it takes none of the others with it.
        return [line for each in files for line in _taken_together(taking, [each])]


def _taken_together(taking: _Taking, files: Sequence[_File]) -> Sequence[ImportLine]:
    """Take files in by one transaction. One that is refused writes nothing, the others stand."""
    if not files:
        return ()
    try:
        with taking.runtime.transaction(Scope(taking.supplier_id), by=taking.by) as session:
            # Two who write the same numbers in another order would wait for each other for good.
            supplier = hold_supplier(session, taking.supplier_id)
            numbers = (each.number for file in files for each in file.report.invoices)
            standing = Standing(session, supplier.id, numbers)
            outcomes = [_outcome(session, supplier, standing, taking, each) for each in files]
            lines = _lines(session, taking, files, outcomes)
            if taking.dry_run:
                raise _DryRun(lines)
    except _DryRun as rehearsed:
        return rehearsed.lines
    return lines


def _outcome(
    session: Session, supplier: Supplier, standing: Standing, taking: _Taking, file: _File
) -> Taken | Refused:
    clock = taking.runtime.clock
    try:
        return take_in(
            session, supplier, file.report, file.content, standing, clock, taking.one_more
        )
    except Refused as refusal:
        return refusal


def _lines(
    session: Session,
    taking: _Taking,
    files: Sequence[_File],
    outcomes: Sequence[Taken | Refused],
) -> list[ImportLine]:
    taken = [one for one in outcomes if isinstance(one, Taken)]
    names = debtor_names(
        session, taking.supplier_id, {each.debtor_id for one in taken for each in one.invoices}
    )
    return [
        _refused(file.report, outcome.faults)
        if isinstance(outcome, Refused)
        else _line(file.report, outcome, names, dry_run=taking.dry_run)
        for file, outcome in zip(files, outcomes, strict=True)
    ]


def _line(
    report: FileReport, taken: Taken, names: Mapping[DebtorId, str], *, dry_run: bool
) -> ImportLine:
    return ImportLine(
        file=report.file,
        format=report.format,
        outcome="taken" if any(each.is_new for each in taken.invoices) else "known",
        invoices=tuple(
            _imported(each, names[each.debtor_id], dry_run=dry_run) for each in taken.invoices
        ),
        warnings=taken.warnings,
        layout=report.layout,
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
        layout=report.layout,
    )
