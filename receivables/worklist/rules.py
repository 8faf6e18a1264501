"""Which task comes first, whose it is, and whether it is to be seen: pure, from plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple
from uuid import UUID

from receivables.ids import DebtorId, StaffId
from receivables.money import Money


class Kind(StrEnum):
    """What a task of this layer is about; a face may add kinds of its own."""

    CALL = "call"
    """Somebody is to be called."""
    STEP = "step"
    """A step of the scenario that a person takes."""
    BROKEN_PROMISE = "broken_promise"
    CLAIM = "claim"
    """A debtor says that it is paid, and the money is to be found."""
    DISPUTE = "dispute"
    """A dispute in which a term of the supplier's ends, or has ended."""
    PLAN = "plan"
    """Instalments were asked for, and a person answers."""
    CHARGE = "charge"
    """An instalment could not be charged, and a person has to see why."""
    PROPOSAL = "proposal"
    """A change of contacts that the supplier has to agree to."""
    PAYMENT = "payment"
    """A payment of which looking again will not tell the outcome."""
    REFUND = "refund"
    """A refund that did not reach the payer."""
    CHARGEBACK = "chargeback"
    """The payer's bank contests a payment, and waits for an answer."""
    UNAPPLIED = "unapplied"
    """Money of a debtor's that is put against nothing, while something is open."""
    BANK_LINES = "bank_lines"
    """Lines of one account's statements that nobody could match."""
    ADDRESS = "address"
    """A debtor who owes something and cannot be written to."""
    UNKNOWN_MESSAGE = "unknown_message"
    """A message of which nobody knows whether it arrived."""
    FAILED_MESSAGE = "failed_message"
    """A message that was turned down for good, and none arrived since."""
    REPLY = "reply"
    """Somebody answered a mail of ours in words of their own."""
    LIMITATION = "limitation"
    """An invoice that can soon be enforced no more."""
    OWN = "own"
    """What somebody wanted to be reminded of."""


class Key(NamedTuple):
    """What a task is called wherever it is spoken of."""

    kind: str
    subject_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that waits for a person, as its source tells it.

    `episode` is the occasion: what somebody did with the task counts for as long as its source
    calls the occasion the same. `matter` is the money it is about; where it is empty, what the
    debtor owes is at risk. `facts` are what its sentence needs.
    """

    kind: str
    subject_id: UUID
    debtor_id: DebtorId | None
    since: datetime | None = None
    #: The last day on which it is in time.
    due_on: date | None = None
    #: Not shown before this day.
    not_before: date | None = None
    episode: str = ""
    matter: tuple[Money, ...] = ()
    #: It is none while the debtor owes nothing.
    only_if_owing: bool = False
    #: Whose it is, where its source knows.
    staff_id: StaffId | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return Key(self.kind, self.subject_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What staff did with a task on one occasion."""

    episode: str
    taken_by: StaffId | None = None
    put_off_until: date | None = None
    put_off_why: str = ""
    is_done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known beside the tasks themselves: marks, what debtors owe, who looks after them."""

    marks: Mapping[Key, Mark]
    owed: Mapping[DebtorId, tuple[Money, ...]]
    owners: Mapping[DebtorId, StaffId]
    #: Who works here: what somebody has who left is nobody's.
    staff: frozenset[StaffId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A task with its place: what is at risk, whose it is, and since when it is late."""

    task: Task
    at_risk: tuple[Money, ...]
    assigned_to: StaffId | None
    #: Somebody took it, whoever looks after the debtor.
    is_taken: bool
    is_overdue: bool
    #: Not to be seen before this day.
    put_off_until: date | None
    put_off_why: str


Show = Literal["mine", "all", "later"]
SHOWS: tuple[Show, ...] = ("mine", "all", "later")


def placed(tasks: Iterable[Task], known: Known, today: date) -> list[Placed]:
    """The tasks that are none of them done, and of those that are about a debt the ones whose
    debtor owes something.
    """
    found = []
    for task in tasks:
        mark = known.marks.get(task.key)
        if mark is not None and mark.episode != task.episode:
            mark = None
        if mark is not None and mark.is_done:
            continue
        owed = known.owed.get(task.debtor_id, ()) if task.debtor_id else ()
        if task.only_if_owing and not owed:
            continue
        found.append(_placed(task, mark, owed, known, today))
    return found


def _placed(
    task: Task,
    mark: Mark | None,
    owed: tuple[Money, ...],
    known: Known,
    today: date,
) -> Placed:
    taken_by = mark.taken_by if mark and mark.taken_by in known.staff else None
    owner = known.owners.get(task.debtor_id) if task.debtor_id else None
    whose = (taken_by, task.staff_id, owner)
    waits = [task.not_before, mark.put_off_until if mark else None]
    until = max((day for day in waits if day is not None and day > today), default=None)
    return Placed(
        task=task,
        at_risk=task.matter or owed,
        assigned_to=next((one for one in whose if one in known.staff), None),
        is_taken=taken_by is not None,
        is_overdue=task.due_on is not None and task.due_on < today,
        put_off_until=until,
        put_off_why=mark.put_off_why if mark and mark.put_off_until == until else "",
    )


def in_order(found: Iterable[Placed], own_currency: str) -> list[Placed]:
    """The most money at risk first; within equal what is late first, then what is due first.

    Amounts of other currencies are not converted: they come after the supplier's own.
    """
    return sorted(found, key=lambda one: _rank(one, own_currency))


def _rank(one: Placed, own_currency: str) -> tuple[Any, ...]:
    own = sum(money.minor for money in one.at_risk if money.currency == own_currency)
    other = sum(money.minor for money in one.at_risk if money.currency != own_currency)
    task = one.task
    return (
        -own,
        -other,
        not one.is_overdue,
        task.due_on or date.max,
        task.since.timestamp() if task.since else float("inf"),
        task.kind,
        task.subject_id.hex,
    )


def shown(found: Iterable[Placed], show: Show, staff_id: StaffId) -> list[Placed]:
    """Those that a list is about. What is nobody's is everybody's; what was put off is in a list
    of its own.
    """
    if show == "later":
        return [one for one in found if one.put_off_until is not None]
    open_now = [one for one in found if one.put_off_until is None]
    if show == "all":
        return open_now
    return [one for one in open_now if one.assigned_to in (None, staff_id)]


def counted(found: Sequence[Placed]) -> dict[str, int]:
    """How many there are of each kind."""
    counts: dict[str, int] = {}
    for one in found:
        counts[one.task.kind] = counts.get(one.task.kind, 0) + 1
    return counts
