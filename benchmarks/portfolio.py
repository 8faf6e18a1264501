"""Duplicates in files of customers: what finding them costs, and how many are right.

`python -m benchmarks.portfolio [--sizes 2500 100000] [--seeds 101 102] [--peers PYTHON]`: files
drawn from a seed (`tests/support/portfolios.py` says how; the seeds are others than those by which
the method was built), each given to `quittance portfolio duplicates --json` as a process of its
own, from its start to its end. Beside it on the same file: splink 5 (run by PYTHON, an environment
that has it; left out without), rapidfuzz on several fields and on the name alone, and the exact
normalised name (`benchmarks/portfolio_peers.py`).

F1 counts pairs of rows. "Found" are the pairs a program calls duplicates: ours by their kind, the
peers' from a score of 0.95; "best" is the best threshold there is for this very file, which nobody
knows beforehand. Ends with 1 when ours falls below 0.96 on up to 2,500 customers or 0.90 on more.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Spent, run_measured
from tests.support.portfolios import make_portfolio

SMALL, SMALL_F1, LARGE_F1 = 2_500, 0.96, 0.90
#: From this score on a peer's pair counts as found.
PEERS_FROM = 0.95

Pair = tuple[str, str]
Scored = list[tuple[float, Pair]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """F1 of what was found, and of the best threshold there is."""

    found: float
    best: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_500, 100_000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--peers", metavar="PYTHON", help="an interpreter that has splink")
    given = parser.parse_args(arguments)
    good = True
    print("\n### Duplicates in files of customers (whole processes)\n")
    print("| customers | seed | by | CPU-s | peak MB | F1 | F1 at the best threshold |")
    print("|---:|---:|---|---:|---:|---:|---:|")
    for size in given.sizes:
        # Of the large files one says enough.
        for seed in given.seeds if size <= SMALL else given.seeds[:1]:
            for title, spent, outcome in _measured(seed, size, given.peers):
                print(
                    f"| {size} | {seed} | {title} | {spent.cpu_s:.2f} | {spent.peak_mb:.0f}"
                    f" | {outcome.found:.3f} | {outcome.best:.3f} |",
                    flush=True,
                )
                if title == "ours":
                    good = good and outcome.found >= (SMALL_F1 if size <= SMALL else LARGE_F1)
    if not given.peers:
        print("\nsplink was left out: --peers names no interpreter that has it.")
    return 0 if good else 1


def _measured(seed: int, size: int, peers: str | None) -> Iterator[tuple[str, Spent, Outcome]]:
    portfolio = make_portfolio(seed, size)
    truth = portfolio.pairs()
    with tempfile.TemporaryDirectory(prefix="quittance-bench-") as name:
        folder = Path(name)
        (folder / "customers.csv").write_bytes(portfolio.as_csv())
        command = ["portfolio", "duplicates", "customers.csv", "--json"]
        spent = run_measured("starting", command, {}, folder)
        yield "ours", spent, _of_ours(folder / "said.txt", truth)
        methods = {"fields": "rapidfuzz, several fields", "name": "rapidfuzz, the name alone",
                   "exact": "the exact normalised name"}  # fmt: skip
        if peers:
            methods = {"splink": "splink 5"} | methods
        for method, title in methods.items():
            spent = run_measured(
                "benchmarks.portfolio_peers",
                [method, "customers.csv", "found.csv"],
                {},
                folder,
                python=str(Path(peers).absolute())
                if peers and method == "splink"
                else sys.executable,
            )
            yield title, spent, _of_a_peer(folder / "found.csv", truth)


def _of_ours(path: Path, truth: set[Pair]) -> Outcome:
    told = json.loads(path.read_text(encoding="utf-8"))["pairs"]
    scored = [(pair["score"], _ordered(pair["left"], pair["right"])) for pair in told]
    found = [_ordered(pair["left"], pair["right"]) for pair in told if pair["kind"] == "duplicate"]
    return Outcome(_f1(found, truth), _best(scored, truth))


def _of_a_peer(path: Path, truth: set[Pair]) -> Outcome:
    with path.open(encoding="utf-8", newline="") as file:
        scored = [(float(score), _ordered(one, other)) for one, other, score in csv.reader(file)]
    return Outcome(
        _f1([pair for score, pair in scored if score >= PEERS_FROM], truth), _best(scored, truth)
    )


def _ordered(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def _f1(found: Iterable[Pair], truth: set[Pair]) -> float:
    pairs = set(found)
    return 2 * len(pairs & truth) / max(1, len(pairs) + len(truth))


def _best(scored: Scored, truth: set[Pair]) -> float:
    """The best F1 that a threshold on the score can reach."""
    best, hits = 0.0, 0
    for count, (_score, pair) in enumerate(sorted(scored, reverse=True), 1):
        hits += pair in truth
        best = max(best, 2 * hits / (count + len(truth)))
    return best


if __name__ == "__main__":
    sys.exit(main())
