"""An empty workbook with the headings of an invoice list in somebody's language."""

from __future__ import annotations

import io
from typing import Final

from receivables.intake.csv_columns import COLUMNS

#: Each column's heading by language; all of them are known when the workbook comes back.
_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "Invoice number", "Invoice date", "Due date", "Currency", "Amount", "Customer",
        "Customer number", "E-mail", "Language", "Country", "Street", "Postcode", "City",
        "VAT number", "Company number", "Type", "Payment reference", "Note",
    ),
    "de": (
        "Rechnungsnummer", "Rechnungsdatum", "Fälligkeitsdatum", "Währung", "Betrag", "Kunde",
        "Kundennummer", "E-Mail-Adresse", "Sprache", "Land", "Strasse", "PLZ", "Ort",
        "MWST-Nummer", "Handelsregisternummer", "Art", "Zahlungsreferenz", "Bemerkung",
    ),
    "fr": (
        "Numéro de facture", "Date de facture", "Date d'échéance", "Devise", "Montant", "Client",
        "Numéro client", "Adresse e-mail", "Langue", "Pays", "Rue", "Code postal", "Localité",
        "Numéro de TVA", "Numéro d'entreprise", "Type de document", "Référence de paiement",
        "Remarque",
    ),
    "nl": (
        "Factuurnummer", "Factuurdatum", "Vervaldatum", "Munt", "Bedrag", "Klant",
        "Klantnummer", "E-mail", "Taal", "Land", "Straat", "Postcode", "Plaats",
        "BTW-nummer", "Ondernemingsnummer", "Soort", "Betalingskenmerk", "Opmerking",
    ),
    "it": (
        "Numero fattura", "Data fattura", "Data di scadenza", "Valuta", "Importo", "Cliente",
        "Codice cliente", "Indirizzo e-mail", "Lingua", "Paese", "Via", "CAP", "Località",
        "Partita IVA", "Numero d'impresa", "Tipo", "Riferimento di pagamento", "Osservazioni",
    ),
}  # fmt: skip

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Lines whose cells have their format already.
_FORMATTED: Final = 500
_DAYS: Final = ("issued_on", "due_on")


def headings(language: str) -> tuple[str, ...]:
    """In the order of `csv_columns.COLUMNS`; in English for other languages."""
    return _HEADINGS.get(language, _HEADINGS["en"])


def template_workbook(language: str) -> bytes:
    """The workbook; numbers and codes are texts in it, so that no zero is lost, and days days."""
    # Loaded where it is asked for: few ever are.
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    for place, (column, heading) in enumerate(zip(COLUMNS, headings(language), strict=True), 1):
        cell = sheet.cell(1, place)
        cell.value, cell.data_type = heading, "s"
        cell.font = Font(bold=column.required)
        sheet.column_dimensions[get_column_letter(place)].width = max(12, len(heading) + 4)
        if column.name == "amount":
            continue
        format = "yyyy-mm-dd" if column.name in _DAYS else "@"
        for line in range(2, _FORMATTED + 2):
            sheet.cell(line, place).number_format = format
    sheet.freeze_panes = "A2"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
