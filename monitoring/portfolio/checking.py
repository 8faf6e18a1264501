"""`quittance portfolio check FILE`: a health check of any file, without a database or a supplier.

Its arguments are in `check_arguments`. Customers are identified by their own check digits alone;
classes come from a column of the file, if it has one. Nobody is asked, and nothing is kept.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import date
from typing import Any, TextIO

import msgspec

from monitoring.portfolio import engine
from monitoring.portfolio.check_arguments import add_arguments
from monitoring.portfolio.customers import Customer, read_customers
from monitoring.portfolio.document import Cell, Document, Section, Table
from monitoring.portfolio.faults import CustomersRefused
from monitoring.portfolio.identify import checked, identify, rated_by_file
from monitoring.portfolio.merging import duplicates_of, groups_of
from monitoring.portfolio.printing import print_document
from monitoring.portfolio.report import build
from monitoring.portfolio.report_values import Report
from monitoring.portfolio.rules import Assumptions
from monitoring.portfolio.writing import write
from receivables import i18n
from receivables.clock import Clock
from receivables.i18n import locale_for

__all__ = ["add_arguments", "check", "run"]


def run(options: argparse.Namespace, *, out: TextIO, err: TextIO, clock: Clock) -> int:
    """0 done; 1 the file is refused, and why; 2 there is no such file."""
    locale = locale_for(options.language, options.country or "GB")
    now = clock.now()
    try:
        content = options.path.read_bytes()
        with i18n.reading_as(locale):
            file = read_customers(content, currency=options.currency)
            report = check(
                file.customers, as_of_on=now.date(), country=options.country,
                currency=options.currency,
            )  # fmt: skip
            document = write(report, what=options.path.name)
            if options.pdf is not None:
                options.pdf.write_bytes(print_document(document, made_at=now))
    except OSError as error:
        err.write(f"{error}\n")
        return 2
    except CustomersRefused as refused:
        return _refused(options, refused, out, err)
    for fault in file.faults:
        err.write(f"{options.path}: {fault}\n")
    if options.json:
        told = {"file": str(options.path), **_plain(report)}
        out.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        out.write("\n".join(_text(document)) + "\n")
    return 0


def _refused(
    options: argparse.Namespace, refused: CustomersRefused, out: TextIO, err: TextIO
) -> int:
    if options.json:
        told = {"refused": str(options.path), "faults": _plain(list(refused.faults))}
        out.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        err.writelines(f"{options.path}: {fault}\n" for fault in refused.faults)
    return 1


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, str_keys=True)


def check(
    customers: tuple[Customer, ...], *, as_of_on: date, country: str = "", currency: str = ""
) -> Report:
    """The report of customers of whom nothing is known but what their file says."""
    found = [
        checked(one, identify(one), rated_by_file(one), place=place)
        for place, one in enumerate(customers, start=1)
    ]
    clusters = engine.clusters(list(enumerate(customers, start=1)))
    return build(
        found,
        Assumptions(),
        as_of_on=as_of_on,
        country=country,
        currency=currency,
        duplicates=duplicates_of(found, clusters),
        groups=groups_of(found, clusters),
    )


def _text(document: Document) -> Iterator[str]:
    """The document for a terminal."""
    yield document.title
    for label, value in document.facts:
        yield f"{label}: {value}"
    for section in document.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    yield ""
    yield f"{section.title}"
    yield "-" * len(section.title)
    if section.lead:
        yield section.lead
    for figure in section.figures:
        hint = f" ({figure.hint})" if figure.hint else ""
        yield f"{figure.label}: {figure.value}{hint}"
    for table in section.tables:
        yield from _table(table)
    yield from section.notes


def _cell(cell: Cell) -> str:
    return "–" if cell.kind == "band" and cell.text == "none" else cell.text


def _table(table: Table) -> Iterator[str]:
    head = [column.label for column in table.columns]
    body = [[_cell(cell) for cell in row] for row in (*table.rows, table.foot) if row]
    widths = [max(len(row[at]) for row in (head, *body)) for at in range(len(head))]
    for row in (head, *body):
        cells = [
            text.rjust(width) if column.kind == "num" else text.ljust(width)
            for text, width, column in zip(row, widths, table.columns, strict=True)
        ]
        yield "  ".join(cells).rstrip()
    if table.note:
        yield table.note
