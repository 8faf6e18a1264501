"""What the commands that take files of sources in have in common: whose, which, and what became
of each.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from receivables.boot import build_runtime
from receivables.database import SYSTEM
from receivables.ids import SupplierId
from receivables.parties.queries import suppliers
from receivables.runtime import Runtime
from receivables.settings import Settings

#: What is said of one file, or of one supplier's part in it: whether it was taken, as an object,
#: and in words.
Said = tuple[bool, dict[str, Any], str]
Take = Callable[[Runtime, argparse.Namespace], int]
#: Takes one file for suppliers, who are given by name.
TakeFile = Callable[[Runtime, Mapping[SupplierId, str], Path], Iterator[Said]]


def add_parser(
    kinds: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    *,
    words: str,
    whose: str,
    take: Take,
) -> None:
    """`quittance import NAME PATH... [--supplier S] [--json]`."""
    parser = kinds.add_parser(name, help=words)
    parser.add_argument("paths", nargs="+", metavar="PATH", type=Path)
    parser.add_argument("--supplier", help=whose)
    parser.add_argument("--json", action="store_true", help="one object a line")

    def run(settings: Settings, options: argparse.Namespace) -> int:
        runtime = build_runtime(settings)
        try:
            return take(runtime, options)
        finally:
            runtime.database.close()

    parser.set_defaults(run=run, dry_run=False)


def take_each(
    runtime: Runtime, options: argparse.Namespace, take_file: TakeFile, *, for_one: bool = False
) -> int:
    """Take the files in their order and say what became of each. `for_one`: of one supplier.

    0 when all were taken, 1 when one was refused, 2 when there is no such supplier or file.
    """
    with runtime.reading(SYSTEM) as session:
        names = {one.id: one.name for one in suppliers(session)}
    wanted = {
        key: name for key, name in names.items() if options.supplier in (None, name, str(key))
    }
    missing = [path for path in options.paths if not path.is_file()]
    if missing or not wanted or (for_one and len(wanted) > 1):
        nobody = "--supplier must name one supplier" if for_one else "no such supplier"
        sys.stderr.write(f"{f'no such file: {missing[0]}' if missing else nobody}\n")
        return 2
    code = 0
    for path in options.paths:
        for is_taken, told, words in take_file(runtime, wanted, path):
            code = code if is_taken else 1
            said = {"path": str(path), "accepted": is_taken, **told}
            line = json.dumps(said, default=str) if options.json else f"{path}: {words}"
            sys.stdout.write(line + "\n")
    return code
