"""What happened: the append-only events table, read as timeline and as audit trail.

`record` writes an event in the caller's transaction, and in the same transaction one job for
each reaction to that kind of event. So a consequence exists exactly when its cause does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar, cast

import msgspec
from sqlalchemy import Index, String, Table, bindparam, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from receivables.clock import Clock
from receivables.database import Base
from receivables.ids import DebtorId, EventId, InvoiceId, SupplierId, new_id
from receivables.jobs import enqueue_all
from receivables.many import add_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, named in the past tense; subclasses add what it needs to say.

    `debtor_id` and `invoice_id` say in whose timeline the line stands.
    """

    kind: ClassVar[str]
    #: Whether a debtor may read the line in their own timeline.
    shown_to_debtor: ClassVar[bool] = False
    #: Says of one invoice what another event says of the debtor; left out of the debtor's own.
    repeats: ClassVar[bool] = False

    supplier_id: SupplierId
    debtor_id: DebtorId | None = None
    invoice_id: InvoiceId | None = None


class EventRow(Base):
    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_invoice", "supplier_id", "invoice_id", "id"),
        Index("ix_events_debtor", "supplier_id", "debtor_id", "id"),
    )

    id: Mapped[EventId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    kind: Mapped[str] = mapped_column(String(60))
    #: Who did it: "staff:<id>", "contact:<id>" or "system".
    by: Mapped[str] = mapped_column(String(60))
    debtor_id: Mapped[DebtorId | None]
    invoice_id: Mapped[InvoiceId | None]
    body: Mapped[dict[str, Any]]
    at: Mapped[datetime]


#: Every kind of event there is, by its kind.
EVENTS: dict[str, type[Event]] = {}

#: Which actors react to a kind of event; filled by `broker.reaction`.
REACTIONS: dict[str, list[str]] = {}


E = TypeVar("E", bound=Event)


def event(cls: type[E]) -> type[E]:
    """Register a kind of event; its kind must be its own."""
    assert cls.kind not in EVENTS, f"two events are called {cls.kind}"
    EVENTS[cls.kind] = cls
    return cls


#: The table, not the class: nobody holds the row as an object, and there are many.
_EVENTS = cast("Table", EventRow.__table__)
_RECORD = insert(_EVENTS)


def record(session: Session, happened: Event, *, clock: Clock) -> EventId:
    """Write down what happened and set off the reactions to it."""
    now = clock.now()
    row = _row(session, happened, now)
    session.execute(_RECORD, row)
    due = [(actor, {"event": row["body"]}) for actor in REACTIONS.get(happened.kind, ())]
    enqueue_all(session, due, now=now, supplier_id=happened.supplier_id)
    return EventId(row["id"])


def record_all(
    session: Session, supplier_id: SupplierId, happened: Sequence[Event], *, clock: Clock
) -> None:
    """The same for many events of one supplier, in their order, in two statements."""
    if not happened:
        return
    assert all(one.supplier_id == supplier_id for one in happened), "events of one supplier"
    now = clock.now()
    rows = [_row(session, one, now) for one in happened]
    add_all(session, _EVENTS, rows)
    due = [
        (actor, {"event": row["body"]}) for row in rows for actor in REACTIONS.get(row["kind"], ())
    ]
    enqueue_all(session, due, now=now, supplier_id=supplier_id)


def _row(session: Session, happened: Event, now: datetime) -> dict[str, Any]:
    return {
        "id": EventId(new_id()),
        "supplier_id": happened.supplier_id,
        "kind": happened.kind,
        "by": session.info.get("by", "system"),
        "debtor_id": happened.debtor_id,
        "invoice_id": happened.invoice_id,
        "body": cast("dict[str, Any]", msgspec.to_builtins(happened)),
        "at": now,
    }


@dataclass(frozen=True, slots=True)
class Happening:
    """An event with when it happened and who did it."""

    at: datetime
    by: str
    event: Event


_COLUMNS = (EventRow.at, EventRow.by, EventRow.kind, EventRow.body)
_OF_INVOICE = (
    select(*_COLUMNS)
    .where(
        EventRow.supplier_id == bindparam("supplier"), EventRow.invoice_id == bindparam("invoice")
    )
    .order_by(EventRow.id)
)
_OF_DEBTOR = (
    select(*_COLUMNS)
    .where(
        EventRow.supplier_id == bindparam("supplier"),
        EventRow.debtor_id == bindparam("debtor"),
        EventRow.kind.not_in(bindparam("repeats", expanding=True)),
    )
    .order_by(EventRow.id.desc())
    .limit(bindparam("most"))
)


def of_invoice(session: Session, supplier_id: SupplierId, invoice_id: InvoiceId) -> list[Happening]:
    """The timeline of one invoice, oldest first."""
    rows = session.execute(_OF_INVOICE, {"supplier": supplier_id, "invoice": invoice_id})
    return _happenings(rows.all())


def of_debtor(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, *, most: int = 100
) -> list[Happening]:
    """The timeline of one debtor, newest first."""
    repeats = [kind for kind, cls in EVENTS.items() if cls.repeats]
    rows = session.execute(
        _OF_DEBTOR,
        {"supplier": supplier_id, "debtor": debtor_id, "most": most, "repeats": repeats},
    )
    return _happenings(rows.all())


def _happenings(rows: Sequence[Any]) -> list[Happening]:
    return [
        Happening(row.at, row.by, msgspec.convert(row.body, EVENTS[row.kind], strict=False))
        for row in rows
    ]
