"""A bureau says everything anew while brokers forget and workers die: each change is told once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import msgspec
import pytest
from sqlalchemy import select, update

import monitoring.tasks
from monitoring import readings
from monitoring.alerts import rulebook
from monitoring.alerts.severities import RuleKind
from monitoring.bands import Band
from monitoring.feeds.file import band_of_score
from monitoring.readings import Accepted, NewReading
from monitoring.tables import Alert, Delivery
from monitoring.taking import RECORDER
from receivables import jobs
from receivables.broker import perform
from receivables.database import SYSTEM, Scope
from receivables.ids import DebtorId, SupplierId
from tests.support.world import World

assert monitoring.tasks  # imported for its actors

TODAY = date(2026, 11, 2)
DEBTORS, CHANGED = 60, 30
#: Readings of one job; a source's own pages are larger.
PIECE = 25


def said(score: int, *, on: date = TODAY, sequence: int = 0) -> NewReading:
    return NewReading(
        source="bureau", as_of_on=on, scale="0-100", score=score, band=band_of_score(score),
        reference=f"{on}/{sequence}", sequence=sequence,
    )  # fmt: skip


def flood(debtors: list[DebtorId], random: Random) -> list[list[Accepted]]:
    """Everybody anew, some fallen, half of those flapping; out of order, and replayed."""
    told = []
    for place, debtor_id in enumerate(debtors):
        scores = [71]
        if place < CHANGED:
            scores = [45, 70, 44, 70, 45] if place % 2 else [45]
        told += [Accepted(debtor_id, said(score, sequence=nth)) for nth, score in enumerate(scores)]
    told += random.sample(told, len(told) // 2)
    random.shuffle(told)
    return [told[place : place + PIECE] for place in range(0, len(told), PIECE)]


@pytest.fixture
def watched(world: World) -> tuple[SupplierId, list[DebtorId]]:
    supplier_id, clock = world.supplier(), world.clock
    world.staff(name="Ada")
    world.staff(name="Bo")
    debtors = [world.debtor() for _ in range(DEBTORS)]
    with world.runtime.transaction(Scope(supplier_id)) as session:
        rulebook.set_up_rules(session, supplier_id=supplier_id, clock=clock)
        before = said(70, on=TODAY - timedelta(days=30))
        readings.record_readings(
            session, supplier_id=supplier_id, clock=clock,
            accepted=[Accepted(debtor_id, before) for debtor_id in debtors],
        )  # fmt: skip
    world.run_jobs()
    return supplier_id, debtors


def work_badly(world: World, random: Random) -> None:
    """Do everything that is due; of what the broker is told, much is lost, delivered twice, or
    begun by a worker that dies.
    """
    for rounds in range(60):
        with world.runtime.transaction(SYSTEM) as session:
            due = jobs.take_due(session, now=world.clock.now(), limit=100)
        if not due:
            return
        for job_id, _ in due:
            fate = random.random() if rounds < 20 else 1.0
            if fate < 0.15:
                continue
            if fate < 0.3:
                with world.runtime.transaction(SYSTEM) as session:
                    jobs.claim(session, job_id, lease=jobs.WORK_LEASE)
                continue
            for _ in range(2 if fate < 0.5 else 1):
                perform(world.runtime, job_id)
        with world.runtime.transaction(SYSTEM) as session:
            session.execute(
                update(jobs.Job)
                .where(jobs.Job.lease_until.is_not(None))
                .values(lease_until=datetime(2000, 1, 1, tzinfo=UTC))
            )
    raise AssertionError("still busy")


def test_in_a_flood_of_lost_messages_and_dead_workers_each_change_is_told_once(
    world: World, watched: tuple[SupplierId, list[DebtorId]]
) -> None:
    supplier_id, debtors = watched
    random = Random(20261102)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        for piece in flood(debtors, random):
            jobs.enqueue(
                session, RECORDER, {"accepted": msgspec.to_builtins(piece)},
                now=world.clock.now(), supplier_id=supplier_id,
            )  # fmt: skip

    work_badly(world, random)
    for hours in (1, 24, 24):
        world.clock.advance(timedelta(hours=hours))
        work_badly(world, random)

    with world.runtime.reading(Scope(supplier_id)) as session:
        alerts = session.execute(
            select(Alert.kind, Alert.debtor_id, Alert.band_after, Alert.mass_alert_id)
        ).all()
        told = session.execute(
            select(Delivery.alert_id, Delivery.staff_id, Delivery.channel, Delivery.state)
        ).all()
    about = Counter(one.debtor_id for one in alerts if one.debtor_id)
    assert about == dict.fromkeys(debtors[:CHANGED], 1)
    assert {one.band_after for one in alerts if one.debtor_id} == {Band.C}
    assert [one.kind for one in alerts if not one.debtor_id] == [RuleKind.MASS]
    assert any(one.mass_alert_id for one in alerts)

    times = Counter((one.alert_id, one.staff_id, one.channel) for one in told)
    assert set(times.values()) == {1}
    assert len(times) == 2 * len(alerts), "both colleagues, of every alert, by mail"
    assert {one.state for one in told} == {"delivered"}
    assert len({mail.message_id for mail in world.mail}) == len(world.mail)
