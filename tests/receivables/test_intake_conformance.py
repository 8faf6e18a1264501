"""Intake against the suites of CEN, Peppol, KoSIT, ZUGFeRD and OASIS, which nobody here wrote.

They are read from where QUITTANCE_CONFORMANCE_DATA says (default: shared/data beside the project),
together with another program's extraction of the same files. Where the two differ, the difference
is of a kind that is explained here, or it is a bug.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from receivables.intake.parsed import DueDateSource, FileReport, ParsedInvoice
from receivables.intake.reading import read_many_in_child

_BESIDE: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_DATA: Final = Path(os.environ.get("QUITTANCE_CONFORMANCE_DATA", _BESIDE)) / "einvoice"
_EXPECTED: Final = _DATA / "expected_reference_extraction.json"

pytestmark = pytest.mark.skipif(
    not _EXPECTED.exists(), reason=f"no e-invoice suites at {_DATA} (QUITTANCE_CONFORMANCE_DATA)"
)

#: What must come out right; the due date where the document states one.
CORE: Final = ("number", "issue_date", "due_date", "currency", "payable", "seller", "buyer")
#: At least this share of the invoices must be right in each of them.
GOAL: Final = 0.97

#: What the other extraction calls a file that is no invoice of the standards.
NO_INVOICE: Final = "not_an_EN16931_invoice_or_broken"


@dataclass(frozen=True)
class Compared:
    """One file: what the other extraction found, and what we did."""

    file: str
    expected: dict[str, Any]
    report: FileReport

    @property
    def invoice(self) -> ParsedInvoice:
        (invoice,) = self.report.invoices
        return invoice


@pytest.fixture(scope="module")
def compared() -> list[Compared]:
    expected = json.loads(_EXPECTED.read_text(encoding="utf-8"))
    files = ((each["file"], (_DATA / each["file"]).read_bytes()) for each in expected)
    reports = read_many_in_child(files)
    return [
        Compared(each["file"], each, report) for each, report in zip(expected, reports, strict=True)
    ]


def is_oasis_2_0(each: Compared) -> bool:
    """UBL 2.0 is older than EN 16931; its examples are read, but not counted."""
    return "UBL-Invoice-2.0" in each.file


def invoices(compared: list[Compared]) -> list[Compared]:
    return [
        each
        for each in compared
        if each.expected["category"] != NO_INVOICE and not is_oasis_2_0(each)
    ]


def explained(field: str, each: Compared) -> str | None:
    """The kind of a difference in which the other extraction is not to be followed."""
    if each.expected[field] is not None:
        return None
    if (
        field == "payable"
        and each.invoice.profile == "urn:ferd:CrossIndustryDocument:invoice:1p0:basic"
    ):
        return "ZUGFeRD 1.0 BASIC has no amount due: it is the total less what was prepaid"
    if field == "currency" and each.expected["syntax"].startswith("UBL"):
        return "UBL may state the currency on the amounts alone"
    return None


def differences(field: str, compared: list[Compared]) -> list[str]:
    """The files whose `field` differs without an explanation; refused ones differ in all."""
    result = []
    for each in compared:
        if not each.report.accepted:
            result.append(f"{each.file}: refused, {each.report.faults}")
            continue
        expected, found = each.expected[field], found_in(each.invoice, field)
        if field == "payable" and expected is not None:
            expected = Decimal(expected)
        if found != expected and explained(field, each) is None:
            result.append(f"{each.file}: {field} is {found!r}, not {expected!r}")
    return result


def found_in(invoice: ParsedInvoice, field: str) -> str | Decimal | None:
    """The field as the other extraction writes it."""
    if field == "due_date":
        stated = invoice.due_date_source is DueDateSource.EXPLICIT
        return invoice.due_date.isoformat() if stated else None
    if field == "issue_date":
        return invoice.issue_date.isoformat()
    if field == "payable":
        return invoice.payable.decimal
    if field in ("seller", "buyer"):
        party = invoice.seller if field == "seller" else invoice.buyer
        return party.stated_name
    return str(getattr(invoice, field))


def test_there_is_something_to_compare(compared: list[Compared]) -> None:
    assert len(invoices(compared)) >= 100


@pytest.mark.parametrize("field", CORE)
def test_a_core_field_comes_out_right(compared: list[Compared], field: str) -> None:
    all_of_them = invoices(compared)

    wrong = differences(field, all_of_them)

    assert 1 - len(wrong) / len(all_of_them) >= GOAL, wrong


def test_nearly_every_invoice_is_right_in_all_core_fields(compared: list[Compared]) -> None:
    all_of_them = invoices(compared)

    wrong = {line.partition(":")[0] for field in CORE for line in differences(field, all_of_them)}

    assert 1 - len(wrong) / len(all_of_them) >= GOAL, wrong


def test_every_other_file_is_refused_with_what_it_is_and_how_to_mend_it(
    compared: list[Compared],
) -> None:
    others = [each for each in compared if each.expected["category"] == NO_INVOICE]

    assert others
    for each in others:
        assert each.report.faults, each.file
        assert all(fault.where and fault.what and fault.how for fault in each.report.faults)


def test_no_file_breaks_the_reader(compared: list[Compared]) -> None:
    broken = [
        each.file
        for each in compared
        if any(fault.code.startswith("child-") for fault in each.report.faults)
    ]

    assert broken == []


def test_terms_are_read_where_no_due_date_is_stated(compared: list[Compared]) -> None:
    """Where the terms of the other extraction speak of days or a date to pay by, so do we."""
    speaking = [
        each
        for each in invoices(compared)
        if each.expected["due_date"] is None
        and "innerhalb 30 Tagen netto bis" in (each.expected["terms"] or "")
    ]

    assert speaking
    for each in speaking:
        stated = each.expected["terms"].partition("netto bis ")[2][:10]
        assert each.invoice.due_date.strftime("%d.%m.%Y") == stated, each.file
        assert each.invoice.due_date_source is DueDateSource.TERMS
