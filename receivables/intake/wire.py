"""Invoices and faults as JSON lines, between the reading child and its parent.

JSON and not pickle: the child has touched hostile content, and whoever unpickles its answer
would run what it says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.intake.faults import Fault
from receivables.intake.list_layout import PreviewRow, SeenLayout
from receivables.intake.parsed import (
    DueDateSource,
    FileReport,
    Format,
    Identifier,
    Line,
    ParsedInvoice,
    Party,
)
from receivables.money import Money

Plain = list[Any]


def lines_of(report: FileReport) -> Iterator[bytes]:
    """One line per party and invoice, then one with the faults that ends the report.

    A party stands before its first invoice and is then named by its place among the parties:
    in a long list the debtors repeat.
    """
    places: dict[Party, int] = {}
    for invoice in report.invoices:
        for party in (invoice.seller, invoice.buyer):
            if party not in places:
                places[party] = len(places)
                yield _line(["party", _plain_party(party)])
        yield _line(["invoice", _plain_invoice(invoice, places)])
    faults = [[each.where, each.what, each.how, each.code, each.values] for each in report.faults]
    yield _line(["end", report.format, faults, _plain_layout(report.layout)])


def _line(value: Plain) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def report_of(file: str, lines: Iterable[bytes]) -> FileReport | None:
    """The report that `lines` hold, as far as its end; None when they break off before it.

    Raises one of `confinement.MALFORMED` for lines that `lines_of` did not write.
    """
    parties: list[Party] = []
    invoices: list[ParsedInvoice] = []
    for line in lines:
        kind, *rest = json.loads(line)
        if kind == "party":
            parties.append(_party(rest[0]))
            continue
        if kind == "invoice":
            invoices.append(_invoice(rest[0], parties))
            continue
        format, faults, layout = rest
        return FileReport(
            file,
            Format(format) if format else None,
            tuple(invoices),
            tuple(_fault(*each) for each in faults),
            None if layout is None else _layout(layout),
        )
    return None


def _fault(where: str, what: str, how: str, code: str, values: dict[str, str]) -> Fault:
    return Fault(where, what, how, code, values)


def _plain_layout(layout: SeenLayout | None) -> dict[str, Any] | None:
    if layout is None:
        return None
    preview = [
        [
            each.line, each.number, each.issued_on.isoformat(), each.due_on.isoformat(),
            each.amount.minor, each.amount.currency, each.debtor_name, each.is_credit_note,
        ]
        for each in layout.preview
    ]  # fmt: skip
    return {
        "labels": layout.labels,
        "heading_line": layout.heading_line,
        "sheet": layout.sheet,
        "sheets": layout.sheets,
        "sample": layout.sample,
        "columns": dict(layout.columns),
        "told_by": layout.told_by,
        "dates": layout.dates,
        "decimals": layout.decimals,
        "preview": preview,
    }


def _layout(plain: dict[str, Any]) -> SeenLayout:
    return SeenLayout(
        **{
            **plain,
            "labels": tuple(plain["labels"]),
            "sheets": tuple(plain["sheets"]),
            "sample": tuple((line, tuple(cells)) for line, cells in plain["sample"]),
            "preview": tuple(_previewed(*each) for each in plain["preview"]),
        }
    )


def _previewed(
    line: int,
    number: str,
    issued: str,
    due: str,
    minor: int,
    currency: str,
    name: str,
    credit: bool,
) -> PreviewRow:
    return PreviewRow(
        line, number, date.fromisoformat(issued), date.fromisoformat(due),
        Money(minor, currency), name, credit,
    )  # fmt: skip


def _plain_invoice(invoice: ParsedInvoice, places: dict[Party, int]) -> Plain:
    return [
        invoice.format,
        invoice.number,
        invoice.type_code,
        invoice.issue_date.isoformat(),
        invoice.due_date.isoformat(),
        invoice.due_date_source,
        invoice.currency,
        invoice.payable.minor,
        invoice.total.minor,
        places[invoice.seller],
        places[invoice.buyer],
        invoice.payment_reference,
        invoice.account,
        invoice.preceding_invoice,
        invoice.note,
        [_plain_line(each) for each in invoice.lines],
        invoice.profile,
    ]


def _invoice(plain: Plain, parties: list[Party]) -> ParsedInvoice:
    format, number, type_code, issued, due, source, currency, payable, total, *rest = plain
    seller, buyer, reference, account, preceding, note, lines, profile = rest
    return ParsedInvoice(
        format=Format(format),
        number=number,
        type_code=type_code,
        issue_date=date.fromisoformat(issued),
        due_date=date.fromisoformat(due),
        due_date_source=DueDateSource(source),
        currency=currency,
        payable=Money(payable, currency),
        total=Money(total, currency),
        seller=parties[seller],
        buyer=parties[buyer],
        payment_reference=reference,
        account=account,
        preceding_invoice=preceding,
        note=note,
        lines=tuple(_line_of(each, currency) for each in lines),
        profile=profile,
    )


def _plain_party(party: Party) -> Plain:
    return [
        party.name,
        party.street,
        party.postcode,
        party.city,
        party.country,
        [[each.scheme, each.value] for each in party.identifiers],
        party.email,
        party.language,
        party.name_as_written,
    ]


def _party(plain: Plain) -> Party:
    name, street, postcode, city, country, identifiers, email, language, written = plain
    numbers = tuple(Identifier(scheme, value) for scheme, value in identifiers)
    return Party(name, street, postcode, city, country, numbers, email, language, written)


def _plain_line(line: Line) -> Plain:
    quantity = None if line.quantity is None else str(line.quantity)
    net = None if line.net is None else line.net.minor
    return [line.position, line.description, quantity, line.unit, net]


def _line_of(plain: Plain, currency: str) -> Line:
    position, description, quantity, unit, net = plain
    return Line(
        position,
        description,
        None if quantity is None else Decimal(quantity),
        unit,
        None if net is None else Money(net, currency),
    )
