"""Bank statements: taken in from an upload, each with what it brought and what is odd about it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.bank_pages import (
    AccountRow,
    BankEntryRow,
    BankPage,
    BankStatementPage,
    StatementReport,
    StatementRow,
)
from backoffice.billing_pages import Fault
from receivables import i18n
from receivables.bank import faults as bank_faults
from receivables.bank import importing, queries
from receivables.bank.references import printed_account
from receivables.bank.tables import BankEntry, BankStatement
from receivables.ids import BankStatementId
from receivables.intake import faults as intake_faults
from receivables.web.face import LARGEST_BODY
from receivables.web.forms import UploadBody, field, uploads

#: How people call the formats.
FORMATS = {"mt940": "MT940", "coda": "CODA", "csv": "CSV"}

_ON_A_PAGE = 200


@get("/bank", sync_to_thread=True)
def show_bank(asker: NamedDependency[Asker]) -> Response[str]:
    return asker.page("bank.html", _page(asker, ()))


@post("/bank", status_code=200, sync_to_thread=True)
def take_statements(
    data: UploadBody, request: Request[Any, Any, Any], collector: NamedDependency[Asker]
) -> Response[str]:
    """Read and take the files; the answer is the page with the reports, or they alone to htmx."""
    collector.face.limiter.count("upload", str(collector.me.staff_id))
    with tempfile.TemporaryDirectory(prefix="quittance-") as folder:
        lines = importing.import_statements(
            collector.runtime,
            collector.supplier_id,
            _files(uploads(data, "files"), Path(folder)),
            dry_run=bool(field(data, "dry_run")),
            by=f"staff:{collector.me.staff_id}",
        )
        with i18n.reading_as(collector.reader.locale, collector.reader.zone):
            reports = tuple(_report(line) for line in lines)
    if request.headers.get("hx-request") == "true":
        return collector.face.page("_bank_report.html", collector.reader, reports=reports)
    return collector.page("bank.html", _page(collector, reports))


def _files(sent: Iterable[UploadFile], folder: Path) -> Iterator[tuple[str, Path]]:
    """Each file on disk under a name of ours, where the reading child finds it."""
    for place, file in enumerate(sent):
        path = folder / str(place)
        with path.open("wb") as kept:
            shutil.copyfileobj(file.file, kept)
        yield (file.filename or "")[:200], path


def _page(asker: Asker, reports: tuple[StatementReport, ...]) -> BankPage:
    with asker.reading() as session:
        rows = queries.statements(session, asker.supplier_id)
        return BankPage(
            head=asker.head(session, "payments"),
            notice=asker.notice(),
            accounts=tuple(
                AccountRow(
                    account=printed_account(each.account),
                    currency=each.currency,
                    last_on=each.last_on,
                    closing=each.closing,
                    taken_at=each.taken_at,
                )
                for each in queries.last_statements(session, asker.supplier_id)
            ),
            statements=tuple(_rows(session, asker, rows)),
            reports=reports,
            largest_bytes=LARGEST_BODY,
        )


def _rows(session: Session, asker: Asker, rows: Sequence[BankStatement]) -> Iterator[StatementRow]:
    new = queries.new_counts(session, asker.supplier_id, [row.id for row in rows])
    for row in rows:
        yield StatementRow(
            id=row.id,
            account=printed_account(row.account),
            format=FORMATS.get(row.format, row.format),
            number=row.number or "",
            first_on=row.first_on,
            last_on=row.last_on,
            opening=queries.opening_of(row),
            closing=queries.closing_of(row),
            entry_count=row.entry_count,
            new_entries=new.get(row.id, 0),
            file_name=row.file_name,
            findings=tuple(
                _worded(each["where"], each["code"], each["values"]) for each in row.findings
            ),
        )


def _report(line: importing.StatementLine) -> StatementReport:
    headers = [header for header in line.report.unknown_headers if header]
    accounts = [each.account for each in line.taken] or [
        each.account for each in line.report.statements
    ]
    return StatementReport(
        name=line.report.file,
        outcome=line.outcome,
        format=FORMATS.get(line.report.format or "", line.report.format or ""),
        accounts=tuple(dict.fromkeys(printed_account(each) for each in accounts if each)),
        entry_count=line.entry_count,
        new_entries=line.new_entries,
        statement_ids=tuple(each.statement_id for each in line.taken if each.statement_id),
        faults=tuple(fault_in_words(each) for each in line.report.faults),
        findings=tuple(fault_in_words(each) for each in line.warnings),
        explain_url="/bank/columns?" + urlencode({"header": headers}, doseq=True)
        if headers
        else "",
    )


def fault_in_words(each: intake_faults.Fault) -> Fault:
    return _worded(each.where, each.code, each.values)


def _worded(where: str, code: str, values: dict[str, str]) -> Fault:
    """The fault in the reader's language, made again from its code and values."""
    what, how = bank_faults.MESSAGES[code]
    try:
        return Fault(
            where=where,
            what=i18n.translate(what).format(**values),
            how=i18n.translate(how).format(**values),
        )
    except (KeyError, IndexError, ValueError):  # a translation with braces of its own
        return Fault(where=where, what=what.format(**values), how=how.format(**values))


@get("/bank/statements/{statement_id:uuid}", sync_to_thread=True)
def show_statement(
    statement_id: FromPath[UUID], request: Request[Any, Any, Any], asker: NamedDependency[Asker]
) -> Response[str]:
    after = str(request.query_params.get("after", ""))
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else -1
    with asker.reading() as session:
        row = queries.statement(session, asker.supplier_id, BankStatementId(statement_id))
        found = queries.entries_of(
            session, asker.supplier_id, row.id, most=_ON_A_PAGE + 1, after=start
        )
        shown = found[:_ON_A_PAGE]
        more = len(found) > _ON_A_PAGE
        [statement] = _rows(session, asker, [row])
        page = BankStatementPage(
            head=asker.head(session, "payments"),
            notice=asker.notice(),
            statement=statement,
            entries=tuple(_entry(each) for each in shown),
            next_url=f"/bank/statements/{row.id}?after={shown[-1].place}" if more else "",
        )
    return asker.page("bank_statement.html", page)


def _entry(row: BankEntry) -> BankEntryRow:
    status = next(each for each in ("BOOK", "PDNG", "INFO", "FUTR") if each == row.status)
    return BankEntryRow(
        booked_on=row.booked_on,
        value_on=row.value_on,
        amount=row.amount,
        came_in=row.credit_debit == "CRDT",
        is_reversal=row.is_reversal,
        status=status,
        may_be_posted=row.may_be_posted,
        counterparty=row.counterparty or "",
        counterparty_account=printed_account(row.counterparty_account or ""),
        reference=row.structured_reference or row.end_to_end_id or "",
        words=row.unstructured or row.booking_text or "",
        batch_of=row.batch_of or "",
        told_before=row.same_as is not None,
    )
