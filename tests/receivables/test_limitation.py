"""A claim that can soon be enforced no more waits for a person, and in time."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from receivables.database import Scope
from receivables.dunning.limitation import due_between, limitation_on
from receivables.worklist.queries import Wanted, asked_of, worklist
from receivables.worklist.rules import Kind
from tests.support.builders import money
from tests.support.world import World

DAYS = st.dates(date(2010, 1, 1), date(2040, 12, 31))


@given(
    due_on=DAYS,
    country=st.sampled_from(["DE", "FR", "AT", "CH", "NL", "BE", "GB", "XX"]),
    kind=st.sampled_from(["business", "consumer"]),
    shift=st.integers(-3, 123),
)
def test_none_that_runs_out_between_two_days_is_left_out_however_the_years_fall(
    due_on, country, kind, shift
):
    last_day = limitation_on(due_on, country, kind)
    if last_day is None:
        return
    first = last_day - timedelta(days=shift)
    last = first + timedelta(days=120)

    asked = [
        one
        for one in due_between(first, last)
        if (one.country, one.kind) in ((country, None), (country, kind))
        and one.first <= due_on <= one.last
    ]

    if first <= last_day <= last:
        assert asked
    # Few are looked at: a year of due dates where terms end with the year, else four months.
    assert all(one.last - one.first <= timedelta(days=366) for one in asked)


def test_the_claim_is_on_the_worklist_from_ninety_days_before_until_it_is_paid(world: World):
    today = world.clock.now().date()
    supplier_id, staff_id = world.supplier(), world.staff()
    consumer = world.debtor(country="FR", kind="consumer")
    soon = today - timedelta(days=2 * 365 - 60)
    invoice_id = world.invoice("120.00 EUR", debtor_id=consumer, due_on=soon, number="OLD-1")
    # Against a business the same invoice has years; another consumer's has another month.
    world.invoice("9.00 EUR", debtor_id=world.debtor(country="FR"), due_on=soon)
    world.invoice("9.00 EUR", debtor_id=consumer, due_on=soon + timedelta(days=40))

    def tasks() -> list[object]:
        with world.runtime.reading(Scope(supplier_id)) as session:
            asked = asked_of(session, supplier_id, clock=world.clock)
            found = worklist(
                session, asked, Wanted(show="all", staff_id=staff_id, kind=Kind.LIMITATION)
            )
        return [line.placed for line in found.lines]

    (placed,) = tasks()
    assert placed.task.subject_id == invoice_id
    assert placed.task.due_on == limitation_on(soon, "FR", "consumer")
    assert placed.at_risk == (money("120.00 EUR"),)
    assert placed.task.facts["number"] == "OLD-1"

    world.invoice("120.00 EUR", debtor_id=consumer, is_credit_note=True, preceding_number="OLD-1")
    assert tasks() == []
