"""A file of customers, read where it can do no harm: in a child with little memory and time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO, Final

import msgspec

from monitoring.portfolio.customers import CustomersFile
from monitoring.portfolio.faults import CustomersRefused, Fault
from receivables.confinement import ConfinedChild, Ended, command_of
from receivables.i18n import translate as _

#: Seconds of processor time and on the clock for one file; a hundred thousand lines take ten.
CPU_S: Final = 60
DEADLINE_S: Final = 240.0
_MOST_ANSWER: Final = 400 * 1024 * 1024
_COMMAND: Final = command_of("monitoring.portfolio.reading_child")


class _Answer(msgspec.Struct):
    file: CustomersFile | None = None
    refused: tuple[Fault, ...] = ()
    more: int = 0


def read(
    content: bytes,
    *,
    currency: str,
    locale: str,
    command: Iterable[str] = _COMMAND,
) -> CustomersFile:
    """As `customers.read_customers`; what is wrong is worded for a reader of `locale`.

    Raises CustomersRefused, also for a file that would take too much to read.
    """
    task = {"cpu_seconds": CPU_S, "currency": currency, "locale": locale}
    with ConfinedChild(command) as child:
        try:
            told = child.ask(task, content, _said, deadline_s=DEADLINE_S)
        except Ended:
            raise CustomersRefused([_too_much()]) from None
    answer = msgspec.json.decode(told, type=_Answer)
    if answer.file is None:
        raise CustomersRefused(answer.refused or (_too_much(),))
    return answer.file


def _too_much() -> Fault:
    return Fault(
        1, "", _("The file takes too much time or memory to read."),
        _("Save it anew as CSV, or hand it in in several parts."),
    )  # fmt: skip


def _said(source: IO[bytes]) -> bytes | None:
    line = source.readline(1000)
    if not line.endswith(b"\n"):
        return None
    size = int(json.loads(line)["size"])
    if not 0 <= size <= _MOST_ANSWER:
        raise ValueError("the child answers without end")
    told = source.read(size)
    return told if len(told) == size else None
