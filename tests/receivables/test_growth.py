"""Tables that have grown are counted at once, by whoever may only read and write them."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from benchmarks.overdue import EACH, open_books
from receivables.database import SYSTEM
from receivables.growth import count_grown
from receivables.runtime import Runtime

_KNOWN = text("SELECT reltuples FROM pg_class WHERE relname = 'invoices'")
#: How often PostgreSQL itself has counted each table.
_BY_ITSELF = text(
    "SELECT 'public.' || relname, autoanalyze_count FROM pg_stat_all_tables"
    " WHERE schemaname = 'public'"
)


@pytest.mark.postgresql
def test_a_table_that_has_grown_is_counted_and_then_left_alone(runtime: Runtime) -> None:
    before = _counted_by_itself(runtime)
    open_books(runtime, 600 * EACH)
    with runtime.transaction(SYSTEM) as session:
        # What a session changed is known to others within a second while it works on.
        session.execute(text("SELECT pg_stat_force_next_flush()"))
    counted = count_grown(runtime.database)

    # Its own count may have come between.
    by_itself = {name for name, _ in _counted_by_itself(runtime) - before}
    assert {"public.invoices", "public.debtors", "public.contacts"} <= {*counted, *by_itself}
    with runtime.reading(SYSTEM) as session:
        assert session.scalar(_KNOWN) == 600 * EACH
    assert count_grown(runtime.database) == []


def _counted_by_itself(runtime: Runtime) -> set[tuple[str, int]]:
    with runtime.reading(SYSTEM) as session:
        return {(name, count) for name, count in session.execute(_BY_ITSELF)}
