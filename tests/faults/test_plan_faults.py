"""The faults of payments that a plan meets, each by its number in the list of faults."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from receivables.clock import SteppingClock
from receivables.credit.actions import note_insolvency
from receivables.database import Scope
from receivables.history import record
from receivables.ledger.actions import book_transfer
from receivables.payments import saved
from receivables.payments.return_events import CardPaymentsStopped
from receivables.plans import charges, tasks, upkeep
from receivables.plans.queries import due_items, holds
from receivables.plans.rules import Wish, due_days
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.keeping import Source
from tests.support.payments import DECLINED, Till, open_till
from tests.support.plans import Payer, a_payer, agreed, kept_payer, on_the_eve

pytestmark = pytest.mark.once(
    "months pass day by day; charges are raced in test_payment_races_charges"
)

NO_FUNDS = "4000000000000341"
ASKS_THE_OWNER = "4000002760003184"
LOST = "4000000000009987"


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


@pytest.fixture
def payer(till: Till, database_source: Source) -> Payer:
    return kept_payer(agreed, till, database_source)


@pytest.fixture
def eve(till: Till, database_source: Source) -> Payer:
    return kept_payer(on_the_eve, till, database_source)


@pytest.fixture
def due_now(eve: Payer) -> Payer:
    """It is the morning of the second part; it was announced, and the run has not been made."""
    eve.till.world.clock.advance(timedelta(days=1))
    return eve


def _until(payer: Payer, day: date) -> None:
    payer.advance(days=(day - payer.today).days)


def _transfer(payer: Payer, amount: str, reference: str = "T-1") -> None:
    with payer.till.runtime.transaction(Scope(payer.supplier_id)) as session:
        book_transfer(
            session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            invoice_id=payer.invoice_id, amount=money(amount), reference=reference,
            booked_on=payer.today, clock=payer.till.runtime.clock,
        )  # fmt: skip
    payer.till.world.run_jobs()


def _charge_job(payer: Payer, times: int = 1) -> None:
    with payer.till.runtime.transaction(Scope(payer.supplier_id)) as session:
        for _ in range(times):
            tasks.charge_instalment.enqueue(
                session, now=payer.till.runtime.clock.now(), supplier_id=payer.supplier_id,
                instalment_id=payer.plan().rows[1].id,
            )  # fmt: skip
    payer.till.world.run_jobs()
    payer.till.deliver()


def test_fault_13_an_open_page_for_the_same_instalment_is_closed_before_the_charge(due_now: Payer):
    page = due_now.open_page(place=1)

    _charge_job(due_now)

    assert due_now.till.payment(page).state == "expired"
    assert due_now.charges() == [("settled", "225.00")]
    assert due_now.paid()[:2] == ["225.00", "225.00"]


def test_fault_13_a_page_that_turns_out_to_be_paid_is_booked_and_nothing_charged(due_now: Payer):
    page = due_now.open_page(place=1)
    due_now.till.pay(page)

    _charge_job(due_now)
    due_now.advance(days=2)

    assert due_now.till.payment(page).state == "settled"
    assert due_now.charges() == []
    assert due_now.paid() == ["225.00", "225.00", "0.00", "0.00"]


def test_fault_17_the_run_made_twice_and_three_workers_charge_once(due_now: Payer):
    _charge_job(due_now, times=3)
    due_now.till.world.fire_schedules()
    due_now.till.world.run_jobs()
    due_now.till.deliver()

    assert due_now.charges() == [("settled", "225.00")]


def test_fault_15_a_claim_that_is_repeated_is_the_same_try(due_now: Payer):
    second = due_now.plan().rows[1].id
    clock = due_now.till.runtime.clock

    with due_now.till.runtime.transaction(Scope(due_now.supplier_id)) as session:
        first = charges.claim(session, due_now.supplier_id, second, clock=clock)
    # Its worker dies here: nobody was told.
    with due_now.till.runtime.transaction(Scope(due_now.supplier_id)) as session:
        again = charges.claim(session, due_now.supplier_id, second, clock=clock)

    assert first is not None
    assert again == first


def test_fault_18_without_an_answer_nothing_new_is_sent_and_nothing_held_against_the_debtor(
    due_now: Payer,
):
    due_now.till.stripe.inject("drop_after", path="/v1/payment_intents", times=9)
    _charge_job(due_now)
    due_now.till.stripe.faults.clear()

    due_now.advance(days=3)

    assert due_now.charges() == [("settled", "225.00")]
    assert "remind_late" not in due_now.messages()


def test_fault_21_the_bank_wants_its_customer_who_gets_a_link_and_is_not_tried_blindly(
    payer: Payer,
):
    payer.change_card(ASKS_THE_OWNER)
    _until(payer, date(2026, 12, 4))

    assert payer.charges() == [("failed", "225.00")]
    assert payer.plan().rows[1].needs == "confirmation"
    assert payer.messages().count("confirm") == 1

    payer.pay(place=1, card="4242424242424242")
    assert payer.paid()[:2] == ["225.00", "225.00"]
    assert payer.plan().rows[1].needs == ""


def test_fault_22_a_page_left_alone_books_nothing_and_the_plan_goes_on(payer: Payer):
    page = payer.open_page(place=1)
    payer.till.stripe.expire(payer.till.session_of(page))
    payer.till.deliver()

    assert payer.till.payment(page).state == "expired"
    assert payer.plan().rows[1].tries == 0
    _until(payer, date(2026, 12, 2))
    assert payer.charges() == [("settled", "225.00")]


def test_fault_23_a_decline_is_tried_again_after_one_three_and_seven_days_and_told_once(
    payer: Payer,
):
    payer.change_card(NO_FUNDS)
    tried = []
    while payer.today < date(2026, 12, 16):
        before = len(payer.charges())
        payer.advance(days=1)
        if len(payer.charges()) > before:
            tried.append(payer.today.day)
    said = payer.messages()

    assert tried == [2, 3, 6, 13]
    assert said.count("not_charged") == 1
    assert said.count("office_not_charged") == 1
    assert payer.plan().rows[1].needs == "person"


def test_fault_24_a_lost_card_is_not_tried_again_and_the_plan_goes_on_with_another(
    payer: Payer,
):
    payer.change_card(LOST)
    _until(payer, date(2026, 12, 5))

    assert payer.charges() == [("failed", "225.00")]
    assert payer.plan().rows[1].needs == "card"
    assert "card_needed" in payer.messages()

    payer.pay(place=1, card="5555555555554444")
    _until(payer, date(2027, 1, 2))
    assert payer.charges()[1:] == [("settled", "225.00")]


def test_fault_25_a_card_that_is_taken_away_is_missed_before_the_next_due_date(payer: Payer):
    method_id = payer.plan().plan.saved_method_id
    assert method_id is not None
    with payer.till.runtime.transaction(Scope(payer.supplier_id)) as session:
        saved.remove(
            session, payer.supplier_id, payer.debtor_id, method_id, clock=payer.till.runtime.clock
        )
    payer.till.world.run_jobs()

    assert "card_needed" in payer.messages()
    _until(payer, date(2026, 12, 2))
    assert payer.charges() == []
    assert "remind_coming" in payer.messages()


def test_fault_26_an_instalment_that_was_paid_early_is_not_charged(eve: Payer):
    eve.pay(place=1)
    _until(eve, date(2026, 12, 3))

    assert eve.charges() == []


def test_fault_26_whoever_pays_the_whole_rest_is_done(payer: Payer):
    _transfer(payer, "675.00 CHF")

    assert payer.state == "completed"
    _until(payer, date(2026, 12, 3))
    assert payer.charges() == []
    assert "completed" in payer.messages()


def test_fault_26_money_that_names_nothing_shortens_the_plan_from_its_end(payer: Payer):
    _transfer(payer, "300.00 CHF")

    assert payer.paid() == ["225.00", "0.00", "75.00", "225.00"]
    _until(payer, date(2027, 1, 3))
    assert payer.charges() == [("settled", "225.00"), ("settled", "150.00")]
    assert payer.state == "completed"


@pytest.mark.parametrize("how", ["cancelled", "paused", "insolvent"])
def test_fault_27_what_was_stopped_a_moment_before_is_not_charged(due_now: Payer, how: str):
    clock = due_now.till.runtime.clock
    assert due_now.plan_id is not None
    with due_now.till.runtime.transaction(Scope(due_now.supplier_id)) as session:
        if how == "cancelled":
            upkeep.cancel(
                session, supplier_id=due_now.supplier_id, plan_id=due_now.plan_id, clock=clock
            )
        elif how == "paused":
            upkeep.pause(
                session, due_now.supplier_id, due_now.plan_id, upkeep.PauseReason.STAFF, clock=clock
            )
        else:
            note_insolvency(
                session, supplier_id=due_now.supplier_id, debtor_id=due_now.debtor_id,
                insolvent_on=due_now.today, clock=clock,
            )  # fmt: skip
    due_now.till.world.run_jobs()

    _charge_job(due_now)

    assert due_now.charges() == []


def test_fault_27_a_charge_that_was_sent_already_is_booked(due_now: Payer):
    _charge_job(due_now)
    assert due_now.plan_id is not None
    with due_now.till.runtime.transaction(Scope(due_now.supplier_id)) as session:
        upkeep.cancel(
            session, supplier_id=due_now.supplier_id, plan_id=due_now.plan_id,
            clock=due_now.till.runtime.clock,
        )  # fmt: skip

    due_now.till.deliver()

    assert due_now.state == "cancelled"
    assert due_now.till.world.outstanding(due_now.invoice_id) == money("450.00 CHF")


def test_fault_33_a_chargeback_pauses_the_plan_until_a_person_has_looked(payer: Payer):
    (charge,) = payer.till.stripe.charged()
    dispute = payer.till.stripe.open_dispute(charge["charge"])
    payer.till.deliver()
    assert dispute

    assert payer.plan().plan.paused_for == "chargeback"
    assert payer.till.world.outstanding(payer.invoice_id) == money("900.00 CHF")
    _until(payer, date(2026, 12, 4))
    assert payer.charges() == []


def test_fault_34_without_a_saved_card_the_payment_is_kept_and_the_plan_asks_for_one(till: Till):
    payer = a_payer(till)
    payer.propose()
    payer.sign()
    payer.pay(save_card=False)

    assert payer.state == "active"
    assert payer.paid()[0] == "225.00"
    assert payer.plan().plan.saved_method_id is None
    assert "card_needed" in payer.messages()
    _until(payer, date(2026, 12, 2))
    assert payer.charges() == []
    assert "remind_coming" in payer.messages()


@pytest.mark.parametrize("how", ["refused", "expired"])
def test_fault_35_a_first_payment_that_fails_leaves_a_draft_that_pauses_nothing(
    till: Till, how: str
):
    payer = a_payer(till)
    payer.propose()
    payer.sign()
    page = payer.open_page()
    if how == "refused":
        till.stripe.pay_by_card(till.session_of(page), DECLINED)
    till.stripe.expire(till.session_of(page))
    till.deliver()

    assert payer.state == "awaiting_first"
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        assert holds(session, payer.supplier_id) == []
        due = due_items(session, payer.supplier_id, today=payer.today)
    assert [(one.invoice_id, one.outstanding) for one in due] == [
        (payer.invoice_id, money("900.00 CHF"))
    ]

    payer.pay()
    assert payer.state == "active"


def test_fault_35_after_48_hours_without_a_payment_the_draft_is_over(till: Till):
    payer = a_payer(till)
    payer.propose()
    payer.sign()

    payer.advance(days=3)

    assert payer.state == "expired"


def test_fault_37_a_disconnected_account_pauses_every_plan(payer: Payer):
    with payer.till.runtime.transaction(Scope(payer.supplier_id)) as session:
        stopped = CardPaymentsStopped(supplier_id=payer.supplier_id, reason="disconnected")
        record(session, stopped, clock=payer.till.runtime.clock)
    payer.till.world.run_jobs()

    assert payer.plan().plan.paused_for == "disconnected"
    _until(payer, date(2026, 12, 4))
    assert payer.charges() == []


def test_fault_39_a_third_of_a_hundred_is_on_the_last_instalment_and_charged_exactly(till: Till):
    payer = a_payer(till, "200.00 CHF")
    payer.agree(Wish(parts=3))

    assert [str(row.amount.decimal) for row in payer.plan().rows] == ["66.66", "66.66", "66.68"]
    _until(payer, date(2027, 1, 3))
    assert payer.charges() == [("settled", "66.66"), ("settled", "66.68")]
    assert till.world.outstanding(payer.invoice_id) == money("0.00 CHF")
    assert payer.state == "completed"


def test_fault_40_the_31st_and_summer_time_move_no_due_date(runtime: Runtime):
    clock = runtime.clock
    assert isinstance(clock, SteppingClock)
    clock.advance(timedelta(days=150))  # 1 April 2027, and summer time began on 28 March.
    till = open_till(replace(runtime, clock=clock))
    payer = a_payer(till)
    payer.agree(Wish(parts=3, day=28))

    assert [row.due_on for row in payer.plan().rows] == [
        date(2027, 4, 1), date(2027, 4, 28), date(2027, 5, 28),
    ]  # fmt: skip
    assert due_days(date(2027, 8, 31), Wish(parts=2))[1] == date(2027, 9, 28)
    _until(payer, date(2027, 4, 27))
    assert payer.charges() == []
    _until(payer, date(2027, 4, 28))
    assert payer.charges() == [("settled", "300.00")]
