"""Fuses: a process dies of SIGKILL at its k-th boundary. Boundaries are before and after a commit,
before and after a request to Stripe, and (finely) before each statement.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from sqlalchemy import event

from receivables.database import Database
from receivables.payments.stripe import Transport


class Fuse:
    """Counts boundaries, and kills the process at the one it was set to."""

    def __init__(self, at: int | None) -> None:
        self.at, self.passed = at, 0

    def pass_boundary(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class FusedTransport(Transport):
    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self._fuse = fuse

    def request(self, *args: Any, **kwargs: Any) -> tuple[bytes, int, Mapping[str, str]]:
        self._fuse.pass_boundary()
        answer = super().request(*args, **kwargs)
        self._fuse.pass_boundary()
        return answer


def deaths(boundaries: int, *, thorough: bool) -> list[int]:
    """At which boundaries, counted from one, a flow is killed: all, or every second one and the
    last, which leave behind everything that all of them do.

    Boundaries come in pairs, before and after a commit or a request. What stands after one is
    what stands before the next: between the two, nothing is written and nobody is asked.
    """
    if thorough:
        return list(range(1, boundaries + 1))
    return sorted({*range(2, boundaries + 1, 2), boundaries})


def fuse_database(database: Database, fuse: Fuse, *, statements: bool) -> None:
    commit = database.engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        fuse.pass_boundary()
        commit(connection)
        fuse.pass_boundary()

    database.engine.dialect.do_commit = do_commit  # type: ignore[method-assign]
    if statements:
        event.listen(database.engine, "before_cursor_execute", lambda *_: fuse.pass_boundary())


def once_unless(alike: str, troubles: Iterable[str]) -> list[Any]:
    """As parameters: only the one is asked of every database, the others are about Stripe."""
    once = pytest.mark.once("Stripe is in question; the database is asked without its trouble")
    return [pytest.param(one, marks=() if one == alike else once) for one in troubles]
