"""Payer profiles and forecasts in the books: worked out at night, overruled for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from receivables.clock import local_date
from receivables.credit.actions import note_insolvency, set_payer_class
from receivables.credit.queries import standing
from receivables.credit.rules import PayerClass
from receivables.database import Scope
from receivables.history import of_debtor
from receivables.payers import actions
from receivables.payers.cash_queries import cash_forecast, expected_cash, expected_of, latest_run
from receivables.payers.errors import OverrideRefused
from receivables.payers.expecting import Rule
from receivables.payers.queries import class_of, profile_of
from receivables.payers.rules import MOST_OVERRIDE_DAYS, Penalty
from receivables.promises.rules import Source
from tests.support.builders import money
from tests.support.payers import at_night, paid_invoice, with_past
from tests.support.promises import Promises
from tests.support.world import World


def read(world: World, query, *arguments):
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        return query(session, world.supplier_id, *arguments)


def today_of(world: World):
    return local_date(world.clock.now(), "Europe/Zurich")


def told(world: World, debtor_id):
    return read(world, standing, debtor_id).payer_class


def test_a_night_says_how_each_debtor_pays_and_why(world: World):
    world.supplier()
    punctual, slow, person, new = (
        world.debtor(), world.debtor(), world.debtor(kind="consumer"), world.debtor()
    )  # fmt: skip
    with_past(world, punctual, [0] * 6)
    with_past(world, slow, [35] * 6)
    with_past(world, person, [35] * 6)
    paid_invoice(world, new, days_late=0, days_ago=3)

    at_night(world)

    found = read(world, class_of, [punctual, slow, person, new])
    assert (found[punctual], found[new]) == (PayerClass.A, PayerClass.N)
    assert found[slow] == found[person] > PayerClass.B
    assert told(world, punctual) is PayerClass.A
    assert told(world, slow) is found[slow]
    # A calculated class refuses a natural person nothing.
    assert told(world, person) is PayerClass.N
    profile = read(world, profile_of, slow)
    assert [one for one, _ in profile.largest] == [Penalty.DAYS_LATE, Penalty.LATE_SHARE]
    assert profile.paid_count == 6


def test_a_persons_word_counts_until_its_last_day(world: World):
    supplier_id, debtor_id, staff_id = world.supplier(), world.debtor(), world.staff()
    with_past(world, debtor_id, [0] * 4)
    at_night(world)
    whose = {"supplier_id": supplier_id, "debtor_id": debtor_id, "clock": world.clock}
    until = today_of(world) + timedelta(days=1)

    with world.runtime.transaction(Scope(supplier_id)) as session:
        actions.override(
            session, payer_class=PayerClass.D, reason="new owner", until=until,
            staff_id=staff_id, **whose,
        )  # fmt: skip
    at_night(world)

    assert told(world, debtor_id) is PayerClass.D
    assert read(world, profile_of, debtor_id).override.reason == "new owner"
    world.clock.advance(timedelta(days=2))
    at_night(world)
    assert told(world, debtor_id) is PayerClass.A
    assert read(world, profile_of, debtor_id).override is None
    kinds = [one.event.kind for one in read(world, of_debtor, debtor_id)]
    assert kinds.count("payers.override_ended") == 1
    with (
        world.runtime.transaction(Scope(supplier_id)) as session,
        pytest.raises(OverrideRefused),
    ):
        actions.override(
            session, payer_class=PayerClass.B, reason="", until=until, staff_id=staff_id, **whose
        )


def test_what_somebody_said_before_profiles_were_kept_stands_for_half_a_year(world: World):
    supplier_id, debtor_id = world.supplier(), world.debtor()
    with_past(world, debtor_id, [30] * 4)
    whose = {"supplier_id": supplier_id, "debtor_id": debtor_id, "clock": world.clock}
    with world.runtime.transaction(Scope(supplier_id)) as session:
        set_payer_class(session, payer_class=PayerClass.A, reason="an old friend", **whose)

    at_night(world)

    assert told(world, debtor_id) is PayerClass.A
    until = read(world, profile_of, debtor_id).override.until
    assert until == today_of(world) + timedelta(days=MOST_OVERRIDE_DAYS)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        actions.end_override(session, **whose)
    assert told(world, debtor_id) is read(world, profile_of, debtor_id).payer_class


def test_a_night_says_when_everything_open_is_expected(world: World):
    supplier_id = world.supplier()
    slow, insolvent = world.debtor(), world.debtor()
    with_past(world, slow, [20] * 12, every=12)
    today = today_of(world)
    coming = world.invoice("500.00 CHF", debtor_id=slow, due_in_days=5)
    promised = world.invoice("300.00 CHF", debtor_id=slow, due_in_days=-3)
    world.invoice("70.00 CHF", debtor_id=insolvent, due_in_days=1)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        note_insolvency(
            session, supplier_id=supplier_id, debtor_id=insolvent, insolvent_on=today,
            clock=world.clock,
        )  # fmt: skip
    Promises(world).promise(slow, promised, source=Source.STAFF)

    at_night(world)

    expected = read(world, expected_of, slow, today)
    assert expected[coming].rule is Rule.HISTORY
    assert abs((expected[coming].expected_on - today).days - 25) <= 4
    assert expected[promised].rule is Rule.PROMISE
    assert expected[promised].expected_on <= today + timedelta(days=5)
    (chf,) = read(world, cash_forecast, today)
    assert (chf.insolvent, chf.expected) == (money("70.00 CHF"), money("800.00 CHF"))
    assert read(world, expected_cash, today)["CHF"] == money("800.00 CHF")
    run = read(world, latest_run)
    assert run.uses_model
    assert run.learnt_from == 12
    # Paid since: nothing is expected of it any more.
    paid_invoice(world, slow, days_late=0, days_ago=0)
    at_night(world)
    assert set(read(world, expected_of, slow, today)) == {coming, promised}
