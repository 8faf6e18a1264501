"""The demo's first start: the story is told whole, or told anew."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from demo.running import Addresses, demo
from receivables.runtime import Runtime
from tests.support.brokers import free_port

pytestmark = pytest.mark.sqlite  # the demo keeps its state in a SQLite file


@contextmanager
def nothing_served(_runtime: Runtime, _ports: Mapping[str, int]):
    """The product is left out: what is asked here is in the files."""
    yield


def told(folder: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(folder / "quittance.sqlite")) as connection:
        (suppliers,) = connection.execute("SELECT count(*) FROM suppliers").fetchone()
        (invoices,) = connection.execute("SELECT count(*) FROM invoices").fetchone()
    return suppliers, invoices


def killed_while_telling(folder: Path, addresses: Addresses) -> None:
    """A start of the demo that ends by `kill -9` once the first supplier's books are open."""
    child = os.fork()
    if child == 0:
        with demo(folder, addresses, nothing_served):
            os._exit(3)  # too late
    while not any_supplier_in(folder / "untold.sqlite"):
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "it has not ended by itself"
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def any_supplier_in(file: Path) -> bool:
    if not file.exists():
        return False
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute("SELECT count(*) FROM suppliers").fetchone() != (0,)
        except sqlite3.OperationalError:
            return False


def test_a_first_start_that_was_killed_is_made_up_for_by_the_next(tmp_path):
    addresses = Addresses.from_port(free_port())

    killed_while_telling(tmp_path, addresses)
    assert not (tmp_path / "quittance.sqlite").exists()
    with demo(tmp_path, addresses, nothing_served):
        pass

    assert not list(tmp_path.glob("untold*"))
    suppliers, invoices = told(tmp_path)
    assert suppliers == 3
    assert invoices > 400


def test_a_later_start_tells_nothing_again(tmp_path):
    addresses = Addresses.from_port(free_port())
    with demo(tmp_path, addresses, nothing_served):
        before = told(tmp_path)
    with demo(tmp_path, addresses, nothing_served):
        pass

    assert told(tmp_path) == before
