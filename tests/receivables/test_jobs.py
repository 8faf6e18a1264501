"""The jobs table under everything that can go wrong around it."""

from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import select, update

from receivables import broker, history, jobs
from receivables.broker import ACTORS, Work, actor, perform, reaction
from receivables.database import SYSTEM
from receivables.heartbeat import Heartbeat, InHand
from receivables.history import Event
from receivables.jobs import Job
from receivables.relay import Relay
from receivables.runtime import Runtime
from receivables.schedules import fire_due
from receivables.settings import BrokerSettings
from tests.support.brokers import wait_until

RAN: list[str] = []


class Incurable(Exception):
    pass


@pytest.fixture
def trial():
    """Actors of this test alone, taken off again afterwards."""
    before = dict(ACTORS), {kind: list(names) for kind, names in history.REACTIONS.items()}
    RAN.clear()
    yield
    ACTORS.clear()
    ACTORS.update(before[0])
    history.REACTIONS.clear()
    history.REACTIONS.update(before[1])


def enqueue(runtime: Runtime, declared: broker.Actor, **args) -> None:
    with runtime.transaction(SYSTEM) as session:
        declared.enqueue(session, now=runtime.clock.now(), **args)


def due(runtime: Runtime):
    with runtime.transaction(SYSTEM) as session:
        return [job_id for job_id, _ in jobs.take_due(session, now=runtime.clock.now(), limit=10)]


def state_of(runtime: Runtime, job_id):
    with runtime.reading(SYSTEM) as session:
        return session.scalars(select(Job).where(Job.id == job_id)).one()


def test_a_job_runs_once_however_often_it_is_delivered(runtime, trial):
    @actor()
    def greet(work: Work, name: str) -> None:
        RAN.append(name)

    enqueue(runtime, greet, name="Anne")
    (job_id,) = due(runtime)
    for _ in range(3):
        perform(runtime, job_id)

    assert RAN == ["Anne"]
    assert state_of(runtime, job_id).state == "done"
    assert due(runtime) == []


def test_work_of_a_transaction_that_rolled_back_never_was(runtime, trial):
    @actor()
    def greet(work: Work) -> None:
        RAN.append("ran")

    def give_up() -> None:
        with runtime.transaction(SYSTEM) as session:
            greet.enqueue(session, now=runtime.clock.now())
            raise Incurable

    with pytest.raises(Incurable):
        give_up()

    assert due(runtime) == []


def test_a_failure_is_tried_again_later_and_in_the_end_left_to_a_person(runtime, trial, clock):
    @actor(max_retries=2)
    def stumble(work: Work) -> None:
        RAN.append("tried")
        raise OSError("the printer is on fire")

    enqueue(runtime, stumble)
    (job_id,) = due(runtime)
    perform(runtime, job_id)
    assert due(runtime) == [], "not before its time"
    for _ in range(2):
        clock.advance(timedelta(minutes=20))
        assert due(runtime) == [job_id]
        perform(runtime, job_id)

    job = state_of(runtime, job_id)
    assert (job.state, len(RAN)) == ("dead", 3)
    assert "the printer is on fire" in job.error

    with runtime.transaction(SYSTEM) as session:
        assert jobs.run_again(session, job_id, now=clock.now())
    assert due(runtime) == [job_id]


def test_what_retrying_cannot_cure_is_not_retried(runtime, trial):
    @actor(throws=(Incurable,))
    def stumble(work: Work) -> None:
        raise Incurable("for good")

    enqueue(runtime, stumble)
    (job_id,) = due(runtime)
    perform(runtime, job_id)

    assert state_of(runtime, job_id).state == "dead"


def test_an_unknown_actor_is_kept_and_shown(runtime, trial):
    @actor()
    def leave(work: Work) -> None:
        RAN.append("ran")

    enqueue(runtime, leave)
    del ACTORS[leave.name]
    (job_id,) = due(runtime)
    perform(runtime, job_id)

    assert state_of(runtime, job_id).state == "dead"


def test_what_the_broker_lost_is_handed_over_again_when_the_lease_ends(runtime, trial):
    @actor()
    def greet(work: Work) -> None:
        RAN.append("ran")

    enqueue(runtime, greet)
    (job_id,) = due(runtime)
    assert due(runtime) == [], "it is on its way"

    end_leases(runtime)

    assert due(runtime) == [job_id]
    perform(runtime, job_id)
    assert RAN == ["ran"]


def test_a_full_broker_that_forgets_everything_is_filled_again(runtime, trial):
    """What it lost does not stand in the way of what it is to be told again."""

    @actor()
    def greet(work: Work) -> None: ...

    for _ in range(3):
        enqueue(runtime, greet)
    opened = broker.open_broker(BrokerSettings(url=None), runtime)
    relay = Relay(runtime, opened, most_in_flight=2)
    relay.tick()
    relay.tick()
    assert queued(opened) == 2, "no more than may be on their way"

    opened.broker.flush_all()
    end_leases(runtime)
    relay.tick()

    assert queued(opened) == 2


def queued(opened: broker.OpenBroker) -> int:
    """How many messages wait in the broker's memory."""
    return sum(queue.qsize() for queue in opened.broker.queues.values())


def end_leases(runtime: Runtime) -> None:
    with runtime.transaction(SYSTEM) as session:
        session.execute(
            update(Job)
            .where(Job.lease_until.is_not(None))
            .values(lease_until=runtime.clock.now() - timedelta(days=3000))
        )


def test_a_worker_that_was_overtaken_rolls_back(runtime, trial):
    """Paused with the job in hand while another finished it: its effect must not count."""

    @actor()
    def ponder(work: Work) -> None:
        if not RAN:
            RAN.append("first")
            end_leases(runtime)
            (again,) = due(runtime)
            perform(runtime, again)
        with work.finish() as session:
            jobs.enqueue(session, "effect", {}, now=runtime.clock.now(), supplier_id=None)

    enqueue(runtime, ponder)
    (job_id,) = due(runtime)
    perform(runtime, job_id)

    with runtime.reading(SYSTEM) as session:
        effects = session.scalars(select(Job).where(Job.actor == "effect")).all()
    assert len(effects) == 1


def test_a_job_that_takes_longer_than_its_lease_is_done_once(runtime, trial):
    in_hand = InHand()
    heartbeat = Heartbeat(runtime, in_hand)

    @actor()
    def ponder(work: Work) -> None:
        end_leases(runtime)
        heartbeat.beat()
        RAN.append(f"left to {len(due(runtime))} others")

    enqueue(runtime, ponder)
    (job_id,) = due(runtime)
    perform(runtime, job_id, in_hand=in_hand)

    assert RAN == ["left to 0 others"]
    assert state_of(runtime, job_id).state == "done"
    assert in_hand.claims() == []


def test_a_heartbeat_takes_no_job_back_from_another(runtime, trial):
    """Paused, overtaken and awake again: the first sign of life comes too late."""
    in_hand = InHand()

    @actor()
    def ponder(work: Work) -> None:
        end_leases(runtime)
        (again,) = due(runtime)
        before = state_of(runtime, again)
        Heartbeat(runtime, in_hand).beat()
        after = state_of(runtime, again)
        kept = before.lease_until == after.lease_until
        RAN.append(f"{after.state}, token {after.token}, its own lease {kept}")
        with work.finish() as session:
            jobs.enqueue(session, "effect", {}, now=runtime.clock.now(), supplier_id=None)

    enqueue(runtime, ponder)
    (job_id,) = due(runtime)
    perform(runtime, job_id, in_hand=in_hand)

    assert RAN == ["sent, token None, its own lease True"], "the other has it still"
    with runtime.reading(SYSTEM) as session:
        assert session.scalars(select(Job).where(Job.actor == "effect")).all() == []


def test_what_happened_outside_is_noted_whoever_has_the_job_by_then(runtime, trial):
    @actor()
    def tell(work: Work, late: bool) -> None:
        if late:
            end_leases(runtime)
            due(runtime)
        with work.note() as session:
            jobs.enqueue(session, "noted", {}, now=runtime.clock.now(), supplier_id=None)

    for late, left in ((False, "done"), (True, "sent")):
        enqueue(runtime, tell, late=late)
        (job_id, *_) = (one for one in due(runtime) if state_of(runtime, one).actor == tell.name)
        perform(runtime, job_id)

        assert state_of(runtime, job_id).state == left
    with runtime.reading(SYSTEM) as session:
        assert len(session.scalars(select(Job).where(Job.actor == "noted")).all()) == 2


def test_a_job_that_hangs_beyond_its_time_is_left_to_another(runtime, trial):
    now = [0.0]
    in_hand = InHand(monotonic=lambda: now[0])
    heartbeat = Heartbeat(runtime, in_hand)

    @actor(time_limit=timedelta(minutes=2))
    def hang(work: Work) -> None:
        now[0] += 2 * 60 * 1.5
        end_leases(runtime)
        heartbeat.beat()
        RAN.append(f"left to {len(due(runtime))} other")

    enqueue(runtime, hang)
    (job_id,) = due(runtime)
    perform(runtime, job_id, in_hand=in_hand)

    assert RAN == ["left to 1 other"]


def test_a_heart_beats_until_it_is_stopped(runtime, trial):
    in_hand = InHand()
    heartbeat = Heartbeat(runtime, in_hand, every=timedelta(milliseconds=10))

    @actor()
    def ponder(work: Work) -> None:
        end_leases(runtime)
        ended = state_of(runtime, work.claimed.id).lease_until
        heartbeat.start()
        wait_until(
            "the lease is renewed",
            lambda: state_of(runtime, work.claimed.id).lease_until > ended,
        )
        heartbeat.stop()
        end_leases(runtime)
        RAN.append(f"left to {len(due(runtime))} other")

    enqueue(runtime, ponder)
    (job_id,) = due(runtime)
    perform(runtime, job_id, in_hand=in_hand)

    assert RAN == ["left to 1 other"], "the heart has stopped"


def test_an_event_sets_off_each_reaction_once(runtime, trial, world):
    class Rang(Event):
        kind: ClassVar[str] = "trial.rang"

    @reaction(Rang)
    def open_door(work: Work, rang: Rang) -> None:
        RAN.append(f"opened for {rang.debtor_id}")

    @reaction(Rang)
    def bark(work: Work, rang: Rang) -> None:
        RAN.append("barked")

    supplier_id = world.supplier()
    debtor_id = world.debtor()
    with runtime.transaction(SYSTEM) as session:
        history.record(
            session, Rang(supplier_id=supplier_id, debtor_id=debtor_id), clock=runtime.clock
        )
    world.run_jobs()

    assert sorted(RAN) == ["barked", f"opened for {debtor_id}"]


def test_a_natural_key_makes_a_second_job_impossible(runtime, trial):
    @actor()
    def greet(work: Work) -> None:
        RAN.append("ran")

    for _ in range(2):
        enqueue(runtime, greet, dedup="greeting of the day")

    assert len(due(runtime)) == 1


def test_a_schedule_fires_once_for_all_machines_and_once_for_all_missed_times(
    runtime, trial, clock
):
    @actor(cron="0 * * * *")
    def chime(work: Work) -> None:
        RAN.append("chimed")

    def ask() -> bool:
        now = clock.now()
        with runtime.transaction(SYSTEM) as session:
            return fire_due(session, {chime.name: chime.next_after(now)}, now=now) == [chime.name]

    assert ask() is False, "the first time only writes it down"
    clock.advance(timedelta(hours=5))
    assert [ask(), ask(), ask()] == [True, False, False]


@pytest.mark.parametrize("zone", ["Europe/Zurich", "America/New_York", "UTC"])
def test_a_daily_time_follows_the_zone_through_a_change_of_the_clock(zone, trial):
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    @actor(cron="30 2 * * *", zone=zone)
    def tick(work: Work) -> None: ...

    now = datetime(2027, 3, 26, tzinfo=UTC)
    fired = []
    for _ in range(5):
        now = tick.next_after(now)
        fired.append(now.astimezone(ZoneInfo(zone)).date())
    assert fired == sorted(set(fired)), "each day once"
