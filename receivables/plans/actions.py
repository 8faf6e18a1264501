"""How a plan is agreed: asked for, answered, signed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import (
    ContactId,
    DebtorId,
    InstalmentId,
    InvoiceId,
    PlanConsentId,
    PlanId,
    StaffId,
    SupplierId,
    new_id,
)
from receivables.ledger.actions import lock_invoices
from receivables.parties import queries as parties
from receivables.plans import consent, events
from receivables.plans.errors import InsurerMustAgree, PlanChanged, PlanNotOffered
from receivables.plans.moving import MessageKind, about, move, tell
from receivables.plans.queries import asked, chosen_items, items_of, of_debtor, today_of
from receivables.plans.reading import entries_on, locked, plans_in
from receivables.plans.rules import (
    LEAST_SEPA_NOTICE,
    Decision,
    Frequency,
    Quote,
    Reason,
    Refusal,
    Wish,
)
from receivables.plans.states import DRAFT, PlanState, Step
from receivables.plans.tables import InstalmentRow, Plan, PlanConsent, PlanInvoice
from receivables.workdays import WEEKDAYS, Calendar, working_days_later


def propose(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    contact_id: ContactId | None,
    invoice_ids: Sequence[InvoiceId],
    wish: Wish,
    replaces: Plan | None = None,
    calendar: Calendar = WEEKDAYS,
    clock: Clock,
) -> Plan:
    """Ask for a plan: approved at once where the policy says yes, else in the queue.

    What the debtor asked for before, over the same invoices, makes way for it.
    Raises PlanNotOffered with every reason, and NoSuchInvoice.
    """
    lock_invoices(session, supplier_id, sorted(invoice_ids))
    today = today_of(session, supplier_id, clock)
    except_plan = replaces.id if replaces is not None else None
    items = chosen_items(
        items_of(session, supplier_id, debtor_id, except_plan=except_plan), invoice_ids
    )
    basis = asked(session, supplier_id, debtor_id, items, except_plan=except_plan, today=today)
    quoted = basis.quote(wish)
    if isinstance(quoted, Refusal):
        raise PlanNotOffered(quoted.reasons)
    _make_way(session, supplier_id, debtor_id, invoice_ids, clock)
    plan = _write(session, supplier_id, debtor_id, contact_id, quoted, replaces, clock)
    plan.cure_days = basis.policy.cure_days
    plan.sepa_notice_days = basis.policy.sepa_notice_days
    by_policy = quoted.decision is Decision.AUTO
    session.flush()
    proposed = events.PlanProposed(**about(plan), parts=wish.parts, by_policy=by_policy)
    record(session, proposed, clock=clock)
    if by_policy:
        move(plan, Step.APPROVE, clock=clock)
        record(session, events.PlanApproved(**about(plan), by_policy=True), clock=clock)
    else:
        country = parties.debtor(session, supplier_id, debtor_id).country
        plan.answer_due_on = working_days_later(
            today, basis.policy.answer_days, country=country, calendar=calendar
        )
        _wait_for_the_answer(plan, parties.supplier(session, supplier_id).zone)
        if replaces is None:
            tell(session, plan, MessageKind.OFFICE_ASKED, on=today, clock=clock)
    session.flush()
    return plan


def _wait_for_the_answer(plan: Plan, zone: str) -> None:
    """A request does not run out before the last day for the supplier's answer is over."""
    assert plan.answer_due_on is not None, "a person answers"
    assert plan.expires_at is not None, "a request waits"
    over = datetime.combine(plan.answer_due_on + timedelta(days=1), time(), ZoneInfo(zone))
    plan.expires_at = max(plan.expires_at, over)


def _make_way(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    invoice_ids: Sequence[InvoiceId],
    clock: Clock,
) -> None:
    wanted = set(invoice_ids)
    for draft in plans_in(session, supplier_id, DRAFT, debtor_id):
        covered = session.scalars(
            select(PlanInvoice.invoice_id).where(
                PlanInvoice.supplier_id == supplier_id, PlanInvoice.plan_id == draft.id
            )
        )
        if wanted & set(covered):
            move(draft, Step.CANCEL, clock=clock)
            record(session, events.PlanCancelled(**about(draft), note=""), clock=clock)


def _write(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    contact_id: ContactId | None,
    quoted: Quote,
    replaces: Plan | None,
    clock: Clock,
) -> Plan:
    now = clock.now()
    plan = Plan(
        id=PlanId(new_id()),
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        contact_id=contact_id,
        state=PlanState.QUOTED,
        state_since=now,
        reasons=[reason.value for reason in quoted.reasons],
        total=quoted.to_pay,
        frequency=quoted.wish.frequency,
        day=quoted.wish.day,
        version=replaces.version + 1 if replaces is not None else 1,
        replaces_id=replaces.id if replaces is not None else None,
        cure_days=1,
        sepa_notice_days=LEAST_SEPA_NOTICE,
        decision_note="",
        insurer_agreement="",
        paused_for="",
        proposed_at=now,
    )
    move(plan, Step.PROPOSE, clock=clock)
    session.add(plan)
    session.flush()
    _write_schedule(session, plan, quoted)
    return plan


def _write_schedule(session: Session, plan: Plan, quoted: Quote) -> None:
    """The plan's invoices with their base, and its instalments, as quoted now."""
    for table in (PlanInvoice, InstalmentRow):
        session.execute(
            delete(table)
            .where(table.supplier_id == plan.supplier_id, table.plan_id == plan.id)
            .execution_options(synchronize_session="fetch")
        )
    plan.total, costs = quoted.to_pay, quoted.costs
    plan.fee_minor = costs.fee.minor if costs else 0
    plan.rate_bp = costs.rate_bp if costs else 0
    plan.interest_minor = costs.interest.minor if costs else 0
    before = entries_on(session, plan.supplier_id, [item.invoice_id for item in quoted.items])
    session.add_all(
        PlanInvoice(
            plan_id=plan.id,
            invoice_id=item.invoice_id,
            supplier_id=plan.supplier_id,
            base_minor=item.outstanding.minor,
            due_on=item.due_on,
            stands=False,
            entries_before=before[item.invoice_id],
        )
        for item in quoted.items
    )
    session.add_all(
        InstalmentRow(
            id=InstalmentId(new_id()),
            supplier_id=plan.supplier_id,
            plan_id=plan.id,
            place=part.place,
            due_on=part.due_on,
            amount=part.amount,
            tries=0,
            needs="",
        )
        for part in quoted.schedule
    )
    session.flush()


def approve(
    session: Session,
    *,
    supplier_id: SupplierId,
    plan_id: PlanId,
    staff_id: StaffId,
    note: str = "",
    insurer_agreement: str = "",
    clock: Clock,
) -> Plan:
    """A person agrees; the debtor is asked to sign.

    Raises NoSuchPlan, PlanStepImpossible, and InsurerMustAgree where the plan goes beyond the
    extension period and no agreement of the insurer is named.
    """
    plan = locked(session, supplier_id, plan_id)
    today = today_of(session, supplier_id, clock)
    # Whoever says yes knows what speaks against it today, not only what did when it was asked.
    current = _quoted_now(session, plan, today)
    if isinstance(current, Quote):
        plan.reasons = list(dict.fromkeys([*plan.reasons, *current.reasons]))
    if Reason.BEYOND_COVER in plan.reasons and not insurer_agreement.strip():
        raise InsurerMustAgree(plan_id)
    move(plan, Step.APPROVE, clock=clock)
    plan.decided_by, plan.decision_note = staff_id, note.strip()[:500]
    plan.insurer_agreement = insurer_agreement.strip()[:120]
    record(session, events.PlanApproved(**about(plan), by_policy=False), clock=clock)
    tell(session, plan, MessageKind.APPROVED, on=today, clock=clock)
    session.flush()
    return plan


def refuse(
    session: Session,
    *,
    supplier_id: SupplierId,
    plan_id: PlanId,
    staff_id: StaffId,
    note: str,
    clock: Clock,
) -> Plan:
    """A person says no, and why. Raises NoSuchPlan, and PlanStepImpossible."""
    plan = locked(session, supplier_id, plan_id)
    move(plan, Step.REFUSE, clock=clock)
    plan.decided_by, plan.decision_note = staff_id, note.strip()[:500]
    record(session, events.PlanRefused(**about(plan), note=plan.decision_note), clock=clock)
    today = today_of(session, supplier_id, clock)
    tell(session, plan, MessageKind.REFUSED, on=today, clock=clock)
    session.flush()
    return plan


def quote_again(session: Session, plan: Plan, today: date) -> Quote:
    """The plan as it would be signed today: the same wish, what is outstanding now.

    Raises PlanNotOffered when it is not possible any more, or needs an answer it has not got.
    """
    quoted = _quoted_now(session, plan, today)
    if isinstance(quoted, Refusal):
        raise PlanNotOffered(quoted.reasons)
    unanswered = [reason for reason in quoted.reasons if reason not in plan.reasons]
    if unanswered:
        raise PlanNotOffered(unanswered)
    return quoted


def _quoted_now(session: Session, plan: Plan, today: date) -> Quote | Refusal:
    covered = session.scalars(
        select(PlanInvoice.invoice_id).where(
            PlanInvoice.supplier_id == plan.supplier_id, PlanInvoice.plan_id == plan.id
        )
    ).all()
    parts = session.scalars(
        select(InstalmentRow.id).where(
            InstalmentRow.supplier_id == plan.supplier_id, InstalmentRow.plan_id == plan.id
        )
    ).all()
    items = [
        item
        for item in items_of(
            session, plan.supplier_id, plan.debtor_id, except_plan=plan.replaces_id
        )
        if item.invoice_id in covered
    ]
    if not items:
        return Refusal(reasons=(Reason.NOTHING_OPEN,))
    basis = asked(
        session, plan.supplier_id, plan.debtor_id, items,
        except_plan=plan.replaces_id, today=today,
    )  # fmt: skip
    return basis.quote(Wish(parts=len(parts), frequency=Frequency(plan.frequency), day=plan.day))


def fingerprint(quoted: Quote) -> str:
    """By which a page's form says what was shown: invoices, dates, amounts and costs."""
    lines = [f"{item.invoice_id} {item.outstanding}" for item in quoted.items]
    lines += [f"{part.due_on} {part.amount}" for part in quoted.schedule]
    if quoted.costs:
        lines.append(f"{quoted.costs.fee} {quoted.costs.rate_bp} {quoted.costs.interest}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenConsent:
    """What was on the page when the debtor agreed, and from where they did."""

    text: str
    locale: str
    address: str
    user_agent: str


def accept(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    contact_id: ContactId,
    plan_id: PlanId,
    shown: str,
    given: GivenConsent,
    clock: Clock,
) -> Plan:
    """The debtor signs what was `shown` (its `fingerprint`); the base is what is outstanding now.

    Raises NoSuchPlan, PlanStepImpossible, PlanNotOffered, and PlanChanged when something was
    paid, or a day has passed, since the page was made.
    """
    of_debtor(session, supplier_id, debtor_id, plan_id)
    covered = session.scalars(
        select(PlanInvoice.invoice_id).where(
            PlanInvoice.supplier_id == supplier_id, PlanInvoice.plan_id == plan_id
        )
    ).all()
    lock_invoices(session, supplier_id, sorted(covered))
    plan = locked(session, supplier_id, plan_id)
    move(plan, Step.ACCEPT, clock=clock)
    today = today_of(session, supplier_id, clock)
    quoted = quote_again(session, plan, today)
    if fingerprint(quoted) != shown:
        raise PlanChanged
    _write_schedule(session, plan, quoted)
    plan.accepted_at, plan.contact_id = clock.now(), contact_id
    session.add(
        PlanConsent(
            id=PlanConsentId(new_id()),
            supplier_id=supplier_id,
            plan_id=plan_id,
            contact_id=contact_id,
            text=given.text,
            text_hash=consent.hash_of(given.text),
            version=consent.VERSION,
            locale=given.locale,
            address=given.address[:45],
            user_agent=given.user_agent[:300],
            schedule={
                "parts": [
                    {"due_on": part.due_on.isoformat(), "amount": str(part.amount)}
                    for part in quoted.schedule
                ]
            },
            agreed_at=clock.now(),
        )
    )
    session.flush()
    record(session, events.PlanAccepted(**about(plan)), clock=clock)
    return plan
