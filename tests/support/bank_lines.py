"""Lines of a supplier's statements, as if a file had been taken in."""

from __future__ import annotations

from datetime import date
from itertools import count

from sqlalchemy import select

from receivables.bank.events import BankStatementTaken
from receivables.bank.matching_tables import BankMatch
from receivables.bank.tables import BankEntry, BankStatement
from receivables.clock import local_date
from receivables.database import Scope
from receivables.history import record
from receivables.ids import BankEntryId, BankStatementId, SupplierId, new_id
from tests.support.builders import money
from tests.support.world import World

_numbers = count(1)


class Bank:
    """One supplier's account: lines come in and are matched."""

    def __init__(self, world: World, supplier_id: SupplierId | None = None) -> None:
        self.world = world
        self.supplier_id = supplier_id or world.supplier()
        self.scope = Scope(self.supplier_id)
        self.lines: list[BankEntry] = []

    def line(self, amount: str, *, on: date | None = None, **said: object) -> BankEntryId:
        """A line of the next statement; `amount` below zero went out."""
        signed = money(amount)
        entry_id = BankEntryId(new_id())
        values: dict[str, object] = {
            "part": 0, "details_of": None, "same_as": None, "is_reversal": False,
            "status": "BOOK", "may_be_posted": True, **said,
        }  # fmt: skip
        self.lines.append(
            BankEntry(
                id=entry_id,
                supplier_id=self.supplier_id,
                place=len(self.lines),
                entry_key=f"line-{next(_numbers)}",
                account="CH9300762011623852957",
                booked_on=on or local_date(self.world.clock.now(), "Europe/Zurich"),
                amount=max(signed, -signed),
                credit_debit="CRDT" if signed.minor > 0 else "DBIT",
                **values,
            )
        )
        return entry_id

    def take(self) -> None:
        """The statement of these lines is taken in, and everything that leads to is done."""
        self.put()
        self.world.run_jobs()

    def put(self) -> None:
        """It is on record, and matching it is yet to be done."""
        statement_id = BankStatementId(new_id())
        today = local_date(self.world.clock.now(), "Europe/Zurich")
        with self.world.runtime.transaction(self.scope) as session:
            session.add(
                BankStatement(
                    id=statement_id,
                    supplier_id=self.supplier_id,
                    account="CH9300762011623852957",
                    currency="CHF",
                    format="camt.053",
                    number=None,
                    first_on=today,
                    last_on=today,
                    opening_minor=None,
                    closing_minor=None,
                    entry_count=len(self.lines),
                    file_name="day.xml",
                    findings=[],
                    content_key=str(statement_id),
                    taken_at=self.world.clock.now(),
                )
            )
            session.flush()
            for line in self.lines:
                line.statement_id = statement_id
            session.add_all(self.lines)
            taken = BankStatementTaken(
                supplier_id=self.supplier_id,
                statement_id=statement_id,
                account="CH9300762011623852957",
                last_on=today,
                new_entries=len(self.lines),
            )
            record(session, taken, clock=self.world.clock)
        self.lines = []

    def matches(self) -> dict[BankEntryId, BankMatch]:
        """What stands."""
        with self.world.runtime.reading(self.scope) as session:
            rows = session.scalars(select(BankMatch).where(BankMatch.state == "stands")).all()
            return {row.entry_id: row for row in rows}
