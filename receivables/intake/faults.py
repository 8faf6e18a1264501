"""Why a file was refused: where, what, and how to mend it.

A fault carries a code and its values, so that a face can say it in its reader's language;
`what` and `how` are the same in English, for the command line and the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from receivables.errors import ReceivablesError

#: code -> what is wrong, how to mend it. Braces are filled from the fault's values.
MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "empty": ("The file is empty.", "Export it again and check that it has content."),
    "too-large": (
        "The file has {megabytes} MB; at most {limit} MB are read.",
        "Leave out attachments, or split the file.",
    ),
    "binary": (
        "The file is {kind}, not an invoice that can be read.",
        "Give the e-invoice itself: UBL or CII as XML, Factur-X or ZUGFeRD as PDF, or CSV.",
    ),
    "zip": (
        "The file is a ZIP archive.",
        "Unpack it and give the invoices one by one.",
    ),
    "workbook": (
        "The file is a workbook ({kind}) that cannot be read.",
        "Open it and save it as XLSX without a password, or as CSV (UTF-8).",
    ),
    "other-document": (
        "The file is {kind}, which is not an invoice this system reads.",
        "{remedy}",
    ),
    "unknown-xml": (
        "The XML document <{root}> is of no known kind of invoice.",
        "Give a UBL 2 Invoice or CreditNote, or a UN/CEFACT CrossIndustryInvoice.",
    ),
    "xml-broken": (
        "The XML is not well-formed: {reason}.",
        "The file was cut off or changed on its way; ask its sender for it again.",
    ),
    "xml-doctype": (
        "The XML has a DOCTYPE, which no e-invoice standard allows.",
        "Have the sender leave the DOCTYPE out.",
    ),
    "xml-encoding": (
        "The characters of the XML cannot be read as {encoding}.",
        "Save the file as UTF-8 and declare it so.",
    ),
    "xml-too-deep": (
        "Elements are nested more than {limit} deep.",
        "An invoice is never built so; ask the sender for a proper file.",
    ),
    "xml-too-many": (
        "The XML has more than {limit} {things}.",
        "Split the invoice, or ask the sender for a proper file.",
    ),
    "xml-text-too-long": (
        "One text of the XML is longer than 10 MB.",
        "Leave out the documents attached to the invoice.",
    ),
    "envelope": (
        "The envelope holds {count} invoices; exactly one is expected.",
        "Give each invoice as a file of its own.",
    ),
    "pdf-broken": (
        "The PDF cannot be read: {reason}.",
        "Print or export it again as PDF/A-3, or give its XML part.",
    ),
    "pdf-encrypted": (
        "The PDF is encrypted.",
        "Save it without a password, or give its XML part.",
    ),
    "pdf-without-invoice": (
        "The PDF has no e-invoice inside{found}.",
        "Give a Factur-X or ZUGFeRD PDF, the XML of the invoice, or enter it by CSV.",
    ),
    "pdf-too-complex": (
        "The PDF unpacks to more than is allowed: {reason}.",
        "Give the XML part alone, or export the PDF anew.",
    ),
    "missing": ("{field} is missing.", "Add it: {example}."),
    "bad-date": ("{text!r} is no date for {field}.", "Write it as {example}."),
    "bad-amount": ("{text!r} is no amount for {field}.", "Write it as {example}."),
    "unknown-currency": (
        "{text!r} is no ISO 4217 currency.",
        "Use the three letters of the currency, such as EUR or CHF.",
    ),
    "currencies-differ": (
        "The amount is in {amount_currency}, but the invoice in {currency}.",
        "State the amount due in the invoice's own currency.",
    ),
    "too-long": (
        "{field} has {length} characters; at most {limit} are kept.",
        "Shorten it.",
    ),
    "csv-not-text": (
        "The file is not text in UTF-8, UTF-16 or Windows-1252.",
        "Save it as CSV (UTF-8).",
    ),
    "csv-no-header": (
        "The first line names none of the columns of an invoice list.",
        "Let the first line name the columns: number, issued_on, currency, amount, debtor_name.",
    ),
    "csv-no-lines": ("There is no line below the header.", "Add one line per invoice."),
    "csv-column-missing": ("There is no column {column!r}.", "Add it; it is also called {also}."),
    "csv-column-twice": (
        "The columns {first!r} and {second!r} both mean {column!r}.",
        "Keep one of them.",
    ),
    "csv-cells": (
        "The line has {cells} cells, the header {columns}.",
        "Put cells that contain the separator {separator} in double quotes.",
    ),
    "list-too-wide": (
        "The line has {cells} cells; {limit} at most are read.",
        "Copy the columns of the list alone into a new file.",
    ),
    "csv-broken": ("The line cannot be read: {reason}.", "Check its quotation marks."),
    "csv-us-date": (
        "{text!r} puts the month first.",
        "With slashes the day comes first (dd/mm/yyyy); better write yyyy-mm-dd.",
    ),
    "csv-amount-ambiguous": (
        "{text!r} may mean thousands or decimals.",
        "Write the decimals ({example}), and no grouping.",
    ),
    "csv-due-before-issue": (
        "It is due on {due_on}, before it was issued on {issued_on}.",
        "Check both dates; with slashes the day comes first (dd/mm/yyyy).",
    ),
    "csv-unknown-type": (
        "{text!r} is no type of document.",
        "Write invoice or credit, or leave the cell empty for an invoice.",
    ),
    "csv-number-twice": (
        "The number {number!r} is on line {earlier} already.",
        "Give each invoice once, or correct the number.",
    ),
    "workbook-too-much": (
        "The workbook unfolds to more than is read.",
        "Copy the list alone into a new workbook, or split it.",
    ),
    "workbook-unsafe": (
        "The workbook has parts inside that no list of invoices needs.",
        "Copy the list alone into a new workbook.",
    ),
    "workbook-empty": (
        "No sheet of the workbook has anything in it.",
        "Put the invoices on its first sheet.",
    ),
    "list-sheets": (
        "Several sheets hold invoices: {sheets}.",
        "Choose one of them, then give the file again for the next.",
    ),
    "list-no-sheet": ("There is no sheet {sheet!r}.", "Choose one of these: {sheets}."),
    "list-columns-unknown": (
        "The headings do not say for certain what these are: {missing}.",
        "Say once what each column is; lists with the same headings are then taken without asking.",
    ),
    "list-column-absent": ("There is no column {column!r}.", "The headings are: {labels}."),
    "list-dates-open": (
        "{text!r} may be one day or another: no line shows whether the day or the month is first.",
        "Say which of them stands first, or write the days as 2026-01-31.",
    ),
    "list-dates-contradict": (
        "Some days have the month in front and others cannot have.",
        "Write all the days the same way, best as 2026-01-31.",
    ),
    "list-error-cell": (
        "The cell shows {text}, where the spreadsheet could not compute.",
        "Mend its formula, or write the value itself.",
    ),
    "list-never-computed": (
        "The cell has a formula whose value is not in the file.",
        "Open the workbook in a spreadsheet program, save it, and give it again.",
    ),
    "list-merged": (
        "The cells {cells} are merged over several lines.",
        "Undo the merge and fill in each line.",
    ),
    "list-not-text": (
        "{text} is a number, a share or a day of the spreadsheet, not what {field} can be.",
        "Choose another column, or format the column as text and write it again.",
    ),
    "list-digits-lost": (
        "{text} has more digits than a number of a spreadsheet keeps.",
        "Format the column as text and write it again.",
    ),
    "number-taken": (
        "There is an invoice {number!r} already, with other content: {difference}.",
        "An invoice that was taken is never changed. Correct it by a credit note and a new number.",
    ),
    "own-purchase": (
        "{name!r}, who owes it, is yourself: it is an invoice that you have to pay.",
        "Give invoices that you have sent, not those you have received.",
    ),
    "child-timed-out": (
        "Reading the file took longer than {seconds} seconds and was stopped.",
        "Split the file, or ask its sender for a proper one.",
    ),
    "child-out-of-memory": (
        "Reading the file needed more memory than a file may use.",
        "Split the file, or ask its sender for a proper one.",
    ),
    "child-died": (
        "Reading the file broke off.",
        "Ask its sender for a proper file, and tell us about this one.",
    ),
}

#: Faults of a list that are mended by saying what its columns are, and not in the file.
COLUMN_FAULTS: Final = frozenset(
    {
        "csv-no-header", "csv-column-missing", "csv-column-twice", "csv-us-date", "list-sheets",
        "list-columns-unknown", "list-column-absent", "list-dates-open", "list-not-text",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason to refuse a file.

    `where` is a place such as ``/Invoice/cbc:ID`` or ``line 7, column amount``. `what` and `how`
    follow from `code` and `values` by MESSAGES.
    """

    where: str
    what: str
    how: str
    code: str
    values: dict[str, str] = field(default_factory=dict, hash=False)


def fault(code: str, where: str, **values: object) -> Fault:
    """The fault `code` at `where`; long values are shortened, since they come from outside."""
    what, how = MESSAGES[code]
    texts = {name: _shortened(str(value)) for name, value in values.items()}
    return Fault(where, what.format(**texts), how.format(**texts), code, texts)


def _shortened(text: str, most: int = 200) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


class Refused(ReceivablesError):
    """A file was not taken; `faults` says why, completely."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        assert self.faults, "a refusal gives its reasons"
        super().__init__("; ".join(f"{each.where}: {each.what}" for each in self.faults[:5]))


def refuse(code: str, where: str, **values: object) -> Refused:
    """A refusal for one reason, ready to raise."""
    return Refused([fault(code, where, **values)])
