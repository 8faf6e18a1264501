"""MT940 as banks write it, and CODA by the book."""

from __future__ import annotations

import pytest

from receivables.bank.parsed import ParsedEntry
from tests.support.bank_files import coda, coda_movement, mt940, read


def entries(content: str) -> list[ParsedEntry]:
    report, found = read(content)
    assert report.accepted, report.faults
    return found


def codes(content: str) -> list[str]:
    return [each.code for each in read(content)[0].faults]


def test_a_german_field_86_tells_payer_account_id_and_purpose() -> None:
    [only] = entries(
        mt940(
            ":61:2611021103CR1234,50NTRFNONREF//BANK77",
            ":86:166?00SEPA-GUTSCHRIFT?20EREF+ORDER-4711?21SVWZ+Rechnung R-2026-17, ?22"
            "RF18539007547034?30DRESDEFF?31DE89370400440532013000?32Atelier Du?33bois",
        )
    )

    assert (str(only.signed), str(only.value_on), str(only.booked_on)) == (
        "CHF 1234.50",
        "2026-11-02",
        "2026-11-03",
    )
    assert (only.end_to_end_id, only.structured_reference) == ("ORDER-4711", "RF18539007547034")
    assert (only.counterparty, only.counterparty_account) == (
        "Atelier Dubois",
        "DE89370400440532013000",
    )
    assert only.unstructured == "Rechnung R-2026-17, RF18539007547034"
    assert (only.bank_reference, only.booking_text) == ("BANK77", "SEPA-GUTSCHRIFT")


def test_a_dutch_field_86_tells_the_same_by_names() -> None:
    [only] = entries(
        mt940(
            ":61:261102C10,NTRFEREF",
            ":86:/EREF/ORDER-1/BENM//NAME/J. de Vries/IBAN/NL91ABNA0417164300",
            "/REMI/USTD//Factuur 17/",
        )
    )

    assert (only.end_to_end_id, only.counterparty) == ("ORDER-1", "J. de Vries")
    assert (only.counterparty_account, only.unstructured) == ("NL91ABNA0417164300", "Factuur 17")
    assert only.bank_reference is None


@pytest.mark.parametrize(
    ("mark", "signed", "reversal"),
    [("C", "10.00", False), ("D", "-10.00", False), ("RC", "-10.00", True), ("RD", "10.00", True)],
)
def test_a_reversal_of_a_credit_takes_out_and_of_a_debit_puts_in(
    mark: str, signed: str, reversal: bool
) -> None:
    [only] = entries(mt940(f":61:261102{mark}10,00NTRFNONREF"))

    assert (str(only.signed), only.is_reversal) == (f"CHF {signed}", reversal)


def test_the_pages_of_one_statement_are_one_and_add_up() -> None:
    first = mt940(":61:261102C10,NTRFNONREF", closing="").replace(
        "\n-\n", "\n:62M:C261102CHF1010,00\n-\n"
    )
    second = mt940(
        ":61:261102C5,NTRFNONREF", opening="C261102CHF1010,00", closing="C261102CHF1015,00"
    ).replace(":60F:", ":60M:")

    report, found = read(first + second)

    [statement] = report.statements
    assert [each.statement for each in found] == [0, 0]
    assert statement.opening is not None
    assert statement.closing is not None
    assert (str(statement.opening.amount), str(statement.closing.amount)) == (
        "CHF 1000.00",
        "CHF 1015.00",
    )
    assert (statement.entry_count, statement.findings) == (2, ())


def test_the_entry_date_falls_into_the_year_beside_the_value_date() -> None:
    [only] = entries(mt940(":61:2701011230C10,NTRFNONREF"))

    assert (str(only.value_on), str(only.booked_on)) == ("2027-01-01", "2026-12-30")


def test_a_bank_that_counts_thirty_days_in_february_is_understood() -> None:
    report, [only] = read(mt940(":61:270230C10,NTRFNONREF"))

    assert str(only.value_on) == "2027-02-28"
    assert [each.code for each in report.statements[0].findings] == ["impossible-day"]


def test_lines_that_cannot_be_read_are_told_with_their_number() -> None:
    report, _ = read(mt940(":61:261302C10,NTRF", ":61:261102X10,NTRF", closing="C261102CHF"))

    assert [(each.where, each.code) for each in report.faults] == [
        ("line 5, :61:", "mt940-line"),
        ("line 6, :61:", "mt940-line"),
        ("line 7, :62F:", "mt940-balance"),
    ]


def test_an_envelope_and_headers_of_a_bank_are_passed_over() -> None:
    message = mt940(":61:261102C10,NTRFNONREF")

    assert (
        len(entries("{1:F01BANKCHZZAXXX}{2:O940}{4:\n" + message.replace("\n-\n", "\n-}\n"))) == 1
    )
    assert len(entries("ABNANL2A\n940\nABNANL2A\n" + message)) == 1


def test_coda_tells_references_and_takes_a_total_apart() -> None:
    report, found = read(
        coda(
            coda_movement(1, "100.00", communication="101010806817183", structured=True),
            coda_movement(2, "300.00", kind="1", reference="TOTAL"),
            coda_movement(2, "120.00", detail=1, kind="5", communication="R-1"),
            coda_movement(2, "180.00", detail=2, kind="5", communication="R-2"),
            closing="0000000001400000",
        )
    )

    assert report.accepted, report.faults
    assert [str(each.amount) for each in found] == ["EUR 100.00", "EUR 120.00", "EUR 180.00"]
    assert found[0].structured_reference == "010806817183"
    assert [(each.part, each.batch_of) for each in found[1:]] == [(1, "TOTAL"), (2, "TOTAL")]
    assert report.statements[0].account == "BE68539007547034"
    assert report.statements[0].findings == ()


def test_coda_that_is_cut_off_out_of_order_or_of_another_version_is_refused() -> None:
    whole = coda(coda_movement(1, "100.00"), closing="0000000001100000")
    lines = whole.splitlines()

    assert codes("\n".join(lines[:-1])) == ["coda-cut-off"]
    assert codes("\n".join(lines[:3])) == ["coda-cut-off"]
    assert codes("\n".join([lines[0], lines[2]])) == ["coda-record"]
    assert codes(whole.replace(lines[0], lines[0][:127] + "7")) == ["coda-version"]
    assert codes(whole.replace(lines[2], lines[2] + "x" * 10)) == ["coda-length"]
    assert codes(whole.replace("000000000100000211126", "00000000010x000211126")) == ["bad-amount"]


def test_coda_whose_totals_differ_is_taken_with_a_word() -> None:
    report, _ = read(coda(coda_movement(1, "100.00"), closing="0000000001200000"))

    assert report.accepted
    assert [each.code for each in report.statements[0].findings] == ["does-not-add-up"]
