"""The calendar of periodic work: when each actor fires next, firing once for all machines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import String, Table, bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from receivables import jobs
from receivables.database import Base


class Schedule(Base):
    """When each periodic actor fires next."""

    __tablename__ = "schedules"

    actor: Mapped[str] = mapped_column(String(80), primary_key=True)
    next_at: Mapped[datetime]


_SCHEDULES = cast("Table", Schedule.__table__)
_NEXT = select(_SCHEDULES.c.actor, _SCHEDULES.c.next_at)
_DUE = (
    _NEXT.where(
        _SCHEDULES.c.actor.in_(bindparam("actors", expanding=True)),
        _SCHEDULES.c.next_at <= bindparam("now"),
    )
    # A locked row is being fired at this moment.
    .with_for_update(skip_locked=True)
)
_MOVE_ON = (
    update(_SCHEDULES)
    .where(_SCHEDULES.c.actor == bindparam("fired"))
    .values(next_at=bindparam("then"))
)


def firing_next(session: Session) -> dict[str, datetime]:
    """When each periodic actor fires next; one that nobody knows yet is missing."""
    return {row.actor: row.next_at for row in session.execute(_NEXT)}


def fire_due(session: Session, next_at: Mapping[str, datetime], *, now: datetime) -> list[str]:
    """Fire those of the periodic actors that are due, and return them: once, however many machines
    ask; missed firings become one.

    `next_at` says when each fires next after `now`. An actor nobody knew is only written down.
    """
    rows = session.execute(_DUE, {"actors": list(next_at), "now": now})
    locked = {row.actor: row.next_at for row in rows}
    due_at = {one: locked[one] for one in next_at if one in locked}
    others = [{"actor": one, "next_at": then} for one, then in next_at.items() if one not in due_at]
    if others:
        add = jobs.unless_known(_SCHEDULES, session.get_bind().dialect.name)
        session.execute(add, others)
    if due_at:
        session.execute(_MOVE_ON, [{"fired": one, "then": next_at[one]} for one in due_at])
        keyed = {f"{one}@{then.isoformat()}": one for one, then in due_at.items()}
        jobs.enqueue_once(session, keyed, now=now)
    return list(due_at)
