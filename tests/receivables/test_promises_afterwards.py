"""That a broken promise is noticed when a test is over."""

from __future__ import annotations

from sqlalchemy import text

from receivables.database import SYSTEM
from tests.support.afterwards import broken_promises
from tests.support.world import World


def test_a_promise_that_is_broken_is_told_by_the_product(database_source, world: World):
    world.invoice("100.00 EUR")
    database = world.runtime.database
    assert broken_promises(database) == broken_promises(database, database_source) == []

    with database.transaction(SYSTEM) as session:
        session.execute(text("UPDATE invoices SET total_minor = 10001"))
    found = broken_promises(database, database_source)
    with database.transaction(SYSTEM) as session:
        session.execute(text("UPDATE invoices SET total_minor = 10000"))

    assert [one.promise for one in found] == ["P1"]
