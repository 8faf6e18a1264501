"""`quittance statuses import PATH...` and `quittance statuses export --out DIR`.

The latter is for installations without LIFECYCLE_OUT, and for files that were lost: it writes what
waits, or with `--all` everything that was ever said. How the books are opened and whose they are
is the command's own to say (`quittance.py`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from receivables.database import Scope
from receivables.ids import SupplierId
from receivables.lifecycle import queries
from receivables.lifecycle.importing import import_messages
from receivables.lifecycle.outbox import FolderOutbox
from receivables.lifecycle.queries import SentView
from receivables.lifecycle.reporting import mark_written
from receivables.lifecycle.tables import SentState
from receivables.ports import StatusNotTaken
from receivables.runtime import Runtime
from receivables.settings import Settings

_AT_A_TIME = 200

Run = Callable[[Runtime, SupplierId, argparse.Namespace], int]


def add_parser(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    opened: Callable[[Settings], AbstractContextManager[Runtime]],
    supplier_id_of: Callable[[Runtime, str | None], SupplierId],
) -> None:
    """`quittance statuses`, with its two verbs."""

    def with_books(run: Run) -> Callable[[Settings, argparse.Namespace], int]:
        def with_settings(settings: Settings, options: argparse.Namespace) -> int:
            with opened(settings) as runtime:
                return run(runtime, supplier_id_of(runtime, options.supplier), options)

        return with_settings

    parser = commands.add_parser("statuses", help="statuses of e-invoices, in and out")
    verbs = parser.add_subparsers(dest="verb", required=True)
    taken = verbs.add_parser("import", help="CDAR (French life cycle), Peppol Invoice Response")
    taken.add_argument("paths", nargs="+", metavar="PATH", type=Path)
    taken.add_argument("--dry-run", action="store_true", help="read, report, change nothing")
    given = verbs.add_parser("export", help="write what is to be told to the platform")
    given.add_argument("--out", required=True, type=Path, metavar="DIR")
    given.add_argument("--all", action="store_true", help="also what was written before")
    for verb, run in ((taken, take_in), (given, give_out)):
        verb.add_argument("--supplier", help="whose; needed when there are several")
        verb.add_argument("--json", action="store_true", help="one object a line")
        verb.set_defaults(run=with_books(run))


def take_in(runtime: Runtime, supplier_id: SupplierId, options: argparse.Namespace) -> int:
    """0 when all were taken, 1 when one was refused, 2 when a file is not there."""
    missing = [path for path in options.paths if not path.is_file()]
    if missing:
        sys.stderr.write(f"no such file: {missing[0]}\n")
        return 2
    files = ((str(path), path.read_bytes()) for path in options.paths)
    code = 0
    for line in import_messages(runtime, supplier_id, files, dry_run=options.dry_run):
        code = code if line.accepted else 1
        told = json.dumps(line.as_json()) if options.json else line.text
        sys.stdout.write(told + "\n")
    return code


def give_out(runtime: Runtime, supplier_id: SupplierId, options: argparse.Namespace) -> int:
    """0 when all were written, 1 when one was not, 2 when there is no such folder."""
    if not options.out.is_dir():
        sys.stderr.write(f"no such folder: {options.out}\n")
        return 2
    outbox = FolderOutbox(options.out)
    for one in _wanted(runtime, supplier_id, is_all=options.all):
        with runtime.reading(Scope(supplier_id)) as session:
            name, content = queries.message_of(session, supplier_id, one.row.id)
        try:
            outbox.put(name, content)
        except StatusNotTaken as error:
            sys.stderr.write(f"{error}\n")
            return 1
        with runtime.transaction(Scope(supplier_id)) as session:
            mark_written(session, supplier_id, one.row.id, clock=runtime.clock)
        sys.stdout.write(_told(one, as_json=options.json) + "\n")
    return 0


def _wanted(runtime: Runtime, supplier_id: SupplierId, *, is_all: bool) -> Iterator[SentView]:
    """What is to be written, read before anything is marked."""
    found: list[SentView] = []
    while True:
        with runtime.reading(Scope(supplier_id)) as session:
            some = queries.sent(session, supplier_id, limit=_AT_A_TIME, offset=len(found))
        found += some
        if len(some) < _AT_A_TIME:
            break
    states = (SentState.WAITING, SentState.WRITTEN) if is_all else (SentState.WAITING,)
    yield from (one for one in reversed(found) if one.row.state in states)


def _told(one: SentView, *, as_json: bool) -> str:
    if not as_json:
        return f"{one.row.name}: {one.number}, {one.row.amount} cashed on {one.row.cashed_on}"
    return json.dumps(
        {
            "file": one.row.name,
            "number": one.number,
            "status": one.row.status,
            "sequence": one.row.sequence,
            "amount_minor": one.row.amount.minor,
            "currency": one.row.amount.currency,
            "cashed_on": str(one.row.cashed_on),
            "shares": [{"rate": rate, "amount_minor": minor} for rate, minor in one.row.shares],
        }
    )
