"""A standing plan, day by day: kept, late, cured, broken, paid off; paused, cancelled, replaced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.credit.actions import block_self_service
from receivables.history import record
from receivables.ids import DebtorId, PlanId, StaffId, SupplierId
from receivables.ledger.queries import open_items
from receivables.parties import queries as parties
from receivables.payments.rules import LIVE, PaymentState
from receivables.payments.saved import usable_methods
from receivables.payments.tables import Payment, PaymentPart, SavedMethod
from receivables.plans import events
from receivables.plans.actions import approve, propose
from receivables.plans.costing import give_back_unearned, unearned
from receivables.plans.errors import PlanStepImpossible
from receivables.plans.keeping import Act, Kept, ToDo, due_acts, notice_before
from receivables.plans.moving import (
    MessageKind,
    PauseReason,
    about,
    leave_invoices,
    move,
    stop_charging,
    tell,
)
from receivables.plans.policies import policy_of
from receivables.plans.queries import today_of
from receivables.plans.reading import PlanView, locked, plans_in, view
from receivables.plans.rules import Wish, add_months
from receivables.plans.states import DRAFT, STANDING, PlanState, Step
from receivables.plans.tables import Plan
from receivables.workdays import WEEKDAYS, Calendar


def kept(session: Session, seen: PlanView, today: date) -> Kept:
    """What `keeping` decides from."""
    plan = seen.plan
    method = usable_method(session, plan, today)
    charges = method is not None
    zone = parties.supplier(session, plan.supplier_id).zone
    is_in_default = plan.state == PlanState.IN_DEFAULT
    return Kept(
        state=PlanState(plan.state),
        standing=seen.standing,
        told=seen.told,
        charges=charges,
        money_on_its_way=_money_on_its_way(session, seen),
        cure_days=plan.cure_days,
        country=parties.debtor(session, plan.supplier_id, plan.debtor_id).country,
        notice=notice_before(method.kind if method else "", plan.sepa_notice_days),
        ours=frozenset(row.id for row in seen.rows if charges and not row.tries and not row.needs),
        default_since=local_date(plan.state_since, zone) if is_in_default else None,
    )


def usable_method(session: Session, plan: Plan, today: date) -> SavedMethod | None:
    """What the plan charges, where it can be charged on a day."""
    if plan.saved_method_id is None:
        return None
    usable = usable_methods(
        session, plan.supplier_id, plan.debtor_id, currency=plan.total.currency, on=today
    )
    return next((method for method in usable if method.id == plan.saved_method_id), None)


_ON_ITS_WAY = (
    select(Payment.id)
    .join(
        PaymentPart,
        (PaymentPart.supplier_id == Payment.supplier_id) & (PaymentPart.payment_id == Payment.id),
    )
    .where(
        Payment.supplier_id == bindparam("supplier"),
        PaymentPart.live,
        PaymentPart.invoice_id.in_(bindparam("invoices", expanding=True)),
        Payment.state.in_((PaymentState.SENT, PaymentState.PROCESSING, PaymentState.UNKNOWN)),
    )
    .limit(1)
)


def _money_on_its_way(session: Session, seen: PlanView) -> bool:
    """A payment for one of its invoices is at the bank, or may be."""
    invoices = [one.invoice_id for one in seen.invoices]
    asked = {"supplier": seen.plan.supplier_id, "invoices": invoices}
    return session.scalar(_ON_ITS_WAY, asked) is not None


def review(
    session: Session,
    supplier_id: SupplierId,
    plan_id: PlanId,
    *,
    only_state: bool = False,
    calendar: Calendar = WEEKDAYS,
    clock: Clock,
) -> list[ToDo]:
    """Do what the day asks for about one plan; what was done before is not done again.

    `only_state` is for when money has just come: it completes or cures (and warns), and nobody is
    reminded.
    """
    plan = locked(session, supplier_id, plan_id)
    seen = view(session, supplier_id, plan, today_of(session, supplier_id, clock))
    return review_seen(session, seen, only_state=only_state, calendar=calendar, clock=clock)


def review_seen(
    session: Session,
    seen: PlanView,
    *,
    only_state: bool = False,
    calendar: Calendar = WEEKDAYS,
    clock: Clock,
) -> list[ToDo]:
    """The same for a plan that is held already, as it was seen then."""
    if seen.plan.state not in STANDING or seen.plan.paused_for:
        return []
    today = seen.standing.today
    if _is_paid_but_for_days_to_come(session, seen):
        give_back_unearned(session, seen, clock=clock)
        seen = view(session, seen.plan.supplier_id, seen.plan, today)
    acts = due_acts(kept(session, seen, today), today, calendar)
    if only_state:
        acts = [one for one in acts if one.act in (Act.COMPLETE, Act.CURE, Act.WARN)]
    for one in acts:
        _DOING[one.act](session, seen, one, today, clock)
    session.flush()
    return acts


def _is_paid_but_for_days_to_come(session: Session, seen: PlanView) -> bool:
    """Nothing is open but interest that is not earned, and will not be: the debt is paid."""
    if not seen.plan.interest_minor or seen.standing.beside.minor < 0:
        return False
    return seen.standing.outstanding <= unearned(session, seen, seen.standing.today)


def _say(session: Session, seen: PlanView, one: ToDo, today: date, clock: Clock) -> None:
    tell(
        session, seen.plan, MessageKind(one.act.value), on=today,
        instalment_id=one.instalment_id, clock=clock,
    )  # fmt: skip


def _give_notice(session: Session, seen: PlanView, one: ToDo, today: date, clock: Clock) -> None:
    assert one.instalment_id is not None, "notice is given of an instalment"
    plan = seen.plan
    if plan.state != PlanState.IN_DEFAULT:
        move(plan, Step.GIVE_NOTICE, clock=clock)
    before = sum(
        told.act is Act.GIVE_NOTICE and told.instalment_id == one.instalment_id
        for told in seen.told
    )
    tell(
        session, plan, MessageKind.GIVE_NOTICE, on=today, instalment_id=one.instalment_id,
        key=f"{one.act}/{one.instalment_id.hex}/{before + 1}" if before else "", clock=clock,
    )  # fmt: skip
    happened = events.PlanInDefault(
        **about(plan, seen.standing.part(one.instalment_id).open),
        instalment_id=one.instalment_id,
        cure_until=date.fromordinal(today.toordinal() + plan.cure_days),
    )
    record(session, happened, clock=clock)


def _cure(session: Session, seen: PlanView, _one: ToDo, _today: date, clock: Clock) -> None:
    move(seen.plan, Step.CURE, clock=clock)
    record(session, events.PlanCured(**about(seen.plan)), clock=clock)


def _complete(session: Session, seen: PlanView, _one: ToDo, today: date, clock: Clock) -> None:
    plan = seen.plan
    move(plan, Step.COMPLETE, clock=clock)
    leave_invoices(session, plan, seen.invoices, clock=clock)
    record(session, events.PlanCompleted(**about(plan)), clock=clock)
    tell(session, plan, MessageKind.COMPLETED, on=today, clock=clock)


def _accelerate(session: Session, seen: PlanView, _one: ToDo, today: date, clock: Clock) -> None:
    """The remainder is due; the invoices stand for themselves, and a person agrees the next."""
    plan = seen.plan
    move(plan, Step.ACCELERATE, clock=clock)
    leave_invoices(session, plan, seen.invoices, clock=clock)
    if give_back_unearned(session, seen, clock=clock):
        seen = view(session, plan.supplier_id, plan, today)
    months = policy_of(session, plan.supplier_id).blocked_months
    block_self_service(
        session,
        supplier_id=plan.supplier_id,
        debtor_id=plan.debtor_id,
        until=add_months(today, months),
        clock=clock,
    )
    happened = events.PlanAccelerated(**about(plan, seen.standing.outstanding))
    record(session, happened, clock=clock)
    tell(session, plan, MessageKind.ACCELERATED, on=today, clock=clock)
    tell(session, plan, MessageKind.OFFICE_ACCELERATED, on=today, clock=clock)


_Doing = Callable[[Session, PlanView, ToDo, date, Clock], None]

_DOING: dict[Act, _Doing] = {
    Act.ANNOUNCE_CHARGE: _say,
    Act.REMIND_COMING: _say,
    Act.REMIND_LATE: _say,
    Act.WARN: _say,
    Act.GIVE_NOTICE: _give_notice,
    Act.CURE: _cure,
    Act.COMPLETE: _complete,
    Act.ACCELERATE: _accelerate,
}


def cancel(
    session: Session,
    *,
    supplier_id: SupplierId,
    plan_id: PlanId,
    note: str = "",
    debtor_id: DebtorId | None = None,
    clock: Clock,
) -> Plan:
    """End a plan. A debtor (`debtor_id`) can take back what does not stand yet; staff end any.

    Raises NoSuchPlan, and PlanStepImpossible.
    """
    plan = locked(session, supplier_id, plan_id)
    if debtor_id is not None and plan.state not in DRAFT:
        raise PlanStepImpossible(plan_id, PlanState(plan.state), Step.CANCEL)
    stood = plan.state in STANDING
    today = today_of(session, supplier_id, clock)
    seen = view(session, supplier_id, plan, today)
    move(plan, Step.CANCEL, clock=clock)
    leave_invoices(session, plan, seen.invoices, clock=clock)
    give_back_unearned(session, seen, clock=clock)
    record(session, events.PlanCancelled(**about(plan), note=note.strip()[:300]), clock=clock)
    if stood or debtor_id is None:
        plan.decision_note = note.strip()[:500]
        tell(session, plan, MessageKind.CANCELLED, on=today, clock=clock)
    session.flush()
    return plan


def restructure(
    session: Session,
    *,
    supplier_id: SupplierId,
    plan_id: PlanId,
    staff_id: StaffId,
    wish: Wish,
    note: str = "",
    insurer_agreement: str = "",
    clock: Clock,
) -> Plan:
    """Offer another version over what remains; this one stands until the other begins.

    Raises NoSuchPlan, PlanStepImpossible, PlanNotOffered, and InsurerMustAgree.
    """
    plan = locked(session, supplier_id, plan_id)
    if plan.state not in STANDING:
        raise PlanStepImpossible(plan_id, PlanState(plan.state), Step.RESTRUCTURE)
    today = today_of(session, supplier_id, clock)
    seen = view(session, supplier_id, plan, today)
    owed = [one.invoice_id for one in seen.invoices if one.stands]
    still_open = [
        item.invoice_id
        for item in open_items(session, supplier_id, plan.debtor_id)
        if item.invoice_id in owed
    ]
    offered = propose(
        session,
        supplier_id=supplier_id,
        debtor_id=plan.debtor_id,
        contact_id=plan.contact_id,
        invoice_ids=still_open,
        wish=wish,
        replaces=plan,
        clock=clock,
    )
    if offered.state == PlanState.PROPOSED:
        return approve(
            session, supplier_id=supplier_id, plan_id=offered.id, staff_id=staff_id,
            note=note, insurer_agreement=insurer_agreement, clock=clock,
        )  # fmt: skip
    offered.decided_by, offered.decision_note = staff_id, note.strip()[:500]
    tell(session, offered, MessageKind.APPROVED, on=today, clock=clock)
    session.flush()
    return offered


def expire(session: Session, supplier_id: SupplierId, plan_id: PlanId, *, clock: Clock) -> bool:
    """Nobody answered, signed or paid in time. Not while its first payment is under way.

    Where it was the supplier who did not answer, both sides are told.
    """
    plan = locked(session, supplier_id, plan_id)
    now = clock.now()
    if plan.state not in DRAFT or plan.expires_at is None or plan.expires_at > now:
        return False
    seen = view(session, supplier_id, plan, today_of(session, supplier_id, clock))
    under_way = session.scalar(
        select(Payment.id)
        .where(
            Payment.supplier_id == supplier_id,
            Payment.instalment_id.in_([row.id for row in seen.rows]),
            Payment.state.in_([state.value for state in LIVE]),
        )
        .limit(1)
    )
    if under_way is not None:
        return False
    waited_for = plan.state
    move(plan, Step.EXPIRE, clock=clock)
    record(session, events.PlanExpired(**about(plan), waited_for=waited_for), clock=clock)
    if waited_for == PlanState.PROPOSED:
        tell(session, plan, MessageKind.LAPSED, on=seen.standing.today, clock=clock)
        tell(session, plan, MessageKind.OFFICE_LAPSED, on=seen.standing.today, clock=clock)
    session.flush()
    return True


def pause(
    session: Session,
    supplier_id: SupplierId,
    plan_id: PlanId,
    why: PauseReason,
    *,
    clock: Clock,
) -> bool:
    """Charge and ask for nothing until a person has looked; False when it does not stand, or is
    paused already.
    """
    plan = locked(session, supplier_id, plan_id)
    if plan.state not in STANDING or plan.paused_for:
        return False
    plan.paused_for, plan.paused_at = why, clock.now()
    record(session, events.PlanPaused(**about(plan), why=why), clock=clock)
    session.flush()
    return True


def pause_all(
    session: Session,
    supplier_id: SupplierId,
    why: PauseReason,
    *,
    debtor_id: DebtorId | None = None,
    clock: Clock,
) -> int:
    """The same for every standing plan of the supplier, or of one debtor; how many."""
    standing = plans_in(session, supplier_id, STANDING, debtor_id)
    return sum(pause(session, supplier_id, plan.id, why, clock=clock) for plan in standing)


def resume(session: Session, *, supplier_id: SupplierId, plan_id: PlanId, clock: Clock) -> bool:
    """A person looked, and it goes on: what fell due meanwhile is announced anew, then charged.

    False when it is not paused.
    """
    plan = locked(session, supplier_id, plan_id)
    if plan.state not in STANDING or not plan.paused_for:
        return False
    plan.paused_for, plan.paused_at = "", None
    today = today_of(session, supplier_id, clock)
    charge_again(session, view(session, supplier_id, plan, today), today)
    record(session, events.PlanResumed(**about(plan)), clock=clock)
    session.flush()
    return True


def charge_again(session: Session, seen: PlanView, today: date) -> None:
    """Plan a charge for every instalment of which something is open, none before today."""
    if usable_method(session, seen.plan, today) is None:
        stop_charging(session, seen.plan)
        return
    for row, part in zip(seen.rows, seen.standing.parts, strict=True):
        if row.attempt_id is None:
            row.charge_on = max(row.due_on, today) if part.open else None
            row.tries, row.needs = 0, ""
