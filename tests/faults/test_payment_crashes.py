"""Kill -9 at every boundary of paying, on the database at hand: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from receivables.clock import local_date
from receivables.database import Scope
from receivables.ids import PaymentId, new_id
from receivables.ledger.actions import settle
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.keeping import Source
from tests.support.payment_crashes import (
    AMOUNT,
    EACH_TROUBLE,
    TROUBLES,
    Debt,
    Line,
    Matrix,
    charge_flow,
    every_boundary,
    matrix,
    pay_flow,
)


@pytest.fixture
def crashes(database_source: Source, runtime: Runtime) -> Iterator[Matrix]:
    with matrix(Matrix, runtime, database_source) as made:
        yield made


@pytest.mark.parametrize("trouble", EACH_TROUBLE)
def test_a_process_killed_anywhere_while_paying_charges_once_and_loses_nothing(
    crashes: Matrix, trouble: str, thorough: bool
) -> None:
    # Stripe's trouble is with the first request: what comes after it is the same as without.
    most = 10_000 if thorough or trouble == "none" else 10

    cases, wrong = every_boundary(
        crashes, pay_flow, TROUBLES[trouble], statements=thorough, most=most
    )

    print(f"{trouble}: {cases} cases, {len(wrong)} violations")  # noqa: T201  (the figure)
    assert wrong == []
    assert cases > 8


@pytest.mark.parametrize("trouble", EACH_TROUBLE)
@pytest.mark.once("paying, with the same steps, is killed on both")
def test_a_process_killed_anywhere_while_charging_charges_once_and_loses_nothing(
    crashes: Matrix, trouble: str, thorough: bool
) -> None:
    most = 10_000 if thorough or trouble == "none" else 8

    cases, wrong = every_boundary(
        crashes, charge_flow, TROUBLES[trouble], statements=thorough, most=most
    )

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


def careless_charge(runtime: Runtime, debt: Debt, line: Line) -> None:
    """The job as one would write it first: a key made up on the spot, and the ledger written once
    the answer is there.
    """
    gateway, order = runtime.gateway, debt.order
    assert gateway is not None
    assert order is not None
    attempt = PaymentId(new_id())
    request = {
        "amount": 12000, "currency": "chf", "customer": debt.card[0],
        "payment_method": debt.card[1],
        "off_session": True, "confirm": True, "metadata": {"debt": str(debt.invoice_id)},
    }  # fmt: skip
    gateway.charge("", attempt, request)
    line.ask("webhooks")
    with runtime.transaction(Scope(order.supplier_id)) as session:
        settle(
            session,
            supplier_id=order.supplier_id,
            debtor_id=order.debtor_id,
            payment_id=attempt,
            parts=[(debt.invoice_id, money(AMOUNT))],
            amount=money(AMOUNT),
            booked_on=local_date(runtime.clock.now(), "Europe/Zurich"),
            clock=runtime.clock,
        )


def test_the_matrix_finds_what_a_careless_charge_does(crashes: Matrix) -> None:
    _, wrong = every_boundary(crashes, careless_charge, None, statements=False, most=100)

    assert any("P1" in one for one in wrong), wrong
    assert any("P2" in one for one in wrong), wrong
