"""A supplier's own systems are told: at least once, under one id, and left alone when they ask."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from monitoring.alerts import actions as alerts
from monitoring.alerts.actions import Decision
from monitoring.insolvency.events import SolvencyEventRecorded
from monitoring.webhooks import actions, queries, tasks
from monitoring.webhooks.rules import MOST_TRIES, WAITS, next_step
from monitoring.webhooks.tables import WebhookMessage
from receivables.database import SYSTEM, Scope
from receivables.ids import SolvencyEventId, new_id
from receivables.ports import HookAnswer, HookMessage
from tests.monitoring.conftest import Watch
from tests.support.world import World

URL = "https://erp.example/hooks"
FINE, BROKEN = HookAnswer(200, "ok"), HookAnswer(503, "later")


class Erp:
    """Answers as it is told, and takes everything else."""

    def __init__(self):
        self.told: list[HookMessage] = []
        self.answers: list[HookAnswer | type[BaseException]] = []

    def check(self, url):
        pass

    def call(self, message):
        self.told.append(message)
        answer = self.answers.pop(0) if self.answers else FINE
        if not isinstance(answer, HookAnswer):
            raise answer
        return answer

    @property
    def bodies(self):
        return [json.loads(one.body) for one in self.told]


class Killed(BaseException):
    """The worker is gone: nothing after this line happens."""


@pytest.fixture
def told(runtime):
    """A supplier with an ERP that hears of everything."""
    watch = Watch(World(replace(runtime, hooks=Erp())))
    watch.staff()
    watch.endpoint_id = add(watch)
    return watch


def add(watch, *kinds, url=URL):
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        return actions.add_endpoint(
            session, supplier_id=watch.supplier_id, url=url,
            kinds=kinds or ("alert.raised", "alert.acknowledged"), clock=watch.runtime.clock,
        )  # fmt: skip


def do(watch, action, **given):
    given = {"supplier_id": watch.supplier_id, "endpoint_id": watch.endpoint_id, **given}
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        return action(session, **given)


def pass_time(watch, length):
    watch.world.clock.advance(length)
    with watch.runtime.transaction(SYSTEM) as session:
        tasks.look_for_messages.enqueue(session, now=watch.runtime.clock.now())
    watch.world.run_jobs()


def states(watch):
    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        rows = queries.messages(session, watch.supplier_id, watch.endpoint_id)
        return [(row.kind, row.state, row.attempts) for row in reversed(rows)]


def test_each_event_is_told_once_with_the_debtor_under_the_suppliers_number(told):
    debtor_id = told.debtor(owes="10.00 CHF", number="K-4711")
    told.falls(debtor_id, 70, 30)
    alert_id = told.only_alert().line.alert_id
    staff_id = told.only_alert().deliveries[0].staff_id
    with told.runtime.transaction(Scope(told.supplier_id)) as session:
        alerts.acknowledge(
            session, supplier_id=told.supplier_id, alert_id=alert_id, staff_id=staff_id,
            decision=Decision.LOWER_LIMIT, note="n", clock=told.runtime.clock,
        )  # fmt: skip
    told.world.run_jobs()

    raised, acknowledged = told.runtime.hooks.bodies
    assert raised["type"] == "alert.raised"
    assert raised["timestamp"] == told.runtime.clock.now().isoformat(timespec="seconds")
    assert raised["data"] == {
        "alert_id": str(alert_id), "rule": "S-CLASS", "severity": "critical", "source": "bureau",
        "as_of_on": "2026-11-02", "band_before": "B", "band_after": "D",
        "debtor": {"id": str(debtor_id), "number": "K-4711"},
    }  # fmt: skip
    assert acknowledged["data"]["decision"] == "lower_limit"
    assert "Dubois" not in json.dumps(told.runtime.hooks.bodies)
    assert len({one.message_id for one in told.runtime.hooks.told}) == 2


def test_a_busy_system_is_tried_for_three_days_under_one_id_and_then_left_alone(told):
    told.runtime.hooks.answers = [BROKEN] * 50
    told.falls(told.debtor(owes="10.00 CHF"), 70, 30)
    for wait in WAITS:
        pass_time(told, wait)
    pass_time(told, timedelta(days=2))

    assert sum(WAITS, timedelta()) <= timedelta(days=3)
    assert len(told.runtime.hooks.told) == MOST_TRIES
    assert len({one.message_id for one in told.runtime.hooks.told}) == 1
    assert states(told) == [("alert.raised", "failed", MOST_TRIES)]
    with told.runtime.reading(Scope(told.supplier_id)) as session:
        endpoint = queries.endpoint(session, told.supplier_id, told.endpoint_id)
        assert (endpoint.state, endpoint.trouble) == ("paused", "answered 503")

    # What happens meanwhile waits; what failed is sent once more when somebody says so.
    told.runtime.hooks.answers = []
    told.falls(told.debtor(owes="10.00 CHF"), 70, 30)
    assert len(told.runtime.hooks.told) == MOST_TRIES
    do(told, actions.resume, clock=told.runtime.clock)
    with told.runtime.reading(Scope(told.supplier_id)) as session:
        failed = queries.messages(session, told.supplier_id, told.endpoint_id)[-1]
    do(told, actions.resend, message_id=failed.id, clock=told.runtime.clock)
    pass_time(told, timedelta(minutes=1))
    assert [state for _, state, _ in states(told)] == ["delivered", "delivered"]


@pytest.mark.parametrize(
    ("answer", "attempts", "state", "wait"),
    [
        (HookAnswer(204), 1, "delivered", None),
        (HookAnswer(307), 1, "pending", WAITS[0]),
        (HookAnswer(None, "no answer"), 2, "pending", WAITS[1]),
        (HookAnswer(429, retry_after=timedelta(hours=1)), 1, "pending", timedelta(hours=1)),
        (HookAnswer(503, retry_after=timedelta(seconds=1)), 3, "pending", WAITS[2]),
        (HookAnswer(410), 1, "failed", None),
        (HookAnswer(None, "it resolves to 10.0.0.5", is_refused=True), 1, "failed", None),
        (HookAnswer(500), MOST_TRIES, "failed", None),
    ],
)
def test_each_answer_has_one_consequence(answer, attempts, state, wait):
    step = next_step(answer, attempts)

    assert (step.state, step.wait) == (state, wait)
    assert bool(step.pause) == (state == "failed")


def test_a_worker_killed_after_the_call_tells_it_again_under_the_same_id(told):
    told.runtime.hooks.answers = [Killed]
    debtor_id = told.debtor(owes="10.00 CHF")
    with pytest.raises(Killed):
        told.falls(debtor_id, 70, 30)
    assert [state for _, state, _ in states(told)] == ["sending"]

    pass_time(told, timedelta(minutes=3))

    first, second = told.runtime.hooks.told
    assert (first.message_id, first.body) == (second.message_id, second.body)
    assert states(told) == [("alert.raised", "delivered", 2)]


def test_both_secrets_sign_for_a_day_after_one_was_exchanged(told):
    with told.runtime.reading(Scope(told.supplier_id)) as session:
        old = queries.endpoint(session, told.supplier_id, told.endpoint_id).secret
    do(told, actions.rotate_secret, clock=told.runtime.clock)
    do(told, actions.put_test, clock=told.runtime.clock)
    pass_time(told, timedelta(hours=23))
    do(told, actions.put_test, clock=told.runtime.clock)
    pass_time(told, timedelta(hours=1, minutes=1))

    during, after = (one.secrets for one in told.runtime.hooks.told)
    assert len(during) == 2
    assert during[1] == old
    assert after == during[:1]


def test_a_publication_is_told_with_the_day_until_which_claims_are_lodged(told):
    do(told, actions.choose_kinds, kinds=["solvency.recorded"])
    debtor_id = told.debtor(number="K-4711")
    happened = SolvencyEventRecorded(
        supplier_id=told.supplier_id, debtor_id=debtor_id,
        solvency_event_id=SolvencyEventId(new_id()), event="liquidation", source="bodacc",
        published_on=date(2026, 11, 2), label="Liquidation judiciaire",
    )  # fmt: skip
    for _ in range(2):
        with told.runtime.transaction(Scope(told.supplier_id)) as session:
            actions.put_message(session, happened, clock=told.runtime.clock)
    pass_time(told, timedelta(minutes=1))

    (body,) = told.runtime.hooks.bodies
    assert (body["type"], body["data"]["event"]) == ("solvency.recorded", "liquidation")
    assert body["data"]["published_on"] == "2026-11-02"
    assert body["data"]["claims_until"] is None
    assert body["data"]["debtor"]["number"] == "K-4711"


def test_what_nobody_wants_to_hear_is_not_even_kept(told):
    do(told, actions.choose_kinds, kinds=["alert.retracted"])
    other = Watch(told.world, told.world.supplier(name="Another AG"))
    told.falls(told.debtor(owes="10.00 CHF"), 70, 30)
    other.falls(other.debtor(owes="10.00 CHF"), 70, 30)
    with pytest.raises(actions.NothingChosen):
        do(told, actions.choose_kinds, kinds=["alert.sold"])
    do(told, actions.remove)
    with pytest.raises(actions.NoSuchEndpoint):
        do(told, actions.put_test, clock=told.runtime.clock)

    with told.runtime.reading(SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(WebhookMessage)) == 0
