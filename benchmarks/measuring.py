"""A process of ours run to its end in a fresh installation, and what the kernel says it cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from alembic import command

from receivables.boot import alembic_config, build_runtime
from receivables.database import SYSTEM
from receivables.ids import SupplierId
from receivables.settings import read_settings
from tests.support.builders import make_supplier

_ROOT = Path(__file__).resolve().parents[1]


#: How often a running process is asked how much it holds; a peak shows in every later answer.
_ASKED_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process and the children it waited for cost; the peak is the largest process's."""

    seconds: float
    cpu_s: float
    peak_mb: float


def set_up(env: dict[str, str]) -> SupplierId:
    """Migrate the database that the settings name, and open one supplier's books."""
    settings = read_settings(env)
    command.upgrade(alembic_config(settings), "head")
    runtime = build_runtime(settings)
    with runtime.transaction(SYSTEM) as session:
        supplier_id: SupplierId = make_supplier(session, clock=runtime.clock)
    runtime.database.close()
    return supplier_id


def run_measured(
    module: str,
    arguments: Sequence[str],
    env: dict[str, str],
    folder: Path,
    *,
    python: str = sys.executable,
) -> Spent:
    """Run a module in `folder` to its end. Source: wait4(2), getrusage(2), proc(5).

    The peak is asked of /proc: ru_maxrss counts what the caller held when it started the process.
    """
    said = folder / "said.txt"
    with said.open("wb") as sink:
        began = time.perf_counter()
        process = subprocess.Popen(
            [python, "-m", module, *arguments],
            cwd=folder, env={**env, "PATH": os.defpath, "PYTHONPATH": str(_ROOT)}, stdout=sink,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        peak_kb = 0
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            peak_kb = max(peak_kb, *map(_peak_kb, [process.pid, *_children(process.pid)]))
            time.sleep(_ASKED_EVERY_S)
        _, status, used = ended
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(said.read_text()[-2000:])
    return Spent(seconds, used.ru_utime + used.ru_stime, peak_kb / 1000)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _peak_kb(pid: int) -> int:
    """The most memory the process has held since it became what it runs; 0 once it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0
