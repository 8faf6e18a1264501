"""Why a bank's file was refused, or what a person should know of it: where, what, how to mend it.

The values are those of `intake.faults`, and a face words them in the same way; the codes are ours.
"""

from __future__ import annotations

from typing import Final

from receivables.intake.faults import Fault, Refused

#: code -> what is wrong, how to mend it. Braces are filled from the fault's values.
MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "empty": ("The file is empty.", "Export it again and check that it has content."),
    "too-large": (
        "The file has {megabytes} MB; at most {limit} MB are read.",
        "Ask the bank for shorter statements, or split the file.",
    ),
    "no-statement": (
        "The file is no bank statement that can be read.",
        "Give camt.053, camt.052 or camt.054, MT940, CODA, or the bank’s CSV export.",
    ),
    "other-xml": (
        "The XML document <{root}> is no bank statement.",
        "Ask the bank for camt.053 (or camt.052, camt.054) of ISO 20022.",
    ),
    "xml-broken": (
        "The XML is not well-formed: {reason}.",
        "The file was cut off or changed on its way; fetch it from the bank again.",
    ),
    "xml-doctype": (
        "The XML has a DOCTYPE, which no bank statement has.",
        "Fetch the file from the bank again, and do not take it from anybody else.",
    ),
    "bad-text": (
        "The characters cannot be read as {encoding}.",
        "Fetch the file from the bank again, and do not open and save it in between.",
    ),
    "missing": (
        "{field} is missing.",
        "Fetch the file from the bank again; it was changed or cut off.",
    ),
    "bad-amount": (
        "{text!r} is no amount of money in {currency}.",
        "Fetch the file from the bank again; it was changed or cut off.",
    ),
    "bad-date": (
        "{text!r} is no day.",
        "Fetch the file from the bank again; it was changed or cut off.",
    ),
    "bad-currency": (
        "{text!r} is no currency of ISO 4217.",
        "Fetch the file from the bank again; it was changed or cut off.",
    ),
    "bad-direction": (
        "{text!r} says neither credit nor debit.",
        "Fetch the file from the bank again; it was changed or cut off.",
    ),
    "mt940-line": (
        "The statement line {text!r} cannot be read.",
        "It must begin with the value date, C or D, and the amount: 2601310131C1234,50NTRF.",
    ),
    "mt940-balance": (
        "The balance {text!r} cannot be read.",
        "It must be C or D, the date, the currency and the amount: C260131EUR1234,50.",
    ),
    "coda-version": (
        "Version {version!r} of CODA is not known.",
        "Ask the bank for CODA version 2.",
    ),
    "coda-record": (
        "A record of type {kind!r} cannot stand here.",
        "Fetch the file from the bank again; it was changed or cut off.",
    ),
    "coda-length": (
        "The record has {length} characters instead of 128.",
        "Fetch the file from the bank again, and do not open and save it in between.",
    ),
    "coda-cut-off": (
        "The file ends before its statement does: the record of type {kind} is missing.",
        "Fetch the file from the bank again.",
    ),
    "csv-unknown-layout": (
        "No bank is known that exports these columns: {headers}.",
        "Say once on the upload page what each column means; it is remembered.",
    ),
    "csv-no-amount": (
        "The line states no amount.",
        "Leave the line out, or write the amount in the column {columns}.",
    ),
    "csv-column-missing": (
        "The column {column!r} that the amounts or days should come from is not there.",
        "Export the file with its header line, or say anew what its columns mean.",
    ),
    "csv-broken": (
        "The line cannot be taken apart: {reason}.",
        "Close the quotation mark, or export the file again.",
    ),
    "too-many-faults": (
        "There are more faults than are shown here.",
        "Mend these first.",
    ),
    "child-timed-out": (
        "Reading the file took longer than {seconds} seconds and was stopped.",
        "Split the file, or fetch it from the bank again.",
    ),
    "child-out-of-memory": (
        "Reading the file needed more memory than a file may use.",
        "Split the file, or fetch it from the bank again.",
    ),
    "child-died": (
        "Reading the file broke off.",
        "Fetch the file from the bank again, and tell us about this one.",
    ),
    # What a person should know of a file that was taken.
    "batch-sum": (
        "The transactions of the batch over {amount} do not add up to it.",
        "It was kept whole, as booked. Ask the bank for its transactions (camt.054).",
    ),
    "no-account": (
        "The file names no account.",
        "It is taken for your account on record. For another, get a statement that names it.",
    ),
    "no-currency": (
        "The file does not say in which currency it is.",
        "It is shown and not posted. Ask the bank for a complete statement.",
    ),
    "does-not-add-up": (
        "{opening} and the entries make {sum}, but the closing balance is {closing}.",
        "Entries may be missing: compare with the bank’s own page.",
    ),
    "rounded": (
        "{text} has more decimals than {currency} has; {amount} was taken.",
        "Compare with the bank’s own page.",
    ),
    "balance-currency": (
        "The balance is in {currency}, and the account in {own}.",
        "The balance is left out.",
    ),
    "coda-records": (
        "The last record counts {stated} records, and the file has {found}.",
        "Entries may be missing: compare with the bank’s own page.",
    ),
    "coda-debits": (
        "The last record adds the debits up to {stated}, and the file to {found}.",
        "Entries may be missing: compare with the bank’s own page.",
    ),
    "coda-credits": (
        "The last record adds the credits up to {stated}, and the file to {found}.",
        "Entries may be missing: compare with the bank’s own page.",
    ),
    "impossible-day": (
        "{text} is no day of the calendar; {day} was taken instead.",
        "Some banks count every month with 30 days: nothing needs to be done.",
    ),
    "gap": (
        "The statement opens with {opening}, and the one before it ({on}) closed with {closing}.",
        "A statement between the two is missing: fetch it from the bank.",
    ),
    "details-known": (
        "The batch over {amount} is on record as one booking; its transactions are added to it.",
        "Nothing needs to be done.",
    ),
    "intraday": (
        "It is a report within the day.",
        "It is shown, and posted from the statement (camt.053) that follows.",
    ),
}

#: More are not told of one file.
MOST_FAULTS: Final = 50


def fault(code: str, where: str, **values: object) -> Fault:
    """The fault `code` at `where`; long values are shortened, since they come from outside."""
    what, how = MESSAGES[code]
    texts = {name: shortened(str(value)) for name, value in values.items()}
    return Fault(where, what.format(**texts), how.format(**texts), code, texts)


def shortened(text: str, most: int = 120) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def refuse(code: str, where: str, **values: object) -> Refused:
    """A refusal for one reason, ready to raise."""
    return Refused([fault(code, where, **values)])


class Faults:
    """Collects the faults of one file, up to as many as anybody reads.

    Raises Refused from `note` when there are more.
    """

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def note(self, code: str, where: str, **values: object) -> None:
        self.found.append(fault(code, where, **values))
        if len(self.found) >= MOST_FAULTS:
            self.found.append(fault("too-many-faults", where))
            raise Refused(self.found)

    def refuse_if_any(self) -> None:
        if self.found:
            raise Refused(self.found)
