"""Which steps of invoices are taken: read for many invoices in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, true
from sqlalchemy.orm import Session

from receivables.database import among
from receivables.dunning.items import AGAIN
from receivables.dunning.tables import ItemState, Reminder, ReminderItem, ReminderState
from receivables.ids import InvoiceId, ReminderId, SupplierId

_ITEM, _REMINDER = ReminderItem.__table__.c, Reminder.__table__.c

_HAD = (ReminderState.SENT, ReminderState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Taken:
    """Steps of an invoice that are taken, those taken in lower words, and those that a person
    decided against.
    """

    steps: frozenset[str] = frozenset()
    lagging: frozenset[str] = frozenset()
    #: The day of the last message that took one.
    last_on: date | None = None
    declined: frozenset[str] = frozenset()

    def and_also(self, other: Taken) -> Taken:
        """With what another message took."""
        assert self.last_on is not None and other.last_on is not None, "each took something"
        last_on = max(self.last_on, other.last_on)
        declined = self.declined | other.declined
        return Taken(self.steps | other.steps, self.lagging | other.lagging, last_on, declined)

    def without_made_good(self) -> Taken:
        """Without what lagged and was said again in its own words."""
        lagging = frozenset(one for one in self.lagging if one + AGAIN not in self.steps)
        return Taken(self.steps, lagging, self.last_on, self.declined)


def _steps_of(own: bool) -> Select[Any]:
    """A row for each invoice and message, with the steps as words.

    First the items, then their messages: a planner that takes a growing table for a small one
    would compare each of a supplier's messages with each of the invoices.
    """
    words = func.aggregate_strings(_ITEM.step, " ")
    taken = (
        select(
            _ITEM.invoice_id, _ITEM.supplier_id, _ITEM.reminder_id, words.label("steps"),
            words.filter(_ITEM.state == ItemState.TAKEN).label("said"),
        )
        .where(
            _ITEM.supplier_id == bindparam("supplier"),
            among(_ITEM.invoice_id, "invoices"),
            _ITEM.released_at.is_(None),
            _ITEM.reminder_id != bindparam("own") if own else true(),
        )
        .group_by(_ITEM.invoice_id, _ITEM.supplier_id, _ITEM.reminder_id)
        .offset(0)
        .subquery()
    )  # fmt: skip
    return select(
        taken.c.invoice_id, taken.c.steps, taken.c.said, _REMINDER.level, _REMINDER.run_on,
        _REMINDER.state,
    ).join(
        Reminder.__table__,
        (_REMINDER.id == taken.c.reminder_id) & (_REMINDER.supplier_id == taken.c.supplier_id),
    )  # fmt: skip


_STEPS, _STEPS_BUT_OWN = _steps_of(own=False), _steps_of(own=True)


def taken_steps(
    session: Session,
    supplier_id: SupplierId,
    invoices: Collection[InvoiceId],
    levels: Mapping[str, int],
    own: ReminderId | None,
) -> Mapping[InvoiceId, Taken]:
    """Which steps of these invoices are taken or superseded, those of `own` apart.

    `levels` are those of the scenario's steps: an item whose message spoke at a lower one lags.
    """
    asked: dict[str, Any] = {"supplier": supplier_id, "invoices": list(invoices)}
    if own is None:
        rows = session.execute(_STEPS, asked)
    else:
        rows = session.execute(_STEPS_BUT_OWN, {**asked, "own": own})
    found: dict[InvoiceId, Taken] = {}
    for invoice_id, steps, said, level, run_on, state in rows.all():
        had = (said or "").split() if state in _HAD else ()
        lagging = tuple(one for one in had if levels.get(one, -1) > level)
        taken = _taken(steps, lagging, run_on, state == ReminderState.VETOED)
        before = found.get(invoice_id)
        found[invoice_id] = taken if before is None else before.and_also(taken)
    return {
        invoice_id: taken.without_made_good() if taken.lagging else taken
        for invoice_id, taken in found.items()
    }


@lru_cache(maxsize=4096)
def _taken(steps: str, lagging: tuple[str, ...], last_on: date, is_declined: bool) -> Taken:
    """What one message took: the same of thousands of invoices."""
    names = frozenset(steps.split())
    return Taken(names, frozenset(lagging), last_on, names if is_declined else frozenset())
