"""A bank statement on record, without a file and a child to read it."""

from __future__ import annotations

from datetime import date

from receivables.bank.actions import remember_layout, take
from receivables.bank.csv_layouts import ToldLayout
from receivables.bank.matching import set_aside
from receivables.bank.parsed import (
    Balance,
    FewEntries,
    FileReport,
    Format,
    ParsedEntry,
    ParsedStatement,
)
from receivables.bank.queries import entries_of
from receivables.database import Scope
from receivables.ids import BankEntryId, BankMatchId, BankStatementId, SupplierId
from tests.support.bank_files import OWN_IBAN
from tests.support.builders import money
from tests.support.world import World


def put_a_statement_on_record(world: World, supplier_id: SupplierId) -> BankStatementId:
    """A day with nothing but the bank's charges, and a layout that somebody has explained."""
    day, charges = date(2026, 11, 2), money("3.00 CHF")
    statement = ParsedStatement(
        format=Format.CAMT_053,
        account=OWN_IBAN,
        currency="CHF",
        number="17",
        first_on=day,
        last_on=day,
        opening=Balance(money("100.00 CHF"), day),
        closing=Balance(money("97.00 CHF"), day),
        entry_count=1,
    )
    entry = ParsedEntry(
        statement=0,
        entry=0,
        where="line 1",
        booked_on=day,
        value_on=day,
        amount=charges,
        credit_debit="DBIT",
        unstructured="Charges",
        bank_reference="B-1",
        entry_reference="B-1",
    )
    report = FileReport(
        file="november.xml",
        format=Format.CAMT_053,
        statements=(statement,),
        entries=FewEntries((entry,)),
    )
    told = ToldLayout("House bank", {"When": "booked_on", "What": "text", "How much": "amount"})
    with world.runtime.transaction(Scope(supplier_id)) as session:
        [taken] = take(session, supplier_id, report, world.clock)
        remember_layout(session, supplier_id, list(told.columns), told, clock=world.clock)
    assert taken.statement_id is not None
    return taken.statement_id


def set_the_charges_aside(
    world: World, supplier_id: SupplierId, statement_id: BankStatementId
) -> tuple[BankEntryId, BankMatchId]:
    """Somebody has said of the statement's one line that it is no debtor's payment."""
    with world.runtime.transaction(Scope(supplier_id)) as session:
        (entry,) = entries_of(session, supplier_id, statement_id, most=2)
        return entry.id, set_aside(session, supplier_id, entry.id, clock=world.clock)
