"""The steps every action on a plan is made of: a move, a word to somebody, an end."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import InstalmentId, PlanMessageId, new_id
from receivables.jobs import enqueue, insert_or_ignore
from receivables.money import Money
from receivables.plans import events
from receivables.plans.errors import PlanStepImpossible
from receivables.plans.keeping import Act
from receivables.plans.states import DRAFT, STANDING, WAITS, PlanState, Step, transition
from receivables.plans.tables import InstalmentRow, Plan, PlanInvoice, PlanMessage


class MessageKind(StrEnum):
    """What a message about a plan is for."""

    ANNOUNCE_CHARGE = Act.ANNOUNCE_CHARGE.value
    REMIND_COMING = Act.REMIND_COMING.value
    REMIND_LATE = Act.REMIND_LATE.value
    GIVE_NOTICE = Act.GIVE_NOTICE.value
    WARN = Act.WARN.value
    ACCELERATED = "accelerated"
    APPROVED = "approved"
    REFUSED = "refused"
    AGREEMENT = "agreement"
    CARD_NEEDED = "card_needed"
    CONFIRM = "confirm"
    NOT_CHARGED = "not_charged"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    OFFICE_LAPSED = "office_lapsed"
    OFFICE_ASKED = "office_asked"
    OFFICE_AGREEMENT = "office_agreement"
    OFFICE_ACCELERATED = "office_accelerated"
    OFFICE_NOT_CHARGED = "office_not_charged"
    OFFICE_BY_HAND = "office_by_hand"
    OFFICE_COVER_ENDING = "office_cover_ending"
    OFFICE_COVER_SOON = "office_cover_soon"
    OFFICE_COVER_ENDED = "office_cover_ended"
    OFFICE_COVER_COLLECT = "office_cover_collect"


class PauseReason(StrEnum):
    """Why a plan stands still until a person has looked."""

    CHARGEBACK = "chargeback"
    REFUND = "refund"
    DISCONNECTED = "disconnected"
    INSOLVENCY = "insolvency"
    STAFF = "staff"


def about(plan: Plan, amount: Money | None = None) -> dict[str, Any]:
    """What every event about a plan says."""
    return {
        "supplier_id": plan.supplier_id,
        "debtor_id": plan.debtor_id,
        "plan_id": plan.id,
        "amount": plan.total if amount is None else amount,
    }


def move(plan: Plan, step: Step, *, clock: Clock) -> None:
    """Take a step, with what every step does. Raises PlanStepImpossible."""
    current = PlanState(plan.state)
    following = transition(current, step)
    if following is None:
        raise PlanStepImpossible(plan.id, current, step)
    now = clock.now()
    plan.state, plan.state_since = following, now
    waits = WAITS.get(following)
    plan.expires_at = None if waits is None else now + waits
    if following not in DRAFT | STANDING:
        plan.ended_at = now


def leave_invoices(
    session: Session, plan: Plan, invoices: tuple[PlanInvoice, ...], *, clock: Clock
) -> None:
    """The plan is over: its invoices stand for themselves again, with their original due dates,
    and nothing is charged any more.
    """
    for invoice in invoices:
        if invoice.stands:
            invoice.stands = False
            base = Money(invoice.base_minor, plan.total.currency)
            happened = events.InvoiceTakenOffPlan(
                **about(plan, base) | {"invoice_id": invoice.invoice_id}, due_on=invoice.due_on
            )
            record(session, happened, clock=clock)
    stop_charging(session, plan)
    session.flush()


def stop_charging(session: Session, plan: Plan) -> None:
    session.execute(
        update(InstalmentRow)
        .where(InstalmentRow.supplier_id == plan.supplier_id, InstalmentRow.plan_id == plan.id)
        .values(charge_on=None)
        .execution_options(synchronize_session="fetch")
    )


def tell(
    session: Session,
    plan: Plan,
    kind: MessageKind,
    *,
    on: date,
    instalment_id: InstalmentId | None = None,
    key: str = "",
    clock: Clock,
) -> bool:
    """Have somebody written to about the plan, once for each `key` (else kind and instalment);
    False when that was said already.
    """
    message_id = PlanMessageId(new_id())
    row = {
        "id": message_id,
        "supplier_id": plan.supplier_id,
        "plan_id": plan.id,
        "instalment_id": instalment_id,
        "kind": kind,
        "key": key or f"{kind}/{instalment_id.hex if instalment_id else ''}",
        "decided_on": on,
        "state": "due",
        "reason": "",
        "created_at": clock.now(),
    }
    statement = insert_or_ignore(session, PlanMessage).values(row).returning(PlanMessage.id)
    if session.execute(statement).one_or_none() is None:
        return False
    enqueue(
        session,
        "plans.send_message",
        {"message_id": str(message_id)},
        now=clock.now(),
        supplier_id=plan.supplier_id,
    )
    return True
