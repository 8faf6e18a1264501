"""From the planned message to its end: sent, put off, refused, or nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from receivables.database import SYSTEM, Scope
from receivables.dunning.actions import claim
from receivables.dunning.controls import change_settings
from receivables.dunning.limits import Limits
from receivables.dunning.outcomes import (
    NoSuchReminder,
    NotUnknown,
    confirm_sent,
    give_up,
    mark_sent,
    mark_unanswered,
    put_off,
)
from receivables.dunning.planning import plan
from receivables.dunning.queries import preview
from receivables.dunning.rules import Reason
from receivables.dunning.scenarios import save_scenarios
from receivables.dunning.steps import DEFAULT
from receivables.dunning.windows import USUAL_HOURS
from receivables.ids import ReminderId
from receivables.invoices.tables import Invoice
from receivables.ports import MailDeferred, MailRefused, MailUnknown
from tests.support.builders import money
from tests.support.dunning import FRIDAY, Dunning
from tests.support.outbox import RecordingMailer
from tests.support.threads import at_once
from tests.support.world import World


@pytest.fixture
def dunning(world: World) -> Dunning:
    return Dunning(world)


def test_paid_between_planning_and_sending_sends_nothing(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)
    dunning.run()

    dunning.pay(debtor_id, "10.00 CHF")
    dunning.world.run_jobs()

    assert not dunning.world.mail
    assert dunning.states() == [("skipped", Reason.SETTLED)]


def test_a_message_says_what_became_of_its_own_invoice_not_of_those_beside_it(
    dunning: Dunning,
) -> None:
    world, supplier_id = dunning.world, dunning.supplier_id
    file = replace(DEFAULT.steps[-1], offset_days=8, level=1)
    with world.runtime.transaction(dunning.scope) as session:
        short = replace(DEFAULT, name="short", steps=(DEFAULT.steps[1], file))
        save_scenarios(session, supplier_id, [short], clock=world.clock)
        often = Limits(least_days_between=1)
        change_settings(session, supplier_id, USUAL_HOURS, often, clock=world.clock)
    debtor_id = world.debtor()
    old = world.invoice("90.00 CHF", debtor_id=debtor_id, due_on=date(2026, 10, 26))
    dunning.run()
    world.run_jobs()
    world.clock.advance(timedelta(days=1))
    world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY, number="A-1")
    dunning.run()

    world.invoice("10.00 CHF", debtor_id=debtor_id, is_credit_note=True, preceding_number="A-1")
    world.run_jobs()

    assert [(one.step, one.state, one.reason) for one in dunning.reminders()] == [
        ("r1", "sent", Reason.STEP_DUE),
        ("handover", "waiting", Reason.MANUAL),
        ("r1", "skipped", Reason.SETTLED),
    ]
    with world.runtime.reading(dunning.scope) as session:
        (left,) = preview(session, supplier_id, dunning.today + timedelta(days=1)).held
        assert left.reason is Reason.HANDOVER_WAITS, "nobody has handed it over"
        assert left.number == session.get_one(Invoice, old).number


def test_partly_paid_between_planning_and_sending_asks_for_the_rest(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    paid = dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=date(2026, 10, 20))
    kept = dunning.world.invoice("40.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)
    dunning.run()

    dunning.pay(debtor_id, "25.00 CHF")
    dunning.world.run_jobs()

    assert dunning.only().amount == money("25.00 CHF")
    assert dunning.only().step == "r1"
    assert (paid, "r2", "taken", True) in dunning.items()
    assert (kept, "r1", "taken", False) in dunning.items()


def test_a_credit_note_that_covers_all_stops_the_reminder(dunning: Dunning) -> None:
    debtor_id = dunning.world.debtor()
    dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY, number="A-1")
    dunning.run()

    dunning.world.invoice(
        "10.00 CHF", debtor_id=debtor_id, is_credit_note=True, preceding_number="A-1"
    )
    dunning.world.run_jobs()

    assert not dunning.world.mail


def test_while_somebody_is_paying_they_are_not_reminded_and_later_they_are(
    dunning: Dunning,
) -> None:
    debtor_id = dunning.world.debtor()
    invoice_id = dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)
    dunning.run()
    attempt = dunning.start_paying(debtor_id, invoice_id, "10.00 CHF")
    dunning.world.run_jobs()
    assert dunning.states() == [("skipped", Reason.PAYMENT_ON_ITS_WAY)]

    dunning.abandon(attempt)
    dunning.world.clock.advance(timedelta(days=1))
    dunning.live_a_day()

    assert len(dunning.world.mail) == 1
    assert [state for state, _ in dunning.states()] == ["skipped", "sent"]


def test_a_message_put_off_by_the_server_is_sent_later_the_same_day(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    mailer.answers = [MailDeferred(451, "greylisted")] * 3

    dunning.live_a_day()
    assert dunning.only().state == "due"
    dunning.world.advance(hours=4)

    assert dunning.only().state == "sent"
    assert dunning.only().attempts == 4
    assert len(dunning.world.mail) == 1


@pytest.mark.once("days pass hour by hour")
def test_a_server_that_is_down_all_day_costs_a_day_and_no_step(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    mailer.answers = [MailDeferred(None, "no connection")] * 200
    dunning.live_a_day()
    dunning.world.advance(hours=20)
    assert not dunning.world.mail

    mailer.answers = []
    dunning.world.advance(hours=24)

    assert len(dunning.world.mail) == 1
    assert dunning.states() == [("skipped", Reason.OVERTAKEN), ("sent", Reason.STEP_DUE)]


def test_an_address_that_does_not_exist_is_not_written_to_again(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    debtor_id = dunning.world.debtor()
    invoice_id = dunning.world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)
    mailer.answers = [MailRefused(550, "5.1.1 no such user", address_is_dead=True)]

    for _ in range(10):
        dunning.live_a_day()
        dunning.world.clock.advance(timedelta(days=1))

    assert [state for state, _ in dunning.states()] == ["failed"]
    assert not dunning.world.mail
    assert (invoice_id, "r1", "taken", True) in dunning.items()
    with dunning.world.runtime.reading(dunning.scope) as session:
        (planned,) = plan(session, dunning.supplier_id, dunning.today)
    assert planned.verdict.reason is Reason.ADDRESS_DEAD


def test_a_refusal_that_is_not_about_the_address_ends_the_step(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    mailer.answers = [MailRefused(554, "5.7.1 not wanted")]

    dunning.live_a_day()

    assert dunning.only().state == "failed"
    assert "5.7.1 not wanted" in dunning.only().reason
    assert dunning.run() == 0


def test_a_message_nobody_answered_for_is_shown_and_never_sent_again(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    mailer.answers = [MailUnknown("the line broke after DATA")]

    for _ in range(3):
        dunning.live_a_day()
        dunning.world.clock.advance(timedelta(days=1))

    assert dunning.states() == [("unknown", Reason.NO_ANSWER)]
    assert not dunning.world.mail


def lose_one(dunning: Dunning, mailer: RecordingMailer) -> ReminderId:
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    mailer.answers = [MailUnknown("the line broke after DATA")]
    dunning.live_a_day()
    return dunning.only().id


def test_a_person_can_say_that_an_unknown_message_was_sent(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    reminder_id = lose_one(dunning, mailer)

    with dunning.world.runtime.transaction(dunning.scope, by="staff:1") as session:
        confirm_sent(session, dunning.supplier_id, reminder_id, clock=dunning.world.clock)

    assert dunning.only().state == "sent"
    with (
        dunning.world.runtime.transaction(dunning.scope) as session,
        pytest.raises(NotUnknown),
    ):
        give_up(session, dunning.supplier_id, reminder_id, clock=dunning.world.clock)


def test_a_person_can_say_that_it_was_not_and_the_next_run_sends_it(
    dunning: Dunning, mailer: RecordingMailer
) -> None:
    reminder_id = lose_one(dunning, mailer)

    with dunning.world.runtime.transaction(dunning.scope, by="staff:1") as session:
        give_up(session, dunning.supplier_id, reminder_id, clock=dunning.world.clock)
    dunning.world.clock.advance(timedelta(days=1))
    dunning.live_a_day()

    assert [state for state, _ in dunning.states()] == ["failed", "sent"]
    assert len(dunning.world.mail) == 1


def test_another_supplier_has_no_such_reminder(dunning: Dunning, mailer: RecordingMailer) -> None:
    reminder_id = lose_one(dunning, mailer)
    other = dunning.world.supplier(name="Autre SA")

    with dunning.world.runtime.transaction(Scope(other)) as session:
        with pytest.raises(NoSuchReminder):
            give_up(session, other, reminder_id, clock=dunning.world.clock)
        assert not mark_sent(session, other, reminder_id, clock=dunning.world.clock)


def claim_one(dunning: Dunning) -> ReminderId:
    """Plan and claim a message, and then die."""
    dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    dunning.run()
    reminder_id = dunning.only().id
    runtime = dunning.world.runtime
    with runtime.transaction(dunning.scope) as session:
        message = claim(
            session, dunning.supplier_id, reminder_id,
            settings=runtime.settings, clock=runtime.clock,
        )  # fmt: skip
    assert message is not None
    return reminder_id


def sweep(dunning: Dunning) -> int:
    with dunning.world.runtime.transaction(SYSTEM) as session:
        return mark_unanswered(session, clock=dunning.world.clock)


def test_what_a_dead_worker_left_under_way_becomes_visible_and_is_not_sent(
    dunning: Dunning,
) -> None:
    claim_one(dunning)

    dunning.world.run_jobs()
    assert sweep(dunning) == 0
    dunning.world.clock.advance(timedelta(minutes=2, seconds=1))
    assert sweep(dunning) == 1

    assert dunning.states() == [("unknown", Reason.NO_ANSWER)]
    assert not dunning.world.mail


def test_a_worker_that_was_only_slow_still_says_what_became_of_it(dunning: Dunning) -> None:
    reminder_id = claim_one(dunning)
    dunning.world.clock.advance(timedelta(minutes=3))
    sweep(dunning)

    with dunning.world.runtime.transaction(dunning.scope) as session:
        assert mark_sent(session, dunning.supplier_id, reminder_id, clock=dunning.world.clock)
        assert not mark_sent(session, dunning.supplier_id, reminder_id, clock=dunning.world.clock)
        assert put_off(session, dunning.supplier_id, reminder_id) is None

    assert dunning.only().state == "sent"


def test_two_workers_at_one_reminder_send_one_mail(dunning: Dunning) -> None:
    for _ in range(6):
        dunning.world.invoice("10.00 CHF", due_on=FRIDAY)
    dunning.run()
    runtime = dunning.world.runtime
    ids = [one.id for one in dunning.reminders()]

    def send_all() -> None:
        for reminder_id in ids:
            with runtime.transaction(dunning.scope) as session:
                message = claim(
                    session, dunning.supplier_id, reminder_id,
                    settings=runtime.settings, clock=runtime.clock,
                )  # fmt: skip
            if message is not None:
                runtime.mailer.send(message)
                with runtime.transaction(dunning.scope) as session:
                    mark_sent(session, dunning.supplier_id, reminder_id, clock=runtime.clock)

    assert not at_once(send_all, send_all, send_all)

    assert len(dunning.world.mail) == 6
    assert {one.state for one in dunning.reminders()} == {"sent"}
