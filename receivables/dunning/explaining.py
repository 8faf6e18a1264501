"""Why something is or is not sent: for any invoice and any day, and before and after a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.dunning.items import Line, Verdict
from receivables.dunning.limits import House
from receivables.dunning.planning import Case, Planned, cases, decided, frame_of, in_chunks
from receivables.dunning.reasons import Reason
from receivables.dunning.rules import decide
from receivables.dunning.steps import Scenario, scenario_for
from receivables.dunning.tables import (
    ItemState,
    Reminder,
    ReminderItem,
    ReminderState,
    shown_state,
)
from receivables.ids import DebtorId, InvoiceId, ReminderId, SupplierId
from receivables.invoices.queries import of_supplier
from receivables.money import Money
from receivables.workdays import HOLIDAYS, Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What a day brings, or brought, to one invoice.

    `reason` is about the invoice; `because` is what kept the whole message back, where that is
    another. `step` and `reminder_id` are of the message that is or was about it.
    """

    invoice_id: InvoiceId
    on: date
    reason: Reason
    because: Reason | None = None
    step: str = ""
    #: What is or was asked for; None where nothing is.
    amount: Money | None = None
    reminder_id: ReminderId | None = None
    state: str = ""
    next_on: date | None = None
    scenario: str = ""


def why(
    session: Session,
    supplier_id: SupplierId,
    invoice_id: InvoiceId,
    on: date,
    *,
    calendar: Calendar = HOLIDAYS,
) -> Why:
    """Why a message about an invoice goes, or does not go, on a day.

    What is on record for that day is told as it was; any other day is decided from what is true
    now. Raises NoSuchInvoice.
    """
    debtor_id = of_supplier(session, supplier_id, invoice_id).debtor_id
    past = _on_record(session, supplier_id, invoice_id, on)
    if past is not None:
        return past
    frame = frame_of(session, supplier_id, on, calendar=calendar, debtor_id=debtor_id)
    # A day ahead is shown on the afternoon before it.
    frame = replace(frame, house=replace(frame.house, shown=None))
    for case in cases(session, frame, [debtor_id]):
        if any(item.invoice_id == invoice_id for item in case.account.items):
            return _told(decided(case, frame), invoice_id, on)
    return Why(invoice_id=invoice_id, on=on, reason=Reason.SETTLED)


def _on_record(
    session: Session, supplier_id: SupplierId, invoice_id: InvoiceId, on: date
) -> Why | None:
    row = session.execute(
        select(Reminder, ReminderItem)
        .join(
            ReminderItem,
            (Reminder.supplier_id == ReminderItem.supplier_id)
            & (Reminder.id == ReminderItem.reminder_id),
        )
        .where(
            Reminder.supplier_id == supplier_id,
            Reminder.run_on == on,
            ReminderItem.invoice_id == invoice_id,
            ReminderItem.state == ItemState.TAKEN,
        )
        .order_by(Reminder.level.desc(), Reminder.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    reminder, item = row
    known = reminder.reason in set(Reason)
    return Why(
        invoice_id=invoice_id,
        on=on,
        reason=Reason(reminder.reason) if known else Reason.NOT_SENT,
        step=reminder.step,
        amount=item.amount if reminder.state != ReminderState.SKIPPED else None,
        reminder_id=reminder.id,
        state=shown_state(reminder.state, reminder.channel),
    )


def _told(planned: Planned, invoice_id: InvoiceId, on: date) -> Why:
    verdict = planned.verdict
    place = _place(verdict, invoice_id)
    task = next(
        (
            one
            for one in verdict.tasks
            if any(line.item.invoice_id == invoice_id for line in one.lines)
        ),
        None,
    )
    asked = any(line.item.invoice_id == invoice_id for line in verdict.lines)
    step = task.step.name if task else (verdict.step.name if verdict.step and asked else "")
    kept_back = verdict.step is None and verdict.reason is not place.reason
    because = verdict.reason if kept_back else None
    if verdict.vetoed and asked:
        because = Reason.VETOED
    elif asked:
        because = verdict.waits
    return Why(
        invoice_id=invoice_id,
        on=on,
        reason=place.reason,
        because=because,
        step=step,
        amount=place.amount if asked or task else None,
        next_on=place.next_on,
        scenario=planned.case.scenario.name,
    )


def _place(verdict: Verdict, invoice_id: InvoiceId) -> Line:
    lines = (*verdict.lines, *verdict.coming, *verdict.held)
    return next(line for line in lines if line.item.invoice_id == invoice_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a day brings to one debtor in one currency: a message of a step, or a reason."""

    step: str
    reason: Reason
    amount: Money | None
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What another scenario changes for one debtor on one day."""

    debtor_id: DebtorId
    debtor_name: str
    on: date
    before: Outcome
    after: Outcome


def compare(
    portfolio: Sequence[Case],
    after: tuple[Scenario, ...],
    on: date,
    *,
    calendar: Calendar,
    house: House,
) -> tuple[Difference, ...]:
    """Whom other scenarios would treat otherwise on a day, and how: pure."""
    found = []
    for case in portfolio:
        account = case.account
        chosen = scenario_for(
            after, kind=account.kind, country=account.country,
            payer=account.standing.payer_class, solvency=account.standing.solvency_class,
        )  # fmt: skip
        one, other = (
            _outcome(decide(scenario, account, on, calendar=calendar, house=house))
            for scenario in (case.scenario, chosen)
        )
        if one != other:
            found.append(
                Difference(
                    debtor_id=account.debtor_id, debtor_name=case.debtor.name, on=on,
                    before=one, after=other,
                )
            )  # fmt: skip
    return tuple(found)


def _outcome(verdict: Verdict) -> Outcome:
    return Outcome(
        step=verdict.step.name if verdict.step else "",
        reason=verdict.reason,
        amount=verdict.total if verdict.step else None,
        tasks=tuple(task.step.name for task in verdict.tasks),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What another scenario changes over the coming days."""

    days: tuple[date, ...]
    differences: tuple[Difference, ...]
    #: Debtors that were looked at.
    debtors: int


def before_and_after(
    session: Session,
    supplier_id: SupplierId,
    after: tuple[Scenario, ...],
    days: Sequence[date],
    *,
    calendar: Calendar = HOLIDAYS,
) -> Change:
    """What other scenarios would change for the open invoices of all debtors, on each of some
    days, as if each were the first to come.
    """
    differences: list[Difference] = []
    debtors: set[DebtorId] = set()
    for on in days:
        frame = frame_of(session, supplier_id, on, calendar=calendar)
        # Until then the bank's data will have come.
        house = replace(frame.house, shown=None, bank_known_until=None)
        for chunk in in_chunks(session, frame):
            portfolio = [one.case for one in chunk]
            debtors |= {case.debtor.id for case in portfolio}
            differences += compare(portfolio, after, on, calendar=calendar, house=house)
    return Change(days=tuple(days), differences=tuple(differences), debtors=len(debtors))
