"""Charges that never reached anybody, or of which it turns out that nothing was taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest

from receivables.payments.stripe import StripeGateway
from receivables.runtime import Runtime
from tests.support.keeping import Source
from tests.support.payments import open_till, stripe_settings
from tests.support.plans import Payer, kept_payer, on_the_eve

pytestmark = pytest.mark.once(
    "days pass without Stripe; the same statements run in test_plan_debits"
)


@pytest.fixture
def payer(runtime: Runtime, database_source: Source) -> Payer:
    return kept_payer(on_the_eve, open_till(runtime), database_source)


@contextmanager
def _cut_off(payer: Payer) -> Iterator[None]:
    """Within the block no connection to Stripe is made."""
    world, whole = payer.till.world, payer.till.runtime
    nowhere = StripeGateway(stripe_settings("http://127.0.0.1:1"))
    world.runtime = replace(whole, gateway=nowhere)
    yield
    nowhere.close()
    world.runtime = whole


def _hour(payer: Payer) -> None:
    payer.till.world.clock.advance(timedelta(hours=1))
    payer.till.world.run_jobs()
    payer.till.deliver()


def test_fault_18_where_stripe_is_not_reached_it_is_tried_again_within_the_hour(
    payer: Payer,
) -> None:

    with _cut_off(payer):
        payer.advance(days=1)
    assert payer.charges() == [("failed", "225.00")]
    assert payer.plan().rows[1].tries == 0
    _hour(payer)

    assert payer.today == date(2026, 12, 2)
    assert payer.charges() == [("failed", "225.00"), ("settled", "225.00")]
    assert payer.messages().count("announce_charge") == 1


def test_fault_18_however_long_stripe_is_away_nothing_is_held_against_the_debtor(
    payer: Payer,
) -> None:

    with _cut_off(payer):
        payer.advance(days=9)
    assert payer.state == "active"
    assert not {"remind_late", "give_notice", "not_charged"} & set(payer.messages())
    assert {state for state, _amount in payer.charges()} == {"failed"}
    payer.advance(days=1)

    assert payer.charges()[-1] == ("settled", "225.00")


def test_fault_18_after_a_breakdown_that_charged_nothing_the_instalment_is_charged_the_next_day(
    payer: Payer,
) -> None:
    payer.till.stripe.inject("500", path="/v1/payment_intents")

    payer.advance(days=3)

    assert payer.charges() == [("expired", "225.00"), ("settled", "225.00")]
