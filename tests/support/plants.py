"""Several processes' worth of relays and workers in one process, and work that leaves stamps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from sqlalchemy import func, select, update

from receivables.broker import Actor, Work, open_broker
from receivables.database import SYSTEM
from receivables.history import Event, EventRow, record
from receivables.ids import SupplierId, new_id
from receivables.jobs import Job
from receivables.relay import Relay
from receivables.runtime import Runtime
from receivables.settings import BrokerSettings
from receivables.workshop import Workshop
from tests.support.brokers import wait_until
from tests.support.databases import open_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped(Event):
    """The trace of one job: there must be one of each number."""

    kind: ClassVar[str] = "trial.stamped"

    number: int


def stamp(work: Work, number: int) -> None:
    """The effect of a job, in the transaction that ends it."""
    with work.finish() as session:
        supplier_id = work.scope.supplier_id or SupplierId(new_id())
        record(session, Stamped(supplier_id=supplier_id, number=number), clock=work.runtime.clock)


class Plant:
    """The jobs of one database, and who works on them."""

    def __init__(self, runtime: Runtime, broker_url: str | None) -> None:
        self.runtime, self._broker_url = runtime, broker_url

    @contextmanager
    def works(self, *, workers: bool = True, times: int = 1) -> Iterator[list[Workshop]]:
        """Workshops with connections of their own, as if each were a process."""
        with ExitStack() as stack:
            workshops = []
            for _ in range(times):
                settings = replace(
                    self.runtime.settings, broker=BrokerSettings(url=self._broker_url, threads=2)
                )
                database = open_database(settings.database.url)
                stack.callback(database.close)
                runtime = replace(self.runtime, settings=settings, database=database)
                workshop = Workshop(runtime, workers=workers)
                workshop.start()
                stack.callback(workshop.stop)
                workshops.append(workshop)
            yield workshops

    @contextmanager
    def feeds(self, *, most: int) -> Iterator[None]:
        """A relay that hands over as many as `most` before any is done, each once, and nobody who
        works.
        """
        settings = replace(self.runtime.settings, broker=BrokerSettings(url=self._broker_url))
        with closing(open_database(settings.database.url)) as database:
            runtime = replace(self.runtime, settings=settings, database=database)
            opened = open_broker(settings.broker, runtime)
            relay = Relay(runtime, opened, most_in_flight=most, lease=timedelta(days=1))
            relay.start()
            try:
                yield
            finally:
                relay.stop()
                opened.broker.close()

    def enqueue(self, declared: Actor, numbers: range, **options: object) -> None:
        """One transaction each, as a request would."""
        for number in numbers:
            with self.runtime.transaction(SYSTEM) as session:
                declared.enqueue(
                    session,
                    now=self.runtime.clock.now(),
                    number=number,
                    **options,  # type: ignore[arg-type]
                )

    def stamps(self) -> Counter[int]:
        """How often each number was stamped."""
        with self.runtime.reading(SYSTEM) as session:
            bodies = session.scalars(select(EventRow.body).where(EventRow.kind == Stamped.kind))
            return Counter(body["number"] for body in bodies)

    def states(self) -> Counter[str]:
        with self.runtime.reading(SYSTEM) as session:
            rows = session.execute(select(Job.state, func.count()).group_by(Job.state))
            return Counter({row[0]: row[1] for row in rows})

    def failures(self) -> dict[int, int]:
        """How often the work that has a failure on its row was tried, by number."""
        with self.runtime.reading(SYSTEM) as session:
            rows = session.scalars(select(Job).where(Job.error.is_not(None)))
            return {row.args["number"]: row.attempts for row in rows}

    def claims(self) -> int:
        """How often workers took a job in hand, all jobs together."""
        with self.runtime.reading(SYSTEM) as session:
            return session.scalar(select(func.sum(Job.attempts))) or 0

    def wait_for(self, *, every: float = 0.02, **states: int) -> None:
        """Until there are so many jobs in each of these states."""
        wait_until(
            f"jobs are {states}",
            lambda: all(self.states()[state] >= count for state, count in states.items()),
            every=every,
        )

    def end_leases(self) -> None:
        """As if every lease had run out: the database's clock says when, and it cannot be moved."""
        with self.runtime.transaction(SYSTEM) as session:
            session.execute(
                update(Job)
                .where(Job.lease_until.is_not(None))
                .values(lease_until=self.runtime.clock.now() - timedelta(days=3000))
            )


__all__ = ["Plant", "Stamped", "stamp"]
