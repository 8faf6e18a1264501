"""The whole machine, and the people in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from sqlalchemy import update

import receivables.tasks
from receivables.clock import SteppingClock
from receivables.credit.actions import set_payer_class, set_solvency_class
from receivables.credit.rules import PayerClass, SolvencyClass
from receivables.database import SYSTEM, Database
from receivables.jobs import Job, JobState
from receivables.money import Money
from receivables.plans.policies import policy_of, set_policy
from tests.support.builders import make_debtor, make_staff, make_supplier
from tests.support.ledger_agreeing import Agreeing
from tests.support.ledger_contesting import Contesting
from tests.support.ledger_house import MORNING
from tests.support.ledger_paying import LEAST, Paying
from tests.support.ledger_plan_model import CURE_DAYS
from tests.support.ledger_rules import KeepingBooks

assert receivables.tasks  # imported for its reactions


class Books(Contesting, KeepingBooks, Paying, Agreeing):
    """Every rule in one machine, so that each meets what the others have done."""


def people(database: Database) -> dict[str, Any]:
    """A supplier and two debtors in a fresh database, as the machine wants to know them."""
    clock = SteppingClock(MORNING)
    with database.transaction(SYSTEM) as session:
        supplier_id = make_supplier(session, clock=clock, least_payment_minor=LEAST)
        staff_id = make_staff(session, supplier_id, clock=clock)
        debtors = tuple(make_debtor(session, supplier_id, clock=clock) for _ in range(2))
        policy = replace(
            policy_of(session, supplier_id),
            least=Money(2 * LEAST, "CHF"),
            least_instalment=Money(LEAST, "CHF"),
            cure_days=CURE_DAYS,
        )
        set_policy(session, supplier_id=supplier_id, policy=policy, clock=clock)
        for debtor_id in debtors:
            whose = {"supplier_id": supplier_id, "debtor_id": debtor_id, "clock": clock}
            set_payer_class(session, payer_class=PayerClass.A, **whose)
            set_solvency_class(session, solvency_class=SolvencyClass.B, **whose)
        # What follows from their classes is told to others: done elsewhere, as in `ledger_house`.
        session.execute(update(Job).values(state=JobState.DONE))
    return {
        "database": database,
        "happened": Counter(),
        "supplier_id": supplier_id,
        "staff_id": staff_id,
        "debtors": debtors,
    }
