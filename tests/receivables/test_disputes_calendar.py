"""What the calendar brings to disputes, and what happens when many press at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from receivables.database import Scope
from receivables.disputes import queries
from receivables.disputes.errors import AlreadyDisputed, MessageMissing, ReopenedAlready
from receivables.disputes.opening import Claim, Opening, open_dispute
from receivables.disputes.reasons import Reason
from receivables.ledger.holds import HoldReason
from tests.support.builders import money
from tests.support.disputes import contest, let_pass
from tests.support.world import World

pytestmark = pytest.mark.once("weeks pass hour by hour")


@pytest.fixture
def debtor(world: World):
    world.supplier()
    world.staff(role="owner", email="boss@rochat.example")
    return world.debtor(email="compta@dubois.example", language="en", country="GB", name="Dubois")


def test_another_word_comes_within_fifteen_days(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, "A-1")
    case.decide()
    let_pass(world, days=16)

    with pytest.raises(ReopenedAlready):
        case.reopen()


def test_a_debtor_who_does_not_answer_is_reminded_twice_and_then_it_is_over(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1", due_in_days=60)
    case = contest(world, debtor, "A-1")
    case.ask()
    already = len(case.letters())

    let_pass(world, days=13)
    told = [subject.split(": ", 1)[1] for subject in case.letters()[already:]]
    assert told == ["We are waiting for your answer about dispute D-0001"] * 2
    assert case.memos() == ["Dubois disputes CHF 100.00 (D-0001)"], "the clock stands"
    let_pass(world, days=1)

    assert case.state == "expired"
    assert case.letters()[-1].endswith("Your dispute D-0001 is closed without an answer")
    (hold,) = case.holds()
    assert (hold.reason, hold.amount) == (HoldReason.GRACE, money("100.00 CHF"))


def test_terms_that_run_out_are_told_once_at_each_stage(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1", due_in_days=60)
    case = contest(world, debtor, "A-1")

    let_pass(world, days=1, step=4)
    let_pass(world, days=1, step=4)

    warned = case.memos()[1:]
    assert warned == [
        "Soon overdue: dispute D-0001 of Dubois",
        "Overdue: dispute D-0001 of Dubois",
        "Far too late: dispute D-0001 of Dubois",
    ]
    case.take_over(world.staff(role="collector"))
    before = len(case.memos())
    let_pass(world, days=1, step=4)
    assert len(case.memos()) == before


def test_what_is_rejected_has_five_working_days_of_grace(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, "A-1")
    with pytest.raises(MessageMissing):
        case.decide(body="")
    case.decide("The order says so.")

    (hold,) = case.holds()
    assert (hold.reason, hold.amount) == (HoldReason.GRACE, money("100.00 CHF"))
    assert hold.until == date(2026, 11, 9), "a Monday decides, the next Monday is the last day"

    let_pass(world, days=7)
    assert len(case.holds()) == 1
    let_pass(world, days=1)
    assert case.holds() == []
    assert case.state == "rejected"
    let_pass(world, days=8)
    assert case.state == "closed", "the debtor may have no other word any more"


def test_twenty_who_contest_one_invoice_at_once_make_one_dispute(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    others = [
        world.invoice("100.00 CHF", debtor_id=debtor, number=f"B-{n}") and f"B-{n}"
        for n in range(6)
    ]

    def click(number: str) -> str:
        opening = Opening(
            supplier_id=world.supplier_id, debtor_id=debtor, contact_id=None,
            reason=Reason.PRICE, claims=[Claim(number=number)],
        )  # fmt: skip
        try:
            with world.runtime.transaction(Scope(world.supplier_id)) as session:
                open_dispute(session, opening, clock=world.clock)
        except AlreadyDisputed:
            return "already"
        return "opened"

    with ThreadPoolExecutor(8) as clicks:
        answers = Counter(clicks.map(click, ["A-1"] * 20))
        beside = Counter(clicks.map(click, others))

    assert answers == {"opened": 1, "already": 19}
    assert beside == {"opened": 6}
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        found = queries.of_debtor(session, world.supplier_id, debtor)
    assert sorted(view.reference for view in found) == [f"D-{n:04}" for n in range(1, 8)]
