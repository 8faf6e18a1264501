"""PostgreSQL plans by what it counted last. Its own count follows within a minute or two; until
then a table that was nearly empty is taken for one, and every row that refers to it is looked for
among all of them: the first import of tens of thousands, or their first reminders, would run into
the limit of a statement. So a thread of each process looks often, and has counted what has grown.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from receivables.database import SYSTEM, Database
from receivables.errors import TemporarilyUnavailable

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=5)
#: After trouble.
_LONGEST = timedelta(minutes=5)

#: The application's role owns no table; the function is the owner's.
_COUNT = text("SELECT count_grown_table()")


def count_grown(database: Database) -> list[str]:
    """Have counted every table that has at least doubled since the last time, each in its own
    short transaction; which they were. One process at a time; nothing to do on SQLite.
    """
    counted: list[str] = []
    while database.kind == "postgresql":
        with database.transaction(SYSTEM) as session:
            name: str | None = session.scalar(_COUNT)
        if name is None or name in counted:
            break
        counted.append(name)
    return counted


@contextmanager
def growing(database: Database, *, every: timedelta = EVERY) -> Iterator[None]:
    """Look every so often while the block runs; its end waits for the count in progress."""
    stopping = threading.Event()
    thread = threading.Thread(target=_look, args=(database, every, stopping), daemon=True)
    if database.kind == "postgresql":
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        if thread.is_alive():
            thread.join(timeout=10)


def _look(database: Database, every: timedelta, stopping: threading.Event) -> None:
    pause = every
    while not stopping.wait(pause.total_seconds()):
        try:
            counted = count_grown(database)
        except (SQLAlchemyError, TemporarilyUnavailable) as error:
            pause = min(2 * pause, _LONGEST)
            log.warning("growth.trouble", error=type(error).__name__)
            continue
        pause = every
        if counted:
            log.info("growth.counted", tables=counted)
