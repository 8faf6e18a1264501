from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, update

from receivables import jobs
from receivables.broker import perform
from receivables.database import SYSTEM, Scope
from receivables.dunning import tasks
from receivables.dunning.actions import dun_supplier
from receivables.dunning.tables import Reminder
from receivables.ids import JobId
from tests.support.world import World

assert tasks  # imported for its actors

#: So many that the relay hands them over in several rounds.
REMINDERS = 150


def hand_over(world: World) -> list[JobId]:
    """What the relay does: the broker is told the ids of everything that is due."""
    told: list[JobId] = []
    while True:
        with world.runtime.transaction(SYSTEM) as session:
            due = jobs.take_due(session, now=world.clock.now(), limit=100)
        if not due:
            return told
        told += [job_id for job_id, _ in due]


def let_leases_run_out(world: World) -> None:
    with world.runtime.transaction(SYSTEM) as session:
        session.execute(
            update(jobs.Job)
            .where(jobs.Job.lease_until.is_not(None))
            .values(lease_until=datetime(2000, 1, 1, tzinfo=UTC))
        )


@pytest.fixture
def planned(world: World) -> World:
    """A run's reminders are on record, none is sent."""
    supplier_id = world.supplier()
    for _ in range(REMINDERS):
        world.invoice("10.00 CHF", due_on=date(2026, 10, 30))
    with world.runtime.transaction(Scope(supplier_id)) as session:
        today = world.clock.now().date()
        assert dun_supplier(session, supplier_id, today, clock=world.clock) == REMINDERS
    return world


@pytest.mark.once("the broker is in question; leases run out on both in test_jobs")
def test_a_broker_that_forgets_everything_costs_no_reminder_and_doubles_none(
    planned: World,
) -> None:
    forgotten = hand_over(planned)
    assert len(forgotten) == REMINDERS
    assert hand_over(planned) == []
    assert not planned.mail

    let_leases_run_out(planned)
    brought_back = hand_over(planned)
    assert sorted(brought_back) == sorted(forgotten)
    for job_id in brought_back:
        perform(planned.runtime, job_id)
    # The broker turns up again after all, and delivers what it had.
    for job_id in forgotten:
        perform(planned.runtime, job_id)
    let_leases_run_out(planned)
    assert hand_over(planned) == []

    times = Counter(mail.message_id for mail in planned.mail)
    assert len(times) == REMINDERS
    assert set(times.values()) == {1}
    with planned.runtime.reading(SYSTEM) as session:
        states = session.execute(
            select(Reminder.state, func.count()).group_by(Reminder.state)
        ).all()
        assert [tuple(row) for row in states] == [("sent", REMINDERS)]
