"""Invoice lists in CSV: taken whole, or refused whole with every fault of every line."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.intake.csv_cells import amount, decimal_mark
from receivables.intake.csv_columns import COLUMNS, column_of
from receivables.intake.parsed import DueDateSource, FileReport, Format, Identifier, ParsedInvoice
from receivables.intake.reading import read_file
from receivables.money import Money

HEADER = "number,issued_on,currency,amount,debtor_name"


def report_on(text: str, encoding: str = "utf-8") -> FileReport:
    return read_file("list.csv", text.encode(encoding))


def invoices_of(text: str, encoding: str = "utf-8") -> tuple[ParsedInvoice, ...]:
    report = report_on(text, encoding)
    assert report.faults == ()
    return report.invoices


def faults_of(text: str) -> list[tuple[str, str]]:
    report = report_on(text)
    assert report.invoices == ()
    return [(each.where, each.code) for each in report.faults]


def test_a_list_with_every_column_is_read_in_full() -> None:
    (invoice,) = invoices_of(
        ",".join(column.name for column in COLUMNS)
        + "\nR-1,2026-01-15,2026-02-14,EUR,1234.50,Chez Odette SAS,C-4711,odette@example.com,fr,FR,"
        "8 rue de la Paix,59000,Lille,FR83404833048,404833048,invoice,RF18539007547034,merci\n"
    )

    assert invoice.format is Format.CSV
    assert (invoice.number, invoice.type_code) == ("R-1", "380")
    assert invoice.issue_date == date(2026, 1, 15)
    assert (invoice.due_date, invoice.due_date_source) == (
        date(2026, 2, 14),
        DueDateSource.EXPLICIT,
    )
    assert invoice.payable == invoice.total == Money(123450, "EUR")
    assert invoice.seller.name == ""
    buyer = invoice.buyer
    assert (buyer.name, buyer.email, buyer.language) == (
        "Chez Odette SAS",
        "odette@example.com",
        "fr",
    )
    assert (buyer.street, buyer.postcode, buyer.city, buyer.country) == (
        "8 rue de la Paix",
        "59000",
        "Lille",
        "FR",
    )
    assert buyer.identifiers == (
        Identifier("DEBTOR", "C-4711"),
        Identifier("SIREN", "404833048"),
        Identifier("VAT", "FR83404833048"),
    )
    assert (invoice.payment_reference, invoice.note) == ("RF18539007547034", "merci")


@pytest.mark.parametrize(
    "header",
    [
        "Rechnungs-Nr.;Rechnungsdatum;Währung;Bruttobetrag;Kunde",
        "N° facture;Date de facture;Devise;Montant TTC;Raison sociale",
        "Factuurnummer;Factuurdatum;Valuta;Bedrag;Klant",
        "Invoice No;Invoice Date;Currency;Amount Due;Customer",
    ],
)
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_headers_separators_and_character_sets_are_recognised(
    header: str, separator: str, encoding: str
) -> None:
    text = f"{header}\r\nR-1;15.01.2026;CHF;99.95;Käserei Müller\r\n".replace(";", separator)

    (invoice,) = invoices_of(text, encoding)

    assert invoice.payable == Money(9995, "CHF")
    assert invoice.buyer.name == "Käserei Müller"


def test_every_column_has_names_of_its_own() -> None:
    for column in COLUMNS:
        for header in (column.name, *column.also):
            assert column_of(header) == column.name, header


@pytest.mark.parametrize(
    "written", ["2026-01-05", "05.01.2026", "5.1.2026", "05/01/2026", "05-01-2026"]
)
def test_days_are_year_first_or_day_first(written: str) -> None:
    (invoice,) = invoices_of(f"{HEADER}\nR-1,{written},EUR,1,A\n")

    assert invoice.issue_date == date(2026, 1, 5)


def test_the_month_first_is_refused() -> None:
    text = f"{HEADER}\nR-1,01/05/2026,EUR,1,A\nR-2,01/31/2026,EUR,1,A\n"

    assert faults_of(text) == [("line 3, column issued_on", "csv-us-date")]


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("1234.5", 123450),
        ("1234,50", 123450),
        ("1'234.50", 123450),
        ("1’234.50", 123450),
        ("1 234,50", 123450),
        ("1\u202f234,50", 123450),
        ("1.234,50", 123450),
        ("1,234.50", 123450),
        ("1.234.567,00", 123456700),
        ("1.234.567", 123456700),
        ("1.234", 123400),
        ("-50", -5000),
        ("50-", -5000),
        ("−50,00", -5000),
        ("+7", 700),
        ("0,5", 50),
    ],
)
def test_amounts_are_read_as_people_write_them(written: str, minor: int) -> None:
    (invoice,) = invoices_of(f'{HEADER}\nR-1,2026-01-15,EUR,"{written}",A\n')

    assert invoice.payable == Money(minor, "EUR")


@pytest.mark.parametrize(
    "written", ["12.34.56", "1,23,4", "EUR 5", "1e3", "--5", "0,123", "½", "1.2345"]
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    text = f'{HEADER}\nR-1,2026-01-15,EUR,"{written}",A\n'

    assert faults_of(text) == [("line 2, column amount", "bad-amount")]


def test_the_file_shows_what_a_point_before_three_digits_means() -> None:
    lines = f"{HEADER}\nR-1,2026-01-15,EUR,99.50,A\nR-2,2026-01-15,EUR,1.234,A\n"

    assert faults_of(lines) == [("line 3, column amount", "bad-amount")]
    assert [each.payable.minor for each in invoices_of(lines.replace("99.50", '"99,50"'))] == [
        9950,
        123400,
    ]


def test_with_three_decimals_a_single_mark_is_ambiguous() -> None:
    text = f"{HEADER}\nR-1,2026-01-15,KWD,1.234,A\n"

    assert faults_of(text) == [("line 2, column amount", "csv-amount-ambiguous")]
    assert invoices_of(text + "R-2,2026-01-15,KWD,1.5,A\n")[0].payable == Money(1234, "KWD")


@settings(deadline=None)
@given(
    st.integers(-(10**11), 10**11),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'")]),
)
def test_an_amount_written_with_grouping_reads_back(minor: int, marks: tuple[str, str]) -> None:
    point, grouping = marks
    written = f"{minor / 100:,.2f}".replace(",", "g").replace(".", point).replace("g", grouping)

    assert amount(written, "EUR", None).minor == minor
    assert decimal_mark([written]) == point


def test_a_credit_has_its_amount_without_a_sign() -> None:
    invoices = invoices_of(
        f"{HEADER},type\nG-1,2026-01-15,EUR,10,A,credit\nG-2,2026-01-15,EUR,-10,A,Gutschrift\n"
        "R-1,2026-01-15,EUR,-10,A,Rechnung\n"
    )

    assert [each.type_code for each in invoices] == ["381", "381", "380"]
    assert [each.payable.minor for each in invoices] == [1000, 1000, -1000]
    assert [each.is_credit_note for each in invoices] == [True, True, False]


def test_the_due_date_comes_from_the_cell_the_note_or_the_usual_terms() -> None:
    invoices = invoices_of(
        f"{HEADER},due_on,note\nR-1,2026-01-15,EUR,1,A,2026-01-20,30 Tage netto\n"
        "R-2,2026-01-15,EUR,1,A,,10 Tage netto\nR-3,2026-01-15,EUR,1,A,,\n"
    )

    assert [(each.due_date.day, str(each.due_date_source)) for each in invoices] == [
        (20, "explicit"),
        (25, "terms"),
        (14, "default"),
    ]


def test_every_fault_of_every_line_is_told() -> None:
    text = (
        f"{HEADER},due_on,type\n"
        "R-1,2026-01-15,EUR,1,A,2026-01-01,\n"
        ",15.13.2026,EUX,,,,\n"
        "\n"
        "R-2,2026-01-15,EUR,1,A,,\n"
        "R-2,2026-01-15,EUR,1,A,,letter\n"
        "R-3,2026-01-15\n"
        "R-4,2026-01-15,EUR,1,A,,,extra\n"
    )

    assert faults_of(text) == [
        ("line 2, column due_on", "csv-due-before-issue"),
        ("line 3, column number", "missing"),
        ("line 3, column debtor_name", "missing"),
        ("line 3, column issued_on", "bad-date"),
        ("line 3, column amount", "missing"),
        ("line 3, column currency", "unknown-currency"),
        ("line 6, column number", "csv-number-twice"),
        ("line 6, column type", "csv-unknown-type"),
        ("line 7", "csv-cells"),
        ("line 8", "csv-cells"),
    ]


def test_a_cell_of_two_lines_becomes_one_line() -> None:
    (invoice,) = invoices_of(f'{HEADER}\nR-1,2026-01-15,EUR,1,"A  Ltd\r\nBcc: all@example.com"\n')

    assert invoice.buyer.name == "A Ltd Bcc: all@example.com"


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    text = f'\n\n{HEADER}\nR-1,2026-01-15,EUR,1,"A\nB"\nR-2,soon,EUR,1,A\n'

    assert faults_of(text) == [("line 6, column issued_on", "bad-date")]


def test_missing_and_double_columns_are_told_together() -> None:
    text = "number,invoice no,issued_on,currency\nR-1,R-1,2026-01-15,EUR\n"

    assert faults_of(text) == [
        ("line 1", "csv-column-twice"),
        ("line 1", "csv-column-missing"),
        ("line 1", "csv-column-missing"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"Dear Sir,\nplease find enclosed", "csv-no-header"),
        (HEADER.encode(), "csv-no-lines"),
        (HEADER.encode() + b"\nR-1,2026-01-15,EUR,1,\x81\x8d\n", "csv-not-text"),
        (b"\xff\xfe" + HEADER.encode("utf-16-le") + b"\x00\xd8", "csv-not-text"),
        (HEADER.encode() + b'\nR-1,2026-01-15,EUR,1,"' + b"x" * 200_000, "csv-broken"),
    ],
)
def test_what_is_no_list_of_invoices_is_refused(content: bytes, code: str) -> None:
    (found,) = read_file("list.csv", content).faults

    assert found.code == code


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    assert not read_file("noise", content).accepted


@settings(deadline=None)
@given(st.lists(st.sampled_from(["R-1", "2026-01-15", "EUR", "1", '"', ",", "\n", "\r", "'", "é"])))
def test_no_table_breaks_the_reading(cells: list[str]) -> None:
    report = report_on(HEADER + "\n" + "".join(cells))

    assert report.accepted == bool(report.invoices)
