"""Those who know how a debtor stands write it down here; whatever says nothing new is no event."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.credit import events
from receivables.credit.queries import as_standing
from receivables.credit.rules import Cover, PayerClass, SolvencyClass
from receivables.credit.tables import StandingRow
from receivables.history import record
from receivables.ids import DebtorId, SupplierId
from receivables.jobs import insert_or_ignore
from receivables.money import Money


def set_payer_class(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    payer_class: PayerClass,
    reason: str = "",
    clock: Clock,
) -> None:
    """How the debtor has paid so far, by a person (`reason`) or by calculation."""
    row = _row(session, supplier_id, debtor_id, clock)
    before, row.payer_class = row.payer_class, payer_class
    if before != payer_class:
        row.changed_at = clock.now()
        happened = events.PayerClassChanged(
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            before=before,
            after=payer_class,
            reason=reason,
        )
        record(session, happened, clock=clock)


def set_solvency_class(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    solvency_class: SolvencyClass,
    clock: Clock,
) -> None:
    """What those who watch solvency make of the debtor."""
    row = _row(session, supplier_id, debtor_id, clock)
    before, row.solvency_class = row.solvency_class, solvency_class
    if before != solvency_class:
        row.changed_at = clock.now()
        happened = events.SolvencyClassChanged(
            supplier_id=supplier_id, debtor_id=debtor_id, before=before, after=solvency_class
        )
        record(session, happened, clock=clock)


def set_limit(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    limit: Money | None,
    clock: Clock,
) -> None:
    """How much the debtor may owe; None takes the limit away."""
    row = _row(session, supplier_id, debtor_id, clock)
    if as_standing(row).limit == limit:
        return
    row.limit_minor = limit.minor if limit is not None else None
    row.limit_currency = limit.currency if limit is not None else None
    row.changed_at = clock.now()
    happened = events.LimitChanged(supplier_id=supplier_id, debtor_id=debtor_id, limit=limit)
    record(session, happened, clock=clock)


def set_terms(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    days: int | None,
    clock: Clock,
) -> None:
    """In how many days the debtor has agreed to pay. Invoices keep their due dates."""
    row = _row(session, supplier_id, debtor_id, clock)
    if row.terms_days == days:
        return
    row.terms_days, row.changed_at = days, clock.now()
    happened = events.TermsChanged(supplier_id=supplier_id, debtor_id=debtor_id, days=days)
    record(session, happened, clock=clock)


def set_prepayment(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    since: date | None,
    clock: Clock,
) -> None:
    """Deliver against payment in advance from that day on; None: on terms again. The first day
    stands.
    """
    row = _row(session, supplier_id, debtor_id, clock)
    if (row.prepayment_since is None) == (since is None):
        return
    row.prepayment_since, row.changed_at = since, clock.now()
    happened = events.PrepaymentChanged(supplier_id=supplier_id, debtor_id=debtor_id, since=since)
    record(session, happened, clock=clock)


def set_cover(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    cover: Cover | None,
    clock: Clock,
) -> None:
    """The insurance of the claims on the debtor; None: not insured."""
    row = _row(session, supplier_id, debtor_id, clock)
    if as_standing(row).cover == cover:
        return
    row.policy_number = cover.policy_number if cover is not None else None
    row.extension_days = cover.extension_days if cover is not None else None
    row.changed_at = clock.now()
    happened = events.CoverChanged(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        policy_number=cover.policy_number if cover is not None else "",
        extension_days=cover.extension_days if cover is not None else 0,
    )
    record(session, happened, clock=clock)


def stop_demands(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    reason: str,
    until: date | None = None,
    clock: Clock,
) -> None:
    """Ask nothing of the debtor, until the end of that day or until `resume_demands`."""
    assert reason, "a stop has a reason"
    row = _row(session, supplier_id, debtor_id, clock)
    if (row.stop_reason, row.stopped_until) == (reason, until):
        return
    row.stop_reason, row.stopped_until, row.changed_at = reason, until, clock.now()
    happened = events.DemandsStopped(
        supplier_id=supplier_id, debtor_id=debtor_id, reason=reason, until=until
    )
    record(session, happened, clock=clock)


def resume_demands(
    session: Session, *, supplier_id: SupplierId, debtor_id: DebtorId, clock: Clock
) -> None:
    """Lift the stop on demands, if there is one."""
    row = _row(session, supplier_id, debtor_id, clock)
    if not row.stop_reason:
        return
    row.stop_reason, row.stopped_until, row.changed_at = "", None, clock.now()
    happened = events.DemandsResumed(supplier_id=supplier_id, debtor_id=debtor_id)
    record(session, happened, clock=clock)


def block_self_service(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    until: date,
    clock: Clock,
) -> None:
    """Let a person decide about the debtor's plans through that day; never shortens a block."""
    row = _row(session, supplier_id, debtor_id, clock)
    standing_until = row.self_service_blocked_until
    if standing_until is not None and standing_until >= until:
        return
    row.self_service_blocked_until, row.changed_at = until, clock.now()
    happened = events.SelfServiceBlocked(supplier_id=supplier_id, debtor_id=debtor_id, until=until)
    record(session, happened, clock=clock)


def note_insolvency(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    insolvent_on: date,
    clock: Clock,
) -> None:
    """The debtor is insolvent: whoever demands or charges stops. The first day known stands."""
    row = _row(session, supplier_id, debtor_id, clock)
    if row.insolvent_on is not None:
        return
    row.insolvent_on, row.changed_at = insolvent_on, clock.now()
    happened = events.InsolvencyNoted(
        supplier_id=supplier_id, debtor_id=debtor_id, insolvent_on=insolvent_on
    )
    record(session, happened, clock=clock)


def retract_insolvency(
    session: Session, *, supplier_id: SupplierId, debtor_id: DebtorId, clock: Clock
) -> None:
    """A person says that the debtor is not insolvent, or is no longer."""
    row = _row(session, supplier_id, debtor_id, clock)
    if row.insolvent_on is None:
        return
    row.insolvent_on, row.changed_at = None, clock.now()
    happened = events.InsolvencyRetracted(supplier_id=supplier_id, debtor_id=debtor_id)
    record(session, happened, clock=clock)


def open_self_service(
    session: Session, *, supplier_id: SupplierId, debtor_id: DebtorId, clock: Clock
) -> None:
    """Let the debtor agree plans alone again, as the supplier's terms allow."""
    row = _row(session, supplier_id, debtor_id, clock)
    if row.self_service_blocked_until is None:
        return
    row.self_service_blocked_until, row.changed_at = None, clock.now()
    happened = events.SelfServiceOpened(supplier_id=supplier_id, debtor_id=debtor_id)
    record(session, happened, clock=clock)


def _row(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, clock: Clock
) -> StandingRow:
    """The debtor's row, made where there is none, held until the transaction ends."""
    defaults = {
        "supplier_id": supplier_id,
        "debtor_id": debtor_id,
        "payer_class": PayerClass.N,
        "solvency_class": SolvencyClass.NONE,
        "stop_reason": "",
        "changed_at": clock.now(),
    }
    session.execute(insert_or_ignore(session, StandingRow).values(defaults))
    return session.scalars(
        select(StandingRow)
        .where(StandingRow.supplier_id == supplier_id, StandingRow.debtor_id == debtor_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
