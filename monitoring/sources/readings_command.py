"""`quittance import readings FILE`: scores from CSV, XLSX or Creditsafe's XML, for one supplier."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from monitoring.feeds import creditsafe_report
from monitoring.feeds.file import BadReadingsFile
from monitoring.sources import file_command
from monitoring.sources.file_command import Said
from monitoring.taking import take_file
from receivables.database import Scope
from receivables.ids import SupplierId
from receivables.runtime import Runtime


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What `quittance import readings` takes."""
    file_command.add_parser(
        kinds,
        "readings",
        words="scores from CSV, XLSX or Creditsafe's XML",
        whose="whose debtors; needed when there are several",
        take=take,
    )


def take(runtime: Runtime, options: argparse.Namespace) -> int:
    """See `file_command.take_each`."""
    return file_command.take_each(runtime, options, _take_file, for_one=True)


def _take_file(runtime: Runtime, names: Mapping[SupplierId, str], path: Path) -> Iterator[Said]:
    (supplier_id,) = names
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
            told: dict[str, Any] = {"line": fault.where, "what": fault.what, "how": fault.how}
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
