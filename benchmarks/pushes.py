"""Ten thousand pushes of which a tenth goes to browsers whose push service takes half a minute.

`python -m benchmarks.pushes [--count 10000]`: fifty alerts to ten colleagues with twenty browsers
each, in books on SQLite, with the workers of one process. The push service is the sandbox's, in a
process of its own: it takes every message apart, and answers a tenth of the browsers after thirty
seconds, which is far longer than we wait. Measured is how long it takes until everybody
who can be told is told. Source of the limit: RELIABILITY F19, ten minutes.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from alembic import command
from sqlalchemy import func, select

import monitoring.tasks
import receivables.tasks
from monitoring.alerts.raising import NewAlert, raise_alerts
from monitoring.alerts.severities import RuleKind, Severity
from monitoring.bands import Band
from monitoring.telling import browsers
from monitoring.telling.tables import PushSend
from receivables import logs
from receivables.boot import PUSH_CONNECTIONS, PUSH_SECONDS, alembic_config, build_runtime
from receivables.clock import SystemClock
from receivables.database import SYSTEM, Scope
from receivables.ids import SupplierId, new_id
from receivables.outgoing import LoopbackOrigin, OutgoingClient
from receivables.ports import MailMessage, PushTarget
from receivables.push import WebPusher, make_vapid_key
from receivables.runtime import Runtime
from receivables.settings import read_settings
from receivables.workshop import Workshop
from sandbox.pushservice import BrowserSubscription, start
from tests.support.builders import make_debtor, make_staff, make_supplier
from tests.support.processes import environment

assert receivables.tasks
assert monitoring.tasks  # both imported for their actors

LIMIT_S = 600
PEOPLE, BROWSERS = 10, browsers.MOST_BROWSERS
#: One in so many browsers is slow, by so many seconds.
SLOW_ONE_IN, SLOW_S = 10, 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    count = parser.parse_args(arguments).count
    logs.configure(level=logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="quittance-bench-") as name:
        folder = Path(name)
        key = make_vapid_key(folder / "key.pem")
        with _push_service(key.public) as (url, made):
            client = OutgoingClient(
                loopback=[LoopbackOrigin(url)],
                connections=PUSH_CONNECTIONS,
                total_seconds=PUSH_SECONDS,
            )
            pusher = WebPusher(
                [key], contact="mailto:bench@example.test", client=client, wall=SystemClock()
            )
            runtime = replace(_installation(folder), pusher=pusher, mailer=Nobody())
            seconds, told, wanted = _measure(runtime, made, key.key_id, count)
            client.close()
            runtime.database.close()
    print("\n### Pushes\n")
    print(f"{wanted} of {count} pushes can arrive, one browser in {SLOW_ONE_IN} is slow")
    print(f"{told} arrived within {seconds:.0f} s; the limit is {LIMIT_S} s")
    return 0 if told == wanted and seconds <= LIMIT_S else 1


class Nobody:
    """A mailer of which only pushes are measured."""

    def send(self, message: MailMessage) -> None:
        """Take it."""


@contextmanager
def _push_service(vapid_key: str) -> Iterator[tuple[str, list[BrowserSubscription]]]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, vapid_key))
    process.start()
    yield here.recv()
    here.send("stop")
    process.join()


def _serve(pipe: Connection, vapid_key: str) -> None:
    with start() as running:
        made = [running.service.new_subscription(vapid_key) for _ in range(PEOPLE * BROWSERS)]
        for slow in made[::SLOW_ONE_IN]:
            running.service.behave("slow", token=slow.token, seconds=SLOW_S)
        pipe.send((running.url, made))
        pipe.recv()


def _installation(folder: Path) -> Runtime:
    settings = read_settings(environment(f"sqlite:///{folder}/books.sqlite"))
    command.upgrade(alembic_config(settings), "head")
    return build_runtime(settings)


def _measure(
    runtime: Runtime, made: list[BrowserSubscription], key_id: str, count: int
) -> tuple[float, int, int]:
    """Seconds until the last that can arrive has arrived, how many did, and how many can."""
    supplier_id = _people(runtime, made, key_id)
    alerts = count // len(made)
    wanted = alerts * (len(made) - len(made[::SLOW_ONE_IN]))
    workshop = Workshop(runtime, workers=True)
    workshop.start()
    began = time.perf_counter()
    _raise(runtime, supplier_id, alerts)
    told = 0
    while told < wanted and time.perf_counter() - began < LIMIT_S:
        time.sleep(0.5)
        with runtime.reading(Scope(supplier_id)) as session:
            arrived = select(func.count()).where(PushSend.state == "delivered")
            told = session.scalar(arrived) or 0
    seconds = time.perf_counter() - began
    workshop.stop()
    return seconds, told, wanted


def _people(runtime: Runtime, made: list[BrowserSubscription], key_id: str) -> SupplierId:
    clock = runtime.clock
    with runtime.transaction(SYSTEM) as session:
        supplier_id: SupplierId = make_supplier(session, clock=clock)
        staff = [make_staff(session, supplier_id, clock=clock) for _ in range(PEOPLE)]
        for place, one in enumerate(made):
            target = PushTarget(one.endpoint, one.p256dh, one.auth, key_id)
            browsers.save_subscription(
                session,
                supplier_id=supplier_id,
                staff_id=staff[place // BROWSERS],
                browser=browsers.Browser(target=target, user_agent="Firefox"),
                clock=clock,
            )
    return supplier_id


def _raise(runtime: Runtime, supplier_id: SupplierId, alerts: int) -> None:
    clock = runtime.clock
    with runtime.transaction(Scope(supplier_id)) as session:
        new = [
            NewAlert(
                subject=f"bench:{new_id()}", kind=RuleKind.INSOLVENCY, source="bodacc",
                severity=Severity.CRITICAL, as_of_on=date(2026, 11, 2), band_before=Band.A,
                band_after=Band.E, detail={"event": "liquidation"},
                debtor_id=make_debtor(session, supplier_id, clock=clock),
            )
            for _ in range(alerts)
        ]  # fmt: skip
        raise_alerts(session, supplier_id=supplier_id, new=new, clock=clock)


if __name__ == "__main__":
    sys.exit(main())
