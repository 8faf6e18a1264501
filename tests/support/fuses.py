"""Fuses: a process dies of SIGKILL at its k-th boundary. Boundaries are before and after a commit,
before and after a request to Stripe, and (finely) before each statement.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from typing import Any

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


def fuse_database(database: Database, fuse: Fuse, *, statements: bool) -> None:
    commit = database.engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        fuse.pass_boundary()
        commit(connection)
        fuse.pass_boundary()

    database.engine.dialect.do_commit = do_commit  # type: ignore[method-assign]
    if statements:
        event.listen(database.engine, "before_cursor_execute", lambda *_: fuse.pass_boundary())
