"""Mails from files, folders and the standard input, and what is said of a report among them.

The command that takes them in is `receivables.replies.command`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from receivables.bounces.actions import Taken
from receivables.bounces.reading import LARGEST_MAIL

#: Source: sysexits.h, EX_TEMPFAIL: a mail server keeps the mail and tries again.
TRY_AGAIN = 75


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


def said(taken: Taken) -> str:
    """In a line, for whoever runs the command."""
    if not taken.is_report:
        return "no report"
    if not taken.proven:
        return "about no message of ours, or no bad news"
    if not taken.new:
        return "known already"
    return f"{taken.new} noted, {taken.suppressed} addresses left alone from now on"
