"""Where each feed stands for a supplier: its mark, its troubles, how much it said on which day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitoring.tables import FeedState
from receivables.database import Scope
from receivables.ids import SupplierId
from receivables.jobs import insert_or_ignore
from receivables.runtime import Runtime

#: Days of which the number of answers is kept.
REMEMBERED = timedelta(days=28)


def of_feed(session: Session, supplier_id: SupplierId, feed: str, *, now: datetime) -> FeedState:
    """Where a feed stands; from now on it counts as asked."""
    session.execute(
        insert_or_ignore(session, FeedState),
        {"supplier_id": supplier_id, "feed": feed, "cursor": "", "last_error": "",
         "answers": {}, "silence": "", "first_asked_at": now},
    )  # fmt: skip
    state = session.scalars(
        select(FeedState).where(FeedState.supplier_id == supplier_id, FeedState.feed == feed)
    ).one()
    if state.first_asked_at is None:
        # Asked before this was written down: from now on it is known since when.
        state.first_asked_at = now
        session.flush()
    return state


def change(session: Session, supplier_id: SupplierId, feed: str, **values: Any) -> None:
    """Write down something about a feed that is asked."""
    session.execute(
        update(FeedState)
        .where(FeedState.supplier_id == supplier_id, FeedState.feed == feed)
        .values(**values)
    )


def note(runtime: Runtime, supplier_id: SupplierId, feed: str, **values: Any) -> None:
    """The same, in a transaction of its own."""
    with runtime.transaction(Scope(supplier_id)) as session:
        change(session, supplier_id, feed, **values)


def count(
    session: Session, supplier_id: SupplierId, feed: str, answers: int, *, now: datetime
) -> None:
    """So many things more were said today, which is UTC's: nobody is alarmed within a day.

    The days are kept up to the last on which anything was said, so that a source that falls
    silent is still known by how it used to speak.
    """
    if answers == 0:
        return
    state = session.scalars(
        select(FeedState)
        .where(FeedState.supplier_id == supplier_id, FeedState.feed == feed)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    oldest = (now - REMEMBERED).date().isoformat()
    today = now.date().isoformat()
    kept = {day: number for day, number in state.answers.items() if day > oldest}
    state.answers = {**kept, today: kept.get(today, 0) + answers}
    session.flush()
