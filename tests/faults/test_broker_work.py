"""The same work through every broker, and everything a broker may do to it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from receivables.broker import ACTORS, OpenBroker, Work, actor, open_broker, reaction, scheduled
from receivables.database import SYSTEM
from receivables.jobs import Job
from receivables.relay import Relay
from receivables.runtime import Runtime
from receivables.schedules import Schedule
from receivables.settings import BrokerSettings
from tests.support.brokers import wait_until
from tests.support.databases import open_database
from tests.support.plants import Plant, Stamped, stamp

pytestmark = pytest.mark.usefixtures("trial")


class Incurable(Exception):
    pass


def once_each(numbers):
    return dict.fromkeys(numbers, 1)


def test_the_same_work_is_done_through_every_broker(runtime, clock, broker_url):
    @actor()
    def press(work: Work, number: int) -> None:
        stamp(work, number)

    @actor(queue_name="mail")
    def press_at_the_second_try(work: Work, number: int) -> None:
        if work.attempt == 1:
            raise OSError("the ink is dry")
        stamp(work, number)

    @actor(queue_name="payments", throws=(Incurable,))
    def press_never(work: Work, number: int) -> None:
        raise Incurable(f"no stamp {number}")

    @reaction(Stamped, queue_name="monitoring")
    def press_again(work: Work, stamped: Stamped) -> None:
        if stamped.number < 100:
            stamp(work, stamped.number + 100)

    plant = Plant(runtime, broker_url)
    plant.enqueue(press, range(3))
    plant.enqueue(press, range(3, 4), dedup="three")
    plant.enqueue(press, range(3, 4), dedup="three")
    plant.enqueue(press_at_the_second_try, range(4, 5))
    plant.enqueue(press_never, range(5, 6))
    plant.enqueue(press, range(6, 7), available_at=clock.now() + timedelta(hours=1))
    with runtime.transaction(SYSTEM) as session:
        press.enqueue(session, now=clock.now(), number=7)
        session.rollback()

    with plant.works():
        # The second try's time is counted from the first: the clock may not move before that.
        plant.wait_for(dead=1, done=8)
        wait_until("the first try failed", lambda: plant.failures() == {5: 1, 4: 1})
        assert plant.stamps().keys() & {4, 6} == set()
        clock.advance(timedelta(hours=2))
        wait_until("all stamped", lambda: set(plant.stamps()) >= {104, 106})
        plant.wait_for(done=18)

    assert plant.stamps() == once_each([0, 1, 2, 3, 4, 6, 100, 101, 102, 103, 104, 106])


def test_what_a_broker_forgets_is_handed_over_again(runtime, shared_broker):
    @actor()
    def press(work: Work, number: int) -> None:
        stamp(work, number)

    plant = Plant(runtime, shared_broker.url)
    plant.enqueue(press, range(150))
    with plant.works(workers=False):
        wait_until("all are queued", lambda: shared_broker.held() == 150)
        shared_broker.lose_everything()

    assert (shared_broker.held(), plant.states()) == (0, {"sent": 150}), "the rows alone know"
    with plant.works():
        plant.end_leases()
        plant.wait_for(done=150)

    assert plant.stamps() == once_each(range(150))


def test_what_a_dead_process_held_in_its_memory_is_done_by_the_next(runtime):
    @actor()
    def press(work: Work, number: int) -> None:
        stamp(work, number)

    plant = Plant(runtime, None)
    plant.enqueue(press, range(20))
    with plant.works(workers=False):
        plant.wait_for(sent=20)
    if runtime.database.kind == "postgresql":
        plant.end_leases()
    with plant.works():
        plant.wait_for(done=20)

    assert plant.stamps() == once_each(range(20))


def test_messages_delivered_twice_do_their_work_once(runtime, shared_broker):
    @actor()
    def press(work: Work, number: int) -> None:
        stamp(work, number)

    plant = Plant(runtime, shared_broker.url)
    plant.enqueue(press, range(50))
    with plant.works(workers=False):
        wait_until("all are queued", lambda: shared_broker.held() == 50)
        plant.end_leases()
        wait_until("all are queued twice", lambda: shared_broker.held() == 100)
    with plant.works():
        plant.wait_for(done=50)
        wait_until("all are read", lambda: shared_broker.held() == 0)

    assert plant.stamps() == once_each(range(50))
    assert plant.claims() == 50


def test_work_is_left_while_the_broker_is_away_and_done_when_it_is_back(runtime, shared_broker):
    @actor()
    def press(work: Work, number: int) -> None:
        stamp(work, number)

    plant = Plant(runtime, shared_broker.url)
    with plant.works():
        plant.enqueue(press, range(10))
        plant.wait_for(done=10)
        shared_broker.stop()
        try:
            plant.enqueue(press, range(10, 40))
            assert plant.states().total() == 40, "whoever leaves work never notices"
        finally:
            shared_broker.start()
        plant.wait_for(done=40)

    assert plant.stamps() == once_each(range(40))


def test_two_relays_and_two_workers_do_no_job_twice(runtime, shared_broker):
    @actor()
    def press(work: Work, number: int) -> None:
        stamp(work, number)

    plant = Plant(runtime, shared_broker.url)
    plant.enqueue(press, range(120))
    with plant.works(times=2), plant.works(workers=False):
        plant.enqueue(press, range(120, 200))
        plant.wait_for(done=200)

    assert plant.stamps() == once_each(range(200))
    assert plant.claims() == 200


class CarelessRelay(Relay):
    """Looks, then fires, and takes no care that another may do so in between."""

    def __init__(self, runtime: Runtime, opened: OpenBroker, between: Barrier) -> None:
        super().__init__(runtime, opened)
        self._between = between

    def _fire_schedules(self) -> None:
        now = self._runtime.clock.now()
        (declared,) = ACTORS.values()
        with self._runtime.reading(SYSTEM) as session:
            row = session.get(Schedule, declared.name)
            due = row is not None and row.next_at <= now
        self._between.wait(timeout=30)
        with self._runtime.transaction(SYSTEM) as session:
            row = session.get(Schedule, declared.name)
            if row is None:
                session.add(Schedule(actor=declared.name, next_at=declared.next_after(now)))
                return
            row.next_at = declared.next_after(now)
            if due:
                declared.enqueue(session, now=now)


RELAYS, FIRINGS = 3, 6


def firings_of(make_relay, runtime, clock) -> int:
    """Relays look at the same moment, once an hour; how many jobs that makes."""

    @scheduled("0 * * * *")
    def chime(work: Work) -> None: ...

    together = Barrier(RELAYS, action=lambda: clock.advance(timedelta(hours=1)))

    def look_every_hour() -> None:
        database = open_database(runtime.settings.database.url)
        own = replace(runtime, database=database)
        relay = make_relay(own, open_broker(BrokerSettings(url=None), own))
        try:
            for _ in range(1 + FIRINGS):  # the first look only writes the schedule down
                together.wait(timeout=30)
                relay.tick()
        except BaseException:
            together.abort()
            raise
        finally:
            database.close()

    with ThreadPoolExecutor(RELAYS) as threads:
        for looking in [threads.submit(look_every_hour) for _ in range(RELAYS)]:
            looking.result()
    with runtime.reading(SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(Job))


def test_a_schedule_fires_once_however_many_relays_look(runtime, clock):
    assert firings_of(Relay, runtime, clock) == FIRINGS


def test_relays_that_take_no_care_fire_it_more_than_once(runtime, clock):
    """The control: the test above would notice."""
    between = Barrier(RELAYS)
    with runtime.transaction(SYSTEM) as session:
        session.add(Schedule(actor="test_broker_work.chime", next_at=clock.now()))

    assert firings_of(lambda *own: CarelessRelay(*own, between), runtime, clock) > FIRINGS + 1
