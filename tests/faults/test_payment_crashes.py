"""Kill -9 at every boundary of paying, on the database at hand: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from receivables.clock import SteppingClock, local_date
from receivables.database import Scope
from receivables.ids import PaymentId, new_id
from receivables.ledger.actions import settle
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.payment_crashes import AMOUNT, Debt, Flow, Line, Matrix, matrix, pay_flow

CREATE = "/v1/checkout/sessions"
#: How Stripe fails the first request: what, and how often in a row.
TROUBLES = {
    "none": None,
    "no answer before it took effect": ("drop_before", 3),
    "no answer after it took effect": ("drop_after", 3),
    "500 before it took effect": ("500", 1),
    "500 after it took effect": ("500_after_effect", 1),
    "429": ("429", 3),
}


@pytest.fixture
def crashes(database_url: str, runtime: Runtime, clock: SteppingClock) -> Iterator[Matrix]:
    with matrix(database_url, runtime, clock) as made:
        yield made


def every_boundary(
    crashes: Matrix, flow: Flow, trouble: tuple[str, int] | None, *, statements: bool, most: int
) -> tuple[int, list[str]]:
    """Run the flow once to count its boundaries, then kill it at each of the first `most`."""

    def case(at: int | None) -> tuple[int | None, list[str]]:
        debt = crashes.debt()
        if trouble is not None:
            crashes.stripe.inject(trouble[0], path=CREATE, times=trouble[1])
        passed = crashes.run(flow, debt, at=at, statements=statements)
        crashes.recover()
        crashes.try_again(debt)
        return passed, [f"killed at {at}: {wrong}" for wrong in crashes.violations(debt)]

    passed, wrong = case(None)
    assert passed is not None, "the flow itself does not run"
    cases = min(passed, most)
    for at in range(1, cases + 1):
        survived, found = case(at)
        assert survived is None, f"boundary {at} was not reached"
        wrong += found
    return cases + 1, wrong


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_process_killed_anywhere_while_paying_charges_once_and_loses_nothing(
    crashes: Matrix, trouble: str, request: pytest.FixtureRequest
) -> None:
    full = bool(request.config.getoption("--full"))
    # Stripe's trouble is with the first request: what comes after it is the same as without.
    most = 10_000 if full or trouble == "none" else 10

    cases, wrong = every_boundary(crashes, pay_flow, TROUBLES[trouble], statements=full, most=most)

    print(f"{trouble}: {cases} cases, {len(wrong)} violations")  # noqa: T201  (the figure)
    assert wrong == []
    assert cases > 8


def careless_flow(runtime: Runtime, debt: Debt, line: Line) -> None:
    """How one would write it first: a key made up on the spot, no row before the call, and the
    ledger written when the browser comes back.
    """
    gateway, choice = runtime.gateway, debt.choice
    assert gateway is not None
    key = PaymentId(new_id())
    mark = {"debt": str(debt.invoice_id)}
    request = {
        "mode": "payment", "success_url": "http://localhost/", "metadata": mark,
        "payment_intent_data": {"metadata": mark},
        "line_items": [{"quantity": 1, "price_data": {
            "currency": "chf", "unit_amount": 12000, "product_data": {"name": "Invoice"}}}],
    }  # fmt: skip
    gateway.open_checkout("", key, request)
    line.ask("pay")
    with runtime.transaction(Scope(choice.supplier_id)) as session:
        settle(
            session,
            supplier_id=choice.supplier_id,
            debtor_id=choice.debtor_id,
            payment_id=key,
            parts=[(debt.invoice_id, money(AMOUNT))],
            amount=money(AMOUNT),
            booked_on=local_date(runtime.clock.now(), "Europe/Zurich"),
            clock=runtime.clock,
        )


def test_the_matrix_finds_what_careless_code_does(crashes: Matrix) -> None:
    _, wrong = every_boundary(crashes, careless_flow, None, statements=False, most=100)

    assert any("P1" in one for one in wrong), wrong
    assert any("P2" in one for one in wrong), wrong
