"""What staff look at: the disputes that wait for them, and how well disputes are dealt with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from receivables.disputes.queries import DisputeView, views
from receivables.disputes.rules import Term, due_on, is_overdue
from receivables.disputes.states import UNDECIDED, State
from receivables.disputes.tables import Dispute, DisputeItem
from receivables.ids import DebtorId, DisputeId, StaffId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.money import Money
from receivables.workdays import WEEKDAYS, Calendar

Show = Literal["undecided", "waiting_us", "waiting_debtor", "awaiting_credit_note", "ended", "all"]
Sort = Literal["urgency", "number", "amount", "age"]

_WAITING_US = tuple(UNDECIDED - {State.WAITING_DEBTOR, State.PROPOSED})
_STATES: dict[Show, tuple[State, ...]] = {
    "undecided": tuple(UNDECIDED),
    "waiting_us": _WAITING_US,
    "waiting_debtor": (State.WAITING_DEBTOR, State.PROPOSED),
    "awaiting_credit_note": (State.AWAITING_CREDIT_NOTE,),
    "ended": (State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.CLOSED),
    "all": tuple(State),
}

#: No list is longer: who has more disputes than this looks for one of them.
MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What of the disputes is wanted; None and "" leave a filter out."""

    show: Show = "undecided"
    department: str = ""
    owner_id: StaffId | None = None
    debtor_id: DebtorId | None = None
    only_unowned: bool = False
    only_overdue: bool = False
    sort: Sort = "urgency"


@dataclass(frozen=True, slots=True)
class Row:
    """One dispute with the term that runs out next; None while the clock stands, or is over."""

    view: DisputeView
    due: tuple[Term, date] | None
    is_overdue: bool


def rows(
    session: Session,
    supplier_id: SupplierId,
    wanted: Filter,
    *,
    now: datetime,
    calendar: Calendar = WEEKDAYS,
) -> list[Row]:
    """The disputes that fit, in the order asked for."""
    statement = select(Dispute).where(
        Dispute.supplier_id == supplier_id, Dispute.state.in_(_STATES[wanted.show])
    )
    if wanted.department:
        statement = statement.where(Dispute.department == wanted.department)
    if wanted.owner_id is not None:
        statement = statement.where(Dispute.owner_id == wanted.owner_id)
    if wanted.debtor_id is not None:
        statement = statement.where(Dispute.debtor_id == wanted.debtor_id)
    if wanted.only_unowned:
        statement = statement.where(Dispute.owner_id.is_(None))
    found = session.scalars(statement.order_by(Dispute.number.desc()).limit(MOST)).all()
    listed = [
        row_of(view, now=now, calendar=calendar) for view in views(session, supplier_id, found)
    ]
    if wanted.only_overdue:
        listed = [row for row in listed if row.is_overdue]
    return sorted(listed, key=lambda row: _rank(row, wanted.sort))


def row_of(view: DisputeView, *, now: datetime, calendar: Calendar = WEEKDAYS) -> Row:
    """A dispute with its next term."""
    next_term = next(view.timing.running(), None)
    due = due_on(view.timing, next_term, now, calendar=calendar) if next_term else None
    return Row(
        view,
        (next_term, due) if next_term and due else None,
        is_overdue(view.timing, now, calendar=calendar),
    )


def _rank(row: Row, sort: Sort) -> tuple[object, ...]:
    view = row.view
    match sort:
        case "number":
            return (view.reference,)
        case "amount":
            return (-view.disputed.minor, view.reference)
        case "age":
            return (view.created_at, view.reference)
        case _:
            due = row.due[1] if row.due else date.max
            return (not view.is_urgent, due, view.created_at)


@dataclass(frozen=True, slots=True)
class Group:
    """What disputes of one reason or one department came to; `upheld` is what they cost."""

    name: str
    count: int
    disputed: tuple[Money, ...]
    upheld: tuple[Money, ...]
    decided: int
    founded: int

    @property
    def share_founded(self) -> Decimal | None:
        """Of those decided, how many the debtor was right about, at least in part."""
        return Decimal(self.founded) / self.decided if self.decided else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """How disputes went over a year up to today."""

    since: date
    #: Disputed invoices among those issued; None where nothing was.
    rate: Decimal | None
    open_count: int
    #: Days that the open ones are old, on average.
    open_age_days: int
    #: Days from the beginning to the decision, on average.
    decided_after_days: int | None
    whole: Group
    by_reason: tuple[Group, ...]
    by_department: tuple[Group, ...]


def measures(session: Session, supplier_id: SupplierId, *, now: datetime, today: date) -> Measures:
    """Rate, age, reasons, and how many were founded, over the last 365 days."""
    since = today - timedelta(days=365)
    found = session.scalars(
        select(Dispute).where(
            Dispute.supplier_id == supplier_id, Dispute.created_at >= now - timedelta(days=365)
        )
    ).all()
    listed = views(session, supplier_id, found)
    undecided = [view for view in listed if view.state in UNDECIDED]
    decided = [view for view in listed if view.decided_on is not None]
    return Measures(
        since=since,
        rate=_rate(session, supplier_id, since),
        open_count=len(undecided),
        open_age_days=_mean([(now - view.created_at).days for view in undecided]) or 0,
        decided_after_days=_mean(
            [
                (view.timing.decided_at - view.created_at).days
                for view in decided
                if view.timing.decided_at is not None
            ]
        ),
        whole=_group("", listed),
        by_reason=_groups({view.id: view.reason for view in listed}, listed),
        by_department=_groups({view.id: view.department for view in listed}, listed),
    )


def _rate(session: Session, supplier_id: SupplierId, since: date) -> Decimal | None:
    issued = select(func.count()).where(
        Invoice.supplier_id == supplier_id,
        Invoice.kind == "invoice",
        Invoice.issued_on >= since,
    )
    contested = (
        select(DisputeItem.invoice_id)
        .where(DisputeItem.supplier_id == supplier_id, DisputeItem.invoice_id == Invoice.id)
        .exists()
    )
    whole = session.scalar(issued.select_from(Invoice)) or 0
    if not whole:
        return None
    part = session.scalar(issued.select_from(Invoice).where(contested)) or 0
    return Decimal(part) / whole


def _mean(days: Sequence[int]) -> int | None:
    return sum(days) // len(days) if days else None


def _groups(names: Mapping[DisputeId, str], listed: Sequence[DisputeView]) -> tuple[Group, ...]:
    """The disputes by name, the most frequent first."""
    by_name: dict[str, list[DisputeView]] = defaultdict(list)
    for view in listed:
        by_name[names[view.id]].append(view)
    groups = [_group(name, members) for name, members in by_name.items()]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.name)))


def _group(name: str, listed: Sequence[DisputeView]) -> Group:
    disputed: dict[str, int] = defaultdict(int)
    upheld: dict[str, int] = defaultdict(int)
    for view in listed:
        disputed[view.currency] += view.disputed.minor
        upheld[view.currency] += view.upheld.minor
    return Group(
        name=name,
        count=len(listed),
        disputed=tuple(Money(minor, currency) for currency, minor in sorted(disputed.items())),
        upheld=tuple(Money(minor, currency) for currency, minor in sorted(upheld.items()) if minor),
        decided=sum(view.outcome in _DECIDED for view in listed),
        founded=sum(view.outcome in _FOUNDED for view in listed),
    )


_FOUNDED = (State.ACCEPTED, State.ACCEPTED_IN_PART)
_DECIDED = (*_FOUNDED, State.REJECTED)
