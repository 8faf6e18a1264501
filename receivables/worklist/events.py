"""What staff did with their tasks. No debtor reads any of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from receivables.history import Event, event
from receivables.ids import StaffId


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(Event):
    """Something about one task, by its key; whoever did it is the event's `by`."""

    task: str
    subject_id: UUID


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTaken(TaskEvent):
    kind: ClassVar[str] = "worklist.taken"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLeft(TaskEvent):
    """Whoever had taken it lets others have it."""

    kind: ClassVar[str] = "worklist.left"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPutOff(TaskEvent):
    kind: ClassVar[str] = "worklist.put_off"

    until: date
    why: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDone(TaskEvent):
    kind: ClassVar[str] = "worklist.done"

    note: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReopened(TaskEvent):
    """It was not done after all, or is not put off any more."""

    kind: ClassVar[str] = "worklist.reopened"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTaskSet(TaskEvent):
    kind: ClassVar[str] = "worklist.own_task_set"

    text: str
    due_on: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorOwnerChanged(Event):
    """Somebody else looks after the debtor from now on; None: nobody in particular."""

    kind: ClassVar[str] = "worklist.owner_changed"

    staff_id: StaffId | None
    name: str
