"""`quittance incoming PATH... | -`: the door through which mail comes in.

What a mail server hands to it on its standard input, or files and Maildir folders hold, is read
twice: a report that a message of ours came back is taken in by `bounces`, anything else that
answers one of ours is an answer. In Postfix, where `reminders` is the mailbox before the `@` of
MAIL_FROM and `recipient_delimiter = +`:

    /etc/aliases:  reminders: "|/usr/bin/quittance incoming -"

A debtor's answer goes to the supplier's own mailbox, and to this one as well where MAIL_REPLIES is
"copied"; else a rule of the supplier's mailbox that forwards answers here as they came does.

A mail that is nothing of ours is let pass: an error would make the server answer it, and answers
to answers go round for ever. Only when the database cannot be reached is the mail given back to be
tried again.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from receivables.bounces import actions as bounces
from receivables.bounces.command import TRY_AGAIN, mails, said
from receivables.clock import Clock
from receivables.database import SYSTEM
from receivables.errors import TemporarilyUnavailable
from receivables.replies import actions as replies
from receivables.replies.actions import Outcome
from receivables.runtime import Runtime
from receivables.settings import Settings

_SAID = {
    Outcome.NOT_OURS: "no report, and no answer to a message of ours",
    Outcome.KNOWN: "known already",
    Outcome.ANSWERED: "an answer, noted",
    Outcome.AUTOMATIC: "an automatic answer, noted",
}


def add_parser(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> argparse.ArgumentParser:
    """`quittance incoming`, and its older name `quittance bounces`."""
    parser = commands.add_parser(
        "incoming", aliases=["bounces"],
        help="take in mail: what came back, and what debtors answer, from files or -",
    )  # fmt: skip
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, a folder, or - (stdin)")
    return parser


def take_mails(runtime: Runtime, paths: Sequence[str], stdin: BinaryIO) -> tuple[int, list[str]]:
    """The exit code (2: a file is not there) and a line about each mail."""
    missing = [name for name in paths if name != "-" and not Path(name).exists()]
    if missing:
        return 2, [f"no such file: {', '.join(missing)}"]
    lines: list[str] = []
    for name, raw in mails(paths, stdin):
        try:
            lines.append(f"{name}: {take_one(runtime, raw)}")
        except (OperationalError, TemporarilyUnavailable) as error:
            return TRY_AGAIN, [*lines, f"{name}: not taken, {type(error).__name__}"]
    return 0, lines


def take_one(runtime: Runtime, raw: bytes) -> str:
    """Take in one mail, and say what it was."""
    with runtime.transaction(SYSTEM, by="system") as session:
        return _take(session, raw, runtime.settings, clock=runtime.clock)


def _take(session: Session, raw: bytes, settings: Settings, *, clock: Clock) -> str:
    secrets = settings.links.secrets
    taken = bounces.take(session, raw, secrets, clock=clock)
    if taken.is_report:
        return said(taken)
    return _SAID[
        replies.take(session, raw, secrets, from_address=settings.mail.from_address, clock=clock)
    ]
