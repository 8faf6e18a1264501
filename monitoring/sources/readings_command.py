"""`quittance import readings FILE`: scores from CSV, XLSX or Creditsafe's XML, for one supplier."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from monitoring.feeds import creditsafe_report
from monitoring.feeds.file import BadReadingsFile
from monitoring.taking import take_file
from receivables.boot import build_runtime
from receivables.database import SYSTEM, Scope
from receivables.parties.queries import suppliers
from receivables.settings import Settings

if TYPE_CHECKING:
    from receivables.ids import SupplierId
    from receivables.runtime import Runtime

#: What is said of one file: whether it was taken, as an object, and in words.
Said = tuple[bool, dict[str, object], str]


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What `quittance import readings` takes."""
    parser = kinds.add_parser("readings", help="scores from CSV, XLSX or Creditsafe's XML")
    parser.add_argument("paths", nargs="+", metavar="PATH", type=Path)
    parser.add_argument("--supplier", help="whose debtors; needed when there are several")
    parser.add_argument("--json", action="store_true", help="one object a line for each file")
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
        wanted = [
            one.id
            for one in suppliers(session)
            if options.supplier in (None, one.name, str(one.id))
        ]
    missing = [path for path in options.paths if not path.is_file()]
    if missing or len(wanted) != 1:
        what = f"no such file: {missing[0]}" if missing else "--supplier must name one supplier"
        sys.stderr.write(f"{what}\n")
        return 2
    code = 0
    for path in options.paths:
        for is_taken, told, words in _said_of(runtime, wanted[0], path):
            code = code if is_taken else 1
            object_ = {"path": str(path), "accepted": is_taken, **told}
            sys.stdout.write((json.dumps(object_) if options.json else f"{path}: {words}") + "\n")
    return code


def _said_of(runtime: Runtime, supplier_id: SupplierId, path: Path) -> Iterator[Said]:
    content = path.read_bytes()
    listed = _only_listed(content)
    if listed is not None:
        yield listed
        return
    try:
        with runtime.transaction(Scope(supplier_id)) as session:
            taken = take_file(
                session, supplier_id=supplier_id, content=content, clock=runtime.clock
            )
    except BadReadingsFile as refused:
        for fault in refused.faults:
            told: dict[str, object] = {"line": fault.where, "what": fault.what, "how": fault.how}
            yield False, told, f"line {fault.where}: {fault.what} {fault.how}"
    else:
        told = {"taken": taken.taken, "known": taken.known, "alerts": taken.alerts_raised}
        words = f"{taken.taken} new readings, {taken.known} known, {taken.alerts_raised} alerts"
        yield True, told, words


def _only_listed(content: bytes) -> Said | None:
    """What Creditsafe says that is no report: understood, and nothing to take; or its refusal."""
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return None
    try:
        answer = creditsafe_report.read(content)
    except creditsafe_report.CreditsafeSays as says:
        return False, {"reason": says.reason}, f"refused, {says.reason}"
    if answer.reports:
        return None
    counted = {
        "operation": answer.operation,
        "companies": len(answer.companies) + len(answer.monitored),
        "changes": sum(len(one.changes) for one in answer.monitored),
        "portfolios": len(answer.portfolios),
        "events": len(answer.events),
    }
    words = ", ".join(f"{number} {name}" for name, number in counted.items() if name != "operation")
    return True, dict(counted), f"{answer.operation}: {words}; no report, nothing to record"
