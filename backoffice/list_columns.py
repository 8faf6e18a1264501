"""Saying once what the columns of a list of invoices are, seeing what would be taken, taking it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from backoffice.access import Asker
from backoffice.importing import close_pages, fault_in_words
from backoffice.list_fields import choices_of, told_of
from backoffice.list_pages import ListColumnsPage
from receivables.i18n import translate as _
from receivables.ids import WaitingListId
from receivables.intake import explaining, importing
from receivables.intake.faults import Fault
from receivables.intake.findings import CURRENCIES
from receivables.intake.list_layout import SeenLayout, Told, ToldColumns, known_columns
from receivables.intake.parsed import FileReport
from receivables.intake.supervision import ReadingChild
from receivables.web.forms import FormBody, field

_MOST_FAULTS = 40


@get("/invoices/import/{list_id:uuid}/columns", sync_to_thread=True)
def show_list_columns(list_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[str]:
    """The list as its headings alone explain it. Raises NoSuchWaitingList."""
    wanted = WaitingListId(list_id)
    with collector.reading() as session:
        name, content = explaining.waiting_list(session, collector.supplier_id, wanted)
        remembered = explaining.remembered_by_key(session, collector.supplier_id)
    report = _read(name, content, Told(remembered=remembered))
    told = ToldColumns(report.layout.columns if report.layout else {})
    if report.layout is not None and report.layout.told_by == "remembered":
        told = remembered[report.layout.key]
    return collector.page("list_columns.html", _page(collector, wanted, name, told, report, ""))


@post("/invoices/import/{list_id:uuid}/columns", status_code=200, sync_to_thread=True)
def take_list_columns(
    list_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Show what would be taken, or take it and remember how. Raises NoSuchWaitingList."""
    collector.face.limiter.count("upload", str(collector.me.staff_id))
    wanted = WaitingListId(list_id)
    with collector.reading() as session:
        name, content = explaining.waiting_list(session, collector.supplier_id, wanted)
    told = told_of(data)
    if _looks_elsewhere(data, told):
        told = _guessed(name, content, told)
    error = "currency" if told.currency and told.currency not in CURRENCIES else ""
    if field(data, "do") != "take" or error or told.missing:
        report = _read(name, content, Told(told))
        status = 422 if field(data, "do") == "take" else 200
        page = _page(collector, wanted, name, told, report, error)
        return collector.page("list_columns.html", page, status=status)
    return _take(collector, wanted, name, content, told)


def _take(
    collector: Asker, wanted: WaitingListId, name: str, content: bytes, told: ToldColumns
) -> Response[Any]:
    """What was said is remembered also where a line is wrong: the mended file is taken by it."""
    close_pages(collector, [(name, content)], told)
    by = f"staff:{collector.me.staff_id}"
    (line,) = importing.import_files(
        collector.runtime, collector.supplier_id, [(name, content)], by=by, columns=told
    )
    layout = line.layout
    if layout is not None and not line.needs_columns:
        with collector.transaction() as session:
            explaining.remember_columns(
                session, collector.supplier_id, name, layout.labels, told,
                clock=collector.runtime.clock,
            )  # fmt: skip
            if line.accepted:
                explaining.wait_no_more(session, collector.supplier_id, wanted)
    if line.accepted:
        new = sum(each.is_new for each in line.invoices)
        notice = "list_taken" if new else "list_known"
        return collector.back("/invoices/import", notice, name=name, count=str(new))
    report = _read(name, content, Told(told))
    page = _page(collector, wanted, name, told, report, "", line.faults)
    return collector.page("list_columns.html", page, status=422)


@post("/invoices/import/{list_id:uuid}/discard", sync_to_thread=True)
def discard_list(list_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[Any]:
    """Throw the waiting list away. Raises NoSuchWaitingList."""
    with collector.transaction() as session:
        explaining.discard(
            session, collector.supplier_id, WaitingListId(list_id), clock=collector.runtime.clock
        )
    return collector.back("/invoices/import", "list_discarded")


def _read(name: str, content: bytes, told: Told) -> FileReport:
    with ReadingChild() as child:
        return child.read(name, content, default_terms_days=importing.USUAL_TERMS_DAYS, told=told)


def _looks_elsewhere(data: FormBody, told: ToldColumns) -> bool:
    """Whether another sheet or line of headings was chosen than the form's headings come from."""
    return (field(data, "seen_sheet"), field(data, "seen_line")) != (
        told.sheet,
        str(told.heading_line),
    )


def _guessed(name: str, content: bytes, told: ToldColumns) -> ToldColumns:
    """What the headings there say by themselves; a new sheet has its headings elsewhere."""
    there = ToldColumns({}, sheet=told.sheet, heading_line=told.heading_line)
    layout = _read(name, content, Told(there)).layout
    columns = known_columns(layout.labels) if layout else {}
    return ToldColumns(
        columns, told.dates, told.decimals, told.currency, told.sheet, told.heading_line
    )


def _page(
    asker: Asker,
    list_id: WaitingListId,
    name: str,
    told: ToldColumns,
    report: FileReport,
    error: str,
    faults: tuple[Fault, ...] = (),
) -> ListColumnsPage:
    layout = report.layout or SeenLayout((), 0)
    found = faults or report.faults
    with asker.reading() as session:
        return ListColumnsPage(
            head=asker.head(session, "invoices"),
            notice=asker.notice(),
            name=name,
            url=f"/invoices/import/{list_id}/columns",
            drop_url=f"/invoices/import/{list_id}/discard",
            is_list=True,
            fields=choices_of(told),
            headings=layout.labels,
            heading_line=layout.heading_line,
            sheet=layout.sheet,
            sheets=layout.sheets,
            currency=told.currency,
            dates=told.dates,
            dates_shown=layout.dates,
            decimals=told.decimals,
            decimals_shown=layout.decimals,
            sample=layout.sample,
            preview=layout.preview,
            invoice_count=len(report.invoices),
            faults=tuple(fault_in_words(each) for each in found[:_MOST_FAULTS]),
            more_faults=max(0, len(found) - _MOST_FAULTS),
            error=_("That is no currency.") if error == "currency" else "",
        )
