"""A promise kept, a promise broken, and a debt said to be paid, on the calendar, with the
reminders that wait for it and go on after it."""

from __future__ import annotations

from datetime import date

import pytest

from receivables.promises.rules import ClaimState, PromiseState
from tests.support.builders import money
from tests.support.promises import Promises
from tests.support.world import World

pytestmark = pytest.mark.once(
    "weeks pass hour by hour; test_story_on_postgresql tells a story there"
)


@pytest.fixture
def given(world: World) -> Promises:
    """A Monday morning; the schedule has been running since before."""
    opened = Promises(world)
    world.fire_schedules()
    return opened


@pytest.fixture
def debtor(given: Promises):
    return given.world.debtor(country="GB", language="en", email="anne@bakers.example")


def reminders(world: World) -> list[str]:
    """The subjects of what was sent, apart from mails about the promise itself."""
    ours = ("promised", "thank you", "cannot find")
    return [
        message.subject
        for message in world.mail
        if not any(word in message.subject for word in ours)
    ]


def test_a_promise_that_is_kept_ends_in_thanks_and_nobody_is_reminded(given: Promises, debtor):
    world = given.world
    # Due on Friday 30 October: its first reminder falls on this Monday.
    invoice = world.invoice("1500.00 CHF", debtor_id=debtor, due_on=date(2026, 10, 30))
    promised = given.promise(debtor, invoice, on=date(2026, 11, 6))

    world.advance(days=3)
    assert reminders(world) == []
    assert given.view(promised).state is PromiseState.ACTIVE

    given.transfer(debtor, invoice, "1500.00 CHF")
    world.advance(days=14)

    assert given.view(promised).state is PromiseState.KEPT
    assert reminders(world) == []
    assert "thank you" in world.mail[-1].subject
    assert given.holds() == []


def test_a_promise_that_is_broken_lets_the_next_reminder_go_on_the_day_after(
    given: Promises, debtor
):
    world = given.world
    invoice = world.invoice("1500.00 CHF", debtor_id=debtor, due_on=date(2026, 10, 30))
    promised = given.promise(debtor, invoice, on=date(2026, 11, 4))

    # Wednesday's promise may be kept until Friday's value date; nobody is written to meanwhile.
    world.advance(days=4, hours=12)
    assert reminders(world) == []

    # Saturday begins: it is broken. Monday is the next day on which anybody is written to.
    world.advance(hours=6)
    view = given.view(promised)
    assert (view.state, view.needs_person) == (PromiseState.BROKEN, True)
    world.advance(days=2, hours=8)

    assert len(reminders(world)) == 1
    assert "1,500.00" in reminders(world)[0]


def test_after_a_broken_promise_the_next_reminder_goes_at_once_and_names_it(
    given: Promises, debtor
):
    world = given.world
    invoice = world.invoice("1500.00 CHF", debtor_id=debtor, due_on=date(2026, 10, 30))
    world.advance(hours=2)
    assert len(reminders(world)) == 1, "the first, on this Monday; the second is next Monday's"

    # Promised for the same day, and judged by what has come on Wednesday's value date.
    given.promise(debtor, invoice, on=date(2026, 11, 2))
    given.transfer(debtor, invoice, "400.00 CHF")
    world.advance(days=2)
    assert len(reminders(world)) == 1
    world.advance(days=1)

    assert given.today == date(2026, 11, 5)
    _, second = (mail for mail in world.mail if mail.subject in reminders(world))
    assert "second reminder" in second.subject
    assert "1,100.00" in second.subject
    named = "You promised CHF 1,500.00 by 2 November 2026. Of that, CHF 400.00 has arrived."
    assert named in " ".join(second.text.split())
    assert named in second.html.replace("\xa0", " ").replace("&nbsp;", " ")
    world.advance(days=5)
    assert len(reminders(world)) == 2, "its own day brings no third"


def test_what_is_said_to_be_paid_is_looked_for_and_asked_for_again(given: Promises, debtor):
    world = given.world
    invoice = world.invoice("500.00 CHF", debtor_id=debtor, due_on=date(2026, 10, 30))
    claimed = given.claim(debtor, invoice, amount="500.00 CHF")

    # Five working days: until the end of Monday a week later.
    world.advance(days=7, hours=12)
    assert reminders(world) == []
    assert given.claim_view(claimed).state is ClaimState.OPEN

    world.advance(days=1)
    assert given.claim_view(claimed).state is ClaimState.LAPSED
    assert [m.subject for m in world.mail if "cannot find" in m.subject]
    assert len(reminders(world)) == 1

    # And it was there after all.
    given.transfer(debtor, invoice, "500.00 CHF", on=date(2026, 11, 2))
    world.advance(days=20)
    assert given.claim_view(claimed).state is ClaimState.MATCHED
    assert world.outstanding(invoice) == money("0.00 CHF")
    assert len(reminders(world)) == 1
