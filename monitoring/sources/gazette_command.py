"""`quittance import gazette FILE`: a gazette's own XML file, for one supplier or for all."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from monitoring.feeds import bodacc_files, shab
from monitoring.feeds.reading_xml import BadXml, local, parse
from monitoring.insolvency.actions import Taken, take_published
from monitoring.insolvency.published import Published
from monitoring.sources import file_command
from receivables.database import Scope
from receivables.ids import SupplierId
from receivables.runtime import Runtime

#: No file of the gazettes comes near it.
LARGEST_FILE = 100 * 1024 * 1024


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What `quittance import gazette` takes."""
    file_command.add_parser(
        kinds,
        "gazette",
        words="XML of the BODACC (RCS-A, RCS-B, PCL) or the SHAB",
        whose="whose debtors; everybody's where none is named",
        take=take,
    )


def take(runtime: Runtime, options: argparse.Namespace) -> int:
    """See `file_command.take_each`."""
    return file_command.take_each(runtime, options, _take_file)


def _take_file(
    runtime: Runtime, names: Mapping[SupplierId, str], path: Path
) -> Iterator[file_command.Said]:
    try:
        published = read(path)
    except BadXml as refused:
        yield False, {"reason": str(refused)}, f"refused, {refused}"
        return
    for supplier_id, name in names.items():
        with runtime.transaction(Scope(supplier_id)) as session:
            became = take_published(
                session, supplier_id=supplier_id, published=published, clock=runtime.clock
            )
        told = {"supplier": name, "publications": len(published), **asdict(became)}
        yield True, told, _words(name, published, became)


def read(path: Path) -> list[Published]:
    """What a file says, whichever gazette wrote it. Raises BadXml."""
    if path.stat().st_size > LARGEST_FILE:
        raise BadXml(f"larger than {LARGEST_FILE // 2**20} MB")
    body = path.read_bytes()
    if local(parse(body)) == "publication":
        return shab.parse_publication(body)
    return list(bodacc_files.read(body))


def _words(name: str, published: Sequence[Published], taken: Taken) -> str:
    return (
        f"{len(published)} read; {name}: {taken.stands} stand, {taken.candidates} for a"
        f" person to confirm, {taken.retracted} taken back, {taken.known} known before"
    )
