"""A supplier who watches debtors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import select

import monitoring.tasks
from monitoring import readings
from monitoring.alerts import rulebook
from monitoring.alerts.queries import AlertDetails, AlertLine, alert, alerts
from monitoring.bands import Band
from monitoring.feeds.file import band_of_score
from monitoring.readings import NewReading
from monitoring.tables import PushSend
from monitoring.telling import browsers
from monitoring.watching import SubscriptionLine, subscriptions
from receivables.database import Scope
from receivables.ids import DebtorId, StaffId, SubscriptionId, SupplierId, new_id
from receivables.ports import PushTarget
from receivables.runtime import Runtime
from tests.support.outbox import RecordingPusher
from tests.support.world import World

assert monitoring.tasks  # imported for its actors

#: The day the stepping clock starts on, in Zurich.
TODAY = date(2026, 11, 2)


def new_reading(
    score: int | None,
    *,
    on: date = TODAY,
    source: str = "bureau",
    reference: str | None = None,
    sequence: int | None = None,
) -> NewReading:
    return NewReading(
        source=source,
        as_of_on=on,
        scale="0-100",
        score=score,
        band=Band.NONE if score is None else band_of_score(score),
        reference=reference,
        sequence=sequence,
    )


class Watch:
    """One supplier, its rules, and what is said of its debtors."""

    def __init__(self, world: World, supplier_id: SupplierId | None = None) -> None:
        self.world = world
        self.runtime: Runtime = world.runtime
        self.supplier_id = supplier_id or world.supplier()
        with self.runtime.transaction(Scope(self.supplier_id)) as session:
            rulebook.set_up_rules(session, supplier_id=self.supplier_id, clock=self.runtime.clock)

    @property
    def pusher(self) -> RecordingPusher:
        assert isinstance(self.runtime.pusher, RecordingPusher)
        return self.runtime.pusher

    def staff(self, **given: str) -> StaffId:
        return self.world.staff(supplier_id=self.supplier_id, **given)

    def debtor(self, *, owes: str | None = None, **given: object) -> DebtorId:
        debtor_id = self.world.debtor(supplier_id=self.supplier_id, **given)
        if owes:
            self.world.invoice(owes, debtor_id=debtor_id, supplier_id=self.supplier_id)
        return debtor_id

    def record(self, debtor_id: DebtorId, reading: NewReading) -> bool:
        with self.runtime.transaction(Scope(self.supplier_id)) as session:
            return readings.record_reading(
                session, supplier_id=self.supplier_id, debtor_id=debtor_id, reading=reading,
                clock=self.runtime.clock,
            )  # fmt: skip

    def falls(self, debtor_id: DebtorId, *scores: int | None) -> None:
        """One score a day up to today, then what follows from them."""
        for days_ago, score in zip(range(len(scores) - 1, -1, -1), scores, strict=True):
            self.record(debtor_id, new_reading(score, on=TODAY - timedelta(days=days_ago)))
        self.world.run_jobs()

    def subscribe(
        self, staff_id: StaffId, endpoint: str = "", *, user_agent: str = "Firefox"
    ) -> SubscriptionId:
        target = PushTarget(
            endpoint=endpoint or f"https://fcm.googleapis.com/fcm/send/{new_id()}",
            p256dh="p256dh", auth="auth", key_id="key",
        )  # fmt: skip
        with self.runtime.transaction(Scope(self.supplier_id)) as session:
            return browsers.save_subscription(
                session, supplier_id=self.supplier_id, staff_id=staff_id,
                browser=browsers.Browser(target=target, user_agent=user_agent),
                clock=self.runtime.clock,
            )  # fmt: skip

    def subscriptions(self, staff_id: StaffId) -> list[SubscriptionLine]:
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            return subscriptions(session, self.supplier_id, staff_id)

    def alerts(self) -> list[AlertLine]:
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            return alerts(session, self.supplier_id)

    def only_alert(self) -> AlertDetails:
        (line,) = self.alerts()
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            return alert(session, self.supplier_id, line.alert_id)

    def told(self) -> list[tuple[str, str]]:
        """Channel and state of the deliveries of the only alert."""
        return [(one.channel, one.state) for one in self.only_alert().deliveries]

    def sends(self) -> Sequence[str]:
        """The states of all pushes to single browsers."""
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            return list(session.scalars(select(PushSend.state).order_by(PushSend.subscription_id)))


@pytest.fixture
def watch(world: World) -> Watch:
    return Watch(world)
