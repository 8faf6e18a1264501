"""Dramatiq, told only ids: it wakes workers, the jobs table decides.

`@actor`, `@reaction(Event)` and `@scheduled(cron)` declare work at import; `open_broker` turns the
declarations into Dramatiq actors on one broker (in-process, Redis or RabbitMQ: the same actors).
Retry, delay and dead letters live in the row, so Dramatiq's own are left out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar, get_type_hints
from zoneinfo import ZoneInfo

import dramatiq
import msgspec
import structlog
from cronsim import CronSim
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import CurrentMessage, Interrupt, ShutdownNotifications, TimeLimit
from sqlalchemy.orm import Session

from receivables import history, jobs
from receivables.database import SYSTEM, Scope
from receivables.heartbeat import InHand
from receivables.history import Event
from receivables.ids import JobId, SupplierId
from receivables.runtime import Runtime
from receivables.settings import BrokerSettings

log = structlog.get_logger(__name__)

QUEUES = ("default", "mail", "payments", "monitoring")


class Work:
    """What an actor is given: its job, and the ways into the database in the job's name."""

    def __init__(self, runtime: Runtime, claimed: jobs.Claim) -> None:
        self.runtime = runtime
        self.claimed = claimed
        self.finished = False

    @property
    def attempt(self) -> int:
        """1 the first time."""
        return self.claimed.attempts

    @property
    def scope(self) -> Scope:
        supplier_id = self.claimed.supplier_id
        return Scope(supplier_id) if supplier_id else SYSTEM

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.runtime.reading(self.scope) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A step on the way; commits at the end of the block."""
        with self.runtime.transaction(self.scope) as session:
            yield session

    @contextmanager
    def finish(self) -> Iterator[Session]:
        """The last step: its effect and the job's end commit together, or neither does.

        Raises LeaseLost when somebody else has taken the job over meanwhile.
        """
        with self.runtime.transaction(self.scope) as session:
            yield session
            jobs.finish(session, self.claimed)
        self.finished = True

    @contextmanager
    def note(self) -> Iterator[Session]:
        """The last step where it must count whoever has the job by now: what happened outside is
        written down, and the job ends with it if it is still ours.
        """
        with self.runtime.transaction(self.scope) as session:
            yield session
            held = jobs.finish_if_held(session, self.claimed)
        self.finished = held


@dataclass(frozen=True, slots=True)
class Actor:
    """A declared piece of work. `throws` are errors that trying again cannot cure."""

    name: str
    run: Callable[..., None]
    queue_name: str
    max_retries: int
    time_limit: timedelta
    throws: tuple[type[BaseException], ...]
    cron: str | None = None
    zone: str = "UTC"

    def enqueue(
        self,
        session: Session,
        *,
        now: datetime,
        supplier_id: SupplierId | None = None,
        available_at: datetime | None = None,
        dedup: str | None = None,
        **args: Any,
    ) -> None:
        """Put this work on record in the caller's transaction; `args` are ids and plain values."""
        jobs.enqueue(
            session,
            self.name,
            msgspec.to_builtins(args),
            now=now,
            supplier_id=supplier_id,
            available_at=available_at,
            dedup=dedup,
        )

    def next_after(self, now: datetime) -> datetime:
        """When a periodic actor fires next after `now`."""
        assert self.cron is not None, f"{self.name} is not periodic"
        local = now.astimezone(ZoneInfo(self.zone))
        fires_at: datetime = next(CronSim(self.cron, local))
        return fires_at.astimezone(now.tzinfo)


#: Every actor by name; filled at import, read at boot.
ACTORS: dict[str, Actor] = {}

Function = TypeVar("Function", bound=Callable[..., None])


def actor(
    *,
    queue_name: str = "default",
    max_retries: int = 8,
    time_limit: timedelta = timedelta(seconds=60),
    throws: tuple[type[BaseException], ...] = (),
    cron: str | None = None,
    zone: str = "UTC",
) -> Callable[[Callable[..., None]], Actor]:
    """Declare an actor: a function of `Work` and of ids, named after its subject."""

    def declare(run: Callable[..., None]) -> Actor:
        assert queue_name in QUEUES, f"no queue is called {queue_name}"
        subject = run.__module__.removesuffix(".tasks").rpartition(".")[2]
        name = f"{subject}.{run.__name__}"
        assert name not in ACTORS, f"two actors are called {name}"
        declared = Actor(name, run, queue_name, max_retries, time_limit, throws, cron, zone)
        ACTORS[name] = declared
        return declared

    return declare


def reaction(
    event: type[Event], *, queue_name: str = "default", max_retries: int = 8, **options: Any
) -> Callable[[Callable[..., None]], Actor]:
    """Declare an actor that runs once for each event of a kind; it takes `Work` and the event."""

    def declare(run: Callable[..., None]) -> Actor:
        declared = actor(queue_name=queue_name, max_retries=max_retries, **options)(run)
        history.REACTIONS.setdefault(event.kind, []).append(declared.name)
        return declared

    return declare


def scheduled(
    cron: str, *, zone: str = "UTC", queue_name: str = "default", **options: Any
) -> Callable[[Callable[..., None]], Actor]:
    """Declare an actor that fires by the calendar; it takes `Work` alone."""
    return actor(queue_name=queue_name, cron=cron, zone=zone, **options)


#: How much longer than its limit a job may take before its lease is no longer renewed.
_PATIENCE = 1.5


def perform(runtime: Runtime, job_id: JobId, *, in_hand: InHand | None = None) -> None:
    """Claim a job and do it. A second delivery of the same id does nothing.

    While it lasts, the job is among those `in_hand`, whose leases are renewed.
    """
    with runtime.transaction(SYSTEM) as session:
        claimed = jobs.claim(session, job_id, lease=jobs.WORK_LEASE)
    if claimed is None:
        return
    declared = ACTORS.get(claimed.actor)
    if declared is None:
        _give_up(runtime, claimed, f"no actor is called {claimed.actor}")
        return
    with (in_hand or InHand()).holding(claimed, most=declared.time_limit * _PATIENCE):
        _run(runtime, declared, claimed)


def _run(runtime: Runtime, declared: Actor, claimed: jobs.Claim) -> None:
    work = Work(runtime, claimed)
    try:
        declared.run(work, **_arguments(declared, claimed))
        if not work.finished:
            with work.finish():
                pass
    except jobs.LeaseLost:
        log.warning("job.lease_lost", job=str(claimed.id), actor=claimed.actor)
    except declared.throws as error:
        _give_up(runtime, claimed, _describe(error))
    except (Exception, Interrupt) as error:  # noqa: BLE001  (the border: whatever a job raises is kept on its row)
        _try_later(runtime, declared, claimed, error)


def _arguments(declared: Actor, claimed: jobs.Claim) -> dict[str, Any]:
    """The job's stored arguments, as the types the actor's signature names."""
    hints = _parameters(declared.run)
    if set(claimed.args) == {"event"} and len(hints) == 1:
        ((name, kind),) = hints.items()
        return {name: msgspec.convert(claimed.args["event"], kind, strict=False)}
    return {
        name: msgspec.convert(claimed.args[name], kind, strict=False)
        for name, kind in hints.items()
    }


@cache
def _parameters(run: Callable[..., None]) -> dict[str, Any]:
    """What an actor takes after its `Work`, by name, with types."""
    hints = get_type_hints(run)
    return {name: hints[name] for name in list(inspect.signature(run).parameters)[1:]}


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _try_later(
    runtime: Runtime, declared: Actor, claimed: jobs.Claim, error: BaseException
) -> None:
    if claimed.attempts > declared.max_retries:
        log.error("job.dead", job=str(claimed.id), actor=claimed.actor, exc_info=error)
        _give_up(runtime, claimed, _describe(error))
        return
    log.warning(
        "job.failed",
        job=str(claimed.id),
        actor=claimed.actor,
        attempt=claimed.attempts,
        error=_describe(error),
    )
    again_at = runtime.clock.now() + jobs.backoff(claimed.attempts)
    with runtime.transaction(SYSTEM) as session:
        jobs.put_back(session, claimed, error=_describe(error), again_at=again_at)


def _give_up(runtime: Runtime, claimed: jobs.Claim, error: str) -> None:
    with runtime.transaction(SYSTEM) as session:
        jobs.put_back(session, claimed, error=error, again_at=None)


@dataclass(slots=True)
class OpenBroker:
    """A Dramatiq broker with every declared actor on it, bound to one runtime.

    `trouble` is what its client raises while the broker cannot be reached.
    """

    broker: dramatiq.Broker
    trouble: tuple[type[Exception], ...]
    wakers: dict[str, dramatiq.Actor[..., None]] = field(default_factory=dict)
    in_hand: InHand = field(default_factory=InHand)

    def wake(self, job_id: JobId, actor_name: str) -> None:
        """Ask some worker to look at a job."""
        waker = self.wakers.get(actor_name) or next(iter(self.wakers.values()))
        waker.send(str(job_id))


def open_broker(settings: BrokerSettings, runtime: Runtime) -> OpenBroker:
    """The broker the settings name; without a URL the work stays inside this process."""
    broker, trouble = _make_broker(settings)
    for middleware in (TimeLimit(), ShutdownNotifications(), CurrentMessage()):
        broker.add_middleware(middleware)
    opened = OpenBroker(broker, trouble)
    for declared in ACTORS.values():

        def wake(job_id: str) -> None:
            perform(runtime, JobId(msgspec.convert(job_id, JobId)), in_hand=opened.in_hand)

        opened.wakers[declared.name] = dramatiq.Actor(
            wake,
            actor_name=declared.name,
            queue_name=declared.queue_name,
            priority=0,
            broker=broker,
            options={"time_limit": int(declared.time_limit.total_seconds() * 1000)},
        )
    return opened


def _make_broker(
    settings: BrokerSettings,
) -> tuple[dramatiq.Broker, tuple[type[Exception], ...]]:
    usual = (dramatiq.errors.BrokerConnectionError, OSError)
    if settings.url is None:
        return StubBroker(middleware=[]), usual
    # Each client is loaded only where its broker is used.
    if settings.url.startswith("redis"):
        from dramatiq.brokers.redis import RedisBroker
        from redis.exceptions import RedisError

        # What a dead worker held comes back by the row's lease; the broker's own bookkeeping
        # is only made brisk enough not to fall behind.
        broker = RedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq leaves it untyped
            url=settings.url,
            middleware=[],
            heartbeat_timeout=15_000,
            maintenance_chance=100_000,
            socket_timeout=5,
            socket_connect_timeout=5,
        )
        return broker, (*usual, RedisError)
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    return RabbitmqBroker(url=settings.url, middleware=[], confirm_delivery=True), usual
