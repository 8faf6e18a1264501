"""What an invoice in a list has, in people's words, and the form that says where it stands."""

from __future__ import annotations

from typing import Any, Final

from backoffice.list_pages import FieldChoice
from receivables.i18n import later
from receivables.i18n import translate as _
from receivables.intake.list_layout import (
    FIELDS,
    LONGEST_LABEL,
    REQUIRED,
    ToldColumns,
    mark_of,
    order_of,
)
from receivables.web.forms import field

_WORDS: Final = {
    "number": later("Invoice number"),
    "issued_on": later("Invoice date"),
    "due_on": later("Due date"),
    "currency": later("Currency"),
    "amount": later("Amount with VAT"),
    "debtor_name": later("Name of the debtor"),
    "debtor_number": later("Your number of the debtor"),
    "email": later("E-mail address"),
    "language": later("Language"),
    "country": later("Country"),
    "street": later("Street"),
    "postcode": later("Postcode"),
    "city": later("Town"),
    "vat_number": later("VAT number"),
    "registration_number": later("Number in the company register"),
    "type": later("Invoice or credit note"),
    "payment_reference": later("Payment reference"),
    "note": later("Payment terms in words"),
}
assert tuple(_WORDS) == FIELDS

_LONGEST_LINE: Final = 7


def choices_of(told: ToldColumns) -> tuple[FieldChoice, ...]:
    """Every field, with the heading it is read from; a currency may be said for the whole file."""
    return tuple(
        FieldChoice(
            name=name,
            words=_as_label(_(words)),
            required=name in REQUIRED and name != "currency",
            heading=told.columns.get(name, ""),
        )
        for name, words in _WORDS.items()
    )


def _as_label(words: str) -> str:
    """Some languages write the same words small within a sentence."""
    return words[:1].upper() + words[1:]


def told_of(data: dict[str, Any]) -> ToldColumns:
    """What the form says."""
    chosen = {name: field(data, f"column_{name}")[: LONGEST_LABEL + 10] for name in FIELDS}
    line = field(data, "heading_line")
    return ToldColumns(
        columns={name: heading for name, heading in chosen.items() if heading},
        dates=order_of(field(data, "dates")),
        decimals=mark_of(field(data, "decimals")),
        currency=field(data, "currency").upper()[:10],
        sheet=field(data, "sheet")[:100],
        heading_line=int(line)
        if line.isascii() and line.isdigit() and len(line) <= _LONGEST_LINE
        else 0,
    )
