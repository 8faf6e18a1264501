"""`quittance portfolio duplicates FILE` and `... match LEFT [RIGHT]`: without a database.

A FILE is any table of customers, CSV or XLSX; its columns are known by their headers or by what
stands in them. Rows are named by the file's own customer number or id, where each has one of its
own, and by their line otherwise.

`duplicates --json` answers with one object:

    file, customers        the file, and how many rows were read
    pairs                  left, right, score, kind, reason; left_line, left_name and likewise right
    clusters               rows of one customer: members, survivor, score, kind, balance by currency
    groups                 members: rows of companies that belong together and are several
    columns                for each header the field it was read as, "" for none
    faults, more_faults    line, column, what, how: what could not be read

`kind` is "duplicate" (one customer), "group" (sisters, parent and subsidiary: two customers) or
"review" (for a person: a name alone, or contradicting numbers). `score`, 0 to 1, is how likely the
two are one; from 0.5 on for duplicates alone. Every two members of a cluster are a pair.

`match LEFT RIGHT --json` answers with left, right (the files), left_rows, right_rows, pairs as
above (left of the one file, right of the other, at most ten for each left row, likeliest first)
and unmatched (rows of LEFT without a pair). Where one file has names alone, every pair is for
review: `score` is how likely the names are meant as one.

`match FILE --json` takes a file whose every line holds two names (name1 and name2, left and right
...) and answers with pairs: line, left_name, right_name, score, kind ("none", too), match (whether
the score is 0.5 or more), reason.

A file that is refused is answered with refused, faults and more_faults.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from receivables.clock import SystemClock

if TYPE_CHECKING:
    from monitoring.portfolio.customers import Customer, CustomersFile
    from monitoring.portfolio.duplicates import Cluster, Duplicates
    from monitoring.portfolio.faults import CustomersRefused

Answer = tuple[int, Sequence[str], dict[str, Any]]
Progress = Callable[[str], None]


class _Parser(argparse.ArgumentParser):
    """A command whose arguments are fetched when it is asked for: it needs much else."""

    def __init__(self, *args: Any, fetch: Callable[[_Parser], None] | None = None, **named: Any):
        super().__init__(*args, **named)
        self._fetch = fetch

    def parse_known_args(self, *args: Any, **named: Any) -> Any:
        fetch, self._fetch = self._fetch, None
        if fetch is not None:
            fetch(self)
        return super().parse_known_args(*args, **named)


def _check_arguments(parser: _Parser) -> None:
    from monitoring.portfolio import checking

    checking.add_arguments(parser)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`quittance portfolio`."""
    portfolio = commands.add_parser("portfolio", help="the health check of a file of customers")
    kinds = portfolio.add_subparsers(dest="what", required=True, parser_class=_Parser)
    kinds.add_parser("check", help="the whole health check of a file", fetch=_check_arguments)
    for name, about in (
        ("duplicates", "which rows of a file are one customer"),
        ("match", "which rows of two files are one customer; or of one file with two names a line"),
    ):
        kind = kinds.add_parser(
            name, help=about, description=f"{about}.\n\n{__doc__}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        kind.add_argument("path", metavar="FILE", type=Path, help="customers, as CSV or XLSX")
        if name == "match":
            kind.add_argument("right", metavar="RIGHT", type=Path, nargs="?", help="the other file")
        kind.add_argument("--json", action="store_true", help="one object")


def main(arguments: Sequence[str]) -> int:
    """`quittance portfolio ...` by itself: what the other commands need is not loaded for it."""
    parser = argparse.ArgumentParser(prog="quittance")
    add_parser(parser.add_subparsers(dest="command", required=True))
    return run(parser.parse_args(arguments), out=sys.stdout, err=sys.stderr)


def run(options: argparse.Namespace, *, out: TextIO, err: TextIO) -> int:
    """0 done; 1 a file is refused, and why; 2 there is no such file."""
    # Loaded where it is needed: it takes as long as the rest of a command.
    if options.what == "check":
        from monitoring.portfolio import checking

        return checking.run(options, out=out, err=err, clock=SystemClock())
    from monitoring.portfolio.faults import CustomersRefused

    progress = _progress(err)
    path = options.path
    try:
        if options.what == "duplicates":
            code, lines, told = _duplicates(path, progress)
        elif options.right is None:
            code, lines, told = _match_names(path)
        else:
            left = _read(_content(path), progress)
            path = options.right
            right = _read(_content(path), progress)
            code, lines, told = _match(options, left, right, progress)
    except OSError as error:
        err.write(f"{error}\n")
        return 2
    except CustomersRefused as refused:
        code, lines, told = _refused(path, refused)
    if err.isatty():
        err.write("\r\033[K")
    if options.json:
        out.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        (err if code else out).write("".join(f"{line}\n" for line in lines))
    return code


def _progress(err: TextIO) -> Progress:
    """How far a long run is, where somebody watches."""
    if not err.isatty():
        return lambda _text: None

    def show(text: str) -> None:
        err.write(f"\r\033[K{text} ")
        err.flush()

    return show


def _content(path: Path) -> bytes:
    from monitoring.portfolio.sheets import SIZE_LIMIT

    with path.open("rb") as source:
        return source.read(SIZE_LIMIT + 1)


def _read(content: bytes, progress: Progress) -> CustomersFile:
    from monitoring.portfolio.customers import read_customers

    return read_customers(content, progress=lambda lines: progress(f"{lines} lines read"))


def _refused(path: Path, refused: CustomersRefused) -> Answer:
    lines = [f"{path}: {fault}" for fault in refused.faults]
    if refused.more:
        lines.append(f"{path}: and {refused.more} more")
    told = {
        "refused": str(path),
        "faults": [asdict(fault) for fault in refused.faults],
        "more_faults": refused.more,
    }
    return 1, lines, told


def _known_as(customer: Customer) -> str | int:
    """The file's own id of a row, else its line."""
    return customer.key if customer.key == customer.number else customer.line


# Duplicates


def _duplicates(path: Path, progress: Progress) -> Answer:
    from monitoring.portfolio.duplicates import find_duplicates

    file = _read(_content(path), progress)
    found = find_duplicates(file.customers, progress)
    groups = [[_known_as(row) for row in group] for group in found.groups()]
    told = {
        "file": str(path),
        "customers": len(file.customers),
        "pairs": [
            _told_pair(pair.left, pair.right, pair.score, pair.kind, pair.reason)
            for pair in found.pairs
        ],
        "clusters": [_told_cluster(cluster) for cluster in found.clusters],
        "groups": [{"members": members} for members in groups],
        "columns": dict(file.columns),
        "faults": [asdict(fault) for fault in file.faults],
        "more_faults": file.more_faults,
    }
    return 0, _worded(path, file, found), told


def _told_pair(
    left: Customer, right: Customer, score: float, kind: str, why: str
) -> dict[str, Any]:
    return {
        "left": _known_as(left),
        "right": _known_as(right),
        "score": score,
        "kind": str(kind),
        "reason": why,
        "left_line": left.line,
        "right_line": right.line,
        "left_name": left.shown_name,
        "right_name": right.shown_name,
    }


def _told_cluster(cluster: Cluster) -> dict[str, Any]:
    return {
        "members": [_known_as(row) for row in cluster.members],
        "survivor": _known_as(cluster.survivor),
        "score": cluster.score,
        "kind": "duplicate",
        "balance": {currency: str(money.decimal) for currency, money in cluster.balances().items()},
    }


def _worded(path: Path, file: CustomersFile, found: Duplicates) -> list[str]:
    lines = [
        f"{path}: {len(file.customers)} customers, {len(found.clusters)} of them several times"
    ]
    for cluster in found.clusters:
        lines.append("")
        for row in cluster.members:
            stays = "*" if row is cluster.survivor else " "
            place = f"{row.postcode} {row.city}".strip()
            lines.append(f"{stays} {_known_as(row)}  {row.shown_name}  {place}".rstrip())
    if found.clusters:
        lines += ["", "* the row that should stay"]
    lines += _worded_pairs("for a person to look at", found, "review")
    lines += _worded_pairs("of one group, and not the same", found, "group")
    lines += [f"{path}: {fault}" for fault in file.faults[:20]]
    return lines


def _worded_pairs(title: str, found: Duplicates, kind: str) -> list[str]:
    pairs = [pair for pair in found.pairs if pair.kind == kind]
    if not pairs:
        return []
    return ["", f"{len(pairs)} {title}:"] + [
        f"{_known_as(pair.left)}  {pair.left.shown_name} / {_known_as(pair.right)}  "
        f"{pair.right.shown_name}: {pair.reason}"
        for pair in pairs
    ]


# Matching


def _match(
    options: argparse.Namespace, left: CustomersFile, right: CustomersFile, progress: Progress
) -> Answer:
    from monitoring.portfolio.linking import link

    matched = link(left.customers, right.customers, progress)
    told = {
        "left": str(options.path),
        "right": str(options.right),
        "left_rows": len(left.customers),
        "right_rows": len(right.customers),
        "pairs": [
            _told_pair(row.left, match.right, match.score, match.kind, match.reason)
            for row in matched
            for match in row.matches
        ],
        "unmatched": [_known_as(row.left) for row in matched if not row.matches],
        "faults": [asdict(fault) for file in (left, right) for fault in file.faults],
        "more_faults": left.more_faults + right.more_faults,
    }
    lines = []
    for row in matched:
        lines.append(f"{_known_as(row.left)}  {row.left.shown_name}")
        lines += [
            f"    {match.score:.2f} {match.kind}  {_known_as(match.right)}  "
            f"{match.right.shown_name}: {match.reason}"
            for match in row.matches
        ]
    return 0, lines, told


def _match_names(path: Path) -> Answer:
    from monitoring.portfolio.linking import judge_pairs
    from monitoring.portfolio.name_pairs import read_pairs

    pairs = read_pairs(_content(path))
    judged = judge_pairs([pair.as_customers() for pair in pairs])
    told = {
        "file": str(path),
        "pairs": [
            {
                "line": pair.line,
                "left_name": pair.left,
                "right_name": pair.right,
                "score": match.score,
                "kind": str(match.kind),
                "match": match.score >= 0.5,
                "reason": match.reason,
            }
            for pair, match in zip(pairs, judged, strict=True)
        ],
    }
    lines = [
        f"{pair.line}  {match.score:.2f} {match.kind}  {pair.left} / {pair.right}"
        for pair, match in zip(pairs, judged, strict=True)
    ]
    return 0, lines, told
