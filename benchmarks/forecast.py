"""How good forecasts are, and what they cost: `python -m benchmarks.forecast [CSV --split DAY]`.

Without a file on five generated histories (tests/support/histories.py says how debtors behave
there), each split after eighteen months; the seeds are others than those by which the method was
chosen. The last is fifty thousand invoices through the command itself. Beside our error stand
those of a rolling median per customer and of the due date.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from receivables.payers.measuring import evaluate
from tests.support.histories import as_csv, history

#: Of the two years, the first eighteen months are learnt from.
SPLIT = date(2024, 6, 30)
SEEDS = (101, 102, 103, 104, 105)
_METHODS = ("ours", "rolling_median", "due_date")
_ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--split", type=date.fromisoformat, default=SPLIT)
    options = parser.parse_args()
    if options.file is not None:
        _say(str(options.file), *_by_command(options.file, options.split))
        return
    for seed in SEEDS:
        began = time.process_time()
        found = evaluate(history(seed), SPLIT).issued_after
        assert found is not None, "something was issued after the split"
        _say(f"seed {seed}, 6 000 invoices", asdict(found), time.process_time() - began)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.csv"
        path.write_text(as_csv(history(106, payers=1500, invoices=50_000)), encoding="utf-8")
        _say("seed 106, 50 000 invoices, the command", *_by_command(path, SPLIT))


def _by_command(path: Path, split: date) -> tuple[dict[str, Any], float]:
    """What `quittance forecast evaluate` says, and the CPU it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "starting.py", "forecast", "evaluate", str(path.resolve())]
    said = subprocess.run(
        [*command, "--split", split.isoformat(), "--json"],
        cwd=_ROOT, env={"PATH": os.defpath}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = json.loads(said)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return told[told["measured_on"]], cpu_s


def _say(name: str, found: dict[str, Any], cpu_s: float) -> None:
    print(f"{name}: {found['count']} measured, {found['late_share']:.0%} late, {cpu_s:.1f} CPU-s")
    for method in _METHODS:
        one = found[method]
        line = f"  {method:<15} error {one['mae_days']:6.2f} days, bias {one['bias_days']:+6.2f}"
        line += f", weekly cash {one['weekly_cash_error']:.3f}"
        if one["auc_late"] is not None:
            line += f", AUC {one['auc_late']:.3f}, 80 % holds {one['coverage_80']:.3f}"
            line += f", by prudent {one['prudent_share']:.3f}"
        print(line)


if __name__ == "__main__":
    main()
