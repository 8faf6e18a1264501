"""What an office has once it words reminders its own way, claims interest and looks ahead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from monitoring.tables import LimitUse
from receivables.bank.clues import Policy as Tolerance
from receivables.bank.policies import set_matching_policy
from receivables.credit.rules import PayerClass
from receivables.dunning.controls import change_settings, note_shown
from receivables.dunning.lateness import claim_on
from receivables.dunning.limits import DEFAULT_LIMITS
from receivables.dunning.scenarios import save_scenarios
from receivables.dunning.steps import THREE_MAILS
from receivables.dunning.windows import USUAL_HOURS
from receivables.ids import DebtorId, InvoiceId
from receivables.interest.notices import note_notice
from receivables.interest.policies import Policy, set_policy
from receivables.interest.tables import Stance
from receivables.payers.actions import override
from receivables.payers.tables import ExpectedRow, ForecastRun
from receivables.ports.channels import Channel
from receivables.wording.actions import save_text
from receivables.wording.queries import Key
from receivables.wording.rules import OwnText
from tests.support.office import Office


def furnish_the_later(session: Session, office: Office) -> None:
    """A row in every table that only such an office fills."""
    supplier_id, clock = office.supplier_id, office.world.clock
    mine: dict[str, Any] = {"supplier_id": supplier_id}
    invoice_id, debtor_id = office.ids["invoice"], DebtorId(office.ids["debtor"])
    today = clock.now().date()
    set_matching_policy(session, supplier_id, Tolerance(tolerance_minor=300), clock=clock)
    change_settings(session, supplier_id, USUAL_HOURS, DEFAULT_LIMITS, clock=clock)
    note_shown(session, supplier_id, today, 1, clock=clock)
    save_scenarios(session, supplier_id, (THREE_MAILS,), clock=clock)
    words = OwnText(subject="Hello", opening="Good day", closing="Bye")
    key = Key("r1", Channel.EMAIL, "fr")
    save_text(session, supplier_id, key, words, activate=True, clock=clock)
    override(
        session, **mine, debtor_id=debtor_id, payer_class=PayerClass.B, reason="They told us",
        until=today + timedelta(days=30), staff_id=office.owner, clock=clock,
    )  # fmt: skip
    expected: dict[str, Any] = dict.fromkeys(
        ("due_on", "expected_on", "prudent_on", "made_on"), today
    )
    session.execute(
        insert(ExpectedRow),
        {**mine, **expected, "item_id": invoice_id, "debtor_id": debtor_id,
         "invoice_id": invoice_id, "by_due": 0, "by_15": 500, "by_30": 900, "rule": "history"},
    )  # fmt: skip
    session.execute(
        insert(ForecastRun),
        {**mine, "made_on": today, "method": "model", "weeks_worse": 0, "learnt_from": 9,
         "median_days_late": 3, "error": {}, "made_at": clock.now()},
    )  # fmt: skip
    session.add(LimitUse(**mine, debtor_id=debtor_id, level=50, times=1, looked_at=clock.now()))
    set_policy(session, **mine, policy=Policy(stance=Stance.CLAIM), clock=clock)
    note_notice(
        session, **mine, invoice_id=InvoiceId(invoice_id), on=today, way="post", by="staff:1",
        clock=clock,
    )  # fmt: skip
    claim_on(session, supplier_id, InvoiceId(invoice_id), today, by="staff:1", clock=clock)
