"""Calls are planned and made, and what came of them is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.bounces.actions import suppress
from receivables.bounces.tables import Because
from receivables.calls.events import CallClosed, CallMade, CallPlanned
from receivables.calls.rules import SPOKEN, Outcome, next_try
from receivables.calls.tables import Call, CallAttempt
from receivables.clock import Clock, local_date
from receivables.errors import NoSuch, ReceivablesError
from receivables.history import record
from receivables.ids import CallAttemptId, CallId, InvoiceId, SupplierId, new_id
from receivables.ledger.holds import Hold
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.ports import Channel, ChannelMessage
from receivables.promises.actions import NewPromise, promise
from receivables.promises.facts import promisable
from receivables.promises.rules import Source
from receivables.workdays import WEEKDAYS, Calendar


class NoSuchCall(NoSuch):
    """The supplier has no such call to make."""


class CallOver(ReceivablesError):
    """The call was made already, or nobody needs to make it any more."""

    def __init__(self, call_id: CallId, state: str) -> None:
        self.call_id, self.state = call_id, state
        super().__init__(f"call {call_id} is {state}")


def hand_over(session: Session, message: ChannelMessage, *, clock: Clock) -> CallId | None:
    """Have somebody call; None when the execution has a call already.

    Called in the transaction in which the engine decides.
    """
    assert message.channel is Channel.CALL, message.channel
    known = session.scalar(
        select(Call.id).where(
            Call.supplier_id == message.supplier_id, Call.execution_id == message.execution_id
        )
    )
    if known is not None:
        return None
    now = clock.now()
    zone = parties.supplier(session, message.supplier_id).zone
    row = Call(
        id=CallId(new_id()),
        supplier_id=message.supplier_id,
        debtor_id=message.debtor_id,
        contact_id=message.contact_id,
        execution_id=message.execution_id,
        level=message.level,
        tone=message.tone,
        language=message.language,
        about={
            "invoices": [
                {"id": str(line.invoice_id), "minor": line.amount.minor} for line in message.lines
            ]
        },
        amount=message.total,
        due_on=local_date(now, zone),
        tries=0,
        state="open",
        created_at=now,
    )
    session.add(row)
    session.flush()
    record(session, CallPlanned(**said_of(row), amount=row.amount), clock=clock)
    return row.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What a person writes down after a call. A promise names a day, and an amount unless it is
    about all of it; what is disputed is opened beside (`disputes.opening`) and only named here.
    """

    outcome: Outcome
    number: str = ""
    note: str = ""
    promised_on: date | None = None
    promised: Money | None = None


def log(
    session: Session,
    supplier_id: SupplierId,
    call_id: CallId,
    logged: Logged,
    *,
    held_by_others: tuple[Hold, ...] = (),
    calendar: Calendar = WEEKDAYS,
    clock: Clock,
) -> None:
    """Write down what came of a call. A promise is given in the same transaction, so there is no
    call without its promise; not reached is tried again the next working day, three times in all;
    a wrong number is not called again.

    Raises NoSuchCall, CallOver, and what `promises.actions.promise` raises.
    """
    row = _open(session, supplier_id, call_id)
    supplier = parties.supplier(session, supplier_id)
    debtor = parties.debtor(session, supplier_id, row.debtor_id)
    today = local_date(clock.now(), supplier.zone)
    row.tries += 1
    _write_down(session, row, logged, clock=clock)
    if logged.outcome is Outcome.PROMISE:
        _promise(session, row, logged, held_by_others, calendar, clock=clock)
    if logged.outcome is Outcome.WRONG_NUMBER and logged.number:
        _leave_alone(session, row, logged.number, clock=clock)
    again_on = next_try(logged.outcome, row.tries, today, country=debtor.country, calendar=calendar)
    made = CallMade(
        **said_of(row),
        outcome=logged.outcome,
        reached=logged.outcome in SPOKEN,
        note=logged.note[:500],
        again_on=again_on,
    )
    record(session, made, clock=clock)
    if again_on is not None:
        row.due_on = again_on
    else:
        _close(session, row, "done" if logged.outcome in SPOKEN else "given_up", clock=clock)


def _write_down(session: Session, row: Call, logged: Logged, *, clock: Clock) -> None:
    session.add(
        CallAttempt(
            id=CallAttemptId(new_id()),
            supplier_id=row.supplier_id,
            debtor_id=row.debtor_id,
            contact_id=row.contact_id,
            call_id=row.id,
            outcome=logged.outcome,
            number=logged.number[:16],
            note=logged.note[:500],
            called_at=clock.now(),
        )
    )
    session.flush()


def _promise(
    session: Session,
    row: Call,
    logged: Logged,
    held_by_others: tuple[Hold, ...],
    calendar: Calendar,
    *,
    clock: Clock,
) -> None:
    assert logged.promised_on is not None, "a promise names a day"
    about = {InvoiceId(UUID(one["id"])) for one in row.about["invoices"]}
    open_now = promisable(session, row.supplier_id, row.debtor_id, held_by_others=held_by_others)
    promise(
        session,
        supplier_id=row.supplier_id,
        debtor_id=row.debtor_id,
        new=NewPromise(
            invoice_ids=[one.invoice_id for one in open_now if one.invoice_id in about],
            amount=logged.promised,
            promised_on=logged.promised_on,
            source=Source.CALL,
            note=logged.note[:500],
            contact_id=row.contact_id,
        ),
        held_by_others=held_by_others,
        calendar=calendar,
        clock=clock,
    )


def _leave_alone(session: Session, row: Call, number: str, *, clock: Clock) -> None:
    """Whoever answers there is not whom we look for: neither call nor text reaches the contact."""
    for channel in (Channel.CALL, Channel.SMS):
        suppress(
            session,
            supplier_id=row.supplier_id,
            debtor_id=row.debtor_id,
            contact_id=row.contact_id,
            channel=channel,
            address=number,
            because=Because.WRONG_PERSON,
            clock=clock,
        )


def drop_needless(
    session: Session, supplier_id: SupplierId, call_id: CallId, *, clock: Clock
) -> None:
    """Nothing is asked for any more, or a person sees no need. Raises NoSuchCall, CallOver."""
    _close(session, _open(session, supplier_id, call_id), "needless", clock=clock)


def _close(session: Session, row: Call, how: str, *, clock: Clock) -> None:
    row.state, row.closed_at = how, clock.now()
    session.flush()
    record(session, CallClosed(**said_of(row), how=how), clock=clock)


def _open(session: Session, supplier_id: SupplierId, call_id: CallId) -> Call:
    row = session.scalar(
        select(Call).where(Call.supplier_id == supplier_id, Call.id == call_id).with_for_update()
    )
    if row is None:
        raise NoSuchCall(str(call_id))
    if row.state != "open":
        raise CallOver(call_id, row.state)
    return row


def said_of(row: Call) -> dict[str, Any]:
    """What every event of a call says."""
    return {
        "supplier_id": row.supplier_id,
        "debtor_id": row.debtor_id,
        "call_id": row.id,
        "execution_id": row.execution_id,
        "contact_id": row.contact_id,
    }
