"""Reads files in a child process that may be killed, so that a hostile file costs only itself.

The child is a fresh interpreter and not a fork, which would copy the locks of a web server's
threads; it inherits neither secrets from the environment nor open files. One child reads many
files and is started again after a death.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO, Final, Self

from receivables.intake import kinds, wire
from receivables.intake.faults import Fault, Refused, fault
from receivables.intake.parsed import FileReport

#: Seconds of processor time and on the clock for one file. A table of text takes time in
#: proportion to its length, which is bounded, while a few bytes of XML or PDF may ask for years.
CPU_S: Final = 10
DEADLINE_S: Final = 15.0
TABLE_CPU_S: Final = 30
TABLE_DEADLINE_S: Final = 45.0
#: Seconds for the child to start, on a busy machine.
START_DEADLINE_S: Final = 60.0
#: What the child may answer for one file: an invoice list of 20 MB stays well below.
MOST_ANSWER: Final = 256 * 1024 * 1024

_ROOT: Final = Path(__file__).resolve().parents[2]
_COMMAND: Final = (sys.executable, "-P", "-s", "-m", "receivables.intake.child")
#: All that the child is told of the world.
_ENVIRONMENT: Final = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(_ROOT)}


@dataclass(frozen=True, slots=True)
class Allowance:
    """What reading one file may cost before it is stopped."""

    cpu_s: int
    deadline_s: float


def allowance(content: bytes) -> Allowance:
    """What reading this content may cost."""
    if kinds.is_xml(content) or kinds.is_pdf(content):
        return Allowance(CPU_S, DEADLINE_S)
    return Allowance(TABLE_CPU_S, TABLE_DEADLINE_S)


def read_in_child(name: str, content: bytes, *, default_terms_days: int = 30) -> FileReport:
    """Read one file in a child with limits. Never raises for what the file does to the child."""
    with ReadingChild() as child:
        return child.read(name, content, default_terms_days=default_terms_days)


def read_many_in_child(
    files: Iterable[tuple[str, bytes]], *, default_terms_days: int = 30
) -> Iterator[FileReport]:
    """Read files, given as name and content, one after another in one child.

    The reports come in the order of the files, each as soon as it is there.
    """
    with ReadingChild() as child:
        for name, content in files:
            yield child.read(name, content, default_terms_days=default_terms_days)


class ReadingChild:
    """A child process to read files in, started when first needed. For one thread at a time."""

    def __init__(
        self,
        *,
        command: Iterable[str] = _COMMAND,
        allow: Callable[[bytes], Allowance] = allowance,
    ) -> None:
        self._allow = allow
        self._command = tuple(command)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def read(self, name: str, content: bytes, *, default_terms_days: int = 30) -> FileReport:
        """The report on one file; a child that died, hung or raved is a fault of the file."""
        try:
            kinds.refuse_by_size(content)
        except Refused as refusal:
            return FileReport(name, None, (), refusal.faults)
        allowed = self._allow(content)
        watch = _Watch()
        process = self._running(watch)
        report = None
        if process is not None:
            watch.over(process, allowed.deadline_s)
            task = {"default_terms_days": default_terms_days, "cpu_seconds": allowed.cpu_s}
            report = _asked(process, name, content, task)
        if watch.stopped() or report is None:
            self._end()
            return FileReport(name, None, (), (_reason(process, watch, allowed),))
        if process is not None and _says_goodbye(report):
            self._end()
        return report

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

    def _end(self) -> None:
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
    process: subprocess.Popen[bytes], name: str, content: bytes, task: dict[str, int]
) -> FileReport | None:
    """What the child says of the file; None when it breaks off or talks nonsense."""
    header = {"name": name, "size": len(content), **task}
    try:
        sink = _pipe(process.stdin)
        sink.write(json.dumps(header).encode() + b"\n")
        sink.write(content)
        sink.flush()
        return wire.report_of(name, _lines(_pipe(process.stdout)))
    except (OSError, *wire.MALFORMED):
        return None


def _reason(process: subprocess.Popen[bytes] | None, watch: _Watch, allowed: Allowance) -> Fault:
    out_of_cpu = process is not None and process.returncode == -signal.SIGXCPU
    if watch.killed or out_of_cpu:
        seconds = allowed.cpu_s if out_of_cpu else allowed.deadline_s
        return fault("child-timed-out", "file", seconds=f"{seconds:g}")
    return fault("child-died", "file")


def _says_goodbye(report: FileReport) -> bool:
    return any(each.code == "child-out-of-memory" for each in report.faults)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "the child was started with pipes"
    return pipe


def _lines(source: IO[bytes]) -> Iterator[bytes]:
    """The child's lines; more than MOST_ANSWER of them is a ValueError."""
    left = MOST_ANSWER
    while line := source.readline(left + 1):
        left -= len(line)
        if left < 0:
            raise ValueError("the child answers without end")
        yield line
