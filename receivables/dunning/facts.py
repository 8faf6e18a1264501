"""What planning reads of one chunk of debtors: a fixed number of statements, whoever they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import Session

from receivables.clock import local_date
from receivables.credit.queries import as_standing
from receivables.credit.rules import Standing
from receivables.credit.tables import StandingRow
from receivables.dunning.control_tables import DunningStop, DunningVeto
from receivables.dunning.items import AGAIN, Made, Stop
from receivables.dunning.reasons import Reason
from receivables.dunning.rules import DEMAND
from receivables.dunning.tables import ItemState, Reminder, ReminderItem, ReminderState
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


@dataclass(frozen=True, slots=True)
class Taken:
    """Steps of an invoice that are taken, and those taken in lower words."""

    steps: frozenset[str] = frozenset()
    lagging: frozenset[str] = frozenset()
    #: The day of the last message that took one.
    last_on: date | None = None


def processing(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> dict[InvoiceId, Money]:
    """What live attempts to pay are to put against each invoice."""
    rows = session.execute(
        select(
            PaymentPart.invoice_id,
            func.sum(PaymentPart.amount_minor).label("minor"),
            Invoice.currency.label("currency"),  # type: ignore[attr-defined]
        )
        .join(Invoice, Invoice.id == PaymentPart.invoice_id)
        .where(
            PaymentPart.supplier_id == supplier_id,
            PaymentPart.live,
            Invoice.debtor_id.in_(debtors),
        )
        .group_by(PaymentPart.invoice_id, Invoice.currency)  # type: ignore[attr-defined]
    )
    return {row.invoice_id: Money(int(row.minor), row.currency) for row in rows}


def taken_steps(
    session: Session,
    supplier_id: SupplierId,
    debtors: Collection[DebtorId],
    levels: Mapping[str, int],
    own: ReminderId | None,
) -> Mapping[InvoiceId, Taken]:
    """Which steps of the debtors' invoices are taken or superseded, those of `own` apart.

    `levels` are those of the scenario's steps: an item whose message spoke at a lower one lags.
    """
    rows = session.execute(
        select(
            ReminderItem.invoice_id, ReminderItem.step, ReminderItem.state,
            Reminder.level, Reminder.run_on, Reminder.state.label("message"),
        )
        .join(
            Reminder,
            (Reminder.supplier_id == ReminderItem.supplier_id)
            & (Reminder.id == ReminderItem.reminder_id),
        )
        .where(
            ReminderItem.supplier_id == supplier_id,
            ReminderItem.released_at.is_(None),
            Reminder.debtor_id.in_(debtors),
            ReminderItem.reminder_id != own if own is not None else true(),
        )
    )  # fmt: skip
    steps: dict[InvoiceId, set[str]] = defaultdict(set)
    lagging: dict[InvoiceId, set[str]] = defaultdict(set)
    last_on: dict[InvoiceId, date] = {}
    for row in rows:
        steps[row.invoice_id].add(row.step)
        last_on[row.invoice_id] = max(row.run_on, last_on.get(row.invoice_id, row.run_on))
        if (
            row.state == ItemState.TAKEN
            and row.message in _HAD
            and levels.get(row.step, -1) > row.level
        ):
            lagging[row.invoice_id].add(row.step)
    return {
        invoice_id: Taken(
            frozenset(names),
            frozenset(one for one in lagging[invoice_id] if one + AGAIN not in names),
            last_on[invoice_id],
        )
        for invoice_id, names in steps.items()
    }


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


def unapplied(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> dict[tuple[DebtorId, str], int]:
    """Credits and cash put against nothing, in minor units, of each debtor and currency."""
    sums: dict[tuple[DebtorId, str], int] = defaultdict(int)
    for sign, account, subject in (
        (1, Entry.credit_account, Entry.credit_subject),
        (-1, Entry.debit_account, Entry.debit_subject),
    ):
        statement = (
            select(
                subject.label("debtor"),
                Entry.currency.label("currency"),  # type: ignore[attr-defined]
                func.sum(Entry.amount_minor).label("minor"),  # type: ignore[attr-defined]
            )
            .where(
                Entry.supplier_id == supplier_id,
                account == LedgerAccount.UNAPPLIED,
                subject.in_(debtors),
            )
            .group_by(subject, Entry.currency)  # type: ignore[attr-defined]
        )
        for row in session.execute(statement):
            sums[row.debtor, row.currency] += sign * int(row.minor)
    return sums


@dataclass(slots=True)
class Written:
    """What a debtor has been written: the highest level, the last day, the last weeks."""

    level: int | None = None
    last_on: date | None = None
    made: tuple[Made, ...] = ()


def written(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId], zone: str, today: date
) -> dict[DebtorId, Written]:
    """What each debtor has had, perhaps had, over all channels and currencies."""
    rows = session.execute(
        select(
            Reminder.debtor_id, func.max(Reminder.level).label("level"),
            func.max(Reminder.run_on).label("run_on"),
        )
        .where(
            Reminder.supplier_id == supplier_id,
            Reminder.debtor_id.in_(debtors),
            Reminder.state.in_(_HAD),
        )
        .group_by(Reminder.debtor_id)
    )  # fmt: skip
    found = {row.debtor_id: Written(level=row.level, last_on=row.run_on) for row in rows}
    lately = session.execute(
        select(
            Reminder.debtor_id, Reminder.channel, Reminder.run_on, Reminder.sent_at,
            Reminder.let_out_at,
        )
        .where(
            Reminder.supplier_id == supplier_id,
            Reminder.debtor_id.in_(found),
            Reminder.state.in_(_HAD),
            or_(
                Reminder.run_on > today - _LIMITS_LOOK_BACK,
                and_(Reminder.let_out_at.is_not(None), Reminder.sent_at.is_not(None)),
            ),
        )
        .order_by(Reminder.run_on)
    )  # fmt: skip
    made: dict[DebtorId, list[Made]] = defaultdict(list)
    for row in lately:
        on = local_date(row.sent_at, zone) if row.let_out_at and row.sent_at else row.run_on
        if row.channel != FILE:
            one = Made(on=on, channel=Channel(row.channel))
            made[row.debtor_id].append(one)
    for debtor_id, several in made.items():
        found[debtor_id].made = tuple(several)
    return found


def waiting(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId], own: ReminderId | None
) -> dict[tuple[DebtorId, str], set[str]]:
    """What waits for a person, or for a channel, by debtor and currency: purposes."""
    rows = session.execute(
        select(Reminder.debtor_id, Reminder.purpose, Reminder.currency.label("currency"))  # type: ignore[attr-defined]
        .where(
            Reminder.supplier_id == supplier_id,
            Reminder.debtor_id.in_(debtors),
            Reminder.beside.is_(None),
            or_(
                Reminder.state == ReminderState.WAITING,
                and_(Reminder.state == ReminderState.DUE, Reminder.let_out_at.is_not(None)),
                # A letter is printed, a call made when somebody has the time.
                and_(
                    Reminder.state.in_((ReminderState.DUE, ReminderState.SENDING)),
                    Reminder.purpose != DEMAND,
                ),
            ),
            Reminder.id != own if own is not None else true(),
        )
    )  # fmt: skip
    found: dict[tuple[DebtorId, str], set[str]] = defaultdict(set)
    for row in rows:
        found[row.debtor_id, row.currency].add(row.purpose)
    return found


def heard(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId], zone: str, today: date
) -> dict[DebtorId, date]:
    """When each debtor last wrote or spoke to us in words of their own."""
    since = today - _LIMITS_LOOK_BACK
    rows = session.execute(
        select(EventRow.debtor_id, func.max(EventRow.at).label("at"))
        .where(
            EventRow.supplier_id == supplier_id,
            EventRow.debtor_id.in_(debtors),
            EventRow.kind.in_(HEARD),
        )
        .group_by(EventRow.debtor_id)
    )
    days = {row.debtor_id: local_date(row.at, zone) for row in rows}
    return {debtor_id: day for debtor_id, day in days.items() if day >= since}


def stops(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> tuple[dict[DebtorId, list[Stop]], dict[InvoiceId, list[Stop]]]:
    """What people stopped: of debtors, and of single invoices."""
    of_debtor: dict[DebtorId, list[Stop]] = defaultdict(list)
    of_invoice: dict[InvoiceId, list[Stop]] = defaultdict(list)
    rows = session.scalars(
        select(DunningStop).where(
            DunningStop.supplier_id == supplier_id,
            DunningStop.debtor_id.in_(debtors),
            DunningStop.lifted_at.is_(None),
        )
    )
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


def standings_of(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> dict[DebtorId, Standing]:
    rows = session.scalars(
        select(StandingRow).where(
            StandingRow.supplier_id == supplier_id, StandingRow.debtor_id.in_(debtors)
        )
    )
    return {row.debtor_id: as_standing(row) for row in rows}


def contacts_of(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> dict[DebtorId, list[Contact]]:
    """Each debtor's contacts, the primary one first."""
    found: dict[DebtorId, list[Contact]] = defaultdict(list)
    rows = session.scalars(
        select(Contact)
        .where(Contact.supplier_id == supplier_id, Contact.debtor_id.in_(debtors))
        .order_by(Contact.debtor_id, Contact.is_primary.desc(), Contact.created_at, Contact.id)
    )
    for row in rows:
        found[row.debtor_id].append(row)
    return found


def debtors_of(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> dict[DebtorId, Debtor]:
    rows = session.scalars(
        select(Debtor).where(Debtor.supplier_id == supplier_id, Debtor.id.in_(debtors))
    )
    return {row.id: row for row in rows}
