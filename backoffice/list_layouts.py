"""What is remembered of the columns of a supplier's lists, and an empty list to fill in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from backoffice.access import Asker
from backoffice.list_fields import choices_of, told_of
from backoffice.list_pages import LayoutRow, ListColumnsPage, ListLayoutsPage
from receivables.i18n import translate as _
from receivables.ids import InvoiceLayoutId
from receivables.intake import explaining
from receivables.intake.explaining import RememberedLayout
from receivables.intake.findings import CURRENCIES
from receivables.intake.list_layout import ToldColumns
from receivables.intake.template import MEDIA_TYPE, template_workbook
from receivables.web.forms import FormBody


@get("/invoices/import/columns", sync_to_thread=True)
def show_layouts(collector: NamedDependency[Asker]) -> Response[str]:
    with collector.reading() as session:
        rows = explaining.remembered(session, collector.supplier_id)
        page = ListLayoutsPage(
            head=collector.head(session, "invoices"),
            notice=collector.notice(),
            rows=tuple(
                LayoutRow(
                    id=each.id, name=each.name, headings=each.labels, changed_at=each.changed_at
                )
                for each in rows
            ),
        )
    return collector.page("list_layouts.html", page)


@get("/invoices/import/columns/{layout_id:uuid}", sync_to_thread=True)
def show_layout(layout_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[str]:
    """Raises NoSuchLayout."""
    layout = _layout(collector, layout_id)
    return collector.page("list_columns.html", _page(collector, layout, layout.told, ""))


@post("/invoices/import/columns/{layout_id:uuid}", sync_to_thread=True)
def change_layout(
    layout_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Let the columns mean something else from now on. Raises NoSuchLayout."""
    layout, told = _layout(collector, layout_id), told_of(data)
    error = ""
    if told.currency and told.currency not in CURRENCIES:
        error = "currency"
    elif told.missing or not set(told.columns.values()) <= set(layout.labels):
        error = "columns"
    if error:
        page = _page(collector, layout, told, error)
        return collector.page("list_columns.html", page, status=422)
    with collector.transaction() as session:
        explaining.remember_columns(
            session, collector.supplier_id, layout.name, layout.labels, told,
            clock=collector.runtime.clock,
        )  # fmt: skip
    return collector.back("/invoices/import/columns", "list_columns_saved")


@post("/invoices/import/columns/{layout_id:uuid}/forget", sync_to_thread=True)
def forget_layout(layout_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[Any]:
    """Ask again for such lists. Raises NoSuchLayout."""
    with collector.transaction() as session:
        explaining.forget_columns(
            session,
            collector.supplier_id,
            InvoiceLayoutId(layout_id),
            clock=collector.runtime.clock,
        )
    return collector.back("/invoices/import/columns", "list_columns_forgotten")


@get("/invoices/import/template.xlsx", sync_to_thread=True)
def take_template(collector: NamedDependency[Asker]) -> Response[bytes]:
    return Response(
        template_workbook(collector.reader.locale[:2]),
        media_type=MEDIA_TYPE,
        headers={"Content-Disposition": 'attachment; filename="invoices.xlsx"'},
    )


def _layout(asker: Asker, layout_id: UUID) -> RememberedLayout:
    with asker.reading() as session:
        return explaining.remembered_layout(session, asker.supplier_id, InvoiceLayoutId(layout_id))


def _page(asker: Asker, layout: RememberedLayout, told: ToldColumns, error: str) -> ListColumnsPage:
    with asker.reading() as session:
        said = {
            "": "",
            "currency": _("That is no currency."),
            "columns": _("Number, date, amount, debtor and currency are needed."),
        }
        return ListColumnsPage(
            head=asker.head(session, "invoices"),
            notice=asker.notice(),
            name=layout.name,
            url=f"/invoices/import/columns/{layout.id}",
            drop_url=f"/invoices/import/columns/{layout.id}/forget",
            is_list=False,
            fields=choices_of(told),
            headings=layout.labels,
            heading_line=0,
            sheet="",
            sheets=(),
            currency=told.currency,
            dates=told.dates,
            dates_shown="",
            decimals=told.decimals,
            decimals_shown="",
            sample=(),
            preview=(),
            invoice_count=0,
            faults=(),
            more_faults=0,
            error=said[error],
        )
