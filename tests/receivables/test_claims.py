""" "I have already paid": believed for five working days, looked for, found or not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from receivables.database import Scope
from receivables.ids import InvoiceId
from receivables.ledger.holds import Hold, HoldReason
from receivables.promises import claiming
from receivables.promises.claim_queries import claims
from receivables.promises.errors import (
    AlreadyClaimed,
    ClaimDecided,
    NoSuchClaim,
    NothingChosen,
    PaidOnImpossible,
    PromisesNothing,
    PromisesTooMuch,
)
from receivables.promises.rules import ClaimState
from tests.support.builders import money
from tests.support.promises import Promises
from tests.support.world import World

MONDAY = date(2026, 11, 2)


@pytest.fixture
def given(world: World) -> Promises:
    return Promises(world)


@pytest.fixture
def debtor(given: Promises):
    return given.world.debtor(country="GB", language="en", email="anne@dubois.example")


@pytest.fixture
def invoice(given: Promises, debtor) -> InvoiceId:
    return given.world.invoice("500.00 CHF", debtor_id=debtor, number="A-1", due_in_days=-10)


def decide(given: Promises, verb, claim_id, **more: object) -> None:
    with given.world.runtime.transaction(given.scope) as session:
        verb(session, given.supplier_id, claim_id, clock=given.world.clock, **more)
    given.world.run_jobs()


def test_what_is_said_to_be_paid_is_left_alone_for_five_working_days(
    given: Promises, debtor, invoice
):
    given.claim(debtor, invoice, amount="500.00 CHF")

    assert given.holds(debtor) == [
        Hold(
            invoice_id=invoice, reason=HoldReason.SAID_TO_BE_PAID, amount=money("500.00 CHF"),
            until=date(2026, 11, 9),
        )
    ]  # fmt: skip


def test_a_part_that_is_said_to_be_paid_leaves_the_rest_to_be_asked_for(
    given: Promises, debtor, invoice
):
    given.claim(debtor, invoice, amount="200.00 CHF")

    assert [hold.amount for hold in given.holds()] == [money("200.00 CHF")]


def test_somebody_finds_the_money_and_books_it(given: Promises, debtor, invoice):
    claimed = given.claim(debtor, invoice, amount="500.00 CHF")

    decide(
        given, claiming.match, claimed,
        amount=money("500.00 CHF"), reference="CAMT 1", booked_on=MONDAY,
    )  # fmt: skip

    assert given.claim_view(claimed).state is ClaimState.MATCHED
    assert given.world.outstanding(invoice) == money("0.00 CHF")
    assert given.holds() == []


def test_the_money_is_put_against_the_oldest_of_several(given: Promises, debtor, invoice):
    later = given.world.invoice("100.00 CHF", debtor_id=debtor, due_in_days=-2)
    claimed = given.claim(debtor, later, invoice, amount="600.00 CHF")

    decide(
        given, claiming.match, claimed,
        amount=money("550.00 CHF"), reference="CAMT 1", booked_on=MONDAY,
    )  # fmt: skip

    assert given.world.outstanding(invoice) == money("0.00 CHF")
    assert given.world.outstanding(later) == money("50.00 CHF")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"amount": money("500.01 CHF")}, PromisesTooMuch),
        ({"amount": money("0.00 CHF")}, PromisesNothing),
        ({"amount": money("10.00 EUR")}, PromisesNothing),
        ({"booked_on": date(2026, 11, 3)}, PaidOnImpossible),
    ],
)
def test_what_cannot_be_booked_is_refused_and_changes_nothing(
    more: dict[str, object], error: type[Exception], given: Promises, debtor, invoice
):
    claimed = given.claim(debtor, invoice, amount="500.00 CHF")
    sound = {"amount": money("500.00 CHF"), "reference": "CAMT 1", "booked_on": MONDAY}

    with pytest.raises(error):
        decide(given, claiming.match, claimed, **{**sound, **more})

    assert given.claim_view(claimed).state is ClaimState.OPEN
    assert given.world.outstanding(invoice) == money("500.00 CHF")


def test_what_is_not_found_is_asked_a_proof_of(given: Promises, debtor, invoice):
    claimed = given.claim(debtor, invoice, amount="500.00 CHF")

    decide(given, claiming.not_found, claimed)

    assert given.claim_view(claimed).state is ClaimState.NOT_FOUND
    assert given.holds() == []
    (message,) = given.world.mail
    assert message.to_address == "anne@dubois.example"
    assert "cannot find your payment" in message.subject
    assert "E-BANKING 4711" in message.text


@pytest.mark.once("days pass hour by hour")
def test_what_nobody_found_in_time_is_asked_a_proof_of_by_itself(given: Promises, debtor, invoice):
    given.world.fire_schedules()
    claimed = given.claim(debtor, invoice, amount="500.00 CHF")
    given.world.advance(days=7, hours=14)
    assert given.claim_view(claimed).state is ClaimState.OPEN, "its last day is not over"

    given.world.advance(hours=2)

    assert given.claim_view(claimed).state is ClaimState.LAPSED
    assert given.holds() == []
    assert [m for m in given.world.mail if "cannot find your payment" in m.subject]


def test_what_was_not_found_can_still_turn_up(given: Promises, debtor, invoice):
    claimed = given.claim(debtor, invoice, amount="500.00 CHF")
    decide(given, claiming.not_found, claimed)

    decide(
        given, claiming.match, claimed,
        amount=money("500.00 CHF"), reference="CAMT 1", booked_on=MONDAY,
    )  # fmt: skip

    assert given.claim_view(claimed).state is ClaimState.MATCHED


def test_what_is_paid_by_another_way_is_found_by_itself(given: Promises, debtor, invoice):
    claimed = given.claim(debtor, invoice, amount="500.00 CHF")

    given.transfer(debtor, invoice, "500.00 CHF")

    assert given.claim_view(claimed).state is ClaimState.MATCHED


def test_a_second_declaration_waits_for_a_yes_and_holds_nothing(given: Promises, debtor, invoice):
    decide(given, claiming.not_found, given.claim(debtor, invoice, amount="500.00 CHF"))

    again = given.claim(debtor, invoice, amount="500.00 CHF")
    assert given.claim_view(again).state is ClaimState.TO_APPROVE
    assert given.holds() == []

    given.world.clock.advance(timedelta(days=1))
    decide(given, claiming.approve, again)
    assert given.claim_view(again).held_until == date(2026, 11, 10)
    assert [hold.reason for hold in given.holds()] == [HoldReason.SAID_TO_BE_PAID]


def test_a_second_declaration_can_be_refused(given: Promises, debtor, invoice):
    decide(given, claiming.not_found, given.claim(debtor, invoice, amount="500.00 CHF"))
    again = given.claim(debtor, invoice, amount="500.00 CHF")

    decide(given, claiming.refuse, again)

    assert given.claim_view(again).state is ClaimState.REFUSED
    assert len([m for m in given.world.mail if "cannot find" in m.subject]) == 2


def test_what_is_being_looked_for_is_not_declared_again(given: Promises, debtor, invoice):
    given.claim(debtor, invoice, amount="500.00 CHF")

    with pytest.raises(AlreadyClaimed) as refused:
        given.claim(debtor, invoice, amount="100.00 CHF")
    assert refused.value.number == "A-1"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"paid_on": date(2026, 11, 3)}, PaidOnImpossible),
        ({"paid_on": date(2025, 11, 1)}, PaidOnImpossible),
        ({"amount": "0.00 CHF"}, PromisesNothing),
        ({"amount": "10.00 EUR"}, NothingChosen),
    ],
)
def test_what_cannot_have_been_paid_is_refused(
    said: dict[str, object], error: type[Exception], given: Promises, debtor, invoice
):
    with pytest.raises(error):
        given.claim(debtor, invoice, **{"amount": "500.00 CHF", **said})  # type: ignore[arg-type]


def test_what_is_decided_is_decided_once(given: Promises, debtor, invoice):
    claimed = given.claim(debtor, invoice, amount="500.00 CHF")
    decide(given, claiming.not_found, claimed)

    for verb in (claiming.not_found, claiming.approve, claiming.refuse):
        with pytest.raises(ClaimDecided):
            decide(given, verb, claimed)


def test_no_other_supplier_sees_or_decides_it(given: Promises, debtor, invoice):
    claimed = given.claim(debtor, invoice, amount="500.00 CHF")
    other = given.world.supplier(name="Other SA")

    with given.world.runtime.transaction(Scope(other)) as session:
        assert claims(session, other) == []
        for verb in (claiming.not_found, claiming.approve, claiming.refuse):
            with pytest.raises(NoSuchClaim):
                verb(session, other, claimed, clock=given.world.clock)
