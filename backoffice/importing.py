"""The upload page: what became of each file, with every reason for a refusal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.billing_pages import Fault, FileReport, ImportedInvoice, ImportPage, WaitingRow
from receivables import i18n
from receivables.i18n import translate as _
from receivables.intake import explaining, importing
from receivables.intake import faults as intake_faults
from receivables.intake.csv_columns import COLUMNS
from receivables.intake.kinds import LARGEST_MB
from receivables.intake.list_layout import ToldColumns
from receivables.payments.making_way import has_open_pages, make_way_for_debtors
from receivables.web.forms import UploadBody, field, uploads

#: How people call the formats.
_FORMATS = {
    "ubl-invoice": "UBL",
    "ubl-credit-note": "UBL",
    "cii": "CII",
    "factur-x": "Factur-X",
    "csv": "CSV",
    "xlsx": "XLSX",
}

#: An example of each column, for the page.
_EXAMPLES = {
    "number": "2026-0412",
    "issued_on": "2026-11-09",
    "due_on": "2026-12-09",
    "currency": "CHF",
    "amount": "1950.00",
    "debtor_name": "Atelier Dubois Sàrl",
    "debtor_number": "K00042",
    "email": "compta@dubois.example",
    "language": "fr",
    "country": "CH",
    "street": "Rue de Bourg 12",
    "postcode": "1003",
    "city": "Lausanne",
    "vat_number": "CHE-123.456.788 TVA",
    "registration_number": "CHE-123.456.788",
    "type": "invoice",
    "payment_reference": "RF18 5390 0754 7034",
    "note": "30 days net",
}


#: More of one file are counted, not shown.
_MOST_FAULTS = 200


@get("/invoices/import", sync_to_thread=True)
def show_import(collector: NamedDependency[Asker]) -> Response[str]:
    return collector.page("import.html", _page(collector, ()))


@post("/invoices/import", status_code=200, sync_to_thread=True)
def take_import(
    data: UploadBody, request: Request[Any, Any, Any], collector: NamedDependency[Asker]
) -> Response[Any]:
    """Read and take the files; the answer is the page with the reports, or they alone to htmx.

    A list whose columns are not known is kept; given alone, it leads on to where they are said.
    """
    collector.face.limiter.count("upload", str(collector.me.staff_id))
    files, dry_run = list(_files(uploads(data, "files"))), bool(field(data, "dry_run"))
    if not dry_run:
        close_pages(collector, files)
    lines = importing.import_files(
        collector.runtime,
        collector.supplier_id,
        files,
        dry_run=dry_run,
        by=f"staff:{collector.me.staff_id}",
    )
    reports = _reports(collector, files, lines, dry_run)
    by_htmx = request.headers.get("hx-request") == "true"
    if len(reports) == 1 and reports[0].columns_url:
        if by_htmx:
            return Response("", headers={"HX-Redirect": reports[0].columns_url})
        return Redirect(reports[0].columns_url, status_code=303)
    if by_htmx:
        return collector.face.page("_import_report.html", collector.reader, reports=reports)
    return collector.page("import.html", _page(collector, reports))


def _reports(
    collector: Asker,
    files: Sequence[tuple[str, bytes]],
    lines: Iterable[importing.ImportLine],
    dry_run: bool,
) -> tuple[FileReport, ...]:
    """What became of each file; a list that needs its columns explained waits from now on."""
    reports: list[FileReport] = []
    for (name, content), line in zip(files, lines, strict=True):
        url, warnings = "", line.warnings
        if not dry_run and line.layout is not None:
            try:
                url = _set_aside(collector, name, content, line)
            except explaining.TooManyWaiting:
                with i18n.reading_as(collector.reader.locale, collector.reader.zone):
                    warnings = (_("So many lists wait already that this one is not kept."),)
        with collector.reading() as session:
            report = _report(line)
            layout_url = _layout_url(session, collector, line)
        reports.append(replace(report, columns_url=url, layout_url=layout_url, warnings=warnings))
    return tuple(reports)


def _set_aside(collector: Asker, name: str, content: bytes, line: importing.ImportLine) -> str:
    """Keep a list that waits for its columns, and where they are said; a list that is taken waits
    no more.
    """
    with collector.transaction() as session:
        if line.accepted:
            explaining.wait_no_more_as(session, collector.supplier_id, content)
        if not line.needs_columns:
            return ""
        list_id = explaining.keep_waiting(
            session, collector.supplier_id, name, content, clock=collector.runtime.clock
        )
    return f"/invoices/import/{list_id}/columns"


def _layout_url(session: Session, collector: Asker, line: importing.ImportLine) -> str:
    """Where what was said of such lists can be changed; "" where nothing was."""
    if line.layout is None or line.layout.told_by != "remembered":
        return ""
    for each in explaining.remembered(session, collector.supplier_id):
        if each.labels == line.layout.labels:
            return f"/invoices/import/columns/{each.id}"
    return ""


def close_pages(
    collector: Asker, files: Sequence[tuple[str, bytes]], columns: ToldColumns | None = None
) -> None:
    """Before a credit note lowers what somebody is about to pay, their payment page is closed."""
    with collector.reading() as session:
        if not has_open_pages(session, collector.supplier_id):
            return
    rehearsed = importing.import_files(
        collector.runtime, collector.supplier_id, files, dry_run=True, columns=columns
    )
    credited = {
        each.debtor_id
        for line in rehearsed
        for each in line.invoices
        if each.is_credit_note and each.is_new and each.debtor_id is not None
    }
    if credited:
        make_way_for_debtors(collector.runtime, collector.supplier_id, sorted(credited))


def _files(sent: Iterable[UploadFile]) -> Iterator[tuple[str, bytes]]:
    for file in sent:
        if file.filename:
            yield file.filename[:200], file.file.read()


def _page(asker: Asker, reports: tuple[FileReport, ...]) -> ImportPage:
    with asker.reading() as session:
        head = asker.head(session, "invoices")
        notice = asker.notice()
        waiting = explaining.waiting_lists(session, asker.supplier_id)
        remembered = bool(explaining.remembered(session, asker.supplier_id))
    return ImportPage(
        head=head,
        notice=notice,
        reports=reports,
        largest_bytes=LARGEST_MB * 1_000_000,
        columns=tuple(
            (column.name, column.required, _EXAMPLES.get(column.name, "")) for column in COLUMNS
        ),
        waiting=tuple(
            WaitingRow(
                id=each.id,
                name=each.name,
                size_bytes=each.size_bytes,
                received_at=each.received_at,
            )
            for each in waiting
        ),
        has_layouts=remembered,
    )


def _report(line: importing.ImportLine) -> FileReport:
    return FileReport(
        name=line.file,
        outcome=line.outcome,
        format=_FORMATS.get(line.format or "", ""),
        invoices=tuple(_invoice(each.invoice_id, each) for each in line.invoices if line.accepted),
        faults=tuple(fault_in_words(each) for each in line.faults[:_MOST_FAULTS]),
        more_faults=max(0, len(line.faults) - _MOST_FAULTS),
        warnings=line.warnings,
    )


def _invoice(invoice_id: UUID | None, each: importing.ImportedInvoice) -> ImportedInvoice:
    return ImportedInvoice(
        id=invoice_id,
        number=each.parsed.number,
        debtor_name=each.debtor_name,
        due_on=each.parsed.due_date,
        due_on_source=each.parsed.due_date_source.value,
        amount=each.parsed.payable,
        is_credit_note=each.is_credit_note,
    )


def fault_in_words(
    each: intake_faults.Fault,
    messages: Mapping[str, tuple[str, str]] = intake_faults.MESSAGES,
) -> Fault:
    """The fault in the reader's language, made again from its code and values."""
    what, how = messages[each.code]
    try:
        return Fault(
            where=each.where,
            what=i18n.translate(what).format(**each.values),
            how=i18n.translate(how).format(**each.values),
        )
    except (KeyError, IndexError, ValueError):  # a translation with braces of its own
        return Fault(where=each.where, what=each.what, how=each.how)
