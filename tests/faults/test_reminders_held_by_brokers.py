"""Reminders that wait in a broker which forgets them, or dies with them: each goes out once.

Sixty here; `make proof` has fifty thousand in the queues.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from sqlalchemy import func, select

from benchmarks.overdue import open_books
from receivables.database import SYSTEM, Scope
from receivables.dunning import tasks
from receivables.dunning.actions import write_down
from receivables.dunning.planning import frame_of, in_chunks
from receivables.dunning.tables import Reminder
from receivables.growth import growing
from receivables.ports import MailMessage
from receivables.runtime import Runtime
from tests.support.brokers import Broker, wait_until
from tests.support.plants import Plant

assert tasks  # imported for its actors

FEW, MANY = 60, 50_000
#: The clock's day.
TODAY = date(2026, 11, 2)


class CountingMailer:
    """Takes every message and remembers its name: fifty thousand would not be kept whole."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.times: Counter[str] = Counter()

    def send(self, message: MailMessage) -> None:
        with self._lock:
            self.times[message.message_id] += 1

    def has(self, wanted: int) -> bool:
        """Whether so many different ones came."""
        return len(self.times) >= wanted


Say = Callable[[str], None]


@pytest.fixture
def say(request: pytest.FixtureRequest, thorough: bool, capsys: pytest.CaptureFixture[str]) -> Say:
    """How far it is, in the long runs, where nobody would wait without a word."""
    begun = time.monotonic()

    def speak(what: str) -> None:
        if thorough:
            with capsys.disabled():
                seconds = time.monotonic() - begun
                sys.stderr.write(f"{request.node.callspec.id}: {what} after {seconds:.0f} s\n")

    return speak


def plan(runtime: Runtime, reminders: int) -> int:
    """The run of so many debtors, each with two invoices, is made, and nothing is sent; how many
    messages it planned.
    """
    supplier_id = open_books(runtime, 2 * reminders, each=2)
    with runtime.reading(Scope(supplier_id)) as session:
        frame = frame_of(session, supplier_id, TODAY)
        pages = list(in_chunks(session, frame))
    written = 0
    for page in pages:
        with runtime.transaction(Scope(supplier_id)) as session:
            written += write_down(session, supplier_id, page, TODAY, clock=runtime.clock)
    return written


@pytest.mark.postgresql
@pytest.mark.parametrize("way", ["forgets", pytest.param("dies", marks=pytest.mark.proof)])
def test_what_a_broker_held_goes_out_once_whether_it_forgets_or_dies(
    runtime: Runtime, shared_broker: Broker, way: str, thorough: bool, say: Say
) -> None:
    count = MANY if thorough else FEW
    mailer = CountingMailer()
    runtime = replace(runtime, mailer=mailer)
    plant = Plant(runtime, shared_broker.url)
    # To look costs the more the more there are.
    patience, every = 60 + count / 5, count / 100_000

    # As every process does.
    with growing(runtime.database):
        assert plan(runtime, count) == count
        say("planned")
        # More than a relay tells a broker at once: all of it is to be lost together.
        with plant.feeds(most=2 * count):
            wait_until(
                "all are queued",
                lambda: shared_broker.held() == count,
                seconds=patience,
                every=every,
            )
        assert plant.states() == {"sent": count}
        say(f"{count} messages queued")
        if way == "forgets":
            shared_broker.lose_everything()
        else:
            shared_broker.stop()
            shared_broker.start()
        say(f"{shared_broker.held()} left")
        assert not mailer.times, "nothing was sent yet"
        plant.end_leases()
        with plant.works():
            for wanted in range(count // 10, count + 1, count // 10):
                wait_until(
                    f"{wanted} are sent",
                    partial(mailer.has, wanted),
                    seconds=patience,
                    every=every,
                )
                say(f"{wanted} sent")
            plant.wait_for(done=count, every=every)
        say("all done")

    assert set(mailer.times.values()) == {1}
    with runtime.reading(SYSTEM) as session:
        rows = session.execute(select(Reminder.state, func.count()).group_by(Reminder.state)).all()
    assert [tuple(row) for row in rows] == [("sent", count)]
