"""What planning reads of one chunk of debtors: a fixed number of statements, whoever they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Select, and_, bindparam, func, or_, select, true
from sqlalchemy.orm import Session

from receivables.clock import local_date
from receivables.credit.queries import as_standing
from receivables.credit.rules import Standing
from receivables.credit.tables import StandingRow
from receivables.database import among
from receivables.dunning.control_tables import DunningStop, DunningVeto
from receivables.dunning.items import Made, Stop
from receivables.dunning.reasons import Reason
from receivables.dunning.rules import DEMAND
from receivables.dunning.tables import Reminder, ReminderItem, ReminderState
from receivables.history import EventRow
from receivables.ids import DebtorId, InvoiceId, ReminderId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.tables import Account as LedgerAccount
from receivables.ledger.tables import Entry
from receivables.money import Money
from receivables.parties.tables import Contact, Debtor
from receivables.payments.tables import PaymentPart
from receivables.ports.channels import Channel
from receivables.promises.rules import BrokenPromise

#: What debtors said in words of their own, in writing or on the telephone; a click on a link is
#: not among it.
HEARD = ("dispute.debtor_wrote", "reply.received", "call.made")

#: How far back the limits look.
_LIMITS_LOOK_BACK = timedelta(days=31)

_HAD = (ReminderState.SENT, ReminderState.UNKNOWN)

#: A channel that is no message: a person hands a file over.
FILE = "file"

#: Plain columns: a statement over entities costs three times as much to run.
_ITEM, _REMINDER = ReminderItem.__table__.c, Reminder.__table__.c
_ENTRY, _PART, _INVOICE = Entry.__table__.c, PaymentPart.__table__.c, Invoice.__table__.c
_EVENT = EventRow.__table__.c

#: What every statement here is asked with, beside "debtors".
_SUPPLIER: BindParameter[UUID] = bindparam("supplier")


def _asked(supplier_id: SupplierId, debtors: Collection[DebtorId]) -> dict[str, Any]:
    return {"supplier": supplier_id, "debtors": list(debtors)}


_PROCESSING = (
    select(
        _PART.invoice_id,
        func.sum(_PART.amount_minor).label("minor"),
        _INVOICE.currency.label("currency"),
    )
    .join_from(PaymentPart.__table__, Invoice.__table__, _INVOICE.id == _PART.invoice_id)
    .where(_PART.supplier_id == _SUPPLIER, _PART.live, among(_INVOICE.debtor_id, "debtors"))
    .group_by(_PART.invoice_id, _INVOICE.currency)
)


def processing(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> dict[InvoiceId, Money]:
    """What live attempts to pay are to put against each invoice."""
    rows = session.execute(_PROCESSING, _asked(supplier_id, debtors))
    return {row.invoice_id: Money(int(row.minor), row.currency) for row in rows.all()}


def followed_up(
    session: Session,
    supplier_id: SupplierId,
    found: Mapping[InvoiceId, BrokenPromise],
    own: ReminderId | None,
) -> dict[InvoiceId, BrokenPromise]:
    """Those of these broken promises that no message but `own` has spoken of."""
    if not found:
        return {}
    rows = session.execute(
        select(ReminderItem.invoice_id, func.max(Reminder.run_on).label("run_on"))
        .join(
            Reminder,
            (Reminder.supplier_id == ReminderItem.supplier_id)
            & (Reminder.id == ReminderItem.reminder_id),
        )
        .where(
            ReminderItem.supplier_id == supplier_id,
            ReminderItem.released_at.is_(None),
            ReminderItem.invoice_id.in_(found),
            ReminderItem.reminder_id != own if own is not None else true(),
        )
        .group_by(ReminderItem.invoice_id)
    )
    followed = {row.invoice_id: row.run_on for row in rows}
    return {
        invoice_id: promise
        for invoice_id, promise in found.items()
        if invoice_id not in followed or followed[invoice_id] < promise.broken_on
    }


def _unapplied(sign: int) -> Select[Any]:
    account = _ENTRY.credit_account if sign > 0 else _ENTRY.debit_account
    subject = _ENTRY.credit_subject if sign > 0 else _ENTRY.debit_subject
    total = func.sum(_ENTRY.amount_minor) * sign
    return (
        select(subject.label("debtor"), _ENTRY.currency, total.label("minor"))
        .where(
            _ENTRY.supplier_id == _SUPPLIER,
            account == LedgerAccount.UNAPPLIED,
            among(subject, "debtors"),
        )
        .group_by(subject, _ENTRY.currency)
    )


_UNAPPLIED = _unapplied(1).union_all(_unapplied(-1))


def unapplied(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> dict[tuple[DebtorId, str], int]:
    """Credits and cash put against nothing, in minor units, of each debtor and currency."""
    sums: dict[tuple[DebtorId, str], int] = defaultdict(int)
    for debtor_id, currency, minor in session.execute(
        _UNAPPLIED, _asked(supplier_id, debtors)
    ).all():
        sums[debtor_id, currency] += int(minor)
    return sums


@dataclass(slots=True)
class Written:
    """What a debtor has been written: the highest level, the last day, the last weeks."""

    level: int | None = None
    last_on: date | None = None
    made: tuple[Made, ...] = ()


_HIGHEST = (
    select(
        _REMINDER.debtor_id,
        func.max(_REMINDER.level).label("level"),
        func.max(_REMINDER.run_on).label("run_on"),
    )
    .where(
        _REMINDER.supplier_id == _SUPPLIER,
        among(_REMINDER.debtor_id, "debtors"),
        _REMINDER.state.in_(_HAD),
    )
    .group_by(_REMINDER.debtor_id)
)
_LATELY = (
    select(
        _REMINDER.debtor_id, _REMINDER.channel, _REMINDER.run_on, _REMINDER.sent_at,
        _REMINDER.let_out_at,
    )
    .where(
        _REMINDER.supplier_id == _SUPPLIER,
        among(_REMINDER.debtor_id, "debtors"),
        _REMINDER.state.in_(_HAD),
        or_(
            _REMINDER.run_on > bindparam("since"),
            and_(_REMINDER.let_out_at.is_not(None), _REMINDER.sent_at.is_not(None)),
        ),
    )
    .order_by(_REMINDER.run_on)
)  # fmt: skip


def written(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId], zone: str, today: date
) -> dict[DebtorId, Written]:
    """What each debtor has had, perhaps had, over all channels and currencies."""
    rows = session.execute(_HIGHEST, _asked(supplier_id, debtors))
    found = {row.debtor_id: Written(level=row.level, last_on=row.run_on) for row in rows.all()}
    if not found:
        return found
    since = today - _LIMITS_LOOK_BACK
    lately = session.execute(_LATELY, {**_asked(supplier_id, found), "since": since})
    made: dict[DebtorId, list[Made]] = defaultdict(list)
    for row in lately.all():
        on = local_date(row.sent_at, zone) if row.let_out_at and row.sent_at else row.run_on
        if row.channel != FILE:
            one = Made(on=on, channel=Channel(row.channel))
            made[row.debtor_id].append(one)
    for debtor_id, several in made.items():
        found[debtor_id].made = tuple(several)
    return found


_WAITING = select(_REMINDER.id, _REMINDER.debtor_id, _REMINDER.purpose, _REMINDER.currency).where(
    _REMINDER.supplier_id == _SUPPLIER,
    among(_REMINDER.debtor_id, "debtors"),
    _REMINDER.beside.is_(None),
    or_(
        _REMINDER.state == ReminderState.WAITING,
        and_(_REMINDER.state == ReminderState.DUE, _REMINDER.let_out_at.is_not(None)),
        # A letter is printed, a call made when somebody has the time.
        and_(
            _REMINDER.state.in_((ReminderState.DUE, ReminderState.SENDING)),
            _REMINDER.purpose != DEMAND,
        ),
    ),
)


def waiting(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId], own: ReminderId | None
) -> dict[tuple[DebtorId, str], set[str]]:
    """What waits for a person, or for a channel, by debtor and currency: purposes."""
    rows = session.execute(_WAITING, _asked(supplier_id, debtors))
    found: dict[tuple[DebtorId, str], set[str]] = defaultdict(set)
    for row in rows.all():
        if row.id != own:
            found[row.debtor_id, row.currency].add(row.purpose)
    return found


_HEARD_AT = (
    select(_EVENT.debtor_id, func.max(_EVENT.at).label("at"))
    .where(
        _EVENT.supplier_id == _SUPPLIER,
        among(_EVENT.debtor_id, "debtors"),
        _EVENT.kind.in_(HEARD),
    )
    .group_by(_EVENT.debtor_id)
)


def heard(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId], zone: str, today: date
) -> dict[DebtorId, date]:
    """When each debtor last wrote or spoke to us in words of their own."""
    since = today - _LIMITS_LOOK_BACK
    rows = session.execute(_HEARD_AT, _asked(supplier_id, debtors))
    days = {row.debtor_id: local_date(row.at, zone) for row in rows.all()}
    return {debtor_id: day for debtor_id, day in days.items() if day >= since}


_STOPS = select(DunningStop).where(
    DunningStop.supplier_id == _SUPPLIER,
    among(DunningStop.debtor_id, "debtors"),
    DunningStop.lifted_at.is_(None),
)


def stops(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> tuple[dict[DebtorId, list[Stop]], dict[InvoiceId, list[Stop]]]:
    """What people stopped: of debtors, and of single invoices."""
    of_debtor: dict[DebtorId, list[Stop]] = defaultdict(list)
    of_invoice: dict[InvoiceId, list[Stop]] = defaultdict(list)
    rows = session.scalars(_STOPS, _asked(supplier_id, debtors))
    for row in rows:
        if row.invoice_id is not None:
            one = Stop(reason=Reason.ITEM_STOPPED, since=row.since, until=row.until)
            of_invoice[row.invoice_id].append(one)
        else:
            reason = Reason.STOPPED if row.kind == "manual" else Reason(row.kind)
            of_debtor[row.debtor_id].append(Stop(reason=reason, since=row.since, until=row.until))
    return of_debtor, of_invoice


@dataclass(frozen=True, slots=True)
class Vetoes:
    """What a person took out of one day's messages."""

    rows: Sequence[tuple[DebtorId | None, str | None]] = ()

    def cover(self, debtor_id: DebtorId, currency: str) -> bool:
        return any(whose in (None, debtor_id) and of in (None, currency) for whose, of in self.rows)


def vetoes(session: Session, supplier_id: SupplierId, run_on: date) -> Vetoes:
    rows = session.execute(
        select(DunningVeto.debtor_id, DunningVeto.currency).where(
            DunningVeto.supplier_id == supplier_id,
            DunningVeto.run_on == run_on,
            DunningVeto.withdrawn_at.is_(None),
        )
    )
    return Vetoes([(row.debtor_id, row.currency) for row in rows])


_STANDINGS = select(StandingRow).where(
    StandingRow.supplier_id == _SUPPLIER, among(StandingRow.debtor_id, "debtors")
)


def standings_of(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> dict[DebtorId, Standing]:
    rows = session.scalars(_STANDINGS, _asked(supplier_id, debtors))
    return {row.debtor_id: as_standing(row) for row in rows}


_CONTACTS = (
    select(Contact)
    .where(Contact.supplier_id == _SUPPLIER, among(Contact.debtor_id, "debtors"))
    .order_by(Contact.debtor_id, Contact.is_primary.desc(), Contact.created_at, Contact.id)
)


def contacts_of(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> dict[DebtorId, list[Contact]]:
    """Each debtor's contacts, the primary one first."""
    found: dict[DebtorId, list[Contact]] = defaultdict(list)
    rows = session.scalars(_CONTACTS, _asked(supplier_id, debtors))
    for row in rows:
        found[row.debtor_id].append(row)
    return found


_DEBTORS = select(Debtor).where(Debtor.supplier_id == _SUPPLIER, among(Debtor.id, "debtors"))


def debtors_of(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> dict[DebtorId, Debtor]:
    rows = session.scalars(_DEBTORS, _asked(supplier_id, debtors))
    return {row.id: row for row in rows}
