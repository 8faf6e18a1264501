"""Plans as the rest of the house asks for them: what may be quoted, what holds, what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.credit.queries import standing as credit_standing
from receivables.credit.rules import Standing
from receivables.disputes.queries import holds as dispute_holds
from receivables.handover.queries import holds as handed_over
from receivables.ids import DebtorId, InstalmentId, InvoiceId, PlanId, SupplierId
from receivables.invoices.queries import NoSuchInvoice
from receivables.ledger.holds import Hold, HoldReason, by_invoice, held_amount
from receivables.ledger.queries import open_items
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.payments.queries import live_amounts
from receivables.payments.rules import PaymentState
from receivables.plans.bearing import bearer_of, not_bearing
from receivables.plans.costs import NOBODY, Bearer
from receivables.plans.errors import NoSuchPlan
from receivables.plans.policies import policy_of
from receivables.plans.reading import PlanView, find, plans_in, view, views
from receivables.plans.rules import Item, Past, Policy, Quote, Refusal, Wish, options, quote
from receivables.plans.states import STANDING, PlanState
from receivables.plans.tables import Plan, PlanConsent, PlanInvoice

__all__ = ["find", "of_debtor", "policy_of", "view", "views"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Everything a quote is made from."""

    policy: Policy
    standing: Standing
    items: tuple[Item, ...]
    past: Past
    today: date
    bearer: Bearer = NOBODY

    def quote(self, wish: Wish) -> Quote | Refusal:
        return quote(
            self.policy, self.standing, self.items, self.today, wish, self.past, self.bearer
        )

    def options(self, wish: Wish) -> list[Quote]:
        """What could be chosen in the rhythm of a wish."""
        return options(
            self.policy, self.standing, self.items, self.today,
            frequency=wish.frequency, day=wish.day, past=self.past, bearer=self.bearer,
        )  # fmt: skip


def of_debtor(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, plan_id: PlanId
) -> Plan:
    """One plan of this debtor. Raises NoSuchPlan."""
    found = find(session, supplier_id, plan_id)
    if found.debtor_id != debtor_id:
        raise NoSuchPlan(plan_id)
    return found


def today_of(session: Session, supplier_id: SupplierId, clock: Clock) -> date:
    """The supplier's calendar day."""
    return local_date(clock.now(), supplier_of(session, supplier_id).zone)


def items_of(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    *,
    except_plan: PlanId | None = None,
) -> list[Item]:
    """The debtor's open invoices as a plan sees them; `except_plan` does not count as one. What
    somebody else collects is no matter of ours.
    """
    gone = {hold.invoice_id for hold in handed_over(session, supplier_id, debtor_id)}
    holds = by_invoice(dispute_holds(session, supplier_id, debtor_id))
    live = live_amounts(session, supplier_id, debtor_id)
    on_plan = set(
        session.scalars(
            select(PlanInvoice.invoice_id)
            .join(
                Plan,
                (Plan.supplier_id == PlanInvoice.supplier_id) & (Plan.id == PlanInvoice.plan_id),
            )
            .where(
                PlanInvoice.supplier_id == supplier_id,
                Plan.debtor_id == debtor_id,
                PlanInvoice.stands,
                PlanInvoice.plan_id != (except_plan or PlanId(supplier_id)),
            )
        )
    )
    found = []
    for item in open_items(session, supplier_id, debtor_id):
        if item.invoice_id in gone:
            continue
        state, amount = live.get(item.invoice_id, (None, Money.zero(item.outstanding.currency)))
        at_the_bank = state in (PaymentState.PROCESSING, PaymentState.UNKNOWN)
        contested = [
            hold for hold in holds.get(item.invoice_id, ()) if hold.reason is HoldReason.DISPUTED
        ]
        found.append(
            Item(
                invoice_id=item.invoice_id,
                number=item.number,
                due_on=item.due_on,
                outstanding=item.outstanding,
                disputed=held_amount(item.outstanding, contested),
                processing=amount if at_the_bank else Money.zero(amount.currency),
                on_plan=item.invoice_id in on_plan,
            )
        )
    return found


def asked(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    items: Iterable[Item],
    *,
    except_plan: PlanId | None = None,
    today: date,
) -> Asked:
    """What a quote over these items is made from. The supplier's policy is in one currency: in
    another its amounts count alike, number for number.
    """
    chosen = tuple(items)
    policy = policy_of(session, supplier_id)
    bearer = bearer_of(
        session, supplier_id, debtor_id, policy, today, fee_was_asked=except_plan is not None
    )
    if bearer.most_bp:
        barren = not_bearing(session, supplier_id, [item.invoice_id for item in chosen])
        chosen = tuple(replace(one, bears=one.invoice_id not in barren) for one in chosen)
    if chosen and chosen[0].outstanding.currency != policy.least.currency:
        policy = in_currency(policy, chosen[0].outstanding.currency)
    return Asked(
        policy=policy,
        standing=credit_standing(session, supplier_id, debtor_id),
        items=chosen,
        past=past_of(session, supplier_id, debtor_id, except_plan=except_plan),
        today=today,
        bearer=bearer,
    )


def in_currency(policy: Policy, currency: str) -> Policy:
    """The same numbers in another currency."""

    def alike(amount: Money) -> Money:
        return Money.parse(amount.decimal.quantize(1), currency)

    return replace(
        policy,
        least=alike(policy.least),
        most=alike(policy.most),
        least_instalment=alike(policy.least_instalment),
        terms={
            name: replace(one, fee=alike(one.fee) if one.fee else None)
            for name, one in policy.terms.items()
        },
    )


def chosen_items(items: Sequence[Item], invoice_ids: Iterable[InvoiceId]) -> list[Item]:
    """Those of the items that were chosen. Raises NoSuchInvoice for any other."""
    known = {item.invoice_id: item for item in items}
    found = []
    for invoice_id in dict.fromkeys(invoice_ids):
        if invoice_id not in known:
            raise NoSuchInvoice(str(invoice_id))
        found.append(known[invoice_id])
    return found


def past_of(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    *,
    except_plan: PlanId | None = None,
) -> Past:
    """What plans the debtor has had."""
    zone = supplier_of(session, supplier_id).zone
    broken_at = session.scalar(
        select(func.max(Plan.ended_at)).where(
            Plan.supplier_id == supplier_id,
            Plan.debtor_id == debtor_id,
            Plan.state == PlanState.ACCELERATED,
        )
    )
    stands = [
        plan
        for plan in plans_in(session, supplier_id, STANDING, debtor_id)
        if plan.id != except_plan
    ]
    return Past(
        last_default_on=None if broken_at is None else local_date(broken_at, zone),
        standing=len(stands),
    )


def holds(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None
) -> list[Hold]:
    """Invoices that are not asked for, because a plan stands or waits for the supplier's answer.

    A plan that waits for the debtor (for a signature or the first payment) pauses nothing.
    """
    statement = (
        select(PlanInvoice.invoice_id, Plan.state, Plan.answer_due_on)
        .join(
            Plan, (Plan.supplier_id == PlanInvoice.supplier_id) & (Plan.id == PlanInvoice.plan_id)
        )
        .where(
            PlanInvoice.supplier_id == supplier_id,
            Plan.state.in_([*STANDING, PlanState.PROPOSED]),
        )
    )
    if debtor_id is not None:
        statement = statement.where(Plan.debtor_id == debtor_id)
    return [
        Hold(
            invoice_id=row.invoice_id,
            reason=HoldReason.ON_PLAN,
        )
        if row.state in STANDING
        else Hold(
            invoice_id=row.invoice_id,
            reason=HoldReason.PLAN_PROPOSED,
            until=row.answer_due_on,
        )
        for row in session.execute(statement)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueItem:
    """Something that falls due: an open invoice, or an open instalment while a plan stands."""

    debtor_id: DebtorId
    #: The invoice's number; of an instalment the plan's.
    number: str
    due_on: date
    outstanding: Money
    invoice_id: InvoiceId | None = None
    plan_id: PlanId | None = None
    instalment_id: InstalmentId | None = None
    #: Of an instalment: which, counted from 1, and of how many.
    place: int | None = None
    count: int | None = None


def due_items(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId | None = None,
    *,
    today: date,
) -> list[DueItem]:
    """What ageing, reminders and the statement read: open invoices that are on no plan, and the
    open instalments of the plans that stand; the oldest due first.

    The sum is what the ledger has outstanding: what a plan has no room for stays with its
    invoices, the oldest first.
    """
    standing = views(
        session, supplier_id, plans_in(session, supplier_id, STANDING, debtor_id), today
    )
    covered = _covered(standing)
    found: list[DueItem] = []
    beside = {one.plan.id: one.standing.beside.minor for one in standing}
    for item in open_items(session, supplier_id, debtor_id):
        plan_id = covered.get(item.invoice_id)
        outstanding = item.outstanding
        if plan_id is not None:
            more = min(outstanding.minor, max(0, -beside[plan_id]))
            beside[plan_id] += more
            outstanding = Money(more, outstanding.currency)
        if outstanding:
            found.append(
                DueItem(
                    debtor_id=item.debtor_id,
                    number=item.number,
                    due_on=item.due_on,
                    outstanding=outstanding,
                    invoice_id=item.invoice_id,
                )
            )
    for one in standing:
        found += _instalments_due(one)
    return sorted(found, key=lambda due: (due.due_on, due.number, due.place or 0))


def _covered(standing: Sequence[PlanView]) -> Mapping[InvoiceId, PlanId]:
    return {invoice.invoice_id: one.plan.id for one in standing for invoice in one.invoices}


def _instalments_due(one: PlanView) -> list[DueItem]:
    return [
        DueItem(
            debtor_id=one.plan.debtor_id,
            number=plan_number(one.plan.id),
            due_on=part.instalment.due_on,
            outstanding=part.open,
            plan_id=one.plan.id,
            instalment_id=part.instalment.instalment_id,
            place=part.instalment.place + 1,
            count=len(one.standing.parts),
        )
        for part in one.standing.parts
        if part.open
    ]


def plan_number(plan_id: PlanId) -> str:
    """What people call a plan: short, and the same everywhere."""
    return f"P-{plan_id.hex[-8:].upper()}"


def consents_of(
    session: Session, supplier_id: SupplierId, plan_id: PlanId
) -> Sequence[PlanConsent]:
    """What was agreed to, the latest last."""
    return session.scalars(
        select(PlanConsent)
        .where(PlanConsent.supplier_id == supplier_id, PlanConsent.plan_id == plan_id)
        .order_by(PlanConsent.id)
    ).all()


def recent_of_debtor(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    *,
    since: timedelta,
    clock: Clock,
) -> Sequence[Plan]:
    """The debtor's plans that are not over, and those that ended lately; the newest first."""
    return session.scalars(
        select(Plan)
        .where(
            Plan.supplier_id == supplier_id,
            Plan.debtor_id == debtor_id,
            Plan.ended_at.is_(None) | (Plan.ended_at > clock.now() - since),
        )
        .order_by(Plan.proposed_at.desc(), Plan.id.desc())
    ).all()


def listed(
    session: Session,
    supplier_id: SupplierId,
    states: Iterable[PlanState],
    *,
    most: int = 200,
) -> Sequence[Plan]:
    """The supplier's plans in these states, the newest first."""
    return session.scalars(
        select(Plan)
        .where(Plan.supplier_id == supplier_id, Plan.state.in_(list(states)))
        .order_by(Plan.state_since.desc(), Plan.id.desc())
        .limit(most)
    ).all()
