"""Kill -9 at every boundary of a plan's beginning and of an instalment's charge: one charge, one
beginning, nothing lost, nothing stuck."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from receivables import checks
from receivables.database import SYSTEM, Scope
from receivables.history import of_debtor
from receivables.ids import PaymentId, SavedMethodId, new_id
from receivables.payments.queries import listed
from receivables.payments.starting import ChargeOrder
from receivables.plans import tasks as plan_tasks
from receivables.plans.upkeep import review
from receivables.runtime import Runtime
from tests.support.fuses import deaths
from tests.support.keeping import Source
from tests.support.payment_crashes import Debt, Flow, Line, Matrix, matrix, take_webhooks
from tests.support.payments import VISA
from tests.support.plans import Payer, a_payer


@dataclass(frozen=True)
class Planned(Debt):
    """A debtor with a plan, for the cases of one matrix."""

    payer: Payer


@dataclass
class PlanMatrix(Matrix):
    """Each case is one debtor's plan over 900, in four parts."""

    def planned(self) -> Planned:
        self._events_before = len(self.stripe.store.every("event"))
        payer = a_payer(self._till)
        payer.propose()
        payer.sign()
        payment_id = payer.open_page()
        choice = replace(
            self._till.choice(payer.debtor_id, [(payer.invoice_id, "225.00 CHF")]),
            attempt=payment_id,
        )
        # The kit's own charge, which no plan makes: only its name is looked for at Stripe.
        never = ChargeOrder(
            attempt=PaymentId(new_id()), supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            contact_id=None, saved_method_id=SavedMethodId(new_id()), parts=(),
        )  # fmt: skip
        return Planned(payer.debtor_id, payer.invoice_id, choice, never, ("", ""), payer)

    def due(self) -> Planned:
        """The plan stands, and its second part falls due today, announced two days ago."""
        case = self.planned()
        self.stripe.pay_by_card(self._till.session_of(case.choice.attempt), VISA)
        self._hear()
        payer = case.payer
        assert payer.state == "active"
        second = payer.plan().rows[1]
        self.clock.advance(timedelta(days=(second.due_on - payer.today).days - 2))
        with self.runtime.transaction(Scope(payer.supplier_id)) as session:
            assert payer.plan_id is not None
            review(session, payer.supplier_id, payer.plan_id, clock=self.clock)
        self.clock.advance(timedelta(days=2))
        self._world.run_jobs()
        self._events_before = len(self.stripe.store.every("event"))
        return case

    def _hear(self) -> None:
        for post in self._posts():
            self._till.knock(post["body"].encode(), {"stripe-signature": post["signature"]})
        self._world.run_jobs()

    def see_it_through(self, case: Planned) -> None:
        """What happens by itself, and what the day's run and the debtor do once more."""
        self.recover()
        self.pay(case)
        self._hear()

    def charge_again(self, case: Planned) -> None:
        self.recover()
        enqueue_charge(self.runtime, case)
        self._world.run_jobs()
        self._hear()

    def wrong_with(self, case: Planned, paid: list[str], minor: int) -> Iterator[str]:
        payer, marks = case.payer, self._marks_of(case.payer)
        taken = [
            charge["amount"]
            for charge in self.stripe.charged()
            if charge["metadata"].get("attempt") in marks
        ]
        if sum(taken) != minor:
            yield f"P1, P2: taken {taken}, expected {minor}"
        if payer.state != "active":
            yield f"the plan is {payer.state}"
        if payer.paid() != paid:
            yield f"paid {payer.paid()}, expected {paid}"
        if any(row.attempt_id is not None for row in payer.plan().rows):
            yield "P7: an instalment is claimed for ever"
        with self.runtime.reading(SYSTEM) as session:
            for finding in checks.findings(session, now=self.clock.now()):
                yield f"{finding.promise}: {finding.what}"
        with self.runtime.reading(Scope(payer.supplier_id)) as session:
            kinds = [
                one.event.kind for one in of_debtor(session, payer.supplier_id, payer.debtor_id)
            ]
        if kinds.count("plan.activated") != 1:
            yield f"it began {kinds.count('plan.activated')} times"
        said = [one.kind for one in payer.rows()]
        if said.count("agreement") != 1:
            yield f"the agreement was sent {said.count('agreement')} times"

    def _marks_of(self, payer: Payer) -> set[str]:
        with self.runtime.reading(SYSTEM) as session:
            known = listed(session, payer.supplier_id, debtor_id=payer.debtor_id)
        return {str(row.id) for row in known}


def enqueue_charge(runtime: Runtime, case: Planned) -> None:
    """What the day's run leaves to be done."""
    second = case.payer.plan().rows[1]
    with runtime.transaction(Scope(case.payer.supplier_id)) as session:
        plan_tasks.charge_instalment.enqueue(
            session, now=runtime.clock.now(), supplier_id=case.payer.supplier_id,
            instalment_id=second.id,
        )  # fmt: skip


def beginning(runtime: Runtime, debt: Debt, line: Line) -> None:
    """The debtor pays the first part, and the messages about it are worked off."""
    line.ask("pay")
    take_webhooks(runtime, line)


def charging(runtime: Runtime, debt: Debt, line: Line) -> None:
    """The day's run charges the second part, and the messages about it are worked off."""
    assert isinstance(debt, Planned)
    enqueue_charge(runtime, debt)
    take_webhooks(runtime, line)
    take_webhooks(runtime, line)


@pytest.fixture
def crashes(database_source: Source, runtime: Runtime) -> Iterator[PlanMatrix]:
    with matrix(PlanMatrix, runtime, database_source) as made:
        yield made


def _at(flow: Flow, crashes: PlanMatrix, at: int | None) -> tuple[int | None, list[str]]:
    if flow is beginning:
        case = crashes.ready(crashes.planned, flow)
        passed = crashes.run(flow, case, at=at)
        crashes.see_it_through(case)
        return passed, list(crashes.wrong_with(case, ["225.00", "0.00", "0.00", "0.00"], 22500))
    case = crashes.ready(crashes.due, flow)
    passed = crashes.run(flow, case, at=at)
    crashes.charge_again(case)
    return passed, list(crashes.wrong_with(case, ["225.00", "225.00", "0.00", "0.00"], 45000))


@pytest.mark.parametrize(
    "flow",
    [
        pytest.param(beginning, marks=pytest.mark.once("paying itself is killed on both")),
        charging,
    ],
)
def test_a_process_killed_anywhere_leaves_one_beginning_and_one_charge(
    crashes: PlanMatrix, flow: Flow, thorough: bool
) -> None:
    passed, wrong = _at(flow, crashes, None)
    assert passed is not None, "the flow itself does not run"
    assert wrong == []
    cases = deaths(passed, thorough=thorough)
    for at in cases:
        survived, found = _at(flow, crashes, at)
        assert survived is None, f"boundary {at} was not reached"
        wrong += [f"killed at {at}: {one}" for one in found]

    print(f"{flow.__name__}: {len(cases) + 1} cases, {len(wrong)} violations")  # noqa: T201  (the figure)
    assert wrong == []
    assert passed > 8
