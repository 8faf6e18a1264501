"""A client-side deadline on every statement.

A database behind a proxy that acknowledges packets but never answers keeps a client waiting for
ever: neither keepalives nor `statement_timeout` help, since nothing reaches the server. A
watchdog closes the socket under a statement that is overdue, and the caller gets an error.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event


class Deadlines:
    """Watches running statements of an engine; one daemon thread, started on first use."""

    def __init__(self, limit: timedelta) -> None:
        self._limit = limit.total_seconds()
        self._running: dict[int, tuple[float, int]] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, engine: Engine) -> None:
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", self._end)
        event.listen(engine, "handle_error", self._failed)

    def stop(self) -> None:
        self._stopped.set()

    def _begin(self, connection: Any, cursor: Any, *_: Any) -> None:
        driver = connection.connection.driver_connection
        with self._lock:
            self._running[id(cursor.connection)] = (time.monotonic() + self._limit, driver.fileno())
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="deadlines", daemon=True)
            self._thread.start()

    def _end(self, _connection: Any, cursor: Any, *_: Any) -> None:
        with self._lock:
            self._running.pop(id(cursor.connection), None)

    def _failed(self, context: Any) -> None:
        running = context.execution_context
        if running is not None and running.cursor is not None:
            self._end(None, running.cursor)

    def _watch(self) -> None:
        while not self._stopped.wait(0.5):
            now = time.monotonic()
            with self._lock:
                overdue = [fd for until, fd in self._running.values() if until < now]
                for descriptor in overdue:
                    _hang_up(descriptor)


def _hang_up(descriptor: int) -> None:
    """End both directions of a socket without closing the descriptor its owner still holds."""
    try:
        copy = socket.socket(fileno=os.dup(descriptor))
    except OSError:
        return
    try:
        copy.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
    finally:
        copy.close()
