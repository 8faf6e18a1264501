"""Files to try the upload with: two e-invoices, and a list with a mistake in it."""

from __future__ import annotations

from datetime import date, timedelta
from string import Template
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

from sandbox.story.calendar import on_or_before
from sandbox.story.sample_documents import CII, UBL

if TYPE_CHECKING:
    from sandbox.story.values import StorySupplier


class SampleFile(NamedTuple):
    """A file as one would find it in a mail or a folder."""

    name: str
    content: bytes


def sample_files(supplier: StorySupplier, today: date) -> list[SampleFile]:
    """An UBL invoice to a customer of the story, a CII invoice to a new one, a faulty list."""
    last = max(int(invoice.number[-4:]) for invoice in supplier.invoices)
    numbers = [f"{today.year}-{last + 20 + place:04d}" for place in range(5)]
    return [
        SampleFile(f"facture-{numbers[0]}.ubl.xml", _document(UBL, supplier, numbers[0], today)),
        SampleFile(f"facture-{numbers[1]}.cii.xml", _document(CII, supplier, numbers[1], today)),
        SampleFile("factures-avec-une-erreur.csv", _faulty_list(supplier, numbers[2:], today)),
    ]


def _document(template: str, supplier: StorySupplier, number: str, today: date) -> bytes:
    from_supplier = supplier.debtors[0]
    issued_on = on_or_before(today)
    due_on = issued_on + timedelta(days=30)
    values = {
        "number": number,
        "issued_on": issued_on.isoformat(),
        "due_on": due_on.isoformat(),
        "issued_102": f"{issued_on:%Y%m%d}",
        "due_102": f"{due_on:%Y%m%d}",
        "seller": supplier.name,
        "seller_number": supplier.registration_number,
        "seller_vat": supplier.vat_number,
        "seller_street": supplier.street,
        "seller_postcode": supplier.postcode,
        "seller_city": supplier.city,
        "iban": supplier.iban,
        "buyer": from_supplier.name,
        "buyer_debtor_number": from_supplier.number,
        "buyer_number": from_supplier.registration_number,
        "buyer_street": from_supplier.street,
        "buyer_postcode": from_supplier.postcode,
        "buyer_city": from_supplier.city,
        "buyer_email": from_supplier.email,
    }
    return Template(template).substitute({k: escape(v) for k, v in values.items()}).encode()


def _faulty_list(supplier: StorySupplier, numbers: list[str], today: date) -> bytes:
    """Three lines; the second is issued on a 31st of November, which no calendar has."""
    issued_on = on_or_before(today)
    due_on = issued_on + timedelta(days=30)
    first, second, third = supplier.debtors[3], supplier.debtors[5], supplier.debtors[8]
    lines = [
        "number;issued_on;due_on;currency;amount;debtor_number;debtor_name",
        f"{numbers[0]};{issued_on:%d.%m.%Y};{due_on:%d.%m.%Y};CHF;1'240.50;{first.number};{first.name}",
        f"{numbers[1]};31.11.{today.year};{due_on:%d.%m.%Y};CHF;860.00;{second.number};{second.name}",
        f"{numbers[2]};{issued_on:%d.%m.%Y};{due_on:%d.%m.%Y};CHF;318.90;{third.number};{third.name}",
    ]
    return "\r\n".join([*lines, ""]).encode()
