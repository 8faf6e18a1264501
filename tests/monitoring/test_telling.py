"""One telling per person and channel, whatever happens on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from monitoring.alerts import actions
from monitoring.alerts.actions import Decision
from monitoring.telling import planning as telling
from receivables import jobs
from receivables.database import SYSTEM, Scope
from receivables.i18n import money, reading_as
from receivables.jobs import Job, JobState
from receivables.money import Money
from receivables.parties.tables import Staff
from receivables.ports import (
    MailDeferred,
    MailRefused,
    MailUnknown,
    PushOutcome,
    PushResult,
    Urgency,
)
from tests.monitoring.conftest import Watch, new_reading
from tests.support.world import World

LATER = PushResult.LATER


def let_hours_pass(watch, hours):
    """In half hours, with nothing but monitoring's own work getting done."""
    for _ in range(2 * hours):
        watch.world.clock.advance(timedelta(minutes=30))
        watch.world.run_jobs()


def test_everybody_gets_one_mail_and_who_asked_for_it_one_push(watch):
    ada = watch.staff(name="Ada", email="ada@rochat.example")
    watch.staff(name="Bo", email="bo@rochat.example")
    watch.subscribe(ada)

    watch.falls(watch.debtor(owes="1000.00 CHF", name="Dubois SA"), 70, 30)

    deliveries = watch.only_alert().deliveries
    assert [(one.staff_name, one.channel, one.state) for one in deliveries] == [
        ("Ada", "email", "delivered"), ("Ada", "push", "delivered"), ("Bo", "email", "delivered"),
    ]  # fmt: skip
    assert sorted(mail.to_address for mail in watch.world.mail) == [
        "ada@rochat.example", "bo@rochat.example",
    ]  # fmt: skip
    assert len(watch.pusher.pushed) == 1


def test_the_mail_says_who_what_and_how_much(watch):
    watch.staff(email="ada@rochat.example", language="en")
    debtor_id = watch.debtor(name="Dubois SA")
    watch.world.invoice("800.00 CHF", debtor_id=debtor_id, due_in_days=-10)
    watch.world.invoice("200.00 CHF", debtor_id=debtor_id, due_in_days=10)

    watch.falls(debtor_id, 70, 30)

    (mail,) = watch.world.mail
    alert_id = watch.only_alert().line.alert_id
    assert "Dubois SA" in mail.subject
    assert "B to D" in mail.subject
    with reading_as("en_CH"):
        owed, overdue = money(Money(1000_00, "CHF")), money(Money(800_00, "CHF"))
    assert f"They owe you: {owed}\n" in mail.text
    assert f"of which overdue: {overdue}\n" in mail.text
    assert f"http://localhost:8001/monitoring/alerts/{alert_id}" in mail.text
    assert mail.message_id.endswith("@localhost")
    assert "List-Unsubscribe" not in dict(mail.headers)


def test_the_push_names_nobody_and_leads_to_the_alert(watch):
    watch.subscribe(watch.staff())
    debtor_id = watch.debtor(owes="10.00 CHF", name="Dubois SA")

    watch.falls(debtor_id, 70, 30)

    ((_, payload),) = watch.pusher.pushed
    line = watch.only_alert().line
    assert payload.title == "1 critical alert"
    assert "Dubois" not in payload.title + payload.body
    assert payload.navigate == f"http://localhost:8001/monitoring/alerts/{line.alert_id}"
    assert payload.tag == payload.topic == f"debtor-{debtor_id}"
    assert payload.urgency is Urgency.HIGH
    assert payload.ttl == timedelta(hours=24)


def test_each_browser_of_a_person_is_woken(watch):
    ada = watch.staff()
    watch.subscribe(ada)
    watch.subscribe(ada)

    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)

    assert len(watch.pusher.pushed) == 2
    assert watch.told() == [("email", "delivered"), ("push", "delivered")]


def test_a_colleague_who_left_is_not_told(watch):
    ada = watch.staff()
    watch.subscribe(ada)
    debtor_id = watch.debtor(owes="10.00 CHF")
    with watch.runtime.transaction(SYSTEM) as session:
        session.scalars(
            select(Staff).where(Staff.id == ada)
        ).one().disabled_at = watch.runtime.clock.now()

    watch.falls(debtor_id, 70, 30)

    assert watch.only_alert().deliveries == ()
    assert watch.world.mail == []


def test_a_browser_that_is_gone_is_forgotten_after_one_try(watch):
    ada = watch.staff()
    watch.subscribe(ada)
    watch.pusher.outcomes = [PushOutcome(PushResult.GONE)]

    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)
    let_hours_pass(watch, 48)

    assert watch.told() == [("email", "delivered"), ("push", "gone")]
    assert watch.subscriptions(ada) == []
    assert len(watch.pusher.pushed) == 1


def test_a_busy_push_service_is_asked_again_when_it_said_and_others_are_not_woken_twice(watch):
    ada = watch.staff()
    watch.subscribe(ada, "https://fcm.googleapis.com/fcm/send/busy")
    watch.subscribe(ada, "https://fcm.googleapis.com/fcm/send/well")
    watch.pusher.outcomes = [
        PushOutcome(LATER, retry_after=timedelta(minutes=20), reason="answered 429"),
    ]  # fmt: skip
    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)
    assert sorted(watch.sends()) == ["delivered", "pending"]
    first = watch.pusher.pushed[0][0].endpoint

    watch.world.clock.advance(timedelta(minutes=19))
    watch.world.run_jobs()
    assert len(watch.pusher.pushed) == 2

    watch.world.clock.advance(timedelta(minutes=1))
    watch.world.run_jobs()

    assert [target.endpoint for target, _ in watch.pusher.pushed][2:] == [first]
    assert watch.sends() == ["delivered", "delivered"]


@pytest.mark.parametrize("reason", ["answered 503", "answered 429"])
def test_a_push_service_that_stays_broken_is_tried_five_times_in_a_day_and_no_more(watch, reason):
    watch.subscribe(watch.staff())
    watch.pusher.outcomes = [PushOutcome(LATER, reason=reason)] * 50

    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)
    let_hours_pass(watch, 72)

    assert len(watch.pusher.pushed) == 5
    assert watch.told() == [("email", "delivered"), ("push", "failed")]
    assert reason in watch.only_alert().deliveries[1].reason


def test_a_push_is_not_put_off_beyond_a_day(watch):
    watch.subscribe(watch.staff())
    watch.pusher.outcomes = [PushOutcome(LATER, retry_after=timedelta(hours=25))]

    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)

    assert watch.told() == [("email", "delivered"), ("push", "failed")]


def test_a_push_that_is_refused_fails_visibly_and_keeps_the_browser(watch):
    ada = watch.staff()
    watch.subscribe(ada)
    watch.pusher.outcomes = [PushOutcome(PushResult.REFUSED, reason="answered 403")]

    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)
    let_hours_pass(watch, 24)

    push = watch.only_alert().deliveries[1]
    assert (push.state, push.reason, push.attempts) == ("failed", "answered 403", 1)
    assert len(watch.subscriptions(ada)) == 1
    assert len(watch.pusher.pushed) == 1


def test_one_browser_that_takes_it_is_enough(watch):
    ada = watch.staff()
    watch.subscribe(ada)
    watch.subscribe(ada)
    watch.pusher.outcomes = [PushOutcome(PushResult.REFUSED, reason="answered 413")]

    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)

    assert ("push", "delivered") in watch.told()


@pytest.mark.parametrize(
    "trouble", [MailDeferred(None, "no connection"), MailUnknown("the line went dead")]
)
def test_a_mail_that_was_not_surely_taken_goes_out_again_under_the_same_name(watch, trouble):
    watch.staff()
    mailer = watch.runtime.mailer
    mailer.answers = [trouble]
    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)
    (waiting,) = watch.only_alert().deliveries
    assert (waiting.state, waiting.reason) == ("pending", str(trouble))

    watch.world.clock.advance(timedelta(minutes=5))
    watch.world.run_jobs()

    (mail,) = watch.world.mail
    (told,) = watch.only_alert().deliveries
    assert (told.state, told.attempts) == ("delivered", 2)
    assert mail.message_id.startswith("alert-")


def test_a_mail_that_is_refused_is_not_tried_again_and_says_why(watch):
    watch.staff()
    watch.runtime.mailer.answers = [MailRefused(550, "no such user")]

    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)
    let_hours_pass(watch, 2)

    (told,) = watch.only_alert().deliveries
    assert told.state == "failed"
    assert "550" in told.reason
    assert watch.world.mail == []


def test_a_mailer_that_stays_out_of_reach_ends_as_a_visible_failure(watch):
    watch.staff()
    watch.runtime.mailer.answers = [MailDeferred(None, "no connection")] * 200

    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)
    let_hours_pass(watch, 72)

    (told,) = watch.only_alert().deliveries
    assert told.state == "failed"
    assert told.attempts == 51


def test_what_was_decided_meanwhile_is_not_sent_any_more(watch):
    ada = watch.staff()
    watch.subscribe(ada)
    watch.runtime.mailer.answers = [MailDeferred(None, "no connection")]
    watch.pusher.outcomes = [PushOutcome(LATER, reason="answered 503")]
    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)
    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        actions.acknowledge(
            session, supplier_id=watch.supplier_id, alert_id=watch.only_alert().line.alert_id,
            staff_id=ada, decision=Decision.KEEP, note="", clock=watch.runtime.clock,
        )  # fmt: skip

    let_hours_pass(watch, 2)

    assert watch.told() == [("email", "unneeded"), ("push", "unneeded")]
    assert watch.world.mail == []


def test_planning_twice_finds_nothing_left_to_do(watch):
    watch.subscribe(watch.staff())
    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)

    with watch.runtime.transaction(Scope(watch.supplier_id)) as session:
        again = telling.plan(
            session, supplier_id=watch.supplier_id, alert_id=watch.only_alert().line.alert_id,
            push_on=True, clock=watch.runtime.clock,
        )  # fmt: skip

    assert again == telling.Planned((), ())


def test_without_a_push_key_there_is_mail_alone(runtime):
    watch = Watch(World(replace(runtime, pusher=None)))
    watch.subscribe(watch.staff())

    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)

    assert watch.told() == [("email", "delivered")]


class Killed(BaseException):
    """The worker is gone: nothing after this line happens."""


class DeadlyMailer:
    """Dies with the message in hand: before it is handed over, or right after."""

    def __init__(self, real, *, after):
        self.real, self.after = real, after

    def send(self, message):
        if self.after:
            self.real.send(message)
        raise Killed


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_killed_between_the_row_and_the_mail_loses_nothing(watch, after):
    """The mail goes out; when it had been handed over already, twice under one Message-ID."""
    watch.staff()
    debtor_id = watch.debtor(owes="10.00 CHF")
    watch.record(debtor_id, new_reading(70))
    watch.record(debtor_id, new_reading(30))
    runtime = watch.runtime
    deadly = replace(runtime, mailer=DeadlyMailer(runtime.mailer, after=after))
    with pytest.raises(Killed):
        World(deadly).run_jobs()
    (waiting,) = watch.only_alert().deliveries
    assert waiting.state == "sending"

    with runtime.transaction(SYSTEM) as session:
        jobs.reclaim_all(session)
    watch.world.run_jobs()

    assert len(watch.world.mail) == (2 if after else 1)
    assert len({mail.message_id for mail in watch.world.mail}) == 1
    (told,) = watch.only_alert().deliveries
    assert (told.state, told.attempts) == ("delivered", 2)
    with runtime.reading(SYSTEM) as session:
        left = session.scalar(
            select(func.count()).select_from(Job).where(Job.state != JobState.DONE)
        )
    assert left == 0


def test_an_alert_of_one_supplier_is_told_to_nobody_of_another(watch):
    other = Watch(watch.world, watch.world.supplier(name="Another AG"))
    other.subscribe(other.staff())

    watch.falls(watch.debtor(owes="10.00 CHF"), 70, 30)

    assert watch.only_alert().deliveries == ()
    assert (watch.world.mail, watch.pusher.pushed) == ([], [])
