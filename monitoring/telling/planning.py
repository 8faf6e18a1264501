"""Who is told of an alert is put on record before anything is sent; twice planned is planned once.

What is told at once is a delivery of its own; what may wait belongs to a digest, which is one
per person, kind and day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from monitoring.alerts.rules import Severity
from monitoring.tables import Alert
from monitoring.telling import people as chosen
from monitoring.telling.choices import News, Pace, Slot, Telling, Where, digest_slot, tellings
from monitoring.telling.tables import Delivery, Digest, PushSend
from receivables.clock import Clock
from receivables.ids import (
    AlertId,
    DeliveryId,
    DigestId,
    StaffId,
    SubscriptionId,
    SupplierId,
    new_id,
)
from receivables.jobs import insert_or_ignore
from receivables.worklist.queries import owner_of

Channel = Literal["email", "push"]
Purpose = Literal["first", "unopened", "deputy", "admin", "again"]

#: About the monitoring itself, for those who can mend it.
_FOR_ADMINS = "M-DEAD"


@dataclass(frozen=True, slots=True)
class Planned:
    """What was put on record just now and has to be sent, and when."""

    mails: tuple[tuple[DeliveryId, datetime], ...] = ()
    pushes: tuple[tuple[DeliveryId, SubscriptionId], ...] = ()
    digests: tuple[tuple[DigestId, datetime], ...] = ()
    #: When the pushes are due; nothing when there are none.
    rounds: tuple[datetime, ...] = ()

    @staticmethod
    def together(parts: Iterable[Planned]) -> Planned:
        found = list(parts)
        return Planned(
            tuple(mail for part in found for mail in part.mails),
            tuple(push for part in found for push in part.pushes),
            tuple(dict.fromkeys(digest for part in found for digest in part.digests)),
            tuple(dict.fromkeys(at for part in found for at in part.rounds)),
        )


def plan(
    session: Session, *, supplier_id: SupplierId, alert_id: AlertId, push_on: bool, clock: Clock
) -> Planned:
    """Put on record who is told of an alert and when, by what each chose and where pushes can be
    sent (`push_on`); a second plan finds nothing left to do.
    """
    now = clock.now()
    chosen.hold(session, supplier_id)
    alert = session.scalar(
        select(Alert).where(Alert.supplier_id == supplier_id, Alert.id == alert_id)
    )
    if alert is None or alert.retracted_at is not None:
        return Planned()
    owner = owner_of(session, supplier_id, alert.debtor_id) if alert.debtor_id else None
    news = News(
        severity=Severity(alert.severity),
        owner=owner,
        for_admins=alert.kind == _FOR_ADMINS,
        in_mass=alert.mass_alert_id is not None,
    )
    where = chosen.where_is(session, supplier_id)
    found = tellings(news, chosen.people(session, supplier_id, now=now), now=now, where=where)
    awake = (
        chosen.browsers_of(session, supplier_id, [telling.staff_id for telling in found])
        if push_on
        else {}
    )
    planner = Planner(session, supplier_id, now, where, awake)
    return Planned.together(planner.put(alert_id, telling) for telling in found)


@dataclass(frozen=True, slots=True)
class Planner:
    """Writes down tellings of one supplier; `awake` are the browsers of those who have some."""

    session: Session
    supplier_id: SupplierId
    now: datetime
    where: Where
    awake: dict[StaffId, list[SubscriptionId]]

    def put(self, alert_id: AlertId, telling: Telling) -> Planned:
        """One telling, by its ways; who can only be told by push and has no browser gets a mail."""
        if telling.slot is not None:
            return self._in_digest(alert_id, telling.staff_id, telling.slot)
        has_push = telling.push and telling.staff_id in self.awake
        parts = []
        if telling.mail or not has_push:
            parts.append(self.mail(alert_id, telling.staff_id, telling.due_at))
        if has_push:
            parts.append(self.push(alert_id, telling.staff_id, telling.due_at))
        return Planned.together(parts)

    def mail(
        self,
        alert_id: AlertId,
        staff_id: StaffId,
        due_at: datetime,
        *,
        purpose: Purpose = "first",
        number: int = 0,
    ) -> Planned:
        row = self._row(alert_id, staff_id, "email", due_at, purpose, number)
        delivery_id = _put_on_record(self.session, row)
        return Planned() if delivery_id is None else Planned(mails=((delivery_id, due_at),))

    def push(
        self, alert_id: AlertId, staff_id: StaffId, due_at: datetime, *, purpose: Purpose = "first"
    ) -> Planned:
        """A push to each of the person's browsers, if they have any."""
        browsers = self.awake.get(staff_id, [])
        if not browsers:
            return Planned()
        row = self._row(alert_id, staff_id, "push", due_at, purpose, 0)
        delivery_id = _put_on_record(self.session, row)
        if delivery_id is None:
            return Planned()
        self.session.add_all(
            PushSend(
                supplier_id=self.supplier_id,
                delivery_id=delivery_id,
                subscription_id=subscription_id,
                state="pending",
                due_at=due_at,
            )
            for subscription_id in browsers
        )
        self.session.flush()
        return Planned(
            pushes=tuple((delivery_id, subscription_id) for subscription_id in browsers),
            rounds=(due_at,),
        )

    def _in_digest(self, alert_id: AlertId, staff_id: StaffId, slot: Slot) -> Planned:
        """Into the person's digest of the slot, or the next one if that is on its way already."""
        row = self._row(alert_id, staff_id, "email", slot.due_at, "first", 0)
        delivery_id = _put_on_record(self.session, row)
        if delivery_id is None:
            return Planned()
        find = self._flood_digest if slot.kind == "flood" else self.regular_digest
        digest_id, due_at = find(staff_id, slot)
        self.session.execute(
            update(Delivery)
            .where(Delivery.supplier_id == self.supplier_id, Delivery.id == delivery_id)
            .values(digest_id=digest_id, due_at=due_at)
        )
        return Planned(digests=((digest_id, due_at),))

    def _digests(self, staff_id: StaffId, kind: str) -> Select[Digest]:
        return select(Digest).where(
            Digest.supplier_id == self.supplier_id,
            Digest.staff_id == staff_id,
            Digest.kind == kind,
        )

    def regular_digest(self, staff_id: StaffId, slot: Slot) -> tuple[DigestId, datetime]:
        """That of the slot's day; when it is on its way already, the next."""
        mine = self._digests(staff_id, slot.kind)
        while True:
            found = self.session.scalar(mine.where(Digest.slot_on == slot.on).with_for_update())
            if found is None:
                return self._new_digest(staff_id, slot, number=0)
            if found.state == "pending" and found.attempts == 0:
                return found.id, found.due_at
            slot = digest_slot(Pace(slot.kind), slot.due_at, self.where)

    def _flood_digest(self, staff_id: StaffId, slot: Slot) -> tuple[DigestId, datetime]:
        """The one that is being collected, or a new one."""
        mine = self._digests(staff_id, "flood")
        collecting = self.session.scalar(
            mine.where(Digest.state == "pending", Digest.attempts == 0)
            .order_by(Digest.due_at)
            .limit(1)
            .with_for_update()
        )
        if collecting is not None:
            return collecting.id, collecting.due_at
        numbers = [
            one.number for one in self.session.scalars(mine.where(Digest.slot_on == slot.on))
        ]
        return self._new_digest(staff_id, slot, number=max(numbers, default=0) + 1)

    def _new_digest(
        self, staff_id: StaffId, slot: Slot, *, number: int
    ) -> tuple[DigestId, datetime]:
        digest_id = DigestId(new_id())
        self.session.add(
            Digest(
                id=digest_id,
                supplier_id=self.supplier_id,
                staff_id=staff_id,
                kind=slot.kind,
                slot_on=slot.on,
                number=number,
                due_at=slot.due_at,
                state="pending",
                created_at=self.now,
            )
        )
        self.session.flush()
        return digest_id, slot.due_at

    def _row(
        self,
        alert_id: AlertId,
        staff_id: StaffId,
        channel: Channel,
        due_at: datetime,
        purpose: Purpose,
        number: int,
    ) -> dict[str, object]:
        return {
            "id": new_id(),
            "supplier_id": self.supplier_id,
            "alert_id": alert_id,
            "staff_id": staff_id,
            "channel": channel,
            "purpose": purpose,
            "number": number,
            "state": "pending",
            "attempts": 0,
            "reason": "",
            "created_at": self.now,
            "due_at": due_at,
        }


def _put_on_record(session: Session, row: dict[str, object]) -> DeliveryId | None:
    statement = insert_or_ignore(session, Delivery).values(row).returning(Delivery.id)
    return session.execute(statement).scalar_one_or_none()
