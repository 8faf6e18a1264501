"""Anything that can happen to a debt, in any order, against a model of plain dictionaries.

Invoices, credit notes, payments in part and too much, refunds, chargebacks, plans agreed, paid and
broken, write-offs, disputes, messages told twice, processes that die half-way: all in one machine
(`tests/support/ledger_books.py`), whose invariants hold after every step.

Five hundred runs of fifty steps with every `make test`; twenty thousand of a hundred, in forty
batches, with

    pytest --full tests/receivables/test_ledger_machine.py -k whatever_happens

which `make proof` does. QUITTANCE_SEED says what is drawn, QUITTANCE_BATCHES=20-39 which batches
are run, so that they can be shared out and taken up again; each batch that is done is told.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import SystemRandom

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from receivables.ledger.actions import clearing_of, post, unapplied_by
from receivables.ledger.giving_back import give_back
from receivables.ledger.tables import Reason
from receivables.money import Money
from receivables.plans.moving import move
from receivables.plans.queries import find
from receivables.plans.states import Step
from receivables.ports import ChargeStatus, CheckoutStatus
from tests.support.databases import SqliteTemplate, open_database
from tests.support.ledger_books import Books, people
from tests.support.ledger_dice import BACKEND
from tests.support.ledger_machine import AMOUNTS, ROLLS, Roll

#: A failure is told as the shortest story of it; nothing is kept between runs of the tests.
ALWAYS = settings(
    deadline=None, database=None, suppress_health_check=list(HealthCheck), backend=BACKEND
)
RUNS = 500
#: What a batch must be full of, each at least so many times.
OFTEN = {
    "invoice.issued": 1500, "invoice.credit_note_issued": 400, "ledger.written_off": 250,
    "paid in part": 180, "payment.settled": 250, "payment.invoice_paid_again": 12,
    "refund.made": 50, "refund.failed": 10, "chargeback.withdrawn": 50,
    "chargeback.reinstated": 5, "plan.activated": 40, "plan.completed": 10, "plan.in_default": 10,
    "plan.accelerated": 3, "dispute.opened": 80, "dispute upheld": 15, "message came again": 40,
    "process died": 150,
}  # fmt: skip
#: Found is enough.
UNTIL_FOUND = settings(ALWAYS, max_examples=200, stateful_step_count=30, phases=[Phase.generate])


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Books]]:
    """The machine with a database of its own."""
    folder = tmp_path_factory.mktemp("books")
    (folder / "template").mkdir()
    database = open_database(SqliteTemplate(Path(folder / "template")).fresh(folder))
    made = type("PeopledBooks", (Books,), people(database))
    yield made
    database.close()


@pytest.mark.sqlite
def test_the_books_agree_with_the_model_whatever_happens(
    peopled: type[Books], thorough: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = str(SystemRandom().randrange(10**6)) if thorough else "2026"
    given = os.environ.get("QUITTANCE_SEED", drawn)
    first, last = map(int, os.environ.get("QUITTANCE_BATCHES", "0-39").split("-"))
    for batch in range(first, last + 1) if thorough else (0,):
        peopled.happened.clear()
        run_state_machine_as_test(
            seed(f"{given}/{batch}")(type("Batch", (peopled,), {})),
            settings=settings(
                ALWAYS, max_examples=RUNS, stateful_step_count=100 if thorough else 50
            ),
        )
        rare = {
            what: peopled.happened[what] for what in OFTEN if peopled.happened[what] < OFTEN[what]
        }
        assert not rare, f"seed {given}, batch {batch}: hardly happened"
        if thorough:
            with capsys.disabled():
                sys.stderr.write(f"seed {given}, batch {batch}: {RUNS} runs of 100 steps\n")


@pytest.mark.sqlite
def test_what_a_bank_takes_two_months_for_is_booked_once_a_person_looks(
    peopled: type[Books],
) -> None:
    """Found by the machine (seed 4501, batch 20): no message came, and after a month nobody looks
    by themselves any more.
    """
    books = peopled()
    books.issue_an_invoice(Roll(0), 400)
    books.open_a_page(Roll(0), 400)
    (page_id,) = books.gateway.pages
    books.gateway.pay(page_id, CheckoutStatus.PROCESSING)
    books.tell(page_id, Roll(0))
    for _ in range(4):
        books.days_pass(15, ChargeStatus.PAID)
    books.gateway.pay(page_id, CheckoutStatus.PAID)
    books.days_pass(15, ChargeStatus.PAID)
    (attempt,) = books.model.attempts.values()
    assert attempt.state == "processing"

    books.teardown()

    assert attempt.state == "settled"


@pytest.mark.sqlite
@pytest.mark.parametrize(("is_won", "state"), [(False, "cured"), (True, "completed")])
def test_a_card_is_charged_after_a_pause_before_a_plan_is_broken(
    peopled: type[Books], is_won: bool, state: str
) -> None:
    """Found by the machine (seed 4501, batch 22): the days to cure ran out while a person was
    asked to look; the card had not been refused since, and pays.
    """
    books = peopled()
    books.issue_an_invoice(Roll(0), 400)
    books.pay(Roll(0), 100)
    books.agree_a_plan(Roll(2))
    (plan,) = books.plans.values()
    for days, answer in (
        (5, ChargeStatus.PAID),
        (8, ChargeStatus.FAILED),
        (1, ChargeStatus.FAILED),
    ):
        books.days_pass(days, answer)
        books.everything_holds()
    assert plan.state == "in_default"
    books.chargeback(Roll(0))
    books.days_pass(3, ChargeStatus.PAID)
    if is_won:
        books.a_chargeback_ends(Roll(0))
    assert plan.is_paused
    books.resume()

    books.days_pass(1, ChargeStatus.PAID)

    books.everything_holds()
    assert plan.state == state
    books.teardown()


# If one of the following fails, the test above proves nothing.


@pytest.mark.sqlite
def test_the_machine_notices_a_refund_booked_by_the_cumulative_amount(
    peopled: type[Books],
) -> None:
    class Careless(peopled):  # type: ignore[misc,valid-type]
        @rule(how=ROLLS, amount=AMOUNTS)
        def refund_carelessly(self, how: Roll, amount: int) -> None:
            self.issue_an_invoice(Roll(0), 400)
            self.pay(Roll(0), 400)
            if not self.model.payments:
                return
            payment_id = self.chosen(self.model.payments, how.which)
            paid = self.model.payments[payment_id]
            found = self.gateway.send_back(self.model.attempts[payment_id].intent, amount)
            self.do(
                lambda session: give_back(
                    session,
                    **self.about(paid.debtor),
                    payment_id=payment_id,
                    amount=Money(paid.gone + amount, "CHF"),
                    reason=Reason.REFUNDED,
                    source=found.id,
                )
            )
            self.then()

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Careless, settings=UNTIL_FOUND)


@pytest.mark.sqlite
def test_the_machine_notices_a_message_told_twice_that_is_booked_twice(
    peopled: type[Books],
) -> None:
    class Careless(peopled):  # type: ignore[misc,valid-type]
        @rule(how=ROLLS)
        def be_told_and_book_what_is_told(self, how: Roll) -> None:
            self.issue_an_invoice(Roll(0), 400)
            self.pay(Roll(0), 400)
            if not self.model.payments:
                return
            payment_id = self.chosen(self.model.payments, how.which)
            paid = self.model.payments[payment_id]
            whose = self.about(paid.debtor)
            debtor_id = whose.pop("debtor_id")
            self.do(
                lambda session: post(
                    session,
                    **whose,
                    debit=clearing_of(self.supplier_id),
                    credit=unapplied_by(debtor_id),
                    amount=Money(paid.received, "CHF"),
                    reason=Reason.PAYMENT_SURPLUS,
                    source=f"{payment_id}/evt_2",
                    payment_id=payment_id,
                )
            )
            self.then()

    with pytest.raises(AssertionError, match="booked twice"):
        run_state_machine_as_test(Careless, settings=UNTIL_FOUND)


@pytest.mark.sqlite
def test_the_machine_notices_a_broken_plan_that_keeps_its_invoices(peopled: type[Books]) -> None:
    class Careless(peopled):  # type: ignore[misc,valid-type]
        @rule()
        def break_a_plan_carelessly(self) -> None:
            self.issue_an_invoice(Roll(0), 400)
            self.agree_a_plan(Roll(2))
            standing = [key for key, one in self.plans.items() if one.stands]
            if not standing:
                return
            plan_id = self.chosen(standing, 0)
            self.do(
                lambda session: move(
                    find(session, self.supplier_id, plan_id), Step.CANCEL, clock=self.clock
                )
            )
            self.plans[plan_id].state = "cancelled"

    with pytest.raises(AssertionError, match="its invoices do not know"):
        run_state_machine_as_test(Careless, settings=UNTIL_FOUND)


@pytest.mark.sqlite
def test_the_machine_notices_work_that_nobody_does(peopled: type[Books]) -> None:
    class Careless(peopled):  # type: ignore[misc,valid-type]
        @rule()
        def lose_a_message(self) -> None:
            self.issue_an_invoice(Roll(0), 400)
            self.open_a_page(Roll(0), 400)
            if not self.gateway.pages:
                return
            page_id = self.chosen(self.gateway.pages, 0)
            self.receive("checkout.session.completed", page_id, 0)
            self.driver.execute("UPDATE jobs SET state = 'sent' WHERE actor LIKE '%stripe_event'")
            self.clock.advance(timedelta(minutes=11))

    with pytest.raises(AssertionError, match="work is due and nobody does it"):
        run_state_machine_as_test(Careless, settings=UNTIL_FOUND)
