"""Watching the cover of plans whose debtors are insured, and telling the supplier in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.credit.queries import standing
from receivables.credit.tables import StandingRow
from receivables.history import record
from receivables.ids import PlanId, SupplierId
from receivables.ledger.queries import outstanding_of
from receivables.money import Money
from receivables.plans import events
from receivables.plans.covering import CoverAlert, cover_ends_on, due_alert
from receivables.plans.moving import MessageKind, about, tell
from receivables.plans.queries import today_of
from receivables.plans.reading import PlanView, locked, view
from receivables.plans.states import STANDING, PlanState
from receivables.plans.tables import Plan, PlanInvoice

#: A broken plan is watched on: that is when the insurer's days matter most.
_WATCHED = (*STANDING, PlanState.ACCELERATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What of a plan is open and insured, and the last day on which it is."""

    ends_on: date
    outstanding: Money


def watched_plans(session: Session, supplier_id: SupplierId) -> list[PlanId]:
    """The plans, standing or broken, of debtors who are insured."""
    return list(
        session.scalars(
            select(Plan.id)
            .join(
                StandingRow,
                (StandingRow.supplier_id == Plan.supplier_id)
                & (StandingRow.debtor_id == Plan.debtor_id),
            )
            .where(
                Plan.supplier_id == supplier_id,
                Plan.state.in_(_WATCHED),
                StandingRow.policy_number.is_not(None),
            )
            .order_by(Plan.id)
        )
    )


def cover_of(session: Session, seen: PlanView) -> Covered | None:
    """None where nothing is insured, nothing is open, or the insurer has agreed to the plan and
    it stands.
    """
    plan = seen.plan
    if plan.state not in _WATCHED or (plan.state in STANDING and plan.insurer_agreement):
        return None
    cover = standing(session, plan.supplier_id, plan.debtor_id).cover
    if cover is None:
        return None
    due_days = {one.invoice_id: one.due_on for one in seen.invoices}
    elsewhere = session.scalars(
        select(PlanInvoice.invoice_id).where(
            PlanInvoice.supplier_id == plan.supplier_id,
            PlanInvoice.invoice_id.in_(due_days),
            PlanInvoice.stands,
            PlanInvoice.plan_id != plan.id,
        )
    )
    mine = due_days.keys() - set(elsewhere)
    still_open = {
        invoice_id: amount
        for invoice_id, amount in outstanding_of(session, plan.supplier_id, list(mine)).items()
        if amount
    }
    if not still_open:
        return None
    return Covered(
        ends_on=cover_ends_on(cover, (due_days[one] for one in still_open)),
        outstanding=Money.total(still_open.values(), plan.total.currency),
    )


def alert(
    session: Session, supplier_id: SupplierId, plan_id: PlanId, *, clock: Clock
) -> CoverAlert | None:
    """Tell the supplier what the day asks for about one plan, once for each end of the cover."""
    plan = locked(session, supplier_id, plan_id)
    today = today_of(session, supplier_id, clock)
    seen = view(session, supplier_id, plan, today)
    covered = cover_of(session, seen)
    if covered is None:
        return None
    keys = {one: f"office_cover_{one}/{covered.ends_on}" for one in CoverAlert}
    said = {message.key for message in seen.messages}
    found = due_alert(covered.ends_on, {one for one in CoverAlert if keys[one] in said}, today)
    if found is None:
        return None
    tell(
        session, plan, MessageKind(f"office_cover_{found}"), on=today, key=keys[found],
        clock=clock,
    )  # fmt: skip
    happened = events.PlanCoverAlert(
        **about(plan, covered.outstanding), alert=found, ends_on=covered.ends_on
    )
    record(session, happened, clock=clock)
    session.flush()
    return found
