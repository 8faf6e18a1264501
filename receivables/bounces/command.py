"""`quittance bounces PATH... | -`: the door through which reports come in.

A mail server hands each report to the command's standard input; whoever has only a mailbox saves
reports as files and names them, or a Maildir folder. In Postfix, where `reminders` is the mailbox
before the `@` of MAIL_FROM and `recipient_delimiter = +`:

    /etc/aliases:  reminders: "|/usr/bin/quittance bounces -"

A mail that is no report, or none of ours, is let pass: an error would make the server answer it,
and answers to answers go round for ever. Only when the database cannot be reached is the mail
given back to be tried again.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.exc import OperationalError

from receivables.bounces.actions import Taken, take
from receivables.bounces.reading import LARGEST_MAIL
from receivables.database import SYSTEM
from receivables.errors import TemporarilyUnavailable
from receivables.runtime import Runtime

#: Source: sysexits.h, EX_TEMPFAIL: a mail server keeps the mail and tries again.
TRY_AGAIN = 75


def add_parser(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> argparse.ArgumentParser:
    """`quittance bounces`."""
    parser = commands.add_parser("bounces", help="take in mails that came back, from files or -")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, a folder, or - (stdin)")
    return parser


def mails(paths: Sequence[str], stdin: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Each mail with its name: `-` is the standard input, a folder all of its files."""
    for name in paths:
        if name == "-":
            yield "-", stdin.read(LARGEST_MAIL + 1)
            continue
        path = Path(name)
        files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        for file in files:
            with file.open("rb") as source:
                yield str(file), source.read(LARGEST_MAIL + 1)


def take_mails(runtime: Runtime, paths: Sequence[str], stdin: BinaryIO) -> tuple[int, list[str]]:
    """The exit code (2: a file is not there) and a line about each mail."""
    missing = [name for name in paths if name != "-" and not Path(name).exists()]
    if missing:
        return 2, [f"no such file: {', '.join(missing)}"]
    lines: list[str] = []
    secrets = runtime.settings.links.secrets
    for name, raw in mails(paths, stdin):
        try:
            with runtime.transaction(SYSTEM, by="system") as session:
                taken = take(session, raw, secrets, clock=runtime.clock)
        except (OperationalError, TemporarilyUnavailable) as error:
            return TRY_AGAIN, [*lines, f"{name}: not taken, {type(error).__name__}"]
        lines.append(f"{name}: {_said(taken)}")
    return 0, lines


def _said(taken: Taken) -> str:
    if not taken.is_report:
        return "no report"
    if not taken.proven:
        return "about no message of ours, or no bad news"
    if not taken.new:
        return "known already"
    return f"{taken.new} noted, {taken.suppressed} addresses left alone from now on"
