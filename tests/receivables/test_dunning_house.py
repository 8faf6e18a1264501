"""What every message asks of its supplier."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text, update

from receivables.database import SYSTEM, Scope
from receivables.dunning.house import IMPORTS_NOT_DONE, house_of
from receivables.dunning.reasons import Reason
from receivables.ids import new_id
from receivables.jobs import IMPORT, Job, enqueue
from receivables.runtime import Runtime
from tests.support.world import World

DAY = date(2026, 11, 2)


def test_an_import_is_seen_while_it_is_under_way_and_when_it_failed(world: World) -> None:
    runtime, scope = world.runtime, Scope(world.supplier())
    assert scope.supplier_id is not None

    def seen_in(state: str) -> Reason | None:
        with runtime.transaction(SYSTEM) as session:
            session.execute(update(Job).where(Job.actor == IMPORT).values(state=state))
        with runtime.reading(scope) as session:
            assert scope.supplier_id is not None
            return house_of(session, scope.supplier_id, DAY).importing

    with runtime.transaction(scope) as session:
        now = world.clock.now()
        enqueue(session, IMPORT, {}, now=now, supplier_id=scope.supplier_id)
        enqueue(session, "dunning.send_reminder", {}, now=now, supplier_id=scope.supplier_id)

    running = {state: seen_in(state) for state in ("pending", "sent", "running")}
    assert set(running.values()) == {Reason.IMPORT_RUNNING}, running
    assert seen_in("dead") is Reason.IMPORT_FAILED
    assert seen_in("done") is None


def test_an_import_is_not_looked_for_among_everything_that_is_queued(runtime: Runtime) -> None:
    """Each message asks: with fifty thousand of them in the table that would be all it does."""
    statement = str(
        IMPORTS_NOT_DONE.params(supplier=new_id()).compile(
            runtime.database.engine, compile_kwargs={"literal_binds": True}
        )
    )
    with runtime.reading(SYSTEM) as session:
        how = "EXPLAIN QUERY PLAN "
        if runtime.database.kind == "postgresql":
            # So few rows would be read one by one whatever indexes there are.
            session.execute(text("SET LOCAL enable_seqscan = off"))
            how = "EXPLAIN "
        plan = session.connection().exec_driver_sql(how + statement.replace("%", "%%")).all()

    assert "ix_jobs_imports" in str(plan), plan
