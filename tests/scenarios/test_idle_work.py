"""What the world of the tests does not perform would have changed nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from receivables import jobs
from receivables.broker import ACTORS, perform
from receivables.database import SYSTEM
from receivables.jobs import Job
from receivables.schedules import Schedule
from tests.support.databases import METADATA
from tests.support.faces import backoffice_client
from tests.support.idle import idle_actors
from tests.support.world import World

#: Where a job itself is written down.
_ITS_OWN = {Job.__tablename__, Schedule.__tablename__}


def _rows(world: World) -> dict[str, list[object]]:
    with world.runtime.reading(SYSTEM) as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in METADATA.sorted_tables
            if table.name not in _ITS_OWN
        }


def _fire(world: World) -> None:
    """Every periodic actor at this moment, and what follows."""
    with world.runtime.transaction(SYSTEM) as session:
        for declared in ACTORS.values():
            if declared.cron:
                declared.enqueue(session, now=world.clock.now())


def _perform_all(world: World, only: set[str]) -> list[tuple[str, str, int, str | None]]:
    """Perform what is due of some actors; how each job ended."""
    with world.runtime.transaction(SYSTEM) as session:
        jobs.take_due(session, now=world.clock.now(), limit=100)
        handed_over = select(Job.id).where(Job.state == "sent", Job.actor.in_(only))
        due = session.scalars(handed_over).all()
    for job_id in due:
        perform(world.runtime, job_id)
    ended = select(Job.actor, Job.state, Job.attempts, Job.error)
    with world.runtime.reading(SYSTEM) as session:
        found = session.execute(ended.where(Job.actor.in_(only)).order_by(Job.actor)).all()
        return [tuple(row) for row in found]


@pytest.mark.once("what an actor looks at does not depend on the database")
def test_idle_work_ends_at_the_first_attempt_and_changes_nothing(world: World) -> None:
    overdue = world.debtor()
    for days in (-40, -5, 20):
        world.invoice("120.00 CHF", debtor_id=overdue, due_in_days=days)
    world.run_jobs()
    world.clock.advance(timedelta(days=400, hours=7))
    with world.runtime.reading(SYSTEM) as session:
        idle = idle_actors(session, world.runtime.settings)
    _fire(world)
    _perform_all(world, {"plans.begin_runs", "promises.begin_day"})
    before = _rows(world)

    ended = _perform_all(world, idle)

    assert [name for name, *_ in ended] == sorted(idle)
    assert {tuple(how) for _, *how in ended} == {("done", 1, None)}
    assert _rows(world) == before
    assert len(idle) == 27


def test_work_with_something_to_find_is_not_idle(world: World) -> None:
    staff_id = world.staff()
    with world.runtime.reading(SYSTEM) as session:
        assert "receivables.tidy" in idle_actors(session, world.runtime.settings)

    with backoffice_client(world.runtime, staff_id), world.runtime.reading(SYSTEM) as session:
        assert "receivables.tidy" not in idle_actors(session, world.runtime.settings)
