"""Invoices as the list a supplier's own software writes: what the product imports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date

from sandbox.story.values import StoryDebtor, StoryInvoice

COLUMNS = (
    "number", "type", "issued_on", "due_on", "currency", "amount", "debtor_number", "debtor_name",
    "email", "language", "country", "street", "postcode", "city", "registration_number",
    "vat_number", "payment_reference", "note",
)  # fmt: skip


def invoice_list(
    invoices: Iterable[StoryInvoice], debtors: Mapping[str, StoryDebtor], country: str
) -> bytes:
    """One line an invoice; dates, decimals and separator as one is used to in the country."""
    swiss = country == "CH"
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="," if swiss else ";")
    writer.writerow(COLUMNS)
    for invoice in invoices:
        debtor = debtors[invoice.debtor_number]
        amount = f"{invoice.amount_minor // 100}.{invoice.amount_minor % 100:02d}"
        writer.writerow(
            (
                invoice.number,
                "credit" if invoice.is_credit else "invoice",
                _day(invoice.issued_on, swiss=swiss),
                _day(invoice.due_on, swiss=swiss),
                invoice.currency,
                amount if swiss else amount.replace(".", ","),
                debtor.number,
                debtor.name,
                debtor.email,
                debtor.language,
                debtor.country,
                debtor.street,
                debtor.postcode,
                debtor.city,
                debtor.registration_number,
                debtor.vat_number or "",
                invoice.payment_reference,
                invoice.note,
            )
        )
    return out.getvalue().encode()


def _day(day: date, *, swiss: bool) -> str:
    return day.isoformat() if swiss else day.strftime("%d/%m/%Y")
