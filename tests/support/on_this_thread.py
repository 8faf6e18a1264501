"""Applications asked on the thread of the test; the test client would start threads of its own.

A thread for the event loop and one for each handler pass every request around four times, and a
SQLite database is opened anew on each; what handlers do on many threads at once is tried by the
tests that have a server.
"""

from __future__ import annotations

import asyncio
import atexit
import inspect
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any


class _AtOnce(ThreadPoolExecutor):
    """Does what it is given before it says that it took it."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001  (it is raised where the result is asked for)
            future.set_exception(error)
        return future


class _Here:
    """What the test client asks of a portal to an event loop, which is this thread's own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_default_executor(_AtOnce())

    def call(self, call: Callable[..., Any], *args: Any) -> Any:
        async def called() -> Any:
            result = call(*args)
            return await result if inspect.isawaitable(result) else result

        return self.loop.run_until_complete(called())

    def start_task_soon(self, call: Callable[..., Any], *args: Any) -> asyncio.Task[Any]:
        task = self.loop.create_task(call(*args))
        task.add_done_callback(_seen)
        return task

    def close(self) -> None:
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()


def _seen(task: asyncio.Task[Any]) -> None:
    """Who wants to know how it ended asks for its result."""
    if not task.cancelled():
        task.exception()


@cache
def _here(_process_id: int) -> _Here:
    """One for the process, and another for a fork of it."""
    made = _Here()
    atexit.register(made.close)
    return made


class OnThisThread:
    """For a test client: its `portal` is an event loop of the main thread; other threads, and a
    client that is used by an application while it answers, get one each as ever.
    """

    @contextmanager
    def portal(self) -> Iterator[Any]:
        here = _here(os.getpid())
        if threading.current_thread() is threading.main_thread() and not here.loop.is_running():
            yield here
        else:
            with super().portal() as other:  # type: ignore[misc]
                yield other
