"""Jobs per second: claimed, done and closed, one database effect each.

`python -m benchmarks.jobs`: embedded (SQLite, everything in one process) and production
(PostgreSQL and Redis, a relay here and one worker process).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from alembic import command
from sqlalchemy import func, select

from benchmarks.load import cpu_seconds
from benchmarks.stage import settings
from benchmarks.work import stamp
from receivables.boot import alembic_config, build_runtime
from receivables.broker import open_broker
from receivables.database import SYSTEM
from receivables.jobs import Job, JobState
from receivables.relay import Relay
from receivables.runtime import Runtime
from tests.support.brokers import started
from tests.support.databases import postgres_server


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a number of jobs got done, and what the worker's process spent on one."""

    title: str
    jobs: int
    seconds: float
    cpu_ms: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2000)
    count = parser.parse_args().jobs
    rates = [_embedded(count), _production(count)]
    print("\n### Jobs, each with one effect in the database\n")
    print("| | jobs/s a worker | CPU-ms a job |")
    print("|---|---:|---:|")
    for rate in rates:
        print(f"| {rate.title} | {rate.jobs / rate.seconds:.0f} | {rate.cpu_ms:.2f} |")
    print("\nAim: 200 jobs/s a worker.")
    return 0


def _embedded(count: int) -> Rate:
    with tempfile.TemporaryDirectory(prefix="quittance-bench-") as folder:
        url = f"sqlite:///{folder}/jobs.sqlite"
        command.upgrade(alembic_config(settings(url, 1)), "head")
        runtime = build_runtime(settings(url, 1))
        _enqueue(runtime, count)
        with _worker(url, None) as pid:
            seconds, cpu = _watch(runtime, pid, count)
        runtime.database.close()
    return Rate("embedded: SQLite, one process, 4 threads", count, seconds, cpu)


def _production(count: int) -> Rate:
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server("quittance_bench"))
        broker = stack.enter_context(started("redis"))
        url = server.fresh()
        runtime = build_runtime(settings(url, 1, broker.url))
        stack.callback(runtime.database.close)
        _enqueue(runtime, count)
        pid = stack.enter_context(_worker(url, broker.url))
        # A second relay, as every web process has one.
        opened = open_broker(runtime.settings.broker, runtime)
        relay = Relay(runtime, opened)
        relay.start()
        stack.callback(opened.broker.close)
        stack.callback(relay.stop)
        seconds, cpu = _watch(runtime, pid, count)
    return Rate("PostgreSQL + Redis, one worker process, 4 threads", count, seconds, cpu)


def _enqueue(runtime: Runtime, count: int) -> None:
    for start in range(0, count, 500):
        with runtime.transaction(SYSTEM) as session:
            for number in range(start, min(start + 500, count)):
                stamp.enqueue(session, now=runtime.clock.now(), number=number)


@contextmanager
def _worker(database_url: str, broker_url: str | None) -> Iterator[int]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.work",
        database_url,
        *([broker_url] if broker_url else []),
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdin is not None
        try:
            assert worker.stdout.readline() == "ready\n", "the worker did not start"
            worker.stdin.write("go\n")
            worker.stdin.flush()
            yield worker.pid
        finally:
            worker.terminate()


def _watch(runtime: Runtime, pid: int, count: int) -> tuple[float, float]:
    """Seconds until all are done, and CPU-ms of the worker's process for each."""
    done = select(func.count()).select_from(Job).where(Job.state == JobState.DONE)
    began, cpu = time.perf_counter(), cpu_seconds(pid)
    while True:
        with runtime.reading(SYSTEM) as session:
            if (session.scalar(done) or 0) >= count:
                break
        time.sleep(0.1)
    return time.perf_counter() - began, (cpu_seconds(pid) - cpu) / count * 1000


if __name__ == "__main__":
    sys.exit(main())
