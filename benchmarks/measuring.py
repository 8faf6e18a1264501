"""A process of ours run to its end in a fresh installation, and what the kernel says it cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic import command

from receivables.boot import alembic_config, build_runtime
from receivables.database import SYSTEM
from receivables.ids import SupplierId
from receivables.settings import read_settings
from tests.support.builders import make_supplier

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process and the children it waited for cost; the peak is the larger process's."""

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


def run_measured(module: str, arguments: Sequence[str], env: dict[str, str], folder: Path) -> Spent:
    """Run a module in `folder` to its end. Source: wait4(2), getrusage(2)."""
    said = folder / "said.txt"
    with said.open("wb") as sink:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=folder, env={**env, "PATH": os.defpath, "PYTHONPATH": str(_ROOT)}, stdout=sink,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(said.read_text()[-2000:])
    return Spent(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)
