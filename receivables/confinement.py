"""A child process that may be killed, for work on what strangers hand in.

The child is a fresh interpreter and not a fork, which would copy the locks of a web server's
threads; it inherits neither secrets from the environment nor open files. It is told a task as a
line of JSON with the bytes after it, and answers on its standard output. One child does many
tasks and is started again after a death.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Timer
from typing import IO, Any, Final, Self, TypeVar

from receivables.errors import ReceivablesError

#: Seconds for a child to start, on a busy machine.
START_DEADLINE_S: Final = 60.0

#: What a child says when it is ready for its first task.
READY: Final = b"ready\n"

_ROOT: Final = Path(__file__).resolve().parents[1]
#: All that a child is told of the world.
_ENVIRONMENT: Final = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(_ROOT)}

#: What an answer can be wrong in, should the child have lost its mind.
MALFORMED: Final = (ValueError, TypeError, LookupError, ArithmeticError, AssertionError)

Answer = TypeVar("Answer")


def command_of(module: str) -> tuple[str, ...]:
    """How a child that runs a module of ours is started."""
    return (sys.executable, "-P", "-s", "-m", module)


def confine(*, memory_bytes: int) -> None:
    """In the child: what this process may not do, whatever a file makes it do."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def allow_cpu(most: int) -> None:
    """In the child: so many seconds of processor time from now on; past them the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime) + most
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def answer_tasks(
    do: Callable[[dict[str, Any], IO[bytes], IO[bytes]], bool], *, memory_bytes: int
) -> int:
    """The life of a confined child: one task after the other, from standard input to standard
    output. Each begins with a line of JSON that names at least `cpu_seconds`; `do` takes it, reads
    what follows, writes the answer, and says whether the process is fit for another. Returns the
    exit code.
    """
    confine(memory_bytes=memory_bytes)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sink.write(READY)
    sink.flush()
    while header := source.readline():
        task = json.loads(header)
        allow_cpu(int(task["cpu_seconds"]))
        is_fit = do(task, source, sink)
        sink.flush()
        if not is_fit:
            return 1
    return 0


class Ended(ReceivablesError):
    """The child died, hung, raved or would not start; it is gone.

    `out_of` is "cpu" or "time" where one of the two was used up.
    """

    def __init__(self, out_of: str) -> None:
        self.out_of = out_of
        super().__init__(f"the child ended{f', out of {out_of}' if out_of else ''}")


class ConfinedChild:
    """A child to put tasks to, started when first needed. For one thread at a time."""

    def __init__(self, command: Iterable[str]) -> None:
        self._command = tuple(command)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def ask(
        self,
        task: Mapping[str, Any],
        content: bytes,
        read: Callable[[IO[bytes]], Answer | None],
        *,
        deadline_s: float,
    ) -> Answer:
        """What the child answers, as `read` makes it out; None or one of MALFORMED from `read`
        means that it broke off or raved. Raises Ended.
        """
        watch = _Watch()
        process = self._running(watch)
        answer = None
        if process is not None:
            watch.over(process, deadline_s)
            answer = _asked(process, task, content, read)
        if watch.stopped() or answer is None:
            self.end()
            raise Ended(_out_of(process, watch))
        return answer

    def _running(self, watch: _Watch) -> subprocess.Popen[bytes] | None:
        """The child, ready to read; None when it will not start."""
        if self._process is not None:
            return self._process
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
        watch.over(self._process, START_DEADLINE_S)
        greeting = _pipe(self._process.stdout).readline()
        return self._process if greeting and not watch.stopped() else None

    def end(self) -> None:
        """Let the child go; by force if it does not leave at once."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            try:
                _pipe(pipe).close()
            except OSError:
                continue  # The child is gone, and with it what was to be flushed.
        try:
            process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class _Watch:
    """Kills a process when its time is up, which ends every wait for its pipes as well."""

    def __init__(self) -> None:
        self.killed = False
        self._timer: Timer | None = None

    def over(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.stopped()
        self._timer = Timer(seconds, self._kill, [process])
        self._timer.daemon = True
        self._timer.start()

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        self.killed = True
        process.kill()

    def stopped(self) -> bool:
        """Stop watching; whether it was too late for the process."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
            self._timer = None
        return self.killed


def _asked(
    process: subprocess.Popen[bytes],
    task: Mapping[str, Any],
    content: bytes,
    read: Callable[[IO[bytes]], Answer | None],
) -> Answer | None:
    """What the child says; None when it breaks off or talks nonsense."""
    try:
        sink = _pipe(process.stdin)
        sink.write(json.dumps({"size": len(content), **task}).encode() + b"\n")
        sink.write(content)
        sink.flush()
        return read(_pipe(process.stdout))
    except (OSError, *MALFORMED):
        return None


def _out_of(process: subprocess.Popen[bytes] | None, watch: _Watch) -> str:
    if process is not None and process.returncode == -signal.SIGXCPU:
        return "cpu"
    return "time" if watch.killed else ""


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "the child was started with pipes"
    return pipe
