"""CSV exports of banks: layouts told by their headers, details below a booking, odd cells."""

from __future__ import annotations

import pytest

from receivables.bank.csv_layouts import ToldLayout, banks, header_key, known_layout
from receivables.bank.parsed import ParsedEntry
from tests.support.bank_files import read


def entries(content: str | bytes) -> list[ParsedEntry]:
    report, found = read(content)
    assert report.accepted, report.faults
    return found


def said(found: list[ParsedEntry]) -> list[tuple[str, str]]:
    return [(str(each.booked_on), str(each.signed)) for each in found]


def test_every_bank_of_the_data_knows_its_own_headers() -> None:
    for bank in banks():
        found = known_layout(list(bank.meanings))
        assert found is not None, bank.name


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separators_and_characters_are_found_out(separator: str, encoding: str) -> None:
    lines = [
        ("Date", "Libellé", "Montant", "Solde", "Valeur"),
        ("31.01.26", "Règlement R-1", "1'250.50", "2000.00", "01.02.26"),
        ("30.01.26", "Frais", "-12.00", "749.50", "30.01.26"),
    ]
    text = "\n".join(separator.join(line) for line in lines)

    found = entries(text.encode(encoding))

    assert said(found) == [("2026-01-31", "CHF 1250.50"), ("2026-01-30", "CHF -12.00")]
    assert found[0].unstructured == "Règlement R-1"
    assert str(found[0].value_on) == "2026-02-01"


def test_account_and_currency_stand_above_the_header_and_totals_below() -> None:
    report, found = read(
        'Konto:;="CH9300762011623852957"\nWährung:;="EUR"\n\n'
        "Buchungsdatum;Avisierungstext;Gutschrift in EUR;Lastschrift in EUR;Valuta;Saldo\n"
        "2026-01-31;GUTSCHRIFT RF18 5390 0754 7034;100.00;;2026-01-31;\n"
        "2026-01-30;PREIS;;-5.00;2026-01-30;\n"
        "Total;;100.00;-5.00;;\n\nDisclaimer:\nOhne Gewähr.\n"
    )

    assert report.statements[0].account == "CH9300762011623852957"
    assert said(found) == [("2026-01-31", "EUR 100.00"), ("2026-01-30", "EUR -5.00")]
    assert found[0].structured_reference == "RF18539007547034"


def test_lines_below_a_booking_are_its_batch_when_they_add_up_else_its_words() -> None:
    header = "Datum;Buchungstext;Betrag Detail;Belastung;Gutschrift;Valuta;Saldo\n"
    batch = (
        "31.01.2026;Sammelgutschrift;;;300.00;31.01.2026;1\n;Eins;100.00;;;;\n;Zwei;200.00;;;;\n"
    )
    words = "30.01.2026;Gutschrift;;;50.00;30.01.2026;1\n;Gutschrift Dubois R-7;;;;;\n"

    one, two, three = entries(header + batch + words)

    assert [one.part, two.part, three.part] == [1, 2, 0]
    assert [each.unstructured for each in (one, two, three)] == [
        "Eins",
        "Zwei",
        "Gutschrift Dubois R-7",
    ]
    assert str(two.whole[0]) == "CHF 300.00"


def test_broken_lines_are_told_and_nothing_is_guessed() -> None:
    report, _ = read(
        "Datum;Buchungstext;Belastung;Gutschrift;Valuta;Saldo\n"
        "31.02.2026;A;;10.00;31.01.2026;1\n"
        "31.01.2026;B;;zehn;31.01.2026;1\n"
        "31.01.2026;C;3.00;4.00;31.01.2026;1\n"
        ";D;;5.00;;\n"
    )

    assert [(each.where, each.code) for each in report.faults] == [
        ("line 2", "bad-date"),
        ("line 3", "bad-amount"),
        ("line 4", "bad-amount"),
        ("line 5", "missing"),
    ]


def test_what_a_person_told_of_a_layout_goes_before_what_banks_mean() -> None:
    headers = ["Datum", "Text", "Betrag", "Saldo"]
    told = ToldLayout(
        "Mine",
        {"Datum": "booked_on", "Text": "counterparty", "Betrag": "balance", "Saldo": "amount"},
        account="X1",
        currency="USD",
        slashes="month-first",
    )
    known = {header_key(headers): told}

    report, [only] = read(";".join(headers) + "\n03/04/2026;Dubois;1.00;2.00\n", known.get)

    assert report.accepted
    assert (str(only.signed), str(only.booked_on)) == ("USD 2.00", "2026-03-04")
    assert (only.counterparty, report.statements[0].account) == ("Dubois", "X1")
    assert ToldLayout.of_json(told.as_json()) == told


def test_an_american_workbook_shows_that_the_month_comes_first() -> None:
    found = entries(
        "Datum\tValuta\tBuchungstext\tBelastung\tGutschrift\tSaldo\n"
        "7/8/2026\t7/8/2026\tA\t\t1.00\t\n6/29/2026\t6/29/2026\tB\t2.00\t\t\n"
    )

    assert said(found) == [("2026-07-08", "CHF 1.00"), ("2026-06-29", "CHF -2.00")]
