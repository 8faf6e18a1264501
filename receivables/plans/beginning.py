"""The first payment came: a plan begins, on the card it was paid with, or without one."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import InstalmentId, InvoiceId, PlanId, SavedMethodId, SupplierId
from receivables.money import Money
from receivables.payments.tables import SavedMethod
from receivables.plans import events
from receivables.plans.costing import ask_for_costs, give_back_unearned
from receivables.plans.moving import MessageKind, about, leave_invoices, move, tell
from receivables.plans.queries import plan_number, today_of
from receivables.plans.reading import locked, view
from receivables.plans.states import PlanState, Step
from receivables.plans.tables import InstalmentRow, Plan, PlanInvoice


def activate(
    session: Session,
    plan: Plan,
    saved_method_id: SavedMethodId | None,
    *,
    by_card: bool = True,
    clock: Clock,
) -> bool:
    """The first payment of a locked plan came: from now on it stands. False when it is not
    waiting for one. Without a saved method it stands all the same, and asks for a card; not
    (`by_card`) of whoever paid otherwise: their instalments are asked for by notice.
    """
    if plan.state != PlanState.AWAITING_FIRST:
        return False
    today = today_of(session, plan.supplier_id, clock)
    seen = view(session, plan.supplier_id, plan, today)
    if seen.standing.parts[0].open:
        return False
    if plan.replaces_id is not None:
        _replace(session, plan, today, clock)
        seen = view(session, plan.supplier_id, plan, today)
    move(plan, Step.FIRST_PAID, clock=clock)
    plan.activated_at = clock.now()
    if plan.fee_minor or plan.interest_minor:
        ask_for_costs(session, seen, number=plan_number(plan.id), clock=clock)
        seen = view(session, plan.supplier_id, plan, today)
    for invoice in seen.invoices:
        invoice.stands = True
        base = Money(invoice.base_minor, plan.total.currency)
        put_on = events.InvoicePutOnPlan(**about(plan, base) | {"invoice_id": invoice.invoice_id})
        record(session, put_on, clock=clock)
    record(session, events.PlanActivated(**about(plan), parts=len(seen.rows)), clock=clock)
    charge_to(session, plan, saved_method_id, clock=clock)
    for row, part in zip(seen.rows, seen.standing.parts, strict=True):
        row.charge_on = row.due_on if part.open and saved_method_id is not None else None
    tell(session, plan, MessageKind.AGREEMENT, on=today, clock=clock)
    tell(session, plan, MessageKind.OFFICE_AGREEMENT, on=today, clock=clock)
    if saved_method_id is None and by_card:
        ask_for_card(session, plan, on=today, clock=clock)
    session.flush()
    return True


def begin_if_covered(
    session: Session,
    supplier_id: SupplierId,
    invoice_id: InvoiceId,
    *,
    named: InstalmentId | None = None,
    clock: Clock,
) -> PlanId | None:
    """A plan over the invoice waits for its first payment, and what was put against its invoices
    since it was signed (a bank transfer, unapplied cash, a credit note, a payment of free choice)
    covers that instalment: it stands from now on. None where there is none, or not enough came;
    or where a payment `named` an instalment of it, which has it begin by itself, with its card.
    """
    plan_id: PlanId | None = session.scalar(
        select(Plan.id)
        .join(
            PlanInvoice,
            (PlanInvoice.supplier_id == Plan.supplier_id) & (PlanInvoice.plan_id == Plan.id),
        )
        .where(
            Plan.supplier_id == supplier_id,
            Plan.state == PlanState.AWAITING_FIRST,
            PlanInvoice.invoice_id == invoice_id,
        )
        .order_by(Plan.proposed_at.desc())
        .limit(1)
    )
    if plan_id is None or _has(session, supplier_id, plan_id, named):
        return None
    plan = locked(session, supplier_id, plan_id)
    return plan_id if activate(session, plan, None, by_card=False, clock=clock) else None


def _has(
    session: Session, supplier_id: SupplierId, plan_id: PlanId, instalment_id: InstalmentId | None
) -> bool:
    """Whether the instalment is one of this plan."""
    found = select(InstalmentRow.id).where(
        InstalmentRow.supplier_id == supplier_id,
        InstalmentRow.plan_id == plan_id,
        InstalmentRow.id == instalment_id,
    )
    return instalment_id is not None and session.scalar(found) is not None


def _replace(session: Session, plan: Plan, today: date, clock: Clock) -> None:
    """The version before is over; one that ended meanwhile stays as it ended."""
    assert plan.replaces_id is not None, "it replaces one"
    before = locked(session, plan.supplier_id, plan.replaces_id)
    if before.ended_at is not None:
        return
    move(before, Step.RESTRUCTURE, clock=clock)
    seen = view(session, plan.supplier_id, before, today)
    leave_invoices(session, before, seen.invoices, clock=clock)
    give_back_unearned(session, seen, clock=clock)
    happened = events.PlanRestructured(**about(before), by_plan_id=plan.id)
    record(session, happened, clock=clock)


def charge_to(
    session: Session, plan: Plan, saved_method_id: SavedMethodId | None, *, clock: Clock
) -> None:
    """Charge the plan's instalments to another saved method from now on."""
    if plan.saved_method_id == saved_method_id:
        return
    first = plan.saved_method_id is None
    plan.saved_method_id = saved_method_id
    if saved_method_id is None or (first and plan.activated_at == clock.now()):
        return
    label = session.scalar(
        select(SavedMethod.label).where(
            SavedMethod.supplier_id == plan.supplier_id, SavedMethod.id == saved_method_id
        )
    )
    happened = events.PlanCardChanged(
        **about(plan), saved_method_id=saved_method_id, label=label or ""
    )
    record(session, happened, clock=clock)


def ask_for_card(session: Session, plan: Plan, *, on: date, clock: Clock) -> None:
    """There is nothing to charge: the debtor is asked for a card, once a day at most."""
    if tell(session, plan, MessageKind.CARD_NEEDED, on=on, key=f"card_needed/{on}", clock=clock):
        record(session, events.PlanCardNeeded(**about(plan)), clock=clock)
