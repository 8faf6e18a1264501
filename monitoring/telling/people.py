"""What each member of staff chose, and how much they were told lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitoring.alerts.rules import Severity
from monitoring.telling.choices import WAKING, Choice, Pace, Person, Portfolio, Where
from monitoring.telling.tables import (
    Delivery,
    Digest,
    PushSubscription,
    TellingChoice,
    TellingPerson,
)
from receivables.ids import StaffId, SubscriptionId, SupplierId
from receivables.parties.queries import supplier
from receivables.parties.tables import Staff
from receivables.workdays import HOLIDAYS

#: Who may change the team and the rules is who answers for the monitoring.
ADMIN_ROLE = "owner"


def where_is(session: Session, supplier_id: SupplierId) -> Where:
    """The supplier's zone and the working days of its country."""
    found = supplier(session, supplier_id)
    return Where(found.zone, found.country, HOLIDAYS)


def time_of(minutes: int) -> time:
    """A time of day from minutes after midnight."""
    return time(*divmod(minutes, 60))


def people(session: Session, supplier_id: SupplierId, *, now: datetime) -> list[Person]:
    """Everybody who can sign in, with what they chose."""
    choices = _choices(session, supplier_id)
    lately = _told_lately(session, supplier_id, now)
    flooded = _flooded(session, supplier_id)
    rows = session.execute(
        select(
            Staff.id,
            Staff.role,
            TellingPerson.waking_from,
            TellingPerson.waking_until,
            TellingPerson.digests_off_at,
        )
        .outerjoin(
            TellingPerson,
            (TellingPerson.supplier_id == Staff.supplier_id) & (TellingPerson.staff_id == Staff.id),
        )
        .where(Staff.supplier_id == supplier_id, Staff.disabled_at.is_(None))
        .order_by(Staff.id)
    )
    return [
        Person(
            staff_id=row.id,
            is_admin=row.role == ADMIN_ROLE,
            choices=choices.get(row.id, {}),
            waking=WAKING
            if row.waking_from is None
            else (time_of(row.waking_from), time_of(row.waking_until)),
            wants_digests=row.digests_off_at is None,
            flooded_at=flooded.get(row.id),
            told_lately=lately.get(row.id, 0),
        )
        for row in rows
    ]


def _choices(
    session: Session, supplier_id: SupplierId
) -> dict[StaffId, dict[tuple[Portfolio, Severity], Choice]]:
    found: dict[StaffId, dict[tuple[Portfolio, Severity], Choice]] = {}
    for row in session.execute(
        select(
            TellingChoice.staff_id,
            TellingChoice.portfolio,
            TellingChoice.severity,
            TellingChoice.pace,
            TellingChoice.mail,
            TellingChoice.push,
        ).where(TellingChoice.supplier_id == supplier_id)
    ):
        key = Portfolio(row.portfolio), Severity(row.severity)
        found.setdefault(row.staff_id, {})[key] = Choice(Pace(row.pace), row.mail, row.push)
    return found


def _told_lately(session: Session, supplier_id: SupplierId, now: datetime) -> dict[StaffId, int]:
    """How many alerts each was told one by one within the last hour."""
    rows = session.execute(
        select(Delivery.staff_id, func.count().label("times"))
        .where(
            Delivery.supplier_id == supplier_id,
            Delivery.created_at > now - timedelta(hours=1),
            Delivery.channel == "email",
            Delivery.purpose == "first",
            Delivery.digest_id.is_(None),
        )
        .group_by(Delivery.staff_id)
    )
    return {row.staff_id: row.times for row in rows}


def _flooded(session: Session, supplier_id: SupplierId) -> dict[StaffId, datetime]:
    """When each was last told, or will be, of a flood's alerts together."""
    rows = session.execute(
        select(Digest.staff_id, func.max(Digest.due_at).label("at"))
        .where(Digest.supplier_id == supplier_id, Digest.kind == "flood")
        .group_by(Digest.staff_id)
    )
    return {row.staff_id: row.at for row in rows}


def deputies(session: Session, supplier_id: SupplierId) -> dict[StaffId, StaffId]:
    """Who stands in for whom."""
    rows = session.execute(
        select(TellingPerson.staff_id, TellingPerson.deputy_id).where(
            TellingPerson.supplier_id == supplier_id, TellingPerson.deputy_id.is_not(None)
        )
    )
    return {row.staff_id: row.deputy_id for row in rows}


def hold(session: Session, supplier_id: SupplierId) -> None:
    """Let others who plan for this supplier wait: each must see what the other put on record."""
    mine = select(Staff.id).where(Staff.supplier_id == supplier_id).order_by(Staff.id)
    session.execute(mine.with_for_update(key_share=True))


def browsers_of(
    session: Session, supplier_id: SupplierId, staff_ids: Sequence[StaffId]
) -> dict[StaffId, list[SubscriptionId]]:
    """The browsers of some people that want to be woken, by person."""
    found: dict[StaffId, list[SubscriptionId]] = {}
    for row in session.execute(
        select(PushSubscription.staff_id, PushSubscription.id)
        .where(
            PushSubscription.supplier_id == supplier_id, PushSubscription.staff_id.in_(staff_ids)
        )
        .order_by(PushSubscription.id)
    ):
        found.setdefault(row.staff_id, []).append(row.id)
    return found
