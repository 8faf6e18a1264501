"""Charging instalments: claimed with a last look, charged outside, and what became of it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.credit.queries import standing as standing_of
from receivables.history import record
from receivables.ids import (
    DebtorId,
    InstalmentId,
    InvoiceId,
    PaymentId,
    PlanId,
    SavedMethodId,
    SupplierId,
    new_id,
)
from receivables.jobs import enqueue
from receivables.ledger.queries import outstanding_of
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.payments.events import PaymentExpired, PaymentFailed, PaymentSettled
from receivables.payments.rules import (
    LINE_TROUBLE,
    Authenticate,
    Channel,
    NewCard,
    Part,
    Retry,
    retry_advice,
)
from receivables.payments.starting import ChargeOrder
from receivables.payments.tables import Payment, PaymentPart
from receivables.plans import events
from receivables.plans.beginning import activate, ask_for_card, charge_to
from receivables.plans.keeping import Act, day_of_work, notice_before
from receivables.plans.moving import MessageKind, about, tell
from receivables.plans.queries import today_of
from receivables.plans.reading import PlanView, locked, plans_in, view
from receivables.plans.states import STANDING, PlanState
from receivables.plans.tables import InstalmentRow, Plan, PlanInvoice
from receivables.plans.upkeep import charge_again, review_seen, usable_method


def due_instalments(session: Session, supplier_id: SupplierId, today: date) -> list[InstalmentId]:
    """What is to be charged by now, the oldest first."""
    return list(
        session.scalars(
            select(InstalmentRow.id)
            .where(InstalmentRow.supplier_id == supplier_id, InstalmentRow.charge_on <= today)
            .order_by(InstalmentRow.charge_on, InstalmentRow.id)
        )
    )


def claim(
    session: Session, supplier_id: SupplierId, instalment_id: InstalmentId, *, clock: Clock
) -> ChargeOrder | None:
    """Take an instalment to charge it: a last look at the plan, the card and the ledger, and an
    attempt that is on record before anybody is told. None when there is nothing to charge now.

    A claim that is repeated, because its worker died before the attempt began, is the same try.
    """
    seen = _seen(session, supplier_id, instalment_id, clock)
    if seen is None:
        return None
    plan, row = seen.plan, seen.row(instalment_id)
    part = seen.standing.part(instalment_id)
    today = seen.standing.today
    begun = row.attempt_id is not None
    if plan.state not in STANDING or plan.paused_for or not part.open:
        row.charge_on = None
        return None
    if standing_of(session, supplier_id, plan.debtor_id).insolvent_on is not None:
        # Noted a moment ago: the plan is about to be paused, and nothing is charged meanwhile.
        return None
    if begun and _attempt(session, supplier_id, row.attempt_id) is not None:
        return None
    if not begun and (row.charge_on is None or row.charge_on > today):
        return None
    method = usable_method(session, plan, today)
    if method is None:
        row.charge_on, row.needs, row.attempt_id = None, "card", None
        ask_for_card(session, plan, on=today, clock=clock)
        return None
    announced_on = _announced_on(seen, instalment_id)
    notice = notice_before(method.kind, plan.sepa_notice_days)
    if announced_on is None or announced_on + notice > today:
        # The debtor is told in time, however late we are: the day's run sees to it.
        row.charge_on = (announced_on or today) + notice
        return None
    if row.attempt_id is None:
        row.attempt_id = PaymentId(new_id())
    row.charge_on = None
    return ChargeOrder(
        attempt=row.attempt_id,
        supplier_id=supplier_id,
        debtor_id=plan.debtor_id,
        contact_id=plan.contact_id,
        saved_method_id=method.id,
        parts=parts_for(session, seen, part.open),
        instalment_id=instalment_id,
    )


_PLAN_OF = select(InstalmentRow.plan_id).where(
    InstalmentRow.supplier_id == bindparam("supplier"), InstalmentRow.id == bindparam("instalment")
)


def _seen(
    session: Session, supplier_id: SupplierId, instalment_id: InstalmentId, clock: Clock
) -> PlanView | None:
    """The instalment's plan as it stands now, held, after its invoices."""
    asked = {"supplier": supplier_id, "instalment": instalment_id}
    plan_id = session.scalar(_PLAN_OF, asked)
    if plan_id is None:
        return None
    plan = locked(session, supplier_id, plan_id)
    return view(session, supplier_id, plan, today_of(session, supplier_id, clock))


def _attempt(
    session: Session, supplier_id: SupplierId, payment_id: PaymentId | None
) -> Payment | None:
    return session.scalar(
        select(Payment).where(Payment.supplier_id == supplier_id, Payment.id == payment_id)
    )


def _announced_on(seen: PlanView, instalment_id: InstalmentId) -> date | None:
    return next(
        (
            one.on
            for one in seen.told
            if one.act is Act.ANNOUNCE_CHARGE and one.instalment_id == instalment_id
        ),
        None,
    )


def parts_for(session: Session, seen: PlanView, amount: Money) -> tuple[Part, ...]:
    """What of an amount goes to which of the plan's invoices: the oldest due first."""
    ids = [one.invoice_id for one in seen.invoices]
    outstanding = outstanding_of(session, seen.plan.supplier_id, ids)
    left = amount
    parts: list[Part] = []
    for invoice_id in ids:
        share = min(left, outstanding[invoice_id])
        if share.minor > 0:
            parts.append(Part(InvoiceId(invoice_id), share))
            left -= share
    return tuple(parts)


def release(
    session: Session,
    supplier_id: SupplierId,
    instalment_id: InstalmentId,
    attempt: PaymentId,
    *,
    needs: str = "",
    clock: Clock,
) -> None:
    """Nothing was charged, nor is it being: decide anew tomorrow, or wait for what it `needs`, of
    which whoever is to see to it is told.
    """
    seen = _seen(session, supplier_id, instalment_id, clock)
    if seen is None:
        return
    row = seen.row(instalment_id)
    if row.attempt_id != attempt:
        return
    row.attempt_id, row.needs = None, needs
    row.charge_on = None if needs else seen.standing.today + timedelta(days=1)
    if needs == "card":
        ask_for_card(session, seen.plan, on=seen.standing.today, clock=clock)
    if needs == "person":
        tell(session, seen.plan, MessageKind.OFFICE_BY_HAND, on=seen.standing.today,
             instalment_id=instalment_id, clock=clock)  # fmt: skip
    session.flush()


def note_settled(session: Session, settled: PaymentSettled, *, clock: Clock) -> None:
    """A payment for an instalment came: the first activates the plan, any other may cure it."""
    if settled.instalment_id is None:
        return
    seen = _seen(session, settled.supplier_id, settled.instalment_id, clock)
    if seen is None:
        return
    plan, row = seen.plan, seen.row(settled.instalment_id)
    if row.attempt_id == settled.payment_id:
        row.attempt_id = None
    if not seen.standing.part(row.id).open:
        row.charge_on, row.needs = None, ""
    if plan.state == PlanState.AWAITING_FIRST:
        if activate(session, plan, settled.saved_method_id, clock=clock):
            # What came by another way meanwhile may have paid all the others.
            seen = view(session, plan.supplier_id, plan, seen.standing.today)
            review_seen(session, seen, only_state=True, clock=clock)
    elif plan.state in STANDING:
        if settled.saved_method_id not in (None, plan.saved_method_id):
            use_card(session, seen, settled.saved_method_id, clock=clock)
            seen = view(session, plan.supplier_id, plan, seen.standing.today)
        review_seen(session, seen, only_state=True, clock=clock)
    session.flush()


def use_card(
    session: Session, seen: PlanView, saved_method_id: SavedMethodId | None, *, clock: Clock
) -> None:
    """Charge another card from now on, beginning with what the old one left open."""
    charge_to(session, seen.plan, saved_method_id, clock=clock)
    session.flush()
    charge_again(session, seen, seen.standing.today)
    session.flush()


def card_saved(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    saved_method_id: SavedMethodId,
    replaces: SavedMethodId | None,
    *,
    clock: Clock,
) -> int:
    """A debtor saved a card: the plans that have none, or that charged the one it replaces, go
    on with it; how many.
    """
    count = 0
    for found in plans_in(session, supplier_id, STANDING, debtor_id):
        plan = locked(session, supplier_id, found.id)
        today = today_of(session, supplier_id, clock)
        waits = usable_method(session, plan, today) is None
        if plan.saved_method_id != saved_method_id and (
            waits or (replaces is not None and plan.saved_method_id == replaces)
        ):
            use_card(session, view(session, supplier_id, plan, today), saved_method_id, clock=clock)
            count += 1
    return count


def card_lost(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    saved_method_id: SavedMethodId,
    *,
    clock: Clock,
) -> int:
    """A card can be charged no more: its plans ask for another, before anything falls due."""
    count = 0
    for found in plans_in(session, supplier_id, STANDING, debtor_id):
        plan = locked(session, supplier_id, found.id)
        if plan.saved_method_id == saved_method_id:
            today = today_of(session, supplier_id, clock)
            charge_again(session, view(session, supplier_id, plan, today), today)
            ask_for_card(session, plan, on=today, clock=clock)
            count += 1
    return count


def note_failed(session: Session, failed: PaymentFailed, *, clock: Clock) -> None:
    """The bank said no to an instalment: tried again on a day, or the debtor is asked.

    A page on which the debtor tried in person, and failed, changes nothing: it can be retried.
    """
    if failed.instalment_id is None:
        return
    payment = _attempt(session, failed.supplier_id, failed.payment_id)
    seen = _seen(session, failed.supplier_id, failed.instalment_id, clock)
    if seen is None or payment is None or payment.channel != Channel.CHARGE:
        return
    row, today = seen.row(failed.instalment_id), seen.standing.today
    if row.attempt_id != failed.payment_id:
        return
    row.attempt_id = None
    advice = retry_advice(failed.code, failed.decline_code, failed.advice_code, row.tries + 1)
    if failed.code == "unreached":
        assert isinstance(advice, Retry), "a line that is down comes back"
        _try_later_today(session, row, failed.payment_id, advice.after, clock)
        return
    if failed.code == "not_configured":
        # Only a person can give us a key; the day's run sees whether one has.
        row.charge_on = today + timedelta(days=1)
        return
    row.tries += 1
    again_on = None
    if isinstance(advice, Retry):
        again_on = row.charge_on = today + max(advice.after, timedelta(days=1))
    elif isinstance(advice, NewCard):
        row.needs = "card"
    elif isinstance(advice, Authenticate):
        row.needs = "confirmation"
    else:
        row.needs = "person"
    if seen.plan.state in STANDING:
        _tell_failed(session, seen.plan, row, today, again_on, clock)
    session.flush()


def note_expired(session: Session, expired: PaymentExpired, *, clock: Clock) -> None:
    """Nobody knew what became of a charge, and now we do: nothing was taken."""
    if expired.instalment_id is None:
        return
    seen = _seen(session, expired.supplier_id, expired.instalment_id, clock)
    if seen is None:
        return
    row = seen.row(expired.instalment_id)
    if row.attempt_id == expired.payment_id:
        row.attempt_id = None
        _try_later_today(session, row, expired.payment_id, LINE_TROUBLE, clock)
        session.flush()


def _try_later_today(
    session: Session, row: InstalmentRow, failed: PaymentId, after: timedelta, clock: Clock
) -> None:
    """It was the line, not the debtor's bank: once more after a while, or, where that would be
    at night, with tomorrow's run.
    """
    now, zone = clock.now(), supplier_of(session, row.supplier_id).zone
    row.charge_on = local_date(now, zone)
    if day_of_work(now + after, zone) != row.charge_on:
        row.charge_on += timedelta(days=1)
        return
    enqueue(
        session,
        "plans.charge_instalment",
        {"instalment_id": str(row.id)},
        now=now,
        supplier_id=row.supplier_id,
        available_at=now + after,
        dedup=f"instalment:{row.id}:after:{failed}",
    )


def _tell_failed(
    session: Session,
    plan: Plan,
    row: InstalmentRow,
    today: date,
    again_on: date | None,
    clock: Clock,
) -> None:
    """Both sides are told of a decline once; the debtor each time there is something to do."""
    happened = events.InstalmentNotCharged(
        **about(plan, row.amount),
        instalment_id=row.id,
        place=row.place + 1,
        needs=row.needs,
        again_on=again_on,
    )
    record(session, happened, clock=clock)
    if row.needs == "card":
        ask_for_card(session, plan, on=today, clock=clock)
    elif row.needs == "confirmation":
        tell(session, plan, MessageKind.CONFIRM, on=today, instalment_id=row.id,
             key=f"confirm/{row.id.hex}/{row.tries}", clock=clock)  # fmt: skip
    else:
        tell(session, plan, MessageKind.NOT_CHARGED, on=today, instalment_id=row.id, clock=clock)
    tell(session, plan, MessageKind.OFFICE_NOT_CHARGED, on=today, instalment_id=row.id, clock=clock)


def plans_paid_by(session: Session, supplier_id: SupplierId, payment_id: PaymentId) -> list[PlanId]:
    """The standing plans whose invoices a payment was meant for."""
    return list(
        session.scalars(
            select(PlanInvoice.plan_id)
            .join(
                PaymentPart,
                (PaymentPart.supplier_id == PlanInvoice.supplier_id)
                & (PaymentPart.invoice_id == PlanInvoice.invoice_id),
            )
            .where(
                PlanInvoice.supplier_id == supplier_id,
                PlanInvoice.stands,
                PaymentPart.payment_id == payment_id,
            )
            .distinct()
            .order_by(PlanInvoice.plan_id)
        )
    )
