"""Promises as they are given, judged by the ledger, replaced and taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from receivables.credit import actions as credit
from receivables.credit.rules import PayerClass
from receivables.database import Scope
from receivables.ids import InvoiceId, PromiseId, new_id
from receivables.ledger.holds import Hold, HoldReason
from receivables.payments.tables import Payment, PaymentPart
from receivables.promises import actions, queries
from receivables.promises.errors import (
    NoSuchPromise,
    NothingChosen,
    NotPromisable,
    PromisedForThePast,
    PromisedTooLate,
    PromisesNothing,
    PromisesTooMuch,
)
from receivables.promises.rules import PromiseState, Refusal, Source
from tests.support.builders import money
from tests.support.dunning import Dunning
from tests.support.promises import Promises
from tests.support.world import World

MONDAY = date(2026, 11, 2)
WEDNESDAY = date(2026, 11, 4)


@pytest.fixture
def given(world: World) -> Promises:
    return Promises(world)


@pytest.fixture
def debtor(given: Promises):
    return given.world.debtor(country="GB", language="en", email="anne@dubois.example")


@pytest.fixture
def invoice(given: Promises, debtor) -> InvoiceId:
    return given.world.invoice("1500.00 CHF", debtor_id=debtor, number="A-1", due_in_days=-10)


def test_a_promise_holds_back_what_it_covers(given: Promises, debtor, invoice):
    given.promise(debtor, invoice, on=WEDNESDAY)

    assert given.holds(debtor) == [
        Hold(
            invoice_id=invoice, reason=HoldReason.PROMISED, amount=money("1500.00 CHF"),
            until=date(2026, 11, 6),
        )
    ]  # fmt: skip
    assert given.holds() == given.holds(debtor)


def test_a_promise_of_a_part_holds_back_that_part_of_the_oldest(given: Promises, debtor, invoice):
    later = given.world.invoice("500.00 CHF", debtor_id=debtor, due_in_days=-2)

    given.promise(debtor, later, invoice, amount="1600.00 CHF")

    held = {hold.invoice_id: hold.amount for hold in given.holds(debtor)}
    assert held == {invoice: money("1500.00 CHF"), later: money("100.00 CHF")}


def test_what_has_come_of_it_is_held_back_no_longer(given: Promises, debtor, invoice):
    given.promise(debtor, invoice)

    given.transfer(debtor, invoice, "400.00 CHF")

    assert [hold.amount for hold in given.holds()] == [money("1100.00 CHF")]


def test_money_paid_before_does_not_keep_a_promise(given: Promises, debtor, invoice):
    given.transfer(debtor, invoice, "1000.00 CHF")

    promised = given.promise(debtor, invoice)
    given.world.run_jobs()

    assert given.view(promised).received == money("0.00 CHF")
    assert given.view(promised).amount == money("500.00 CHF")
    assert given.view(promised).state is PromiseState.ACTIVE


def test_both_sides_have_it_in_writing(given: Promises, debtor, invoice):
    given.promise(debtor, invoice, on=WEDNESDAY)
    given.world.run_jobs()

    (message,) = given.world.mail
    assert message.to_address == "anne@dubois.example"
    assert "A-1" in message.text
    assert "1,500.00" in message.subject
    with given.world.runtime.reading(given.scope) as session:
        (view,) = queries.promises(session, given.supplier_id)
    assert (view.numbers, view.source) == (("A-1",), "debtor")


def test_a_promise_is_kept_when_the_money_comes(given: Promises, debtor, invoice):
    promised = given.promise(debtor, invoice)
    given.world.run_jobs()
    given.transfer(debtor, invoice, "1499.00 CHF")

    assert given.view(promised).state is PromiseState.KEPT
    assert given.holds() == []
    assert "thank you" in given.world.mail[-1].subject


def test_a_promise_is_kept_by_money_that_is_booked_late_with_a_value_date_in_time(
    given: Promises, debtor, invoice
):
    promised = given.promise(debtor, invoice, on=WEDNESDAY)
    given.world.clock.advance(timedelta(days=4))

    given.transfer(debtor, invoice, "1500.00 CHF", on=date(2026, 11, 6))

    assert given.view(promised).state is PromiseState.KEPT


@pytest.mark.parametrize(
    ("came", "state", "received"),
    [
        (None, PromiseState.BROKEN, "0.00 CHF"),
        ("1000.00 CHF", PromiseState.KEPT_IN_PART, "1000.00 CHF"),
    ],
)
@pytest.mark.once("days pass hour by hour")
def test_a_promise_is_judged_the_day_after_it_could_still_be_kept(
    came: str | None, state: PromiseState, received: str, given: Promises, debtor, invoice
):
    given.world.fire_schedules()
    promised = given.promise(debtor, invoice, on=WEDNESDAY)
    if came:
        given.transfer(debtor, invoice, came)

    given.world.advance(days=4, hours=14)
    assert given.view(promised).state is PromiseState.ACTIVE, "Friday still counts"
    given.world.advance(hours=2)

    view = given.view(promised)
    assert view.state is state
    assert view.received == money(received)
    assert view.needs_person is (state is PromiseState.BROKEN), "over a thousand"
    assert given.holds() == []


def test_money_on_its_way_on_the_day_is_waited_for(given: Promises, debtor, invoice):
    promised = given.promise(debtor, invoice, on=WEDNESDAY)
    given.world.clock.advance(timedelta(days=2))
    payment_id = Dunning.start_paying(_On(given), debtor, invoice, "1500.00 CHF")  # type: ignore[arg-type]
    _set_state(given, payment_id, "processing")
    given.world.clock.advance(timedelta(days=8))
    judge(given, debtor)
    assert given.view(promised).state is PromiseState.ACTIVE

    _set_state(given, payment_id, "expired")
    given.transfer(debtor, invoice, "1500.00 CHF")

    assert given.view(promised).state is PromiseState.KEPT


class _On:
    """What `start_paying` needs to know."""

    def __init__(self, given: Promises) -> None:
        self.world, self.scope, self.supplier_id = given.world, given.scope, given.supplier_id


def _set_state(given: Promises, payment_id, state: str) -> None:
    with given.world.runtime.transaction(given.scope) as session:
        session.execute(update(Payment).where(Payment.id == payment_id).values(state=state))
        live = state == "processing"
        session.execute(
            update(PaymentPart).where(PaymentPart.payment_id == payment_id).values(live=live)
        )


def judge(given: Promises, debtor) -> None:
    with given.world.runtime.transaction(given.scope) as session:
        actions.look_at(session, given.supplier_id, debtor, clock=given.world.clock)


def test_judging_twice_changes_nothing(given: Promises, debtor, invoice):
    promised = given.promise(debtor, invoice, on=WEDNESDAY)
    given.world.clock.advance(timedelta(days=5))
    judge(given, debtor)
    since = given.view(promised).state_since
    given.world.clock.advance(timedelta(days=1))

    judge(given, debtor)

    assert given.view(promised).state_since == since


def test_another_promise_takes_the_place_of_the_first_and_there_is_no_third(
    given: Promises, debtor, invoice
):
    first = given.promise(debtor, invoice, on=WEDNESDAY)
    second = given.promise(debtor, invoice, amount="900.00 CHF", on=WEDNESDAY)

    assert given.view(first).state is PromiseState.SUPERSEDED
    assert [hold.amount for hold in given.holds()] == [money("900.00 CHF")]
    with pytest.raises(NotPromisable) as refused:
        given.promise(debtor, invoice, on=WEDNESDAY)
    assert refused.value.refusal is Refusal.TOO_OFTEN
    assert given.view(second).state is PromiseState.ACTIVE


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"on": date(2026, 11, 1)}, PromisedForThePast),
        ({"on": date(2026, 11, 12)}, PromisedTooLate),
        ({"amount": "0.00 CHF"}, PromisesNothing),
        ({"amount": "-5.00 CHF"}, PromisesNothing),
        ({"amount": "1500.01 CHF"}, PromisesTooMuch),
        ({"amount": "10.00 EUR"}, PromisesTooMuch),
    ],
)
def test_what_cannot_be_promised_is_refused(
    facts: dict[str, object], error: type[Exception], given: Promises, debtor, invoice
):
    with pytest.raises(error):
        given.promise(debtor, invoice, **facts)  # type: ignore[arg-type]
    assert given.holds() == []


def test_nothing_is_promised_after_a_formal_notice(given: Promises, debtor, invoice):
    with pytest.raises(NotPromisable) as refused:
        given.promise(debtor, invoice, after_formal_notice=[invoice])
    assert refused.value.refusal is Refusal.FORMAL_NOTICE


def test_what_is_contested_is_not_promised_along(given: Promises, debtor, invoice):
    contested = Hold(invoice_id=invoice, reason=HoldReason.DISPUTED, amount=money("300.00 CHF"))

    promised = given.promise(debtor, invoice, held_by_others=[contested])

    assert given.view(promised).amount == money("1200.00 CHF")


def test_the_payer_class_decides_how_far_ahead(given: Promises, debtor, invoice):
    with given.world.runtime.transaction(given.scope) as session:
        set_class(session, given, debtor, "E")
    with pytest.raises(NotPromisable) as refused:
        given.promise(debtor, invoice)
    assert refused.value.refusal is Refusal.PAYER_CLASS

    with given.world.runtime.transaction(given.scope) as session:
        set_class(session, given, debtor, "A")
    given.promise(debtor, invoice, on=date(2026, 11, 16))


def set_class(session, given: Promises, debtor, payer_class: str) -> None:
    credit.set_payer_class(
        session, supplier_id=given.supplier_id, debtor_id=debtor,
        payer_class=PayerClass(payer_class), clock=given.world.clock,
    )  # fmt: skip


def test_staff_may_write_down_what_the_debtor_could_not_promise_alone(
    given: Promises, debtor, invoice
):
    for _ in range(3):
        given.promise(debtor, invoice, on=date(2026, 12, 15), source=Source.CALL)

    with pytest.raises(PromisedTooLate):
        given.promise(debtor, invoice, on=date(2027, 2, 15), source=Source.STAFF)


def test_an_invoice_of_somebody_else_cannot_be_promised(given: Promises, debtor):
    foreign = given.world.invoice("10.00 CHF")

    with pytest.raises(NothingChosen):
        given.promise(debtor, foreign)


def test_a_promise_that_is_taken_back_holds_nothing_and_does_not_count(
    given: Promises, debtor, invoice
):
    for _ in range(3):
        promised = given.promise(debtor, invoice)
        with given.world.runtime.transaction(given.scope) as session:
            actions.cancel(session, given.supplier_id, promised, clock=given.world.clock)

    assert given.view(promised).state is PromiseState.CANCELLED
    assert given.holds() == []
    with (
        pytest.raises(NoSuchPromise),
        given.world.runtime.transaction(given.scope) as session,
    ):
        actions.cancel(session, given.supplier_id, promised, clock=given.world.clock)


def test_no_other_supplier_sees_or_touches_a_promise(given: Promises, debtor, invoice):
    promised = given.promise(debtor, invoice)
    other = given.world.supplier(name="Other SA")

    with given.world.runtime.transaction(Scope(other)) as session:
        assert queries.promises(session, other) == []
        assert queries.holds(session, other) == []
        for touch in (actions.cancel, actions.deal_with):
            with pytest.raises(NoSuchPromise):
                touch(session, other, promised, clock=given.world.clock)
        with pytest.raises(NoSuchPromise):
            queries.promise(session, other, promised)
    with given.world.runtime.reading(given.scope) as session, pytest.raises(NoSuchPromise):
        queries.promise(session, given.supplier_id, PromiseId(new_id()))
