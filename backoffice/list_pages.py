"""What the pages about lists of invoices and their columns get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice.billing_pages import Fault
from backoffice.pages import Notice, OfficeHead
from receivables.intake.list_days import Order
from receivables.intake.list_layout import Mark, PreviewRow


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChoice:
    """One thing an invoice has, and the heading it is read from ("" for none)."""

    name: str
    words: str
    required: bool
    heading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumnsPage:
    """`GET /invoices/import/{list_id}/columns` and `GET /invoices/import/columns/{layout_id}` ->
    list_columns.html.

    `POST` the same: `column_{field}` with a heading, `currency`, `dates`, `decimals`; of a list
    also `sheet`, `heading_line`, and `do` = look | take. Of what is remembered there is no list:
    `heading_line` is 0 there.
    """

    head: OfficeHead
    notice: Notice | None
    name: str
    #: Where the form goes, and where the button that throws away what it is about.
    url: str
    drop_url: str
    is_list: bool
    fields: tuple[FieldChoice, ...]
    headings: tuple[str, ...]
    heading_line: int
    sheet: str
    sheets: tuple[str, ...]
    currency: str
    dates: Order
    #: What the file itself shows; "" where it does not.
    dates_shown: Order
    decimals: Mark
    decimals_shown: Mark
    sample: tuple[tuple[int, tuple[str, ...]], ...]
    preview: tuple[PreviewRow, ...]
    invoice_count: int
    faults: tuple[Fault, ...]
    more_faults: int
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutRow:
    id: UUID
    name: str
    headings: tuple[str, ...]
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLayoutsPage:
    """`GET /invoices/import/columns` -> list_layouts.html."""

    head: OfficeHead
    notice: Notice | None
    rows: tuple[LayoutRow, ...]
