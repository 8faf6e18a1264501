"""Files become invoices: whole or not at all, twice the same as once, the right debtor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import func, select

from receivables.database import Scope
from receivables.ids import SupplierId
from receivables.intake.importing import ImportLine, import_files
from receivables.intake.matching import plain_name, register_numbers
from receivables.intake.parsed import Identifier, Party
from receivables.invoices.tables import Document, Invoice
from receivables.ledger.queries import open_items
from receivables.parties import queries as parties
from receivables.parties.tables import Debtor
from tests.support.threads import at_once
from tests.support.world import World

SAMPLES = Path(__file__).parent / "intake_samples"
HEADER = "number,issued_on,due_on,currency,amount,debtor_name,debtor_number,email,vat_number,type\n"


def csv(*lines: str) -> tuple[str, bytes]:
    return "list.csv", (HEADER + "\n".join(lines) + "\n").encode()


def sample(name: str) -> tuple[str, bytes]:
    return name, (SAMPLES / name).read_bytes()


def imported(
    world: World, supplier_id: SupplierId, *files: tuple[str, bytes], dry_run: bool = False
) -> list[ImportLine]:
    return list(import_files(world.runtime, supplier_id, files, dry_run=dry_run))


def brewery(world: World) -> SupplierId:
    return world.supplier(name="Brasserie du Pont", country="BE", currency="EUR")


def counted(world: World, supplier_id: SupplierId, table: type) -> int:
    with world.runtime.reading(Scope(supplier_id)) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def owed(world: World, supplier_id: SupplierId) -> dict[str, str]:
    with world.runtime.reading(Scope(supplier_id)) as session:
        return {one.number: str(one.outstanding) for one in open_items(session, supplier_id)}


def faults(lines: Iterable[ImportLine]) -> list[str]:
    return [fault.code for line in lines for fault in line.faults]


def test_an_e_invoice_becomes_a_receivable_with_its_debtor_contact_and_document(
    world: World,
) -> None:
    supplier_id = brewery(world)

    [line] = imported(world, supplier_id, sample("ubl_invoice.xml"))

    assert (line.outcome, line.warnings) == ("taken", ())
    assert owed(world, supplier_id) == {"BR-2026-0117": "EUR 1000.00"}
    with world.runtime.reading(Scope(supplier_id)) as session:
        debtor = session.scalars(select(Debtor)).one()
        contact = parties.primary_contacts(session, supplier_id)[debtor.id]
        document = session.scalars(select(Document)).one()
    assert (debtor.name, debtor.country, debtor.city) == ("Chez Odette SAS", "FR", "Lille")
    assert contact.email == "factures@chez-odette.example"
    assert (document.name, document.media_type) == ("ubl_invoice.xml", "application/xml")


def test_the_same_file_taken_twice_changes_nothing(world: World) -> None:
    supplier_id = brewery(world)
    imported(world, supplier_id, sample("ubl_invoice.xml"))

    [again] = imported(world, supplier_id, sample("ubl_invoice.xml"))

    assert again.outcome == "known"
    assert counted(world, supplier_id, Invoice) == 1
    assert counted(world, supplier_id, Document) == 1
    assert owed(world, supplier_id) == {"BR-2026-0117": "EUR 1000.00"}


def test_another_invoice_under_a_known_number_is_refused_and_says_what_differs(
    world: World,
) -> None:
    supplier_id = brewery(world)
    imported(world, supplier_id, csv("R-1,2026-10-01,2026-10-31,EUR,100.00,Dubois,K1,,,"))

    [line] = imported(world, supplier_id, csv("R-1,2026-10-01,2026-10-31,EUR,120.00,Dubois,K1,,,"))

    assert faults([line]) == ["number-taken"]
    assert "EUR 100.00 there, EUR 120.00 here" in line.faults[0].what
    assert owed(world, supplier_id) == {"R-1": "EUR 100.00"}


def test_a_list_with_one_objection_is_refused_whole(world: World) -> None:
    supplier_id = brewery(world)
    imported(world, supplier_id, csv("R-1,2026-10-01,2026-10-31,EUR,100.00,Dubois,K1,,,"))

    lines = imported(
        world,
        supplier_id,
        csv(
            "R-2,2026-10-01,2026-10-31,EUR,50.00,Dubois,K1,,,",
            "R-1,2026-10-01,2026-10-31,EUR,999.00,Dubois,K1,,,",
        ),
    )

    assert faults(lines) == ["number-taken"]
    assert owed(world, supplier_id) == {"R-1": "EUR 100.00"}


def test_a_dry_run_says_the_same_and_leaves_nothing(world: World) -> None:
    supplier_id = brewery(world)

    [line] = imported(world, supplier_id, sample("ubl_invoice.xml"), dry_run=True)

    assert line.outcome == "taken"
    assert line.invoices[0].invoice_id is None
    assert line.invoices[0].debtor_name == "Chez Odette SAS"
    assert counted(world, supplier_id, Invoice) == 0
    assert counted(world, supplier_id, Debtor) == 0


def test_a_credit_note_lowers_what_is_owed(world: World) -> None:
    supplier_id = brewery(world)

    lines = imported(
        world,
        supplier_id,
        csv(
            "R-1,2026-10-01,2026-10-31,EUR,100.00,Dubois,K1,,,",
            "G-1,2026-10-02,2026-10-02,EUR,30.00,Dubois,K1,,,credit",
        ),
    )

    assert [each.is_credit_note for each in lines[0].invoices] == [False, True]
    assert owed(world, supplier_id) == {"R-1": "EUR 70.00"}


def test_an_invoice_below_zero_is_a_credit_note(world: World) -> None:
    supplier_id = brewery(world)

    imported(
        world,
        supplier_id,
        csv(
            "R-1,2026-10-01,2026-10-31,EUR,100.00,Dubois,K1,,,",
            "R-2,2026-10-02,2026-10-31,EUR,-100.00,Dubois,K1,,,",
        ),
    )

    assert owed(world, supplier_id) == {}


def test_an_invoice_of_which_all_was_paid_before_is_taken_and_owes_nothing(world: World) -> None:
    supplier_id = brewery(world)

    [line] = imported(world, supplier_id, csv("R-1,2026-10-01,2026-10-31,EUR,0.00,Dubois,K1,,,"))

    assert line.outcome == "taken"
    assert owed(world, supplier_id) == {}


def test_a_debtor_is_recognised_by_register_number_then_own_number_then_name_and_place(
    world: World,
) -> None:
    supplier_id = brewery(world)
    row = "{number},2026-10-01,2026-10-31,EUR,10.00,{name},{own},,{vat},"

    imported(
        world,
        supplier_id,
        csv(
            row.format(number="R-1", name="Odette SAS", own="K1", vat="FR40303265045"),
            row.format(number="R-2", name="Chez Odette", own="", vat="FR40303265045"),
            row.format(number="R-3", name="Cuisine Odette", own="K1", vat=""),
            row.format(number="R-4", name="Odette SAS", own="", vat=""),
            row.format(number="R-5", name="Odette Traiteur", own="", vat=""),
        ),
    )

    with world.runtime.reading(Scope(supplier_id)) as session:
        names = parties.debtors_by_id(session, supplier_id)
        rows = session.execute(select(Invoice.number, Invoice.debtor_id)).all()
    debtor_of = {row.number: row.debtor_id for row in rows}
    assert len({debtor_of[number] for number in ("R-1", "R-2", "R-3", "R-4")}) == 1
    assert {names[one].number for one in debtor_of.values()} == {"K1", "ODETTE-TRAITEUR"}


def test_an_invoice_the_supplier_has_to_pay_is_refused(world: World) -> None:
    supplier_id = world.supplier(name="Chez Odette SAS", country="FR", currency="EUR")

    lines = imported(world, supplier_id, sample("ubl_invoice.xml"))

    assert faults(lines) == ["own-purchase"]
    assert counted(world, supplier_id, Invoice) == 0


def test_a_seller_of_another_name_is_a_warning_and_no_refusal(world: World) -> None:
    supplier_id = world.supplier(name="Menuiserie Rochat SA")

    [line] = imported(world, supplier_id, sample("ubl_invoice.xml"))

    assert line.outcome == "taken"
    assert len(line.warnings) == 1
    assert "Brasserie du Pont" in line.warnings[0]


def test_a_refused_file_does_not_hold_up_the_next(world: World) -> None:
    supplier_id = brewery(world)

    lines = imported(
        world, supplier_id, ("note.txt", b"hello"), sample("ubl_invoice.xml"), ("empty.xml", b"")
    )

    assert [line.outcome for line in lines] == ["refused", "taken", "refused"]


def test_a_file_that_two_people_hand_in_at_the_same_moment_is_taken_once(world: World) -> None:
    """Each of the two finds numbers the other is writing, and loses nothing else by it."""
    supplier_id = brewery(world)
    lists = [
        csv(f"R-{file}-1,2026-10-01,2026-10-31,EUR,{file}.00,Dubois {file},K{file},,,")
        for file in range(1, 25)
    ]
    lines: list[ImportLine] = []

    def hand_in(files: list[tuple[str, bytes]]) -> None:
        lines.extend(imported(world, supplier_id, *files))

    raised = at_once(lambda: hand_in(lists), lambda: hand_in(lists[::-1]))

    assert raised == []
    assert Counter(line.outcome for line in lines) == {"taken": 24, "known": 24}
    assert counted(world, supplier_id, Invoice) == 24


def test_the_object_of_a_file_holds_what_it_says_at_the_top_when_it_is_one_invoice(
    world: World,
) -> None:
    supplier_id = brewery(world)

    [one] = [line.as_json() for line in imported(world, supplier_id, sample("ubl_invoice.xml"))]
    [two] = [
        line.as_json()
        for line in imported(
            world,
            supplier_id,
            csv(
                "R-1,2026-10-01,2026-10-31,EUR,100.00,Dubois,K1,,,",
                "R-2,2026-10-01,,EUR,1.50,Dubois,K1,,,",
            ),
        )
    ]

    assert (one["file"], one["format"], one["accepted"]) == ("ubl_invoice.xml", "ubl-invoice", True)
    assert (one["number"], one["payable"], one["currency"]) == ("BR-2026-0117", "1000.00", "EUR")
    assert one["account"] == "BE71096123456769"
    assert (two["number"], two["payable"]) == (None, None)
    assert [each["payable"] for each in two["invoices"]] == ["100.00", "1.50"]
    assert [each["due_date_source"] for each in two["invoices"]] == ["explicit", "default"]


def test_a_refused_file_says_where_what_and_how(world: World) -> None:
    supplier_id = brewery(world)

    [line] = [each.as_json() for each in imported(world, supplier_id, ("a.zip", b"PK\x03\x04.."))]

    assert line["accepted"] is False
    assert line["number"] is None
    assert line["errors"][0] == {
        "where": "file",
        "what": "The file is a ZIP archive.",
        "how": "Unpack it and give the invoices one by one.",
    }


def test_register_numbers_contain_shorter_ones() -> None:
    party = Party(
        name="Odette",
        identifiers=(
            Identifier("SIRET", "30326504500017"),
            Identifier("VAT", "BE0403170701"),
            Identifier("OTHER", "x"),
        ),
    )

    assert register_numbers(party) == [
        ("SIRET", "30326504500017"),
        ("SIREN", "303265045"),
        ("KBO", "0403170701"),
        ("VAT", "BE0403170701"),
    ]


def test_names_are_compared_without_legal_form_case_and_accents() -> None:
    assert plain_name("Écurie des Vernes S.à r.l.") == plain_name("ECURIE DES VERNES")
    assert plain_name("Menuiserie Rochat SA") == "menuiserie rochat"
