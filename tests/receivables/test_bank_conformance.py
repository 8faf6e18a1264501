"""Bank files of many banks and libraries, which nobody here wrote.

They are read from where QUITTANCE_CONFORMANCE_DATA says (default: shared/data beside the project),
with another program's extraction of the camt files, and MT940 also with the mt-940 library. Where
the two differ, the difference is of a kind that is explained here, or it is a bug.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import mt940
import pytest

from receivables.bank.parsed import FileReport, ParsedEntry
from receivables.bank.supervision import StatementChild

_BESIDE: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_DATA: Final = Path(os.environ.get("QUITTANCE_CONFORMANCE_DATA", _BESIDE)) / "bank_statements"
_EXPECTED: Final = _DATA / "expected_camt_reference_extraction.json"

pytestmark = pytest.mark.skipif(
    not _EXPECTED.exists(), reason=f"no bank files at {_DATA} (QUITTANCE_CONFORMANCE_DATA)"
)

#: No statement and not meant to be one: another program's answers, other formats.
_OTHERS: Final = (".json", ".yml", ".pydata", ".ofx", ".xlsx")


@dataclass(frozen=True)
class Read:
    name: str
    report: FileReport
    entries: list[ParsedEntry]

    @property
    def bookings(self) -> list[list[ParsedEntry]]:
        found: dict[tuple[int, int], list[ParsedEntry]] = defaultdict(list)
        for each in self.entries:
            found[each.statement, each.entry].append(each)
        return list(found.values())


@pytest.fixture(scope="module")
def everything() -> dict[str, Read]:
    found: dict[str, Read] = {}
    with StatementChild() as child:
        for path in sorted(_DATA.rglob("*")):
            if path.is_file() and path.name != "MANIFEST.json":
                name = str(path.relative_to(_DATA))
                report = child.read(name, path)
                found[name] = Read(name, report, list(report.entries))
    return found


def of(everything: dict[str, Read], *folders: str) -> list[Read]:
    return [
        each
        for name, each in everything.items()
        if name.partition("/")[0] in folders and not name.endswith(_OTHERS)
    ]


def refused(files: list[Read]) -> list[str]:
    return [each.name for each in files if not each.report.accepted]


def test_no_file_breaks_the_reader(everything: dict[str, Read]) -> None:
    broken = [
        name
        for name, each in everything.items()
        if any(fault.code.startswith("child-") for fault in each.report.faults)
    ]

    assert broken == []
    for each in everything.values():
        assert all(fault.where and fault.what and fault.how for fault in each.report.faults)


def camt_differences(expected: dict[str, Any], read: Read) -> Iterator[str]:
    """What the other extraction says otherwise, where no explanation holds."""
    if len(expected["entries"]) != len(read.bookings):
        yield f"{len(read.bookings)} bookings, not {len(expected['entries'])}"
        return
    for theirs, ours in zip(expected["entries"], read.bookings, strict=True):
        amount, direction = ours[0].whole
        pairs = {
            "amount": (amount.decimal, Decimal(theirs["amount"])),
            "currency": (amount.currency, theirs["ccy"]),
            "direction": (direction, theirs["sign"]),
            "booked": (ours[0].booked_on and str(ours[0].booked_on), _day(theirs["booked"])),
            "value": (ours[0].value_on and str(ours[0].value_on), _day(theirs["value"])),
        }
        yield from (f"{name}: {one}, not {two}" for name, (one, two) in pairs.items() if one != two)
        for transaction in theirs["txs"]:
            yield from _transaction_differences(transaction, ours, read)


def _transaction_differences(
    theirs: dict[str, Any], ours: list[ParsedEntry], read: Read
) -> Iterator[str]:
    references = {
        reference for each in ours for reference in (each.structured_reference or "").split(", ")
    }
    words = " ".join(each.unstructured or "" for each in ours)
    for reference in theirs["ref"]:
        if reference not in references:
            yield f"reference {reference}"
    for text in theirs["ustrd"]:
        if text not in words:
            yield f"text {text}"
    if theirs["e2e"] and theirs["e2e"] not in {each.end_to_end_id for each in ours}:
        yield f"end-to-end id {theirs['e2e']}"
    if (
        theirs["debtor"]
        and theirs["debtor"] not in {each.counterparty for each in ours}
        and not explained(theirs, ours, read)
    ):
        yield f"debtor {theirs['debtor']}"


def explained(theirs: dict[str, Any], ours: list[ParsedEntry], read: Read) -> str | None:
    """Why the debtor that the other extraction names is not the other side of the payment."""
    if any(theirs["debtor_iban"] == each.account for each in read.report.statements):
        return "the debtor is the holder of the account"
    if all(each.credit_debit == "DBIT" and each.counterparty for each in ours):
        return "of money out the other side is the creditor"
    return None


def _day(text: str | None) -> str | None:
    return text[:10] if text else None


def test_every_camt_is_read_and_says_what_the_other_extraction_says(
    everything: dict[str, Read],
) -> None:
    expected = json.loads(_EXPECTED.read_text(encoding="utf-8"))

    assert len(expected) >= 15
    wrong = {
        each["file"]: found
        for each in expected
        if (found := list(camt_differences(each, everything[each["file"]])))
    }
    assert wrong == {}
    assert refused([everything[each["file"]] for each in expected]) == []


def test_every_mt940_is_read_and_says_what_the_library_says(everything: dict[str, Read]) -> None:
    files = of(everything, "wolph-mt940")

    assert len(files) >= 20
    without_a_field = [each.name for each in files if b":" not in (_DATA / each.name).read_bytes()]
    assert refused(files) == without_a_field
    assert len(without_a_field) <= len(files) / 20
    for each in files:
        if each.report.accepted:
            library = mt940.parse(str(_DATA / each.name), encoding="latin-1")
            theirs = [
                (found.data["amount"].amount, found.data["date"].isoformat())
                for found in library.transactions
            ]
            ours = [(one.signed.decimal, str(one.value_on)) for one in each.entries]
            assert ours == theirs, each.name


def test_every_well_formed_coda_is_read_and_the_faulty_one_told_by_its_line(
    everything: dict[str, Read],
) -> None:
    files = of(everything, "php-coda", "pycoda-sdist")

    assert len(files) >= 5
    assert [name.rpartition("/")[2] for name in refused(files)] == [
        "coda_tests_Coda_faulty_version.txt"
    ]
    for each in files:
        if not each.report.accepted:
            assert [fault.where for fault in each.report.faults] == ["line 1, position 128"]
    batch = everything["php-coda/tests_Samples_sample10.cod"].entries
    assert [str(each.amount) for each in batch] == ["EUR 250.00", "EUR 750.00"]


def test_every_swiss_bank_s_csv_is_read(everything: dict[str, Read]) -> None:
    files = of(everything, "banana-ch-csv")
    banks = {each.name.partition("_import")[0] for each in files}

    assert len(banks) >= 12
    assert refused(files) == []
    for each in files:
        assert each.entries, each.name
        dates = [one.booked_on for one in each.entries]
        assert all(dates), each.name
        assert all(one.amount.minor for one in each.entries), each.name


def test_what_is_no_statement_is_refused_with_what_it_is(everything: dict[str, Read]) -> None:
    others = [each for name, each in everything.items() if name.endswith(_OTHERS)]

    assert others
    assert [each.name for each in others if each.report.accepted] == []
