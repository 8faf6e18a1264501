"""Kill -9 at every boundary of a refund and of a chargeback: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from receivables.database import Scope
from receivables.ids import RefundId, new_id
from receivables.payments.queries import of_supplier
from receivables.runtime import Runtime
from tests.support.fuses import once_unless
from tests.support.keeping import Source
from tests.support.payment_crashes import Debt, Line, every_boundary, matrix
from tests.support.return_crashes import ReturnMatrix, chargeback_flow, refund_flow

REFUNDS = ("/v1/refunds",)
#: How Stripe fails the first request: what, and how often in a row.
TROUBLES = {
    "none": None,
    "no answer before it took effect": ("drop_before", 3),
    "no answer after it took effect": ("drop_after", 3),
    "500 after it took effect": ("500_after_effect", 1),
    "429": ("429", 3),
}
EACH_TROUBLE = once_unless("none", TROUBLES)


@pytest.fixture
def crashes(database_source: Source, runtime: Runtime) -> Iterator[ReturnMatrix]:
    with matrix(ReturnMatrix, runtime, database_source) as made:
        yield made


@pytest.mark.parametrize("trouble", EACH_TROUBLE)
def test_a_process_killed_anywhere_in_a_refund_sends_it_once_and_loses_nothing(
    crashes: ReturnMatrix, trouble: str, thorough: bool
) -> None:
    # Stripe's trouble is with the first request: what comes after it is the same as without.
    most = 10_000 if thorough or trouble == "none" else 8

    cases, wrong = every_boundary(
        crashes, refund_flow, TROUBLES[trouble], statements=thorough, most=most, paths=REFUNDS
    )

    assert wrong == []
    assert cases > 6


@pytest.mark.once("books through the same inbox as a refund, which runs on both")
def test_a_process_killed_anywhere_in_a_chargeback_books_it_once_and_reverses_it_once(
    crashes: ReturnMatrix, thorough: bool
) -> None:
    cases, wrong = every_boundary(crashes, chargeback_flow, None, statements=thorough)

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
