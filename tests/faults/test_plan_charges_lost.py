"""A charge of which, in the end, it turns out that nothing was taken."""

from __future__ import annotations

from datetime import date

from receivables.runtime import Runtime
from tests.support.payments import open_till
from tests.support.plans import a_payer


def test_fault_18_after_a_breakdown_that_charged_nothing_the_instalment_is_charged_the_next_day(
    runtime: Runtime,
) -> None:
    payer = a_payer(open_till(runtime))
    payer.agree()
    payer.advance(days=(date(2026, 12, 1) - payer.today).days)
    payer.till.stripe.inject("500", path="/v1/payment_intents")

    payer.advance(days=3)

    assert payer.charges() == [("expired", "225.00"), ("settled", "225.00")]
