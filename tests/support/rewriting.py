"""Workers that start at once in a fresh tree: one of them compiles the tests for all.

pytest rewrites the assertions of every test, which takes longer than all the rest of collecting,
and each worker would do it for itself.
"""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

#: So many files must have no rewritten form yet for a worker to wait for another.
_MANY = 20


@contextmanager
def one_after_the_other(folder: Path) -> Iterator[None]:
    """Around the collecting of a folder: whoever comes first to one that is new is alone there,
    and the others come in when that one is done.
    """
    with (folder / "conftest.py").open() as door:
        if _is_new(folder):
            fcntl.flock(door, fcntl.LOCK_EX)
            if not _is_new(folder):
                fcntl.flock(door, fcntl.LOCK_UN)
        yield


def _is_new(folder: Path) -> bool:
    if sys.dont_write_bytecode:
        return False
    tail = f".{sys.implementation.cache_tag}-pytest-{pytest.__version__}.pyc"
    missing = (
        not (file.parent / "__pycache__" / f"{file.stem}{tail}").exists()
        for file in folder.rglob("test_*.py")
    )
    return sum(missing) > _MANY
