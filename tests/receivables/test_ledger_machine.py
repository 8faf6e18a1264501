"""Anything that can happen to the books, in any order, against a model of plain dictionaries.

Five hundred runs of up to fifty steps with every `make test`; twenty thousand of up to a hundred
with `pytest --full tests/receivables/test_ledger_machine.py`, which `make proof` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from receivables.clock import SteppingClock
from receivables.database import SYSTEM
from receivables.ids import new_id
from receivables.ledger.giving_back import give_back
from receivables.ledger.tables import Reason
from receivables.money import Money
from tests.support.builders import make_debtor, make_supplier
from tests.support.databases import SqliteTemplate, open_database
from tests.support.ledger_machine import AMOUNTS, MORNING, PICK, Books


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Books]]:
    """The machine with a database of its own."""
    folder = tmp_path_factory.mktemp("books")
    (folder / "template").mkdir()
    database = open_database(SqliteTemplate(Path(folder / "template")).fresh(folder))
    clock = SteppingClock(MORNING)
    with database.transaction(SYSTEM) as session:
        supplier_id = make_supplier(session, clock=clock)
        debtors = tuple(make_debtor(session, supplier_id, clock=clock) for _ in range(2))
    made = type(
        "PeopledBooks",
        (Books,),
        {"database": database, "supplier_id": supplier_id, "debtors": debtors},
    )
    yield made
    database.close()


@pytest.mark.sqlite
def test_the_books_agree_with_the_model_whatever_happens(
    peopled: type[Books], request: pytest.FixtureRequest
) -> None:
    runs, steps = (20_000, 100) if request.config.getoption("--full") else (500, 50)

    run_state_machine_as_test(
        peopled,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.sqlite
def test_the_machine_notices_a_single_cent(peopled: type[Books]) -> None:
    """If this one fails, the test above proves nothing."""

    class Careless(peopled):  # type: ignore[misc,valid-type]
        @rule(which=PICK, amount=AMOUNTS)
        def refund_booked_by_the_cumulative_amount(self, which: int, amount: int) -> None:
            if not self.model.payments:
                return
            payment_id = self.chosen(self.model.payments, which)
            paid = self.model.payments[payment_id]
            about = self.about(paid.debtor)
            name = f"re_{new_id().hex}"
            give_back(
                self.session,
                **about,
                payment_id=payment_id,
                amount=Money(paid.gone + amount, "CHF"),
                reason=Reason.REFUNDED,
                source=name,
            )
            self.model.give_back(name, payment_id, amount)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Careless,
            settings=settings(
                max_examples=200,
                stateful_step_count=30,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],  # found is enough
            ),
        )
