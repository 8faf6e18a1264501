"""What people do to hold dunning: stops with an end, absences, vetoes, hours and limits."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.dunning.control_tables import (
    DunningAbsence,
    DunningPreview,
    DunningSettings,
    DunningStop,
    DunningVeto,
)
from receivables.dunning.events import (
    AbsenceCancelled,
    AbsencePlanned,
    DunningResumed,
    DunningSettingsChanged,
    DunningStopped,
    MessagesVetoed,
    VetoWithdrawn,
)
from receivables.dunning.letting_out import decline
from receivables.dunning.limits import Limits
from receivables.dunning.reasons import Reason
from receivables.dunning.rules import DEMAND
from receivables.dunning.tables import Reminder, ReminderState
from receivables.dunning.windows import Hours, veto_is_open
from receivables.errors import NoSuch, ReceivablesError
from receivables.history import record
from receivables.ids import (
    AbsenceId,
    DebtorId,
    DunningStopId,
    InvoiceId,
    SupplierId,
    VetoId,
    new_id,
)
from receivables.jobs import insert_or_ignore
from receivables.parties import queries as parties

#: A stop longer than this would be forgotten.
#: Source: the pause matrix of the product's specification, part 2.1, "max 90 d".
LONGEST_STOP = timedelta(days=90)

#: Kinds of stop that have no end of their own: there is nobody left to write to.
FOR_GOOD = ("deceased", "ceased")


class NoSuchStop(NoSuch):
    """The supplier has no such stop, or it was lifted."""


class NoSuchAbsence(NoSuch):
    """The supplier planned no such absence, or cancelled it."""


class NoSuchVeto(NoSuch):
    """There is no such veto, or it was withdrawn."""


class StopRefused(ReceivablesError):
    """A stop, or an absence, that cannot be meant; `field` says what is wrong with it."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


class VetoTooLate(ReceivablesError):
    """The day's messages are on their way."""

    def __init__(self, run_on: date) -> None:
        self.run_on = run_on
        super().__init__(str(run_on))


def stop(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    *,
    invoice_id: InvoiceId | None = None,
    kind: str = "manual",
    reason: str,
    until: date | None,
    by_owner: bool,
    by: str,
    clock: Clock,
) -> DunningStopId:
    """Stop demands on a debtor, or about one invoice, from today on.

    A reason and a last day, ninety days off at most, are needed; an owner may leave the day out.
    Raises NoSuch for a debtor or invoice of somebody else's, StopRefused.
    """
    debtor = parties.debtor(session, supplier_id, debtor_id)
    today = local_date(clock.now(), parties.supplier(session, supplier_id).zone)
    if not reason.strip():
        raise StopRefused("reason")
    if until is None and not by_owner:
        raise StopRefused("open_end")
    if until is not None and not today <= until <= today + LONGEST_STOP:
        raise StopRefused("until")
    stop_id = DunningStopId(new_id())
    session.execute(
        insert(DunningStop),
        {
            "id": stop_id, "supplier_id": supplier_id, "debtor_id": debtor.id,
            "invoice_id": invoice_id, "kind": kind, "reason": reason.strip()[:300],
            "since": today, "until": until, "by": by, "created_at": clock.now(),
        },
    )  # fmt: skip
    happened = DunningStopped(
        supplier_id=supplier_id, debtor_id=debtor.id, invoice_id=invoice_id,
        reason=reason.strip()[:300], until=until,
    )  # fmt: skip
    record(session, happened, clock=clock)
    return stop_id


def lift(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    stop_id: DunningStopId,
    *,
    by: str,
    clock: Clock,
) -> None:
    """Demands on the debtor go out again. Raises NoSuchStop."""
    row = session.scalar(
        select(DunningStop)
        .where(
            DunningStop.supplier_id == supplier_id,
            DunningStop.debtor_id == debtor_id,
            DunningStop.id == stop_id,
            DunningStop.lifted_at.is_(None),
        )
        .with_for_update()
    )
    if row is None:
        raise NoSuchStop(str(stop_id))
    row.lifted_at, row.lifted_by = clock.now(), by
    session.flush()
    happened = DunningResumed(
        supplier_id=supplier_id, debtor_id=row.debtor_id, invoice_id=row.invoice_id
    )
    record(session, happened, clock=clock)


def plan_absence(
    session: Session,
    supplier_id: SupplierId,
    first_on: date,
    last_on: date,
    *,
    reason: str,
    by: str,
    clock: Clock,
) -> AbsenceId:
    """Nothing goes out by itself on these days, which may lie ahead. Raises StopRefused."""
    today = local_date(clock.now(), parties.supplier(session, supplier_id).zone)
    if last_on < first_on or last_on < today:
        raise StopRefused("until")
    if last_on - first_on > LONGEST_STOP:
        raise StopRefused("length")
    absence_id = AbsenceId(new_id())
    session.execute(
        insert(DunningAbsence),
        {
            "id": absence_id, "supplier_id": supplier_id, "first_on": first_on,
            "last_on": last_on, "reason": reason.strip()[:300], "by": by,
            "created_at": clock.now(),
        },
    )  # fmt: skip
    happened = AbsencePlanned(supplier_id=supplier_id, first_on=first_on, last_on=last_on)
    record(session, happened, clock=clock)
    return absence_id


def cancel_absence(
    session: Session, supplier_id: SupplierId, absence_id: AbsenceId, *, clock: Clock
) -> None:
    """Raises NoSuchAbsence."""
    row = session.scalar(
        select(DunningAbsence)
        .where(
            DunningAbsence.supplier_id == supplier_id,
            DunningAbsence.id == absence_id,
            DunningAbsence.cancelled_at.is_(None),
        )
        .with_for_update()
    )
    if row is None:
        raise NoSuchAbsence(str(absence_id))
    row.cancelled_at = clock.now()
    session.flush()
    happened = AbsenceCancelled(supplier_id=supplier_id, first_on=row.first_on, last_on=row.last_on)
    record(session, happened, clock=clock)


def note_shown(
    session: Session, supplier_id: SupplierId, run_on: date, messages: int, *, clock: Clock
) -> bool:
    """A day's messages are shown from now on; False when they were."""
    row = {
        "supplier_id": supplier_id, "run_on": run_on, "shown_at": clock.now(),
        "messages": messages,
    }  # fmt: skip
    statement = insert_or_ignore(session, DunningPreview).values(row)
    return session.execute(statement.returning(DunningPreview.run_on)).scalar() is not None


def veto(
    session: Session,
    supplier_id: SupplierId,
    run_on: date,
    *,
    debtor_id: DebtorId | None = None,
    currency: str | None = None,
    by: str,
    clock: Clock,
) -> VetoId:
    """Take one message (a debtor and a currency), one debtor's messages, or all of a day out.

    Their steps are over; the next ones come on their days. What the run has planned already is
    taken back as long as it is not sent. Raises VetoTooLate at half past eight.
    """
    _in_time(session, supplier_id, run_on, clock)
    if debtor_id is not None:
        parties.debtor(session, supplier_id, debtor_id)
    veto_id = VetoId(new_id())
    session.execute(
        insert(DunningVeto),
        {
            "id": veto_id, "supplier_id": supplier_id, "run_on": run_on, "debtor_id": debtor_id,
            "currency": currency, "by": by, "at": clock.now(),
        },
    )  # fmt: skip
    planned = select(Reminder.id).where(
        Reminder.supplier_id == supplier_id,
        Reminder.run_on == run_on,
        Reminder.purpose == DEMAND,
        Reminder.beside.is_(None),
        Reminder.state.in_((ReminderState.DUE, ReminderState.WAITING)),
    )
    if debtor_id is not None:
        planned = planned.where(Reminder.debtor_id == debtor_id)
    if currency is not None:
        planned = planned.where(Reminder.__table__.c.currency == currency)
    for reminder_id in session.scalars(planned).all():
        decline(session, supplier_id, reminder_id, reason=Reason.VETOED, clock=clock)
    happened = MessagesVetoed(supplier_id=supplier_id, debtor_id=debtor_id, run_on=run_on)
    record(session, happened, clock=clock)
    return veto_id


def withdraw_veto(
    session: Session, supplier_id: SupplierId, veto_id: VetoId, *, clock: Clock
) -> None:
    """They go out after all. Raises NoSuchVeto, VetoTooLate."""
    row = session.scalar(
        select(DunningVeto)
        .where(
            DunningVeto.supplier_id == supplier_id,
            DunningVeto.id == veto_id,
            DunningVeto.withdrawn_at.is_(None),
        )
        .with_for_update()
    )
    if row is None:
        raise NoSuchVeto(str(veto_id))
    _in_time(session, supplier_id, row.run_on, clock)
    row.withdrawn_at = clock.now()
    session.flush()
    happened = VetoWithdrawn(supplier_id=supplier_id, debtor_id=row.debtor_id, run_on=row.run_on)
    record(session, happened, clock=clock)


def _in_time(session: Session, supplier_id: SupplierId, run_on: date, clock: Clock) -> None:
    zone = parties.supplier(session, supplier_id).zone
    if not veto_is_open(clock.now(), zone, run_on):
        raise VetoTooLate(run_on)


def change_settings(
    session: Session, supplier_id: SupplierId, hours: Hours, limits: Limits, *, clock: Clock
) -> None:
    """Other hours and limits from now on. Raises StopRefused for what cannot be meant."""
    sound = {
        "hours": hours.opens < hours.closes,
        "least_days_between": 1 <= limits.least_days_between <= 60,
        "most_in_7_days": 1 <= limits.most_in_7_days <= 7,
        "most_in_30_days": 1 <= limits.most_in_30_days <= 30,
        "quiet_days": 0 <= limits.quiet_days <= 20,
        "gather_days": 0 <= limits.gather_days <= 10,
    }
    for field, is_sound in sound.items():
        if not is_sound:
            raise StopRefused(field)
    session.execute(delete(DunningSettings).where(DunningSettings.supplier_id == supplier_id))
    session.execute(
        insert(DunningSettings),
        {
            "supplier_id": supplier_id, "opens": hours.opens, "closes": hours.closes,
            "least_days_between": limits.least_days_between,
            "most_in_7_days": limits.most_in_7_days, "most_in_30_days": limits.most_in_30_days,
            "quiet_days": limits.quiet_days, "gather_days": limits.gather_days,
            "changed_at": clock.now(),
        },
    )  # fmt: skip
    record(session, DunningSettingsChanged(supplier_id=supplier_id), clock=clock)
