"""Files of status messages, one after another: each is taken wholly or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from receivables.database import Scope
from receivables.ids import SupplierId
from receivables.intake.faults import Fault, Refused
from receivables.lifecycle.actions import Taken, TakenStatus, take
from receivables.lifecycle.parsed import Message
from receivables.lifecycle.reading import read
from receivables.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusLine:
    """What became of one file: "taken", "known" (it was taken before) or "refused"."""

    file: str
    format: str
    outcome: Literal["taken", "known", "refused"]
    statuses: tuple[TakenStatus, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.outcome != "refused"

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "format": self.format or None,
            "accepted": self.accepted,
            "outcome": self.outcome,
            "statuses": [
                {
                    "number": one.stated.number,
                    "status": one.stated.status,
                    "said": one.stated.said,
                    "stated_at": one.stated.stated_at.isoformat(),
                    "motives": [str(motive) for motive in one.stated.motives],
                    "outcome": one.outcome.value,
                    "invoice_id": None if one.invoice_id is None else str(one.invoice_id),
                    "dispute_id": None if one.dispute_id is None else str(one.dispute_id),
                }
                for one in self.statuses
            ],
            "errors": [
                {"where": one.where, "code": one.code, "what": one.what, "how": one.how}
                for one in self.faults
            ],
        }

    @property
    def text(self) -> str:
        told = [
            f"  {one.stated.number}: {one.stated.said}, {one.outcome.value}"
            for one in self.statuses
        ]
        told += [f"  {one.where}: {one.what} {one.how}" for one in self.faults]
        return "\n".join([f"{self.file}: {self.outcome}", *told])


class _DryRun(Exception):
    def __init__(self, taken: Taken) -> None:
        self.taken = taken
        super().__init__()


def import_messages(
    runtime: Runtime,
    supplier_id: SupplierId,
    files: Iterable[tuple[str, bytes]],
    *,
    dry_run: bool = False,
    by: str = "system",
) -> Iterator[StatusLine]:
    """Read and take in messages, given as name and content; a line about each once it is done.

    A dry run does all of it and leaves nothing.
    """
    for name, content in files:
        try:
            message = read(content)
        except Refused as refused:
            yield StatusLine(file=name, format="", outcome="refused", faults=refused.faults)
            continue
        yield _taken(runtime, supplier_id, name, content, message, dry_run=dry_run, by=by)


def _taken(
    runtime: Runtime,
    supplier_id: SupplierId,
    name: str,
    content: bytes,
    message: Message,
    *,
    dry_run: bool,
    by: str,
) -> StatusLine:
    try:
        with runtime.transaction(Scope(supplier_id), by=by) as session:
            taken = take(session, supplier_id, message, content, name=name, clock=runtime.clock)
            if dry_run:
                raise _DryRun(taken)
    except _DryRun as rehearsed:
        taken = rehearsed.taken
    except Refused as refused:
        return StatusLine(
            file=name, format=message.format, outcome="refused", faults=refused.faults
        )
    return StatusLine(
        file=name,
        format=message.format,
        outcome="taken" if taken.is_new else "known",
        statuses=taken.statuses,
    )
