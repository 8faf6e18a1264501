"""Statements are taken whole or not at all, and each booking once, whatever file tells it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from receivables.bank.actions import remember_layout
from receivables.bank.csv_layouts import ToldLayout
from receivables.bank.importing import StatementLine, import_statements
from receivables.bank.queries import last_statements
from receivables.bank.tables import BankEntry, BankStatement
from receivables.database import Scope
from tests.support.bank_files import OWN_IBAN, camt, detail, entry, mt940, written
from tests.support.world import World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def taken(world: World, folder: Path, *texts: str, dry_run: bool = False) -> list[StatementLine]:
    supplier_id = world.supplier_id or world.supplier(iban=OWN_IBAN, currency="CHF")
    files = [
        (f"file-{place}", written(folder, f"file-{place}", text))
        for place, text in enumerate(texts)
    ]
    return list(import_statements(world.runtime, supplier_id, files, dry_run=dry_run))


def entries(world: World) -> list[BankEntry]:
    assert world.supplier_id is not None
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        return list(session.scalars(select(BankEntry).order_by(BankEntry.id)))


def postable(world: World) -> list[str]:
    """What may be posted, where a batch's details do not stand for it."""
    rows = entries(world)
    detailed = {row.details_of for row in rows}
    return sorted(str(row.amount) for row in rows if row.may_be_posted and row.id not in detailed)


def codes(line: StatementLine) -> list[str]:
    return [each.code for each in (*line.report.faults, *line.warnings)]


def test_overlapping_and_repeated_files_change_nothing(world: World, folder: Path) -> None:
    first = camt(entry("100.00", reference="A"), entry("100.00", reference="B"))
    overlapping = camt(entry("100.00", reference="B"), entry("70.00", on="2026-11-03"), number="2")

    lines = taken(world, folder, first, overlapping, first, overlapping)

    assert [(line.outcome, line.new_entries) for line in lines] == [
        ("taken", 2),
        ("taken", 1),
        ("known", 0),
        ("known", 0),
    ]
    assert postable(world) == ["CHF 100.00", "CHF 100.00", "CHF 70.00"]


def test_two_alike_in_one_statement_are_two_and_stay_two(world: World, folder: Path) -> None:
    twice = entry("50.00") + entry("50.00")

    taken(world, folder, camt(twice), camt(twice, entry("9.00", on="2026-11-03"), number="2"))

    assert postable(world) == ["CHF 50.00", "CHF 50.00", "CHF 9.00"]


def test_a_notification_before_or_after_the_statement_posts_a_batch_once(
    world: World, folder: Path
) -> None:
    whole = camt(entry("300.00", reference="BATCH"))
    parts = entry("300.00", reference="BATCH", details=[detail("100.00"), detail("200.00")])
    notification = camt(parts, message="camt.054", number="9")

    lines = taken(world, folder, whole, notification, whole)

    assert [line.new_entries for line in lines] == [1, 2, 0]
    assert postable(world) == ["CHF 100.00", "CHF 200.00"]
    assert {row.batch_of for row in entries(world) if row.part} == {"BATCH"}


def test_the_same_booking_in_another_format_is_kept_and_not_posted_again(
    world: World, folder: Path
) -> None:
    lines = taken(
        world,
        folder,
        camt(entry("120.00", reference="A"), entry("30.00", reference="C")),
        mt940(":61:2611021102C120,NTRFNONREF//XYZ", ":61:2611021102C80,NTRFNONREF//XYW"),
        camt(entry("80.00", reference="D"), number="2"),
    )

    assert all(line.accepted for line in lines)
    assert postable(world) == ["CHF 120.00", "CHF 30.00", "CHF 80.00"]


def test_pending_and_intraday_entries_are_shown_and_never_posted(
    world: World, folder: Path
) -> None:
    pending = camt(entry("10.00", reference="P", status="PDNG"))
    intraday = camt(entry("20.00", reference="I"), message="camt.052", number="2")
    booked = camt(entry("10.00", reference="P"), entry("20.00", reference="I"), number="3")

    taken(world, folder, pending, intraday)
    assert postable(world) == []
    taken(world, folder, booked)

    assert postable(world) == ["CHF 10.00", "CHF 20.00"]


def test_a_gap_between_two_statements_is_reported_and_closes_with_the_missing_one(
    world: World, folder: Path
) -> None:
    def day(number: int, opening: str, closing: str) -> str:
        return camt(
            entry("10.00", reference=f"R{number}", on=f"2026-11-{number:02}"),
            number=str(number),
            opening=opening,
            opening_on=f"2026-11-{number - 1:02}",
            closing=closing,
            closing_on=f"2026-11-{number:02}",
        )

    lines = taken(world, folder, day(2, "0", "10.00"), day(4, "20.00", "30.00"))
    assert [codes(line) for line in lines] == [[], ["gap"]]
    assert "CHF 20.00" in lines[1].warnings[0].what

    lines = taken(world, folder, day(3, "10.00", "20.00"), day(5, "30.00", "40.00"))
    assert [codes(line) for line in lines] == [[], []]
    assert world.supplier_id is not None
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        [last] = last_statements(session, world.supplier_id)
    assert (last.account, str(last.closing), last.last_on.day) == (OWN_IBAN, "CHF 40.00", 5)


def test_a_faulty_file_leaves_nothing_and_a_dry_run_neither(world: World, folder: Path) -> None:
    faulty = camt(entry("10.00"), entry("ten"))

    [refused] = taken(world, folder, faulty)
    assert (refused.outcome, codes(refused)) == ("refused", ["bad-amount"])
    assert refused.report.faults[0].where.startswith("line 4, ")
    [rehearsed] = taken(world, folder, camt(entry("10.00")), dry_run=True)

    assert (rehearsed.outcome, rehearsed.new_entries) == ("taken", 1)
    assert entries(world) == []
    assert world.supplier_id is not None
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        assert session.scalars(select(BankStatement)).all() == []


def test_a_layout_told_once_is_remembered_for_that_supplier_alone(
    world: World, folder: Path
) -> None:
    unknown = "When|What|How much\n".replace("|", ";") + "03/31/2026;R-1;1,250.00\n"
    [asked] = taken(world, folder, unknown)
    assert codes(asked) == ["csv-unknown-layout"]
    headers = asked.report.unknown_headers
    assert headers == ("When", "What", "How much")

    told = ToldLayout(
        "House bank",
        {"When": "booked_on", "What": "text", "How much": "amount"},
        currency="EUR",
        slashes="month-first",
    )
    assert world.supplier_id is not None
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        remember_layout(session, world.supplier_id, headers, told, clock=world.clock)
    [read] = taken(world, folder, unknown)
    other = world.supplier(name="Another")
    [stranger] = import_statements(world.runtime, other, [("x", folder / "file-0")])

    assert read.accepted
    assert postable(world) == ["EUR 1250.00"]
    assert str(entries(world)[0].booked_on) == "2026-03-31"
    assert codes(stranger) == ["csv-unknown-layout"]
