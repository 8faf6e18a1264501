"""A process that dies around any mail, push or call of a flood: nobody is left untold (P10)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from monitoring.alerts import queries
from monitoring.alerts.raising import NewAlert, raise_alerts
from monitoring.alerts.severities import RuleKind, Severity
from monitoring.bands import Band
from monitoring.telling import tasks as telling
from monitoring.telling.tables import Delivery, Digest
from monitoring.webhooks import actions as webhooks
from monitoring.webhooks import tasks as calling
from monitoring.webhooks.tables import WebhookMessage
from receivables import jobs
from receivables.database import SYSTEM, Scope
from receivables.ids import new_id
from receivables.ports import HookAnswer
from receivables.runtime import Runtime
from tests.monitoring.conftest import Watch
from tests.support.world import World

#: Ada and Bo, each by mail and browser, and the ERP; before and after each way out.
WAYS_OUT = 5
ALERTS_EACH = 1


class Killed(BaseException):
    """The process is gone: nothing after this line happens."""


@dataclass
class Fuse:
    """Dies before or after the n-th thing that leaves the house; never while `at` is None."""

    at: int | None = None
    passed: int = 0

    def around(self, leave: Any) -> Any:
        self._pass()
        answer = leave()
        self._pass()
        return answer

    def _pass(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            raise Killed

    def set_to(self, at: int | None) -> None:
        self.at, self.passed = at, 0


@dataclass
class Fused:
    """Mailer, pusher and caller at once; keeps what really left."""

    fuse: Fuse
    real: Runtime
    called: list[str] = field(default_factory=list)

    def send(self, message: Any) -> None:
        self.fuse.around(lambda: self.real.mailer.send(message))

    def push(self, target: Any, payload: Any, *, now: datetime) -> Any:
        assert self.real.pusher is not None
        return self.fuse.around(lambda: self.real.pusher.push(target, payload, now=now))

    def check(self, url: str) -> None:
        """Every address will do."""

    def call(self, message: Any) -> HookAnswer:
        return self.fuse.around(lambda: self._call(message))

    def _call(self, message: Any) -> HookAnswer:
        self.called.append(message.message_id)
        return HookAnswer(200)


def raise_some(watch: Watch, severity: Severity = Severity.CRITICAL) -> None:
    new = [
        NewAlert(
            subject=f"test:{new_id()}", kind=RuleKind.INSOLVENCY, severity=severity,
            source="bodacc", as_of_on=date(2026, 11, 2), debtor_id=watch.debtor(),
            band_before=Band.A, band_after=Band.E, detail={"event": "liquidation"},
        )
        for _ in range(ALERTS_EACH)
    ]  # fmt: skip
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        raise_alerts(session, supplier_id=watch.supplier_id, new=new, clock=watch.runtime.clock)


def start_again(watch: Watch, **later: int) -> None:
    """Another process takes over: what was in hand is given back, and telling looks around."""
    watch.world.clock.advance(timedelta(**later))
    with watch.runtime.transaction(SYSTEM) as session:
        jobs.reclaim_all(session)
        for look in (telling.look_for_pushes, calling.look_for_messages):
            look.enqueue(session, now=watch.runtime.clock.now())
    watch.world.run_jobs()


@pytest.fixture
def fused(runtime: Runtime) -> tuple[Watch, Fused]:
    ways_out = Fused(Fuse(), runtime)
    watch = Watch(World(replace(runtime, mailer=ways_out, pusher=ways_out, hooks=ways_out)))
    for name in ("ada", "bo"):
        watch.subscribe(watch.staff(email=f"{name}@rochat.example"))
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        webhooks.add_endpoint(
            session, supplier_id=watch.supplier_id, url="https://erp.example/hooks",
            kinds=["alert.raised"], clock=watch.runtime.clock,
        )  # fmt: skip
    return watch, ways_out


def assert_everybody_was_told_once(watch: Watch, ways_out: Fused, most_twice: int) -> None:
    """One row each, all delivered; what left twice left under the same name."""
    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        alerts = queries.count_alerts(session, watch.supplier_id)
        told = session.execute(
            select(Delivery.alert_id, Delivery.staff_id, Delivery.channel, Delivery.state)
        ).all()
        messages = session.scalars(select(WebhookMessage.state)).all()
    assert len(told) == len({row[:3] for row in told}) == alerts * 4
    assert {row.state for row in told} == {"delivered"}
    assert list(messages) == ["delivered"] * alerts
    mails = Counter(mail.message_id for mail in ways_out.real.mailer.sent)  # type: ignore[attr-defined]  # a RecordingMailer
    calls = Counter(ways_out.called)
    assert (len(mails), len(calls)) == (2 * alerts, alerts)
    again = [times for times in (*mails.values(), *calls.values()) if times > 1]
    assert len(again) <= most_twice


def test_a_process_that_dies_at_any_way_out_leaves_nobody_untold(
    fused: tuple[Watch, Fused],
) -> None:
    watch, ways_out = fused
    deaths = 0
    for boundary in range(1, 2 * WAYS_OUT * ALERTS_EACH + 1):
        raise_some(watch)
        ways_out.fuse.set_to(boundary)
        try:
            watch.world.run_jobs()
        except Killed:
            deaths += 1
        ways_out.fuse.set_to(None)
        # Later than the lease of a round, sooner than anybody is told once more.
        start_again(watch, minutes=3)
        watch.world.clock.advance(timedelta(hours=1))

    assert deaths == 2 * WAYS_OUT * ALERTS_EACH
    assert_everybody_was_told_once(watch, ways_out, most_twice=deaths)


def test_a_broker_that_forgets_what_it_was_told_costs_nobody_anything(
    fused: tuple[Watch, Fused],
) -> None:
    watch, ways_out = fused
    raise_some(watch)
    for _ in range(6):
        with watch.runtime.transaction(SYSTEM) as session:
            jobs.take_due(session, now=watch.runtime.clock.now(), limit=2)
            session.execute(
                update(jobs.Job)
                .where(jobs.Job.lease_until.is_not(None))
                .values(lease_until=datetime(2000, 1, 1, tzinfo=UTC))
            )
    watch.world.run_jobs()

    assert_everybody_was_told_once(watch, ways_out, most_twice=0)


@pytest.mark.parametrize("boundary", [1, 2])
def test_a_digest_whose_process_died_is_one_digest(
    fused: tuple[Watch, Fused], boundary: int
) -> None:
    watch, ways_out = fused
    raise_some(watch, Severity.LOW)
    watch.world.run_jobs()
    watch.world.clock.advance(timedelta(days=1))
    ways_out.fuse.set_to(boundary)
    with pytest.raises(Killed):
        watch.world.run_jobs()
    ways_out.fuse.set_to(None)

    for _ in range(3):
        start_again(watch, minutes=3)

    sent = Counter(mail.message_id for mail in watch_mail(ways_out))
    assert sorted(sent.values()) == ([1, 1] if boundary == 1 else [1, 2])
    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        assert list(session.scalars(select(Digest.state))) == ["delivered", "delivered"]
        assert set(session.scalars(select(Delivery.state))) == {"delivered"}


def watch_mail(ways_out: Fused) -> list[Any]:
    return list(ways_out.real.mailer.sent)  # type: ignore[attr-defined]  # a RecordingMailer
