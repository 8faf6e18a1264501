"""What suppliers say of the columns of their lists, and the lists that wait for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, undefer

from receivables.clock import Clock
from receivables.errors import NoSuch, ReceivablesError
from receivables.history import record
from receivables.ids import InvoiceLayoutId, SupplierId, WaitingListId, new_id
from receivables.intake.events import (
    InvoiceColumnsForgotten,
    InvoiceColumnsTold,
    WaitingListDiscarded,
)
from receivables.intake.list_layout import ToldColumns, layout_key
from receivables.intake.tables import InvoiceLayout, WaitingList
from receivables.parties.queries import hold_supplier

#: Lists of one supplier that may wait at a time, of 20 MB at most each.
MOST_WAITING: Final = 20
#: Kinds of lists that are remembered; a supplier has a handful of programs.
MOST_REMEMBERED: Final = 200


class NoSuchLayout(NoSuch):
    """No layout of that id is remembered for the one who asks."""


class NoSuchWaitingList(NoSuch):
    """No list of that id waits for the one who asks."""


class TooManyWaiting(ReceivablesError):
    """As many lists wait as may, or as many kinds are remembered."""


@dataclass(frozen=True, slots=True)
class RememberedLayout:
    """One kind of list: its headings, and what they were said to mean."""

    id: InvoiceLayoutId
    name: str
    labels: tuple[str, ...]
    told: ToldColumns
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A list that waits; without its content."""

    id: WaitingListId
    name: str
    size_bytes: int
    received_at: datetime


def remember_columns(
    session: Session,
    supplier_id: SupplierId,
    name: str,
    labels: Sequence[str],
    told: ToldColumns,
    *,
    clock: Clock,
) -> InvoiceLayoutId:
    """Keep what somebody said of lists with these headings; said again, the later word counts.

    Raises TooManyWaiting.
    """
    hold_supplier(session, supplier_id)
    key, now = layout_key(labels), clock.now()
    row = session.scalar(
        select(InvoiceLayout).where(
            InvoiceLayout.supplier_id == supplier_id, InvoiceLayout.layout_key == key
        )
    )
    kept = {"labels": list(labels), **replace(told, sheet="", heading_line=0).as_json()}
    if row is not None and row.layout == kept:
        return row.id
    if row is None:
        if len(remembered(session, supplier_id)) >= MOST_REMEMBERED:
            raise TooManyWaiting
        row = InvoiceLayout(
            id=InvoiceLayoutId(new_id()),
            supplier_id=supplier_id,
            layout_key=key,
            name=name[:200],
            layout=kept,
            created_at=now,
            changed_at=now,
        )
        session.add(row)
    row.layout, row.changed_at = kept, now
    record(session, InvoiceColumnsTold(supplier_id=supplier_id, name=row.name), clock=clock)
    return row.id


def forget_columns(
    session: Session, supplier_id: SupplierId, layout_id: InvoiceLayoutId, *, clock: Clock
) -> str:
    """Ask again for lists of this kind; the name it had. Raises NoSuchLayout."""
    name = remembered_layout(session, supplier_id, layout_id).name
    session.execute(
        delete(InvoiceLayout).where(
            InvoiceLayout.supplier_id == supplier_id, InvoiceLayout.id == layout_id
        )
    )
    record(session, InvoiceColumnsForgotten(supplier_id=supplier_id, name=name), clock=clock)
    return name


def remembered(session: Session, supplier_id: SupplierId) -> list[RememberedLayout]:
    """Every kind of list that was explained, the latest first."""
    rows = session.scalars(
        select(InvoiceLayout)
        .where(InvoiceLayout.supplier_id == supplier_id)
        .order_by(InvoiceLayout.changed_at.desc(), InvoiceLayout.id.desc())
    )
    return [_remembered(row) for row in rows]


def remembered_by_key(session: Session, supplier_id: SupplierId) -> Mapping[str, ToldColumns]:
    """The same as a reader of lists wants it."""
    return {layout_key(each.labels): each.told for each in remembered(session, supplier_id)}


def remembered_layout(
    session: Session, supplier_id: SupplierId, layout_id: InvoiceLayoutId
) -> RememberedLayout:
    """Raises NoSuchLayout."""
    row = session.scalar(
        select(InvoiceLayout).where(
            InvoiceLayout.supplier_id == supplier_id, InvoiceLayout.id == layout_id
        )
    )
    if row is None:
        raise NoSuchLayout(layout_id)
    return _remembered(row)


def _remembered(row: InvoiceLayout) -> RememberedLayout:
    labels = tuple(str(label) for label in row.layout["labels"])
    told = ToldColumns.of_json(row.layout)
    return RememberedLayout(row.id, row.name, labels, told, row.changed_at)


def keep_waiting(
    session: Session, supplier_id: SupplierId, name: str, content: bytes, *, clock: Clock
) -> WaitingListId:
    """Keep a list until its columns are explained; handed in again, it waits once.

    Raises TooManyWaiting.
    """
    hold_supplier(session, supplier_id)
    sha256 = hashlib.sha256(content).hexdigest()
    known = session.scalar(
        select(WaitingList.id).where(
            WaitingList.supplier_id == supplier_id, WaitingList.sha256 == sha256
        )
    )
    if known is not None:
        return known
    waiting = session.scalar(
        select(func.count()).select_from(WaitingList).where(WaitingList.supplier_id == supplier_id)
    )
    if (waiting or 0) >= MOST_WAITING:
        raise TooManyWaiting
    row = WaitingList(
        id=WaitingListId(new_id()),
        supplier_id=supplier_id,
        name=name[:200],
        sha256=sha256,
        size_bytes=len(content),
        content=content,
        received_at=clock.now(),
    )
    session.add(row)
    return row.id


def waiting_lists(session: Session, supplier_id: SupplierId) -> list[Waiting]:
    """The lists that wait, the latest first."""
    rows = session.scalars(
        select(WaitingList)
        .where(WaitingList.supplier_id == supplier_id)
        .order_by(WaitingList.received_at.desc(), WaitingList.id.desc())
    )
    return [Waiting(row.id, row.name, row.size_bytes, row.received_at) for row in rows]


def waiting_list(
    session: Session, supplier_id: SupplierId, list_id: WaitingListId
) -> tuple[str, bytes]:
    """Name and content of a list that waits. Raises NoSuchWaitingList."""
    row = session.scalar(
        select(WaitingList)
        .where(WaitingList.supplier_id == supplier_id, WaitingList.id == list_id)
        .options(undefer(WaitingList.content))
    )
    if row is None:
        raise NoSuchWaitingList(list_id)
    return row.name, row.content


def wait_no_more(session: Session, supplier_id: SupplierId, list_id: WaitingListId) -> None:
    """The list has been taken; a second time changes nothing."""
    session.execute(
        delete(WaitingList).where(WaitingList.supplier_id == supplier_id, WaitingList.id == list_id)
    )


def wait_no_more_as(session: Session, supplier_id: SupplierId, content: bytes) -> None:
    """The same list was taken in another way."""
    session.execute(
        delete(WaitingList).where(
            WaitingList.supplier_id == supplier_id,
            WaitingList.sha256 == hashlib.sha256(content).hexdigest(),
        )
    )


def discard(
    session: Session, supplier_id: SupplierId, list_id: WaitingListId, *, clock: Clock
) -> None:
    """Throw a waiting list away. Raises NoSuchWaitingList."""
    name, _content = waiting_list(session, supplier_id, list_id)
    wait_no_more(session, supplier_id, list_id)
    record(session, WaitingListDiscarded(supplier_id=supplier_id, name=name), clock=clock)
