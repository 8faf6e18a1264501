"""`quittance import gazette FILE`: a gazette's own XML file, for one supplier or for all."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from monitoring.feeds import bodacc_files, shab
from monitoring.feeds.reading_xml import BadXml, local, parse
from monitoring.insolvency.actions import Taken, take_published
from monitoring.insolvency.published import Published
from receivables.boot import build_runtime
from receivables.database import SYSTEM, Scope
from receivables.parties.queries import suppliers
from receivables.settings import Settings

if TYPE_CHECKING:
    from receivables.runtime import Runtime

#: No file of the gazettes comes near it.
LARGEST_FILE = 100 * 1024 * 1024


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What `quittance import gazette` takes."""
    parser = kinds.add_parser("gazette", help="XML of the BODACC (RCS-A, RCS-B, PCL) or the SHAB")
    parser.add_argument("paths", nargs="+", metavar="PATH", type=Path)
    parser.add_argument("--supplier", help="whose debtors; everybody's where none is named")
    parser.add_argument("--json", action="store_true", help="one object a line for each supplier")
    parser.set_defaults(run=run, dry_run=False)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """0 when all were taken, 1 when one was refused, 2 when there is no such supplier or file."""
    runtime = build_runtime(settings)
    try:
        return take(runtime, options)
    finally:
        runtime.database.close()


def take(runtime: Runtime, options: argparse.Namespace) -> int:
    """Take the files in their order and say what became of each; returns the exit code."""
    with runtime.reading(SYSTEM) as session:
        names = {one.id: one.name for one in suppliers(session)}
    wanted = [key for key, name in names.items() if options.supplier in (None, name, str(key))]
    missing = [path for path in options.paths if not path.is_file()]
    if missing or not wanted:
        what = f"no such file: {missing[0]}" if missing else "no such supplier"
        sys.stderr.write(f"{what}\n")
        return 2
    code = 0
    for path in options.paths:
        try:
            published = read(path)
        except BadXml as refused:
            code = 1
            told = {"path": str(path), "accepted": False, "reason": str(refused)}
            _say(told, options.json, f"{path}: refused, {refused}")
            continue
        for supplier_id in wanted:
            with runtime.transaction(Scope(supplier_id)) as session:
                became = take_published(
                    session, supplier_id=supplier_id, published=published, clock=runtime.clock
                )
            told = {"path": str(path), "accepted": True, "supplier": names[supplier_id]}
            words = _words(path, names[supplier_id], published, became)
            _say({**told, "publications": len(published), **asdict(became)}, options.json, words)
    return code


def read(path: Path) -> list[Published]:
    """What a file says, whichever gazette wrote it. Raises BadXml."""
    if path.stat().st_size > LARGEST_FILE:
        raise BadXml(f"larger than {LARGEST_FILE // 2**20} MB")
    body = path.read_bytes()
    if local(parse(body)) == "publication":
        return shab.parse_publication(body)
    return list(bodacc_files.read(body))


def _say(told: dict[str, object], as_json: bool, words: str) -> None:
    sys.stdout.write((json.dumps(told) if as_json else words) + "\n")


def _words(path: Path, name: str, published: Sequence[Published], taken: Taken) -> str:
    return (
        f"{path}: {len(published)} read; {name}: {taken.stands} stand, {taken.candidates} for a"
        f" person to confirm, {taken.retracted} taken back, {taken.known} known before"
    )
