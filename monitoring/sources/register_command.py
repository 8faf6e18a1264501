"""`quittance import kbo FILE`: a register's file for one supplier, or for all of them."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from monitoring.feeds.kbo import NotOpenData
from monitoring.sources import readings_command
from monitoring.sources.registers import RegisterTaken, take_kbo
from receivables.boot import build_runtime
from receivables.database import SYSTEM
from receivables.parties.queries import suppliers
from receivables.settings import Settings

if TYPE_CHECKING:
    from receivables.runtime import Runtime


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What `quittance import kbo` takes, and `quittance import readings`."""
    parser = kinds.add_parser("kbo", help="the Belgian register's open data, a ZIP file")
    parser.add_argument("paths", nargs="+", metavar="PATH", type=Path)
    parser.add_argument("--supplier", help="whose debtors; everybody's where none is named")
    parser.add_argument("--json", action="store_true", help="one object a line for each supplier")
    parser.set_defaults(run=run, dry_run=False)
    readings_command.add_parser(kinds)


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
            taken = take_kbo(runtime, wanted, path)
        except NotOpenData as refused:
            code = 1
            for fault in refused.faults:
                _say({"path": str(path), "accepted": False, **asdict(fault)}, options.json,
                     f"{path}: {fault.file}: {fault.what} {fault.how}")  # fmt: skip
            continue
        for supplier_id, each in taken.items():
            told = {"path": str(path), "accepted": True, "supplier": names[supplier_id]}
            _say({**told, **asdict(each)}, options.json, _words(path, names[supplier_id], each))
    return code


def _say(told: dict[str, object], as_json: bool, words: str) -> None:
    sys.stdout.write((json.dumps(told, default=str) if as_json else words) + "\n")


def _words(path: Path, name: str, taken: RegisterTaken) -> str:
    lines = [
        f"{path}: of {taken.snapshot_on}, {'full' if taken.is_full else 'an update'},"
        f" {taken.lines} enterprises read; {name}: {taken.found} of {taken.debtors} debtors in it,"
        f" {taken.news} changes, {taken.stands} stand, {taken.candidates} for a person to confirm"
    ]
    lines += [f"  {one.file} line {one.line}: {one.what}" for one in taken.faults]
    return "\n".join(lines)
