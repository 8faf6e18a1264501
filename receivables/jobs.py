"""The jobs table: what is to be done, and who is at it.

A row is written in the transaction that gives rise to it, so it exists exactly when its cause
does. The broker is told only the row's id, and only to wake a worker: whatever the broker
loses, delays or delivers twice, the row decides. A worker claims the row with a fresh *fencing
token*; its effect and the row's `done` commit together, and only while the token still stands.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Index,
    Integer,
    Interval,
    String,
    Table,
    bindparam,
    func,
    insert,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from receivables.database import Base, db_now
from receivables.errors import ReceivablesError
from receivables.ids import JobId, SupplierId, new_id
from receivables.many import add_all


class JobState(StrEnum):
    PENDING = "pending"
    """Waiting for its time."""
    SENT = "sent"
    """Handed to the broker; handed over again when the lease runs out."""
    RUNNING = "running"
    """A worker holds it, as long as its lease."""
    DONE = "done"
    DEAD = "dead"
    """Failed too often, or can never succeed; a person looks at it."""


#: The work that turns a statement into payments.
IMPORT = "bank.match_statement"

_WAITS, _HELD = text("state = 'pending'"), text("state IN ('sent', 'running')")
_DEAD, _IMPORT = text("state = 'dead'"), text(f"actor = '{IMPORT}'")


class Job(Base):
    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'sent', 'running', 'done', 'dead')", name="state"),
        Index("ix_jobs_due", "available_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("ix_jobs_leased", "lease_until", sqlite_where=_HELD, postgresql_where=_HELD),
        Index("ix_jobs_dead", "created_at", sqlite_where=_DEAD, postgresql_where=_DEAD),
        # Each reminder asks for these few: they must not be looked for among all that is queued.
        Index("ix_jobs_imports", "supplier_id", sqlite_where=_IMPORT, postgresql_where=_IMPORT),
    )

    id: Mapped[JobId] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(String(80))
    args: Mapped[dict[str, Any]]
    #: Whose data the job may see; None for the installation's own.
    supplier_id: Mapped[SupplierId | None]
    state: Mapped[str] = mapped_column(String(8), default=JobState.PENDING)
    created_at: Mapped[datetime]
    available_at: Mapped[datetime]
    #: By the database's clock, so that no worker's own clock can shorten another's lease.
    lease_until: Mapped[datetime | None]
    token: Mapped[UUID | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None]
    #: What can come twice has a natural key: a second job of the same key is not made.
    dedup: Mapped[str | None] = mapped_column(String(200), unique=True)


class LeaseLost(ReceivablesError):
    """Somebody else has taken over the job; whatever was done in its name is rolled back."""


#: How long the broker may take to bring a job to a worker before it is handed over again.
DELIVERY_LEASE = timedelta(seconds=30)

#: How long a job stays with a worker that gives no sign of life; see `heartbeat`.
WORK_LEASE = timedelta(seconds=45)


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A job as its worker sees it, with the token that fences it."""

    id: JobId
    token: UUID
    actor: str
    args: Mapping[str, Any]
    supplier_id: SupplierId | None
    attempts: int


def insert_or_ignore(session: Session, table: Any) -> Any:
    """An INSERT that leaves an existing row of the same key alone; `.returning()` tells which."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing()


@cache
def unless_known(table: Table, dialect: str) -> Any:
    """An INSERT for any number of rows that leaves those alone whose key stands already."""
    kind = postgresql if dialect == "postgresql" else sqlite
    return kind.insert(table).on_conflict_do_nothing()


@cache
def _adding(table: Table, dialect: str) -> Any:
    return unless_known(table, dialect).returning(*table.primary_key)


def add_unless_known(session: Session, table: Any, row: Mapping[str, Any]) -> bool:
    """Insert one row of a mapped class; False when a row of the same key stands already.

    The statement is made once and knows columns, not attributes: rows come by the thousand.
    """
    statement = _adding(table.__table__, session.get_bind().dialect.name)
    return session.execute(statement, row).one_or_none() is not None


#: Plain rows: nobody holds a Job object whose copy of the state would have to follow.
_JOBS = cast("Table", Job.__table__)
_ENQUEUE = insert(_JOBS)


def enqueue(
    session: Session,
    actor: str,
    args: Mapping[str, Any],
    *,
    now: datetime,
    supplier_id: SupplierId | None,
    available_at: datetime | None = None,
    dedup: str | None = None,
) -> None:
    """Put work on record in the caller's transaction; with `dedup`, at most once for ever."""
    row = _row(actor, args, now, supplier_id, available_at or now, dedup)
    if dedup is None:
        session.execute(_ENQUEUE, row)
    else:
        add_unless_known(session, Job, row)
    session.info["enqueued"] = True


def enqueue_all(
    session: Session,
    work: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    now: datetime,
    supplier_id: SupplierId | None,
) -> None:
    """Put much work of one supplier on record: actors with what each is given."""
    if work:
        rows = [_row(actor, args, now, supplier_id, now, None) for actor, args in work]
        add_all(session, _JOBS, rows)
        session.info["enqueued"] = True


def enqueue_once(session: Session, actors: Mapping[str, str], *, now: datetime) -> None:
    """Put work of the installation itself on record, by its natural keys: actors that take
    nothing, each at most once for ever.
    """
    rows = [_row(actor, {}, now, None, now, dedup) for dedup, actor in actors.items()]
    session.execute(unless_known(_JOBS, session.get_bind().dialect.name), rows)
    session.info["enqueued"] = True


def _row(
    actor: str,
    args: Mapping[str, Any],
    now: datetime,
    supplier_id: SupplierId | None,
    available_at: datetime,
    dedup: str | None,
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "actor": actor,
        "args": dict(args),
        "supplier_id": supplier_id,
        "state": JobState.PENDING,
        "created_at": now,
        "available_at": available_at,
        "attempts": 0,
        "dedup": dedup,
    }


def _lease(session: Session, length: timedelta) -> Any:
    """What the bound `lease` of a statement is: a length, as the database adds it to its clock."""
    if session.get_bind().dialect.name == "postgresql":
        return length
    return f"+{length.total_seconds()} seconds"


#: The instant `lease` from now, by the database's clock.
_LEASE_UNTIL: dict[str, Any] = {
    "postgresql": func.clock_timestamp() + bindparam("lease", type_=Interval()),
    "sqlite": func.strftime("%Y-%m-%d %H:%M:%f000", "now", bindparam("lease", type_=String())),
}

# Two look-ups, each by its own index; states are written out, as the indexes' conditions are.
# Named: PostgreSQL may ask an unnamed one again for each row, each time for `most` others.
_LAPSED = (
    select(_JOBS.c.id)
    .where(_HELD, _JOBS.c.lease_until < db_now())
    .order_by(_JOBS.c.lease_until)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("lapsed")
)
_DUE = (
    select(_JOBS.c.id)
    .where(_WAITS, _JOBS.c.available_at <= bindparam("now"))
    .order_by(_JOBS.c.available_at)
    .limit(bindparam("most") - select(func.count()).select_from(_LAPSED).scalar_subquery())
    .with_for_update(skip_locked=True)
    .cte("due")
)
_TAKE = {
    dialect: (
        update(_JOBS)
        .where(_JOBS.c.id.in_(union_all(select(_LAPSED.c.id), select(_DUE.c.id))))
        .values(state=JobState.SENT, lease_until=lease_until, token=None)
        .returning(_JOBS.c.id, _JOBS.c.actor)
    )
    for dialect, lease_until in _LEASE_UNTIL.items()
}


def take_due(
    session: Session, *, now: datetime, limit: int, lease: timedelta = DELIVERY_LEASE
) -> list[tuple[JobId, str]]:
    """Mark due jobs as handed over and return them; also those whose lease has run out.

    Two relays never take the same row: PostgreSQL skips locked rows, SQLite has one writer.
    """
    rows = session.execute(
        _TAKE[session.get_bind().dialect.name],
        {"now": now, "most": limit, "lease": _lease(session, lease)},
    )
    return [(JobId(row.id), row.actor) for row in rows]


def take_back(session: Session, job_ids: Sequence[JobId]) -> None:
    """Undo a handing over that failed. A message that got through after all does no harm."""
    session.execute(
        update(Job)
        .where(Job.id.in_(job_ids), Job.state == JobState.SENT)
        .values(state=JobState.PENDING, lease_until=None)
        .execution_options(synchronize_session=False)
    )


_ON_THEIR_WAY = select(func.count()).where(
    _JOBS.c.state == JobState.SENT, _JOBS.c.lease_until >= db_now()
)


def sent_count(session: Session) -> int:
    """How many jobs are on their way to a worker; what was to be there by now counts as lost."""
    return session.scalar(_ON_THEIR_WAY) or 0


_CLAIM = {
    dialect: (
        update(_JOBS)
        .where(_JOBS.c.id == bindparam("job"), _JOBS.c.state == JobState.SENT)
        .values(
            state=JobState.RUNNING,
            token=bindparam("fence"),
            attempts=_JOBS.c.attempts + 1,
            lease_until=lease_until,
        )
        .returning(_JOBS.c.actor, _JOBS.c.args, _JOBS.c.supplier_id, _JOBS.c.attempts)
    )
    for dialect, lease_until in _LEASE_UNTIL.items()
}


def claim(session: Session, job_id: JobId, *, lease: timedelta) -> Claim | None:
    """Take the job, or None when it was a second delivery and is somebody else's."""
    token = new_id()
    row = session.execute(
        _CLAIM[session.get_bind().dialect.name],
        {"job": job_id, "fence": token, "lease": _lease(session, lease)},
    ).one_or_none()
    if row is None:
        return None
    return Claim(job_id, token, row.actor, row.args, row.supplier_id, row.attempts)


_STANDING = (
    select(_JOBS.c.id)
    .where(
        _JOBS.c.id.in_(bindparam("jobs", expanding=True)),
        _JOBS.c.token.in_(bindparam("fences", expanding=True)),
        _JOBS.c.state == JobState.RUNNING,
    )
    # A locked row is being finished at this moment, and needs no more time.
    .with_for_update(skip_locked=True)
)
_RENEW = {
    dialect: update(_JOBS)
    .where(_JOBS.c.id.in_(_STANDING.scalar_subquery()))
    .values(lease_until=lease_until)
    for dialect, lease_until in _LEASE_UNTIL.items()
}


def renew(session: Session, held: Sequence[Claim], *, lease: timedelta) -> None:
    """Give these jobs' worker more time; a claim whose token is gone stays gone."""
    session.execute(
        _RENEW[session.get_bind().dialect.name],
        {
            "jobs": [claimed.id for claimed in held],
            "fences": [claimed.token for claimed in held],
            "lease": _lease(session, lease),
        },
    )


_CLOSE = update(_JOBS).where(
    _JOBS.c.id == bindparam("job"),
    _JOBS.c.token == bindparam("fence"),
    _JOBS.c.state == JobState.RUNNING,
)
_FINISH = _CLOSE.values(state=JobState.DONE, lease_until=None, token=None, error=None)


def finish(session: Session, claimed: Claim) -> None:
    """Close the job in the transaction of its effect. Raises LeaseLost: then nothing counts."""
    if not finish_if_held(session, claimed):
        raise LeaseLost(f"job {claimed.id} ({claimed.actor})")


def finish_if_held(session: Session, claimed: Claim) -> bool:
    """Close the job; False, and no more than that, when somebody else has taken it over."""
    session.flush()
    done = session.execute(_FINISH, {"job": claimed.id, "fence": claimed.token})
    return bool(done.rowcount)  # type: ignore[attr-defined]  # CursorResult of an UPDATE


def put_back(session: Session, claimed: Claim, *, error: str, again_at: datetime | None) -> None:
    """After a failure: try again at `again_at`, or never (None: the job is dead)."""
    state = JobState.DEAD if again_at is None else JobState.PENDING
    values: dict[str, Any] = {"state": state, "lease_until": None, "token": None, "error": error}
    if again_at is not None:
        values["available_at"] = again_at
    session.execute(_CLOSE.values(**values), {"job": claimed.id, "fence": claimed.token})
    session.info["enqueued"] = True


def backoff(attempts: int, *, longest: timedelta = timedelta(minutes=15)) -> timedelta:
    """How long to wait after the n-th failure: doubling from 2 s, jittered by half, capped."""
    wait = min(longest.total_seconds(), 2.0 * 2 ** min(attempts - 1, 20))
    return timedelta(seconds=wait * random.uniform(0.5, 1.0))  # noqa: S311  (not a secret)


def reclaim_all(session: Session) -> int:
    """Give back everything in flight: right only when no other process is alive."""
    back = session.execute(
        update(Job)
        .where(_HELD)
        .values(state=JobState.PENDING, lease_until=None, token=None)
        .execution_options(synchronize_session=False)
    )
    return int(back.rowcount)  # type: ignore[attr-defined]  # CursorResult of an UPDATE


def run_again(session: Session, job_id: JobId, *, now: datetime) -> bool:
    """Bring a dead job back to life; False when it is not dead."""
    revived = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == JobState.DEAD)
        .values(state=JobState.PENDING, available_at=now, attempts=0)
        .execution_options(synchronize_session=False)
    )
    session.info["enqueued"] = True
    return bool(revived.rowcount)  # type: ignore[attr-defined]  # CursorResult of an UPDATE
