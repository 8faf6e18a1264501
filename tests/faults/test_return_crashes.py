"""Kill -9 at every boundary of a refund and of a chargeback: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from receivables.clock import SteppingClock
from receivables.database import Scope
from receivables.ids import RefundId, new_id
from receivables.payments.queries import of_supplier
from receivables.runtime import Runtime
from tests.support.payment_crashes import Debt, Flow, Line
from tests.support.return_crashes import (
    ReturnMatrix,
    chargeback_flow,
    refund_flow,
    return_matrix,
)

REFUNDS = "/v1/refunds"
#: How Stripe fails the first request: what, and how often in a row.
TROUBLES = {
    "none": None,
    "no answer before it took effect": ("drop_before", 3),
    "no answer after it took effect": ("drop_after", 3),
    "500 after it took effect": ("500_after_effect", 1),
    "429": ("429", 3),
}


@pytest.fixture
def crashes(database_url: str, runtime: Runtime, clock: SteppingClock) -> Iterator[ReturnMatrix]:
    with return_matrix(database_url, runtime, clock) as made:
        yield made


def every_boundary(
    crashes: ReturnMatrix,
    flow: Flow,
    trouble: tuple[str, int] | None,
    *,
    statements: bool = False,
    most: int = 10_000,
) -> tuple[int, list[str]]:
    """Run the flow once to count its boundaries, then kill it at each of the first `most`."""

    def case(at: int | None) -> tuple[int | None, list[str]]:
        debt = crashes.debt()
        if trouble is not None:
            crashes.stripe.inject(trouble[0], path=REFUNDS, times=trouble[1])
        passed = crashes.run(flow, debt, at=at, statements=statements)
        crashes.recover()
        crashes.try_again(debt, flow)
        return passed, [f"killed at {at}: {wrong}" for wrong in crashes.violations(debt)]

    passed, wrong = case(None)
    assert passed is not None, "the flow itself does not run"
    cases = range(1, min(passed, most) + 1)
    for at in cases:
        survived, found = case(at)
        assert survived is None, f"boundary {at} was not reached"
        wrong += found
    return len(cases) + 1, wrong


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_process_killed_anywhere_in_a_refund_sends_it_once_and_loses_nothing(
    crashes: ReturnMatrix, trouble: str, request: pytest.FixtureRequest
) -> None:
    full = bool(request.config.getoption("--full"))
    # Stripe's trouble is with the first request: what comes after it is the same as without.
    most = 10_000 if full or trouble == "none" else 8

    cases, wrong = every_boundary(
        crashes, refund_flow, TROUBLES[trouble], statements=full, most=most
    )

    assert wrong == []
    assert cases > 6


def test_a_process_killed_anywhere_in_a_chargeback_books_it_once_and_reverses_it_once(
    crashes: ReturnMatrix, request: pytest.FixtureRequest
) -> None:
    full = bool(request.config.getoption("--full"))

    cases, wrong = every_boundary(crashes, chargeback_flow, None, statements=full)

    assert wrong == []
    assert cases > 6


def careless_flow(runtime: Runtime, debt: Debt, line: Line) -> None:
    """How one would write it first: a key made up on the spot, and no row before the call."""
    gateway = runtime.gateway
    assert gateway is not None
    assert line
    intent = _intent_of(runtime, debt)
    gateway.make_refund("", RefundId(new_id()), {"payment_intent": intent, "amount": 5000})


def _intent_of(runtime: Runtime, debt: Debt) -> str:
    with runtime.reading(Scope(debt.choice.supplier_id)) as session:
        payment = of_supplier(session, debt.choice.supplier_id, debt.choice.attempt)
    return str(payment.stripe_payment_intent_id)


def test_the_matrix_finds_what_careless_code_does(crashes: ReturnMatrix) -> None:
    _, wrong = every_boundary(crashes, careless_flow, None, most=4)

    assert any("P1" in one for one in wrong), wrong
