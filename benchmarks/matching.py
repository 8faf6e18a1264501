"""How well bank lines find their invoices, on drawn months with known truth.

`python -m benchmarks.matching [--invoices 10000] [--seeds 1 2 3]`: what is posted by itself, and
how much of that is right, beside two baselines: the right structured reference alone, and an open
invoice of the same amount by chance. `tests/support/bank_months.py` says how the months are drawn.
Ends with 1 when ours falls below 99.9 % right or 90 % of all lines (strangers' money and returns
are among them).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from tests.support.bank_months import make_months
from tests.support.matching_runs import Chooser, Outcome, by_chance, by_reference_alone, ours, run

PRECISION, COVERAGE = 0.999, 0.90


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--invoices", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    given = parser.parse_args(arguments)
    good = True
    for seed in given.seeds:
        months = make_months(seed, given.invoices)
        print(f"seed {seed}: {given.invoices} invoices, {len(months.lines)} lines")
        choosers: dict[str, Chooser] = {
            "ours": ours,
            "reference alone": by_reference_alone,
            "by chance": by_chance(seed),
        }
        for title, choose in choosers.items():
            started = time.process_time()
            outcome = run(months, choose)
            seconds = time.process_time() - started
            print(_line(title, outcome, seconds))
            if title == "ours":
                good = good and outcome.precision >= PRECISION and outcome.coverage >= COVERAGE
    return 0 if good else 1


def _line(title: str, outcome: Outcome, seconds: float) -> str:
    return (
        f"  {title:16} posted {outcome.coverage:7.2%}, right {outcome.precision:8.3%},"
        f" {1000 * seconds / outcome.lines:.2f} ms a line"
    )


if __name__ == "__main__":
    sys.exit(main())
