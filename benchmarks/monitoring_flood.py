"""A bureau that scores every debtor anew: what reaches people, how soon, and what it costs.

`python -m benchmarks.monitoring_flood [--debtors 50000] [--changed 1000]`: PostgreSQL, Redis and a
mail server are started here, and one worker as operators run it. First, while nothing else
happens, single readings that are critical: the time from a reading to the mail. Then the flood:
every debtor anew, most of them with the score they had, some off by a point, `changed` of them
fallen, half of those flapping; a tenth repeated, out of order within a page or two, and the whole
of it sent a second time. On the way the worker is killed and started again, and the broker loses
everything it has. In the end each change is one alert and one telling per person and channel, and
the mass of them one notice; anything else ends it with an error.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import quantiles

import msgspec
from sqlalchemy import func, select, text, update

import monitoring.tasks
import receivables.tasks
from benchmarks.load import cpu_seconds
from benchmarks.overdue import EACH, open_books, settle_down
from monitoring.alerts.rulebook import set_up_rules
from monitoring.alerts.severities import RuleKind
from monitoring.feeds.file import band_of_score
from monitoring.readings import Accepted, NewReading, record_only, record_reading
from monitoring.tables import Alert, Delivery, ScoreReading
from monitoring.taking import RECORDER
from receivables import logs
from receivables.boot import build_runtime
from receivables.database import SYSTEM, Scope
from receivables.ids import DebtorId, SupplierId
from receivables.jobs import Job, enqueue
from receivables.parties.tables import Debtor, Supplier
from receivables.runtime import Runtime
from receivables.settings import read_settings
from sandbox.mailbox import start as start_mailbox
from tests.support.brokers import Broker, started
from tests.support.builders import make_staff
from tests.support.databases import PostgresServer, postgres_admin
from tests.support.processes import Running, environment, running

assert monitoring.tasks
assert receivables.tasks  # both imported for their actors

#: Seconds from a reading to the hand-over of its mail, nothing else going on: the 99th percentile.
IDLE_LIMIT_S = 5.0
#: Within which everything the flood changed has been handed over.
FLOOD_LIMIT = timedelta(minutes=15)
#: Single readings while nothing else happens.
SINGLE = 100
_STAFF = ("Ada", "Bo", "Cleo")
_PAGE = 500
_NAME, _SOURCE = "quittance_flood", "bureau"


@dataclass(frozen=True, slots=True)
class House:
    """The installation under the flood."""

    runtime: Runtime
    supplier_id: SupplierId
    debtors: list[DebtorId]
    broker: Broker
    env: dict[str, str]
    folder: Path

    def worker(self, stack: ExitStack) -> Running:
        return stack.enter_context(running(["worker"], self.env, self.folder / "worker.log"))

    def count(self, statement) -> int:  # type: ignore[no-untyped-def]  # any select
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            return session.scalar(statement) or 0

    def waiting(self) -> int:
        """Readings and judgements that are still to be done."""
        actors = (RECORDER, "monitoring.judge")
        open_jobs = select(func.count()).where(Job.actor.in_(actors), Job.state != "done")
        with self.runtime.reading(SYSTEM) as session:
            return session.scalar(open_jobs) or 0

    def untold(self) -> int:
        """Alerts and people that are still to be told, one or the other."""
        told = select(func.count()).select_from(Delivery).where(Delivery.state == "delivered")
        raised = select(func.count()).select_from(Alert)
        return self.count(raised) * len(_STAFF) - self.count(told)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--debtors", type=int, default=50_000)
    parser.add_argument("--changed", type=int, default=1_000)
    given = parser.parse_args(arguments)
    logs.configure(level=logging.ERROR)
    with ExitStack() as stack:
        house = _set_up(stack, given.debtors)
        worker = house.worker(stack)
        idle = _one_by_one(house)
        print(f"\nOne at a time: {SINGLE} critical readings, seconds until the mail is handed over")
        cuts = quantiles(idle, n=100)
        print(f"p50 {cuts[49]:.2f}   p99 {cuts[98]:.2f}   most {max(idle):.2f}")
        _flood(house, stack, worker, given.changed)
        faults = list(_faults(house, given.changed))
    if cuts[98] > IDLE_LIMIT_S:
        faults.append(f"p99 of {cuts[98]:.2f} s when idle is above {IDLE_LIMIT_S} s")
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0


def _set_up(stack: ExitStack, debtors: int) -> House:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="quittance-flood-")))
    admin_url = stack.enter_context(postgres_admin())
    server = PostgresServer(admin_url, _NAME)
    broker = stack.enter_context(started("redis"))
    mailbox = stack.enter_context(start_mailbox(http_port=None))
    env = environment(server.fresh(), broker_url=broker.url, smtp_port=mailbox.smtp_port)
    runtime = build_runtime(read_settings(env))
    stack.callback(server.close)
    stack.callback(runtime.database.close)
    began = time.perf_counter()
    supplier_id = open_books(
        runtime, debtors * EACH, after_each=lambda: settle_down(admin_url, _NAME)
    )
    with runtime.transaction(SYSTEM) as session:
        # Where it is broad day now: what is not critical is told within people's hours.
        hours = (datetime.now(UTC).hour + 12) % 24 - 12
        zone = f"Etc/GMT{hours - 12 if hours > 0 else hours + 12:+}".replace("+0", "")
        session.execute(update(Supplier).where(Supplier.id == supplier_id).values(zone=zone))
    with runtime.transaction(Scope(supplier_id)) as session:
        for name in _STAFF:
            make_staff(session, supplier_id, clock=runtime.clock, name=name)
        set_up_rules(session, supplier_id=supplier_id, clock=runtime.clock)
        ids = list(session.scalars(select(Debtor.id).where(Debtor.supplier_id == supplier_id)))
    house = House(runtime, supplier_id, ids, broker, env, folder)
    _first_scores(house)
    settle_down(admin_url, _NAME)
    print(f"{debtors} debtors, {debtors * EACH} open invoices: {time.perf_counter() - began:.0f} s")
    return house


def _said(score: int, on: date, sequence: int, source: str = _SOURCE) -> NewReading:
    return NewReading(
        source=source, as_of_on=on, scale="0-100", score=score, band=band_of_score(score),
        reference=f"{on}/{sequence}", sequence=sequence,
    )  # fmt: skip


def _first_scores(house: House) -> None:
    """What the bureau said a month ago."""
    month_ago = datetime.now(UTC).date() - timedelta(days=30)
    first = [Accepted(one, _said(70, month_ago, 0)) for one in house.debtors]
    first += [
        Accepted(one, _said(70, month_ago, 0, f"own-{place}"))
        for place, one in enumerate(house.debtors[-SINGLE:])
    ]
    began, cpu = time.perf_counter(), time.process_time()
    for place in range(0, len(first), _PAGE):
        with house.runtime.transaction(Scope(house.supplier_id)) as session:
            record_only(
                session, supplier_id=house.supplier_id, clock=house.runtime.clock,
                accepted=first[place : place + _PAGE],
            )  # fmt: skip
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    print(f"first readings written down: {len(first) / seconds:.0f} a second ({used:.1f} CPU-s)")


def _one_by_one(house: House) -> list[float]:
    """Seconds until the last of the staff is told, for each of some critical readings.

    Each is of a source of its own, as they would be on a quiet day: not one mass change.
    """
    today = datetime.now(UTC).date()
    for place, debtor_id in enumerate(house.debtors[-SINGLE:]):
        with house.runtime.transaction(Scope(house.supplier_id)) as session:
            record_reading(
                session, supplier_id=house.supplier_id, debtor_id=debtor_id,
                reading=_said(5, today, 1, f"own-{place}"), clock=house.runtime.clock,
            )  # fmt: skip
        time.sleep(0.3)
    raised = select(func.count()).select_from(Alert)
    _wait_until(lambda: house.count(raised) == SINGLE and house.untold() == 0, within=120)
    with house.runtime.reading(Scope(house.supplier_id)) as session:
        rows = session.execute(
            select(func.max(Delivery.delivered_at), func.max(ScoreReading.received_at))
            .join(Alert, Alert.id == Delivery.alert_id)
            .join(ScoreReading, ScoreReading.id == Alert.reading_id)
            .group_by(Alert.id)
        ).all()
    times = [(told - received).total_seconds() for told, received in rows if told and received]
    assert len(times) == SINGLE, "each of them was told"
    return times


def _pages(house: House, changed: int) -> Iterator[list[Accepted]]:
    """The flood in pages: out of order, repeated, and all of it twice."""
    chance = random.Random(20261122)  # noqa: S311  # the same flood every time
    today = datetime.now(UTC).date()
    told: list[Accepted] = []
    for place, debtor_id in enumerate(chance.sample(house.debtors, len(house.debtors))):
        scores = [70 + chance.choice((0, 0, 0, 0, 1, -1))]
        if place < changed:
            scores = [45, 70, 44, 71, 45] if place % 2 else [45]
        told += [Accepted(debtor_id, _said(score, today, nth)) for nth, score in enumerate(scores)]
    told += chance.sample(told, len(told) // 10)
    chance.shuffle(told)
    for _ in range(2):
        for place in range(0, len(told), _PAGE):
            yield told[place : place + _PAGE]


def _flood(house: House, stack: ExitStack, worker: Running, changed: int) -> None:
    pages = list(_pages(house, changed))
    used = 0.0
    began = datetime.now(UTC)
    for place, page in enumerate(pages):
        with house.runtime.transaction(Scope(house.supplier_id)) as session:
            enqueue(
                session, RECORDER, {"accepted": msgspec.to_builtins(page)},
                now=house.runtime.clock.now(), supplier_id=house.supplier_id,
            )  # fmt: skip
        if place == len(pages) // 3:
            used += cpu_seconds(worker.pid)
            worker.kill()
            worker = house.worker(stack)
        if place == len(pages) // 2:
            house.broker.lose_everything()
    _wait_until(lambda: house.waiting() == 0, within=FLOOD_LIMIT.total_seconds())
    recorded = datetime.now(UTC)
    print(f"\nThe flood: {sum(map(len, pages))} readings in {len(pages)} pages, {changed} changes")
    print(f"judged after {(recorded - began).total_seconds():.0f} s", flush=True)
    _wait_until(lambda: house.untold() == 0, within=2 * FLOOD_LIMIT.total_seconds())
    with house.runtime.reading(Scope(house.supplier_id)) as session:
        last_at = session.scalar(select(func.max(Delivery.delivered_at)))
        size = session.scalar(text("SELECT count(*) FROM jobs"))
    assert last_at is not None, "somebody was told"
    used += cpu_seconds(worker.pid)
    print(f"everything handed over after {(last_at - began).total_seconds():.0f} s")
    print(f"the worker used {used:.0f} CPU-s; {size} jobs in all")
    if last_at - began > FLOOD_LIMIT:
        raise SystemExit(f"FAULT: later than {FLOOD_LIMIT}")


def _wait_until(done, within: float) -> None:  # type: ignore[no-untyped-def]  # any question
    until = time.monotonic() + within
    while not done():
        if time.monotonic() > until:
            raise SystemExit("FAULT: not done in time")
        time.sleep(0.5)


def _faults(house: House, changed: int) -> Iterator[str]:
    """What is not as it has to be: each change once, each person once, one notice."""
    with house.runtime.reading(Scope(house.supplier_id)) as session:
        alerts = session.execute(
            select(Alert.id, Alert.kind, Alert.debtor_id, Alert.mass_alert_id).where(
                Alert.source == _SOURCE
            )
        ).all()
        told = session.execute(
            select(Delivery.alert_id, Delivery.staff_id, Delivery.channel, Delivery.state)
        ).all()
    about = Counter(one.debtor_id for one in alerts if one.debtor_id)
    notices = [one for one in alerts if one.kind == RuleKind.MASS]
    inside = sum(one.mass_alert_id is not None for one in alerts)
    times = Counter((one.alert_id, one.staff_id, one.channel) for one in told)
    print(f"{len(about)} alerts, {inside} of them in {len(notices)} notice of a mass change")
    if len(about) != changed or set(about.values()) != {1}:
        yield f"{len(about)} debtors and {about.total()} alerts for {changed} changes"
    if len(notices) != 1:
        yield f"{len(notices)} notices of one mass change"
    if set(times.values()) != {1} or {one.state for one in told} != {"delivered"}:
        yield "somebody was told twice, or not at all"
    heard = Counter(one.alert_id for one in told)
    if any(heard[one.id] != len(_STAFF) for one in alerts):
        yield "somebody was not told of an alert"


if __name__ == "__main__":
    sys.exit(main())
