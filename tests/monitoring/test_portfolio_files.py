"""Files of customers: what is read, how columns are known, what is refused and why."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections import deque
from collections.abc import Sequence

import pytest
from openpyxl import Workbook

from monitoring.portfolio import sheets
from monitoring.portfolio.columns import HEADERS, field_of
from monitoring.portfolio.customers import Customer, CustomersFile, read_customers
from monitoring.portfolio.faults import CustomersRefused
from monitoring.portfolio.name_pairs import read_pairs
from receivables.money import Money

GERMAN = (
    "Kunden-Nr.;Firma;Straße;PLZ;Ort;Land;UID;E-Mail;Saldo CHF;davon überfällig;Zahlungsziel\r\n"
    "1001;Müller Bau AG;Seeweg 3;8001;Zürich;Schweiz;CHE-278.850.327;m@mueller.ch;1'234.50;0;"
    "30 Tage\r\n"
)
FRENCH = (
    "Code client,Raison sociale,Adresse,Code postal,Ville,Pays,N° SIREN,Encours,Plafond\n"
    '7,"Durand, Fils",3 rue Pasteur,75008,Paris,France,552 100 554,"1 234,50",5000\n'
)
WORKBOOK_HEADER = (
    "Klantnummer",
    "Bedrijfsnaam",
    "Plaats",
    "Openstaand saldo",
    "Ondernemingsnummer",
)


def one(content: bytes) -> Customer:
    (customer,) = read_customers(content).customers
    return customer


def workbook(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    book.create_sheet("leer", 0)
    sheet = book["Sheet"]
    for row in rows:
        sheet.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(CustomersRefused) as refused:
        read_customers(content)
    return refused.value.faults[0].what


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "cp850", "utf-16"])
def test_a_german_list_is_read_in_any_encoding(encoding: str) -> None:
    customer = one(GERMAN.encode(encoding))

    assert customer.name == "Müller Bau AG"
    assert (customer.key, customer.postcode, customer.city) == ("1001", "8001", "Zürich")
    assert (customer.country, customer.terms) == ("CH", 30)
    assert customer.balance == Money(123450, "CHF")
    assert customer.overdue == Money(0, "CHF"), "the currency of one header holds for all"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_french_list_is_read_also_when_packed(pack) -> None:  # type: ignore[no-untyped-def]
    customer = one(pack(FRENCH.encode()))

    assert customer.name == "Durand, Fils"
    assert customer.register_number == "552 100 554"
    assert (customer.balance, customer.limit) == (Money(123450, "EUR"), Money(500000, "EUR"))


def test_a_workbook_is_read_from_its_first_sheet_with_lines() -> None:
    customer = one(workbook(WORKBOOK_HEADER, (), (12.0, "Jansen BV", "Gent", 99.5, "0403.170.701")))

    assert (customer.line, customer.number, customer.name) == (3, "12", "Jansen BV")
    assert customer.balance == Money(9950, "EUR")


def test_columns_without_helpful_headers_are_known_by_their_values() -> None:
    customer = one(b"f1,f2,f3,f4,f5\nAcme Ltd,info@acme.example,0403170701,BE,+32 2 123 45 67\n")

    assert (customer.name, customer.email, customer.country) == (
        "Acme Ltd",
        "info@acme.example",
        "BE",
    )
    assert (customer.register_number, customer.phone) == ("0403170701", "+32 2 123 45 67")


def test_a_bare_list_of_names_is_a_file_of_customers() -> None:
    names = "Bowne of Atlanta, Inc.\nMeier & Söhne\nHoltz AG\n"

    assert [row.name for row in read_customers(names.encode()).customers] == names.splitlines()


def test_the_swiss_uid_is_a_number_of_the_company_and_another_uid_one_of_ours() -> None:
    swiss = one(b"uid,name\nCHE-278.850.327,Acme AG\n")
    plain = one(b"uid,name\n17,Acme AG\n")

    assert (swiss.vat or swiss.register_number, swiss.number) == ("CHE-278.850.327", "")
    assert plain.number == "17"


def test_people_are_read_from_their_own_columns() -> None:
    person = one(
        b"rec_id, given_name, surname, date_of_birth, suburb\nr1, ada, king, 18151210, london\n"
    )

    assert (person.given_name, person.surname, person.city) == ("ada", "king", "london")
    assert person.is_person
    assert person.key == "r1"


def test_rows_are_known_by_their_line_where_numbers_are_not_their_own() -> None:
    file = read_customers(b"number,name\n1,Acme\n1,Bolt\n")

    assert [row.key for row in file.customers] == ["2", "3"]


def test_what_is_wrong_is_told_with_its_place_and_the_rest_is_read() -> None:
    file = read_customers(
        b"name,country,siren,balance,terms\n"
        b"Acme,FR,552100555,12.50,30\n"
        b",,,,\n"
        b"Bolt,Atlantis,,abc,\n"
        b",FR,,5,\n"
        b"Corvus,FR,,1,30,and,more\n"
    )

    assert [row.name for row in file.customers] == ["Acme", "Bolt"]
    assert [(fault.line, fault.column) for fault in file.faults] == [
        (2, "siren"), (4, "country"), (4, "balance"), (5, "name"), (6, ""),
    ]  # fmt: skip
    assert all(fault.what and fault.how for fault in file.faults)


@pytest.mark.parametrize(
    ("content", "because"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n \n", "empty"),
        (b"name,city\n", "below the header"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "XLS"),
        (b"<html><table></table></html>", "XML, HTML"),
        (bytes(range(1, 256)) * 20, "no text"),
        (b"amount,due_on\n12.50,2026-01-01\n13.00,2026-01-02\n", "names the customers"),
        (gzip.compress(GERMAN.encode())[:-12], "cut off"),
        (b"PK\x03\x04 and nothing more", "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_customers_is_refused_with_the_reason(
    content: bytes, because: str
) -> None:
    assert because in refusal(content)


def test_a_small_workbook_that_unfolds_to_a_giant_is_refused_unread() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", bytes(54_321))
    declared = packed.getvalue().replace(struct.pack("<L", 54_321), struct.pack("<L", 500_000_000))

    assert declared != packed.getvalue()
    assert "unfolds" in refusal(declared)


def test_a_packed_file_that_unfolds_to_a_giant_is_refused() -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as file:
        for _ in range(101):
            file.write(bytes(sheets.MEGABYTE))

    assert "larger" in refusal(packed.getvalue())


def test_more_lines_than_are_read_are_refused() -> None:
    with pytest.raises(CustomersRefused, match="more than"):
        deque(sheets.rows_of(b"a\n" * (sheets.LINE_LIMIT + 2)), maxlen=0)


def test_every_header_names_one_field_in_whatever_spelling() -> None:
    for field, names in HEADERS.items():
        for name in names.split(","):
            assert field_of(name.strip().upper()) is not None, (field, name)
    for header, field in (
        ("customer_name", "name"), ("name_customer", "name"), ("CustomerName", "name"),
        ("Kunde: Ort", "city"), ("Partita IVA", "vat"), ("Saldo (EUR)", "balance"),
    ):  # fmt: skip
        known = field_of(header)
        assert known is not None, header
        assert known[0] == field, header
    assert field_of("cluster") is None


@pytest.mark.parametrize(
    "header",
    ["name1,name2,same", "left,right,same", "gt_name,name,same", "company_a,company_b,same"],
)
def test_files_of_name_pairs_are_known_by_their_two_sides(header: str) -> None:
    lines = "".join(f"Acme {each},Bolt {each},True\n" for each in "ABCDEF")

    pairs = read_pairs(f"{header}\n{lines}".encode())

    assert (pairs[0].line, pairs[0].left, pairs[0].right) == (2, "Acme A", "Bolt A")


def test_a_file_without_two_columns_of_names_is_no_file_of_pairs() -> None:
    with pytest.raises(CustomersRefused, match="two columns"):
        read_pairs(b"name,city,mail\nAcme,1,x@y.example\nBolt,2,z@y.example\n")


def test_faults_beyond_what_helps_are_counted() -> None:
    file: CustomersFile = read_customers(b"name,terms\n" + b"Acme,soon 9\nBolt,never\n" * 150)

    assert len(file.customers) == 300
    assert file.more_faults == 0
    assert all(fault.column == "terms" for fault in file.faults)
