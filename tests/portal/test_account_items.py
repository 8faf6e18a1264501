"""An account is read in two statements, and says the same as each question asked alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import event

from portal.access import Visit, Visitor, new_visit_id
from portal.account import account_page
from portal.app import face_of
from portal.known import known_of
from receivables.database import Scope
from receivables.ids import ContactId, DebtorId
from receivables.ledger.accounts import AccountItems, account_items
from receivables.ledger.actions import book_transfer
from receivables.ledger.queries import open_items
from receivables.links.actions import grant_for
from receivables.parties.queries import contacts
from tests.support.builders import money
from tests.support.disputes import contest
from tests.support.world import World


def visitor_of(world: World, debtor_id: DebtorId) -> Visitor:
    assert world.supplier_id is not None
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        contact_id = ContactId(contacts(session, world.supplier_id, debtor_id)[0].id)
        grant_id = grant_for(
            session, world.supplier_id, contact_id, lifetime=timedelta(days=45), clock=world.clock
        )
    now = world.clock.now()
    visit = Visit(world.supplier_id, grant_id, new_visit_id(), now, now)
    return Visitor(face_of(world.runtime), visit, None, "/", now)


def items_of(world: World, debtor_id: DebtorId, most_paid: int) -> AccountItems:
    assert world.supplier_id is not None
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        return account_items(session, world.supplier_id, debtor_id, most_paid=most_paid)


def settle(world: World, debtor_id: DebtorId, number: str, amount: str, day: date) -> None:
    assert world.supplier_id is not None
    invoice_id = world.invoice(amount, debtor_id=debtor_id, number=number)
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        assert book_transfer(
            session, supplier_id=world.supplier_id, debtor_id=debtor_id, invoice_id=invoice_id,
            amount=money(amount), reference=number, booked_on=day, clock=world.clock,
        )  # fmt: skip


def test_open_invoices_come_oldest_first_and_paid_ones_latest_first(world: World):
    debtor, other = world.debtor(), world.debtor(name="Autre Sàrl")
    for number, due in (("A-2", 5), ("A-1", 5), ("A-3", -4)):
        world.invoice("100.00 CHF", debtor_id=debtor, number=number, due_in_days=due)
    for number, amount, day in (
        ("P-1", "7.50 CHF", 2),
        ("P-3", "7.50 CHF", 2),
        ("P-2", "7.50 CHF", 2),
        ("P-0", "8.00 EUR", 3),
    ):
        settle(world, debtor, number, amount, date(2026, 11, day))
    world.invoice("9.00 CHF", debtor_id=other, number="B-1")

    found = items_of(world, debtor, most_paid=3)

    assert [one.number for one in found.open] == ["A-3", "A-1", "A-2"]
    assert [one.number for one in found.paid] == ["P-0", "P-3", "P-2"]
    assert [str(one.total) for one in found.paid] == ["EUR 8.00", "CHF 7.50", "CHF 7.50"]
    assert found.paid_count == 4
    assert world.supplier_id is not None
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        assert list(found.open) == open_items(session, world.supplier_id, debtor)
    assert items_of(world, world.debtor(name="Neu AG"), most_paid=3) == AccountItems([], [], 0)


def test_an_account_takes_two_statements_and_what_it_knows_ends_with_its_transaction(
    world: World,
):
    debtor = world.debtor()
    world.invoice("100.00 CHF", debtor_id=debtor, number="D-1")
    visitor = visitor_of(world, debtor)
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(world.runtime.database.engine, "before_cursor_execute", note)
    with visitor.reading() as (session, asker):
        account_page(session, asker, world.runtime)
    event.remove(world.runtime.database.engine, "before_cursor_execute", note)

    assert len([one for one in asked if "set_config" not in one and one != "BEGIN"]) == 2

    contest(world, debtor, "D-1")
    access = asker.access
    with world.runtime.reading(Scope(access.supplier_id)) as session:
        alone = known_of(session, access.supplier_id, access.debtor_id)
    with visitor.reading() as (session, _):
        along = known_of(session, access.supplier_id, access.debtor_id)
    assert alone.disputes and along == alone
