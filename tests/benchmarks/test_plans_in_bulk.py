"""The books that the instalment run is measured on are sound: what is copied is a plan like any."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

import receivables.tasks
from benchmarks.plans import PART, ZONE, open_plans
from receivables import checks, jobs
from receivables.broker import perform
from receivables.clock import local_date
from receivables.database import SYSTEM, Scope
from receivables.payments.stripe import StripeGateway
from receivables.payments.tables import Payment
from receivables.plans import tasks
from receivables.plans.charges import due_instalments
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.payments import stripe_settings
from tests.support.stripe_sandbox import InProcessClient, in_process, sandbox_config

assert receivables.tasks  # imported for its actors

FEW = 3


@pytest.mark.once("the run is measured on SQLite")
def test_plans_written_in_bulk_are_due_break_no_promise_and_are_charged_once_each(
    runtime: Runtime,
) -> None:
    app = in_process(sandbox_config(now=runtime.clock.now, endpoints=()))
    gateway = StripeGateway(stripe_settings(), http_client=InProcessClient(app))
    runtime = replace(runtime, gateway=gateway)

    supplier_id = open_plans(runtime, app, FEW)

    now = runtime.clock.now()
    with runtime.reading(SYSTEM) as session:
        assert list(checks.findings(session, now=now)) == []
    with runtime.transaction(Scope(supplier_id)) as session:
        due = due_instalments(session, supplier_id, local_date(now, ZONE))
        for instalment_id in due:
            tasks.charge_instalment.enqueue(
                session, now=now, supplier_id=supplier_id, instalment_id=instalment_id
            )
    assert len(due) == FEW
    with runtime.transaction(SYSTEM) as session:
        waiting = jobs.take_due(session, now=now, limit=100)
    assert [name for _, name in waiting] == [tasks.charge_instalment.name] * FEW
    for job_id, _ in waiting:
        perform(runtime, job_id)

    charged = app.sandbox.charged()
    assert len({one["customer"] for one in charged}) == len(charged) == FEW
    with runtime.reading(Scope(supplier_id)) as session:
        payments = session.scalars(select(Payment)).all()
        assert {one.instalment_id for one in payments} == set(due)
        assert [(one.state, one.amount) for one in payments] == [("settled", money(PART))] * FEW
