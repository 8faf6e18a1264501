"""What each test costs, as a plugin: `pytest -p tests.support.costs --costs FILE`.

Wall time says little where others work on the same processors, so this adds up processor time: of
the test process and of all that descend from it, servers that went into the background included.
"""

from __future__ import annotations

import ctypes
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

_TICK = os.sysconf("SC_CLK_TCK")
_FILE = pytest.StashKey[Path]()
_PR_SET_CHILD_SUBREAPER = 36  # Source: prctl(2)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--costs", help="a file for lines of: seconds, test; `-gw0` is added to it")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--costs"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        config.stash[_FILE] = Path(f"{config.getoption('--costs')}-{worker}")
        # What goes into the background becomes a child of this process, not of the first one.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    file = item.config.stash.get(_FILE, None)
    before = _spent() if file else 0
    try:
        return (yield)  # type: ignore[return-value]
    finally:
        if file:
            with file.open("a") as written:
                written.write(f"{_spent() - before:8.3f} {item.nodeid}\n")


def _spent() -> float:
    """Processor seconds of this process and all that descend from it, so far."""
    ticks: dict[int, int] = {}
    children = defaultdict(list)
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path(f"/proc/{entry}/stat").read_text()
            except OSError:  # it is gone, and its parent has its time now
                continue
            fields = stat.rpartition(")")[2].split()
            children[int(fields[1])].append(int(entry))
            ticks[int(entry)] = sum(map(int, fields[11:15]))
    total, waiting = 0, list(children[os.getpid()])
    while waiting:
        pid = waiting.pop()
        total += ticks[pid]
        waiting += children[pid]
    return sum(os.times()[:4]) + total / _TICK
