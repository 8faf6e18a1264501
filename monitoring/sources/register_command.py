"""`quittance import kbo FILE`: a register's file for one supplier, or for all of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from monitoring.feeds.kbo import NotOpenData
from monitoring.sources import file_command, readings_command
from monitoring.sources.registers import RegisterTaken, take_kbo
from receivables.ids import SupplierId
from receivables.runtime import Runtime


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What `quittance import kbo` takes, and `quittance import readings`."""
    file_command.add_parser(
        kinds,
        "kbo",
        words="the Belgian register's open data, a ZIP file",
        whose="whose debtors; everybody's where none is named",
        take=take,
    )
    readings_command.add_parser(kinds)


def take(runtime: Runtime, options: argparse.Namespace) -> int:
    """See `file_command.take_each`."""
    return file_command.take_each(runtime, options, _take_file)


def _take_file(
    runtime: Runtime, names: Mapping[SupplierId, str], path: Path
) -> Iterator[file_command.Said]:
    try:
        taken = take_kbo(runtime, list(names), path)
    except NotOpenData as refused:
        for fault in refused.faults:
            yield False, asdict(fault), f"{fault.file}: {fault.what} {fault.how}"
        return
    for supplier_id, each in taken.items():
        name = names[supplier_id]
        yield True, {"supplier": name, **asdict(each)}, _words(name, each)


def _words(name: str, taken: RegisterTaken) -> str:
    lines = [
        f"of {taken.snapshot_on}, {'full' if taken.is_full else 'an update'},"
        f" {taken.lines} enterprises read; {name}: {taken.found} of {taken.debtors} debtors in it,"
        f" {taken.news} changes, {taken.stands} stand, {taken.candidates} for a person to confirm"
    ]
    lines += [f"  {one.file} line {one.line}: {one.what}" for one in taken.faults]
    return "\n".join(lines)
