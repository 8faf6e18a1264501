"""Lists of invoices in workbooks, and lists whose columns are anybody's own."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.intake import list_days
from receivables.intake.list_layout import (
    ColumnsNotUnderstood,
    Told,
    ToldColumns,
    labels_of,
    layout_key,
    told_in_words,
)
from receivables.intake.parsed import FileReport, Format, ParsedInvoice
from receivables.intake.reading import read_file
from receivables.intake.supervision import read_many_in_child
from receivables.money import Money
from receivables.workbooks import STRICT, BadWorkbook, check_archive
from tests.support.workbooks import bomb, with_parts, workbook

HEADER = ("number", "issued_on", "due_on", "currency", "amount", "debtor_name", "debtor_number")
JANUARY = date(2026, 1, 15)


def read(content: bytes, told: Told = Told()) -> FileReport:  # noqa: B008
    return read_file("list.xlsx", content, told=told)


def one(content: bytes, told: Told = Told()) -> ParsedInvoice:  # noqa: B008
    report = read(content, told)
    assert report.faults == ()
    (invoice,) = report.invoices
    return invoice


def codes(content: bytes, told: Told = Told()) -> list[str]:  # noqa: B008
    report = read(content, told)
    assert report.invoices == ()
    return [each.code for each in report.faults]


def line(**cells: object) -> tuple[object, ...]:
    usual: dict[str, object] = {
        "number": "R-1", "issued_on": JANUARY, "currency": "EUR", "amount": 100, "debtor_name": "A",
    }  # fmt: skip
    return tuple((usual | cells).get(name) for name in HEADER)


names = st.text(st.characters(codec="latin-1", categories=["L", "Nd"]), min_size=1, max_size=30)
invoices = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.from_regex(r"0{0,3}[1-9A-Z][0-9]{0,6}", fullmatch=True),
            "issued_on": st.dates(date(1995, 1, 1), date(2080, 1, 1)),
            "days": st.integers(0, 400),
            "currency": st.sampled_from(["EUR", "CHF", "JPY"]),
            "minor": st.integers(-(10**9), 10**11),
            "debtor_name": names,
            "debtor_number": st.from_regex(r"0{0,4}[1-9][0-9]{0,9}", fullmatch=True),
        }
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row["number"],
)


@settings(max_examples=15, deadline=None)
@given(rows=invoices, above=st.integers(0, 4), as_text=st.booleans(), gaps=st.booleans())
def test_what_is_written_into_a_workbook_is_read_out_of_it(
    rows: list[dict[str, Any]], above: int, as_text: bool, gaps: bool
) -> None:
    def written(day: date) -> object:
        return day.strftime("%d.%m.%Y") if as_text else day

    table: list[tuple[object, ...]] = [("List of invoices",)] * min(above, 1) + [()] * above
    table.append(HEADER)
    for row in rows:
        money = Money(row["minor"], row["currency"])
        amount = f"{money.decimal:f}" if as_text else float(money.decimal)
        days = written(row["issued_on"]), written(row["issued_on"] + timedelta(row["days"]))
        table.append(
            (row["number"], *days, row["currency"], amount, row["debtor_name"],
             row["debtor_number"])
        )  # fmt: skip
        table.extend([()] if gaps else [])

    report = read(workbook(*table))

    assert report.faults == () and report.format is Format.XLSX
    assert [
        (
            each.number, each.issue_date, (each.due_date - each.issue_date).days, each.payable,
            each.buyer.name, each.buyer.identified("DEBTOR"),
        )
        for each in report.invoices
    ] == [
        (
            row["number"], row["issued_on"], row["days"], Money(row["minor"], row["currency"]),
            row["debtor_name"], row["debtor_number"],
        )
        for row in rows
    ]  # fmt: skip


def test_typed_cells_mean_what_the_sheet_shows() -> None:
    def formats(sheet: Any) -> None:
        sheet["G2"].number_format = "00000"
        sheet["E2"].number_format = "#,##0.00"
        sheet["C2"].number_format = "General"

    cells = line(due_on=46_069, amount=1081.3243, debtor_number=42, debtor_name="  Dupont \n SA ")
    invoice = one(workbook(HEADER, cells, change=formats))

    assert invoice.due_date == date(2026, 2, 16)
    assert invoice.payable == Money(108132, "EUR")
    assert invoice.buyer.identified("DEBTOR") == "00042"
    assert invoice.buyer.name == "Dupont SA"


def test_computing_leaves_no_trace_behind_the_cents_but_a_third_decimal_is_refused() -> None:
    assert one(workbook(HEADER, line(amount=0.1 + 0.2))).payable == Money(30, "EUR")
    assert codes(workbook(HEADER, line(amount=10.125))) == ["bad-amount"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"due_on": "=B2+30"}, "list-never-computed"),
        ({"debtor_name": "=1+1"}, "list-never-computed"),
        ({"amount": "#REF!"}, "list-error-cell"),
        ({"amount": True}, "bad-amount"),
        ({"number": date(2026, 3, 1)}, "list-not-text"),
        ({"debtor_number": 0.25}, "list-not-text"),
        ({"number": 210000000003139471}, "list-digits-lost"),
        ({"issued_on": "soon"}, "bad-date"),
        ({"issued_on": 12}, "bad-date"),
        ({"issued_on": "03/04/2026"}, "list-dates-open"),
        ({"amount": "12 USD"}, "bad-amount"),
        ({"debtor_name": None}, "missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_cell_that_cannot_be_what_its_column_is_refuses_the_file(
    cells: dict[str, object], code: str
) -> None:
    assert codes(workbook(HEADER, line(), line(number="R-2", **cells) if "number" not in cells else
                          line(**cells))) == [code]  # fmt: skip


def test_a_share_is_no_amount() -> None:
    def share(sheet: Any) -> None:
        sheet["E2"].number_format = "0%"

    assert codes(workbook(HEADER, line(amount=0.5), change=share)) == ["bad-amount"]


def test_cells_merged_over_several_invoices_are_no_invoices() -> None:
    rows = (HEADER, line(), line(number="R-2", due_on=None))

    assert codes(workbook(*rows, change=lambda sheet: sheet.merge_cells("C2:C3"))) == [
        "list-merged"
    ]
    title = ("A title", *[None] * 6), *rows
    report = read(workbook(*title, change=lambda sheet: sheet.merge_cells("A1:G1")))
    assert [each.number for each in report.invoices] == ["R-1", "R-2"]


def test_the_line_that_sums_up_is_no_invoice() -> None:
    total = ("Total", None, None, None, 300, None, None)

    assert len(read(workbook(HEADER, line(), total)).invoices) == 1
    assert codes(workbook(HEADER, line(), line(number="Total", issued_on=None))) == ["missing"]


def test_the_order_of_days_is_that_of_the_whole_file_or_it_is_asked_for() -> None:
    def days(*texts: str) -> bytes:
        return workbook(HEADER, *(line(number=f"R-{n}", issued_on=t) for n, t in enumerate(texts)))

    def issued(content: bytes, told: Told = Told()) -> list[date]:  # noqa: B008
        return [each.issue_date for each in read(content, told).invoices]

    third = date(2026, 4, 3)
    assert issued(days("03/04/2026", "25/04/2026"))[0] == third
    assert issued(days("03/04/2026", "04/25/2026"))[0] == date(2026, 3, 4)
    assert issued(days("03.04.2026")) == [third]
    assert issued(days("03/03/2026")) == [date(2026, 3, 3)]
    assert codes(days("25/04/2026", "04/25/2026")) == ["list-dates-contradict"]
    assert codes(days("03/04/2026", "2026-01-01")) == ["list-dates-open"]
    columns = {name: name for name in HEADER[:6]}
    told = Told(ToldColumns(columns, dates="month-first"))
    assert issued(days("03/04/2026"), told) == [date(2026, 3, 4)]
    assert codes(days("25/04/2026"), told) == ["bad-date"]


@pytest.mark.parametrize(
    "text",
    ["5.3.2026", "05.03.26", "05/03/26", "2026-03-05", "20260305", "5. März 2026", "5 mars 2026",
     "5 mrt 2026", "5 marzo 2026", "5 Mar 2026", "March 5, 2026", "05-Mar-2026", "1900",
     "31.02.2026", "26-03-05", "5 Brumaire 2026"],
)  # fmt: skip
def test_days_are_written_in_many_ways(text: str) -> None:
    none = text in ("1900", "31.02.2026", "26-03-05", "5 Brumaire 2026")

    assert list_days.day(text, "") == (None if none else date(2026, 3, 5))


@pytest.mark.parametrize(
    ("text", "minor"),
    [("1'234.50", 123450), ("1’234.–", 123400), ("1 234,50 €", 123450), ("1.234,50", 123450),
     ("€ 1.234,50", 123450), ("1,234.50", 123450), ("EUR 99", 9900), ("-5,5", -550),
     ("250.--", 25000), ("7,-", 700)],
)  # fmt: skip
def test_amounts_as_text_are_read_as_their_country_writes_them(text: str, minor: int) -> None:
    assert one(workbook(HEADER, line(amount=text))).payable == Money(minor, "EUR")


@pytest.mark.parametrize(
    "header",
    [
        ("Rechnungs-Nr.", "Rechnungsdatum", "Fällig am", "Währung", "Bruttobetrag", "Kunde"),
        ("N° facture", "Date de facture", "Échéance", "Devise", "Montant TTC", "Raison sociale"),
        ("Factuurnummer", "Factuurdatum", "Vervaldatum", "Valuta", "Bedrag", "Klant"),
        ("Numero fattura", "Data fattura", "Scadenza", "Valuta", "Importo", "Cliente"),
        ("Invoice No", "Invoice Date", "Due Date", "Currency", "Amount Due", "Customer"),
    ],
    ids=["de", "fr", "nl", "it", "en"],
)
def test_headings_are_known_in_five_languages(header: tuple[str, ...]) -> None:
    assert one(workbook(header, line()[:6])).number == "R-1"


OWN = ("Beleg", "vom", "Frist", "Total CHF", "Wer", "Bemerkungen zum Kunden")
OWN_COLUMNS = {"number": "Beleg", "issued_on": "vom", "amount": "Total CHF", "debtor_name": "Wer"}
OWN_LINE = ("77", "01.02.2026", None, "1'950.–", "Dubois", "=cmd|' /C calc'!A0")


def test_headings_nobody_knows_are_asked_for_and_remembered_by_what_they_are() -> None:
    told = ToldColumns(OWN_COLUMNS, currency="CHF")
    as_text = "Beleg;vom;Frist;Total CHF;Wer;Bemerkungen zum Kunden\n77;01.02.2026;;1'950.–;Dubois;"
    for content in (workbook(("Liste",), (), OWN, OWN_LINE), as_text.encode()):
        unknown = read(content)
        assert unknown.needs_columns and unknown.layout is not None
        assert unknown.layout.labels == OWN
        assert unknown.layout.sample[0][1][:2] == ("77", "01.02.2026")

        invoice = one(content, Told(remembered={unknown.layout.key: told}))

        assert (invoice.number, invoice.issue_date) == ("77", date(2026, 2, 1))
        assert (invoice.payable, invoice.buyer.name) == (Money(195000, "CHF"), "Dubois")
        assert one(content, Told(told)) == invoice


def test_what_is_said_of_a_list_is_held_against_it() -> None:
    content = workbook(OWN, OWN_LINE)

    absent = Told(ToldColumns({**OWN_COLUMNS, "email": "Mail"}, currency="CHF"))
    assert codes(content, absent) == ["list-column-absent"]
    assert codes(content, Told(ToldColumns(OWN_COLUMNS))) == ["list-columns-unknown"]
    swapped = {**OWN_COLUMNS, "amount": "Wer", "debtor_name": "Total CHF"}
    assert codes(content, Told(ToldColumns(swapped, currency="CHF"))) == ["bad-amount"]
    elsewhere = Told(ToldColumns(OWN_COLUMNS, currency="CHF", sheet="Other"))
    assert codes(content, elsewhere) == ["list-no-sheet"]


def test_several_sheets_of_invoices_are_taken_one_by_one_as_somebody_says() -> None:
    content = workbook(HEADER, line(), February=[HEADER, line(number="R-9")])

    refused = read(content)
    assert refused.needs_columns and [each.code for each in refused.faults] == ["list-sheets"]
    told = ToldColumns({name: name for name in HEADER}, sheet="February")
    assert one(content, Told(told)).number == "R-9"
    assert one(workbook((), Notes=[("See",)], List=[HEADER, line()])).number == "R-1"


def test_headings_that_say_one_thing_twice_are_not_certain() -> None:
    content = workbook((*HEADER, "Betrag"), (*line(), 200))

    (found,) = read(content).faults
    assert (found.code, found.values["missing"]) == ("list-columns-unknown", "amount")


def test_columns_are_named_once_and_recognised_in_their_order() -> None:
    labels = labels_of(["Datum", "", "Datum", " a\n b "])

    assert labels == ("Datum", "[B]", "Datum (2)", "a b")
    assert layout_key(labels) == layout_key([label.upper() for label in labels])
    assert layout_key(labels) != layout_key(labels[::-1])


def test_the_command_line_says_what_columns_are() -> None:
    told = told_in_words(
        "number=Beleg, issued_on=vom,amount=Total,, CHF,debtor_name=Wer,currency=CHF,"
        "dates=day-first,decimals=comma,sheet=Q1"
    )

    assert told.columns == {**OWN_COLUMNS, "amount": "Total, CHF"}
    assert (told.currency, told.dates, told.decimals, told.sheet) == ("CHF", "day-first", ",", "Q1")
    for wrong in ("number", "number=Beleg", "colour=Red", "number=a,dates=sometimes"):
        with pytest.raises(ColumnsNotUnderstood):
            told_in_words(wrong)


def _overlapping() -> bytes:
    """Every part of the directory points at the same bytes."""
    content = bytearray(bomb(1))
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) >= 0:
        content[start + 42 : start + 46] = (0).to_bytes(4, "little")
        start += 4
    return bytes(content)


GOOD = workbook(HEADER, line())
SHEET = "xl/worksheets/sheet1.xml"


@cache
def _hostile() -> dict[str, tuple[bytes, str]]:
    """Each with the code it is refused by; made when asked for, as a bomb takes a second."""
    return {
        "a bomb": (bomb(), "workbook-too-much"),
        "parts over one another": (_overlapping(), "workbook"),
        "an archive inside": (with_parts(GOOD, {"xl/more.zip": b"PK"}), "workbook-unsafe"),
        "a path outside": (with_parts(GOOD, {"../../etc/cron.d/x": b""}), "workbook-unsafe"),
        "thousands of parts": (
            with_parts(GOOD, {f"xl/{n}.xml": b"" for n in range(1_000)}),
            "workbook-too-much",
        ),
        "entities": (
            with_parts(
                GOOD, {SHEET: b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'}
            ),
            "workbook-unsafe",
        ),
        "no XML": (with_parts(GOOD, {SHEET: b"\0\1\2"}), "workbook"),
        "cut off": (GOOD[:-200], "workbook"),
        "a directory without end": (
            GOOD[:-10] + (10**9).to_bytes(4, "little") + GOOD[-6:],
            "workbook-too-much",
        ),
        "nothing in it": (workbook(), "workbook-empty"),
    }


def test_hostile_workbooks_are_refused_and_cost_nobody_else_anything() -> None:
    files = [(name, content) for name, (content, _code) in _hostile().items()]
    mixed = [each for file in files for each in (file, ("good.xlsx", GOOD))]

    reports = list(read_many_in_child(mixed))

    assert all(report.accepted for report in reports[1::2])
    assert {each.file: [f.code for f in each.faults] for each in reports[::2]} == {
        name: [code] for name, (_content, code) in _hostile().items()
    }


@pytest.mark.parametrize("name", ["a bomb", "parts over one another", "thousands of parts"])
def test_a_hostile_archive_is_told_by_its_directory_alone(name: str) -> None:
    with pytest.raises(BadWorkbook):
        check_archive(_hostile()[name][0], STRICT)


def test_the_day_of_a_workbook_of_1904_is_its_own() -> None:
    def old(sheet: Any) -> None:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        sheet.parent.epoch = CALENDAR_MAC_1904
        sheet["C2"].number_format = "General"

    content = workbook(HEADER, line(issued_on=datetime(2026, 1, 15), due_on=44_607), change=old)  # noqa: DTZ001

    assert (one(content).issue_date, one(content).due_date) == (JANUARY, date(2026, 2, 16))
