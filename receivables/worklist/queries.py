"""The worklist: every source's tasks, what staff did with them, what is at risk; and its pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, union_all
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.errors import NoSuch
from receivables.ids import DebtorId, StaffId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.tables import Account, Entry
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.worklist.rules import (
    Key,
    Known,
    Mark,
    Placed,
    Show,
    Task,
    counted,
    in_order,
    placed,
    shown,
)
from receivables.worklist.sources.asking import Asked, Source
from receivables.worklist.sources.every import SOURCES
from receivables.worklist.tables import DebtorOwner, TaskMark

#: Beyond so many subjects it costs less to read the whole than to name them.
_MOST_NAMED = 1000

Sources = Mapping[tuple[str, ...], Source]
EVERY: Sources = {tuple(kinds): source for kinds, source in SOURCES.items()}


class NoSuchTask(NoSuch):
    """No source tells such a task, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which part of whose list; `kind` "" is every kind."""

    show: Show
    staff_id: StaffId
    kind: str = ""
    skip: int = 0
    most: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One task with the names of whom it is about, and whose it is; "" where it is nobody's."""

    placed: Placed
    debtor_name: str
    staff_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """One page of the list; `counts` are of each kind over all pages, whatever kind is wanted."""

    lines: tuple[Line, ...]
    total: int
    counts: Mapping[str, int]


def asked_of(session: Session, supplier_id: SupplierId, *, clock: Clock) -> Asked:
    """What sources are asked for at this moment."""
    supplier = parties.supplier(session, supplier_id)
    now = clock.now()
    return Asked(
        supplier_id=supplier_id,
        now=now,
        today=local_date(now, supplier.zone),
        country=supplier.country,
        zone=supplier.zone,
    )


def worklist(
    session: Session, asked: Asked, wanted: Wanted, *, sources: Sources = EVERY
) -> Worklist:
    """The tasks that are wanted, the most money at risk first."""
    supplier = parties.supplier(session, asked.supplier_id)
    staff = {one.staff_id: one for one in parties.team(session, asked.supplier_id)}
    tasks = [task for source in sources.values() for task in source(session, asked)]
    active = frozenset(staff_id for staff_id, one in staff.items() if not one.disabled)
    known = _known(session, asked.supplier_id, tasks, active)
    listed = shown(placed(tasks, known, asked.today), wanted.show, wanted.staff_id)
    counts = counted(listed)
    if wanted.kind:
        listed = [one for one in listed if one.task.kind == wanted.kind]
    listed = in_order(listed, supplier.currency)
    page = listed[wanted.skip : wanted.skip + wanted.most]
    names = parties.debtor_names(
        session, asked.supplier_id, [one.task.debtor_id for one in page if one.task.debtor_id]
    )
    return Worklist(
        lines=tuple(
            Line(
                placed=one,
                debtor_name=names.get(one.task.debtor_id, "") if one.task.debtor_id else "",
                staff_name=staff[one.assigned_to].name if one.assigned_to else "",
            )
            for one in page
        ),
        total=len(listed),
        counts=counts,
    )


def of_debtor(
    session: Session, asked: Asked, debtor_id: DebtorId, *, sources: Sources = EVERY
) -> list[Placed]:
    """Everything that waits for a person about one debtor, what was put off as well."""
    supplier = parties.supplier(session, asked.supplier_id)
    team = parties.team(session, asked.supplier_id)
    active = frozenset(one.staff_id for one in team if not one.disabled)
    tasks = [
        task
        for source in sources.values()
        for task in source(session, asked)
        if task.debtor_id == debtor_id
    ]
    known = _known(session, asked.supplier_id, tasks, active)
    return in_order(placed(tasks, known, asked.today), supplier.currency)


def find(session: Session, asked: Asked, key: Key, *, sources: Sources = EVERY) -> Task:
    """The task of that name, done or not. Raises NoSuchTask."""
    for kinds, source in sources.items():
        if key.kind not in kinds:
            continue
        for task in source(session, asked):
            if task.key == key:
                return task
    raise NoSuchTask(f"{key.kind} {key.subject_id}")


def find_placed(session: Session, asked: Asked, key: Key, *, sources: Sources = EVERY) -> Line:
    """The task of that name with its place, while it is not done. Raises NoSuchTask."""
    task = find(session, asked, key, sources=sources)
    staff = {one.staff_id: one for one in parties.team(session, asked.supplier_id)}
    active = frozenset(staff_id for staff_id, one in staff.items() if not one.disabled)
    known = _known(session, asked.supplier_id, [task], active)
    for one in placed([task], known, asked.today):
        names = parties.debtor_names(
            session, asked.supplier_id, [task.debtor_id] if task.debtor_id else []
        )
        return Line(
            placed=one,
            debtor_name=names.get(task.debtor_id, "") if task.debtor_id else "",
            staff_name=staff[one.assigned_to].name if one.assigned_to else "",
        )
    raise NoSuchTask(f"{key.kind} {key.subject_id}")


def _known(
    session: Session, supplier_id: SupplierId, tasks: Sequence[Task], active: frozenset[StaffId]
) -> Known:
    debtors = {task.debtor_id for task in tasks if task.debtor_id is not None}
    return Known(
        marks=_marks(session, supplier_id, {task.subject_id for task in tasks}),
        owed=owed_by(session, supplier_id, debtors),
        owners=_owners(session, supplier_id, debtors),
        staff=active,
    )


def _named(column: ColumnElement[UUID], ids: Iterable[UUID]) -> list[ColumnElement[bool]]:
    wanted = list(ids)
    return [column.in_(wanted)] if len(wanted) <= _MOST_NAMED else []


def _marks(
    session: Session, supplier_id: SupplierId, subject_ids: Iterable[UUID]
) -> dict[Key, Mark]:
    mark = TaskMark.__table__.c
    rows = session.execute(
        select(
            mark.kind, mark.subject_id, mark.episode, mark.taken_by, mark.put_off_until,
            mark.put_off_why, mark.done_at,
        ).where(mark.supplier_id == supplier_id, *_named(mark.subject_id, subject_ids))
    )  # fmt: skip
    return {
        Key(row.kind, row.subject_id): Mark(
            episode=row.episode,
            taken_by=row.taken_by,
            put_off_until=row.put_off_until,
            put_off_why=row.put_off_why,
            is_done=row.done_at is not None,
        )
        for row in rows
    }


def _owners(
    session: Session, supplier_id: SupplierId, debtor_ids: Iterable[DebtorId]
) -> dict[DebtorId, StaffId]:
    owner = DebtorOwner.__table__.c
    rows = session.execute(
        select(owner.debtor_id, owner.staff_id).where(
            owner.supplier_id == supplier_id, *_named(owner.debtor_id, debtor_ids)
        )
    )
    return {row.debtor_id: row.staff_id for row in rows}


def owner_of(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> StaffId | None:
    """Who looks after a debtor."""
    return _owners(session, supplier_id, [debtor_id]).get(debtor_id)


def owed_by(
    session: Session, supplier_id: SupplierId, debtor_ids: Iterable[DebtorId]
) -> dict[DebtorId, tuple[Money, ...]]:
    """What would be lost if each of these debtors failed today, as `ledger.exposure_of` has it:
    outstanding less unapplied, per currency; those who owe nothing are left out.
    """
    wanted = list(debtor_ids)
    if not wanted:
        return {}
    sides = union_all(*_sides(supplier_id, wanted)).subquery()
    total = func.sum(sides.c.minor)
    rows = session.execute(
        select(sides.c.debtor_id, sides.c.currency, total.label("minor"))
        .group_by(sides.c.debtor_id, sides.c.currency)
        .having(total > 0)
        .order_by(sides.c.debtor_id, sides.c.currency)
    )
    found: dict[DebtorId, tuple[Money, ...]] = {}
    for row in rows:
        amount = Money(int(row.minor), row.currency)
        found[row.debtor_id] = (*found.get(row.debtor_id, ()), amount)
    return found


def _sides(supplier_id: SupplierId, debtor_ids: Sequence[DebtorId]) -> list[Select[Any]]:
    """What raises and lowers it: each side of an entry through its own index."""
    entry, invoice = Entry.__table__.c, Invoice.__table__.c
    found = []
    for sign, account, subject in (
        (1, entry.debit_account, entry.debit_subject),
        (-1, entry.credit_account, entry.credit_subject),
    ):
        amount = (entry.amount_minor * sign).label("minor")
        currency = entry.currency.label("currency")
        found.append(
            select(invoice.debtor_id.label("debtor_id"), currency, amount)
            .join(Invoice.__table__, (invoice.supplier_id == supplier_id) & (invoice.id == subject))
            .where(
                entry.supplier_id == supplier_id,
                account == Account.RECEIVABLE,
                *_named(invoice.debtor_id, debtor_ids),
            )
        )
        found.append(
            select(subject.label("debtor_id"), currency, amount).where(
                entry.supplier_id == supplier_id,
                account == Account.UNAPPLIED,
                *_named(subject, debtor_ids),
            )
        )
    return found
