"""What stands between a debtor and the supplier beside invoices, and what of it waits for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.contacts import proposal_rows
from backoffice.dispute_pages import DisputeRow
from backoffice.disputes import dispute_row
from backoffice.pages import Todo
from backoffice.plan_pages import PlanRow
from backoffice.plans import plan_rows
from backoffice.promise_pages import PromiseRow, ProposalRow
from backoffice.promises import debtor_promises
from receivables.disputes import inbox
from receivables.dunning.handing_over import invoices_of, waiting_handovers
from receivables.handover.queries import in_other_hands
from receivables.ids import DebtorId
from receivables.money import Money
from receivables.parties import proposals
from receivables.parties.contacts import ProposalState
from receivables.plans.queries import listed, recent_of_debtor
from receivables.plans.states import PlanState
from receivables.promises.claim_queries import count_claims
from receivables.promises.queries import count_promises
from receivables.promises.rules import ClaimState

#: A plan that is over stays on the debtor's page this long.
_LATELY = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorMatters:
    """One debtor's plans, disputes, promises, changes of contacts, and what others collect
    -> _debtor_matters.html.
    """

    plans: tuple[PlanRow, ...]
    disputes: tuple[DisputeRow, ...]
    promises: tuple[PromiseRow, ...]
    proposals: tuple[ProposalRow, ...]
    handovers: tuple[HandoverRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRow:
    """What somebody else collects, or (`recipient` empty) what the scenario asks to hand over."""

    recipient: str
    amount: Money
    number: str
    since: datetime


def debtor_matters(session: Session, asker: Asker, debtor_id: DebtorId) -> DebtorMatters:
    clock, supplier_id = asker.runtime.clock, asker.supplier_id
    plans = recent_of_debtor(session, supplier_id, debtor_id, since=_LATELY, clock=clock)
    wanted = inbox.Filter(show="all", debtor_id=debtor_id)
    disputes = inbox.rows(session, supplier_id, wanted, now=clock.now())
    return DebtorMatters(
        plans=plan_rows(session, asker, plans),
        disputes=tuple(dispute_row(row) for row in disputes),
        promises=debtor_promises(session, asker, debtor_id),
        proposals=proposal_rows(session, asker, debtor_id),
        handovers=_handovers(session, asker, debtor_id),
    )


def _handovers(session: Session, asker: Asker, debtor_id: DebtorId) -> tuple[HandoverRow, ...]:
    supplier_id = asker.supplier_id
    waiting = [
        HandoverRow(
            recipient="",
            amount=one.amount,
            number=", ".join(invoices_of(session, supplier_id, one.id).values()),
            since=one.created_at,
        )
        for one in waiting_handovers(session, supplier_id, debtor_id)
    ]
    gone = [
        HandoverRow(
            recipient=one.recipient, amount=one.amount, number=number, since=one.handed_over_at
        )
        for one, number in in_other_hands(session, supplier_id, debtor_id)
    ]
    return (*waiting, *gone)


def waiting_matters(session: Session, asker: Asker) -> tuple[Todo, ...]:
    """What of all debtors' matters waits for a person of the supplier's."""
    supplier_id, now = asker.supplier_id, asker.runtime.clock.now()
    ours = inbox.rows(session, supplier_id, inbox.Filter(show="waiting_us"), now=now)
    asked = listed(session, supplier_id, (PlanState.PROPOSED,))
    looked_for = count_claims(session, supplier_id, states=(ClaimState.OPEN, ClaimState.TO_APPROVE))
    broken = count_promises(session, supplier_id, to_deal_with=True)
    changes = [
        one
        for one in proposals.proposals(session, supplier_id, now=now, waiting=True)
        if one.state is ProposalState.TO_APPROVE
    ]
    return (
        Todo(kind="disputes", count=len(ours), url="/disputes?show=waiting_us"),
        Todo(kind="plans", count=len(asked), url="/plans"),
        Todo(kind="claims", count=looked_for, url="/said-to-be-paid"),
        Todo(kind="broken_promises", count=broken, url="/promises?show=to_call"),
        Todo(kind="contact_changes", count=len(changes), url="/proposals"),
    )
