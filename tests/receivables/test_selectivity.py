"""What SQLite plans by: the statements of one debtor's work read that debtor's rows alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, text

import receivables.tables
from receivables import selectivity
from receivables.database import SYSTEM, Scope
from receivables.plans import tasks
from receivables.runtime import Runtime
from tests.support.keeping import Source
from tests.support.payments import open_till
from tests.support.plans import kept_payer, on_the_eve

pytestmark = pytest.mark.sqlite

_TABLES = "|".join(receivables.tables.metadata.tables)
#: A step that reads every row of a table, or all that one supplier has in it.
_ALL_ROWS = re.compile(rf"^SCAN ({_TABLES})\b|\(supplier_id=\?\)$")


@contextmanager
def _heard(runtime: Runtime) -> Iterator[dict[str, object]]:
    """The statements the database is asked for meanwhile, and what they were asked with."""
    said: dict[str, object] = {}

    def listen(_: object, __: object, statement: str, given: object, ___: object, many: bool):
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            said.setdefault(statement, given[0] if many else given)  # type: ignore[index]

    event.listen(runtime.database.engine, "before_cursor_execute", listen)
    yield said
    event.remove(runtime.database.engine, "before_cursor_execute", listen)


def _read_whole(runtime: Runtime, said: dict[str, object]) -> list[str]:
    """The steps that read all rows of somebody, in how a new connection would answer."""
    runtime.database.engine.dispose()
    with closing(runtime.database.engine.raw_connection()) as connection:
        ask = connection.cursor().execute
        steps = [
            (row[3], statement)
            for statement, given in said.items()
            for row in ask(f"EXPLAIN QUERY PLAN {statement}", given).fetchall()
        ]
    return [f"{step}: {statement}" for step, statement in steps if _ALL_ROWS.search(step)]


def test_an_instalment_is_charged_without_reading_all_that_its_supplier_has(
    runtime: Runtime, database_source: Source
) -> None:
    payer = kept_payer(on_the_eve, open_till(runtime), database_source)
    payer.till.world.clock.advance(timedelta(days=1))
    with _heard(runtime) as said:
        with runtime.transaction(Scope(payer.supplier_id)) as session:
            tasks.charge_instalment.enqueue(
                session, now=runtime.clock.now(), supplier_id=payer.supplier_id,
                instalment_id=payer.plan().rows[1].id,
            )  # fmt: skip
        payer.till.world.run_jobs()

    assert payer.charges() == [("settled", "225.00")]
    assert len(said) > 40
    assert _read_whole(runtime, said) == []

    with runtime.transaction(SYSTEM) as session:
        session.execute(text("DELETE FROM sqlite_stat1"))
    assert len(_read_whole(runtime, said)) > 3, "without being told, SQLite knew as well"


def test_what_sqlite_is_told_is_written_once(runtime: Runtime) -> None:
    def changes(connection: Connection) -> int:
        return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())

    with runtime.database.engine.begin() as connection:
        before = changes(connection)
        selectivity.describe(connection)
        assert changes(connection) == before
        connection.exec_driver_sql("DELETE FROM sqlite_stat1 WHERE tbl = 'invoices'")
        selectivity.describe(connection)
        told = connection.exec_driver_sql(
            "SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_invoices_supplier_id_due_on'"
        ).scalar_one()
    assert told == "100000 50000 50"
