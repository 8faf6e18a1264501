"""The facts that dunning decides from, gathered chunk by chunk in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from receivables.bounces.queries import closed_channels, closed_to_post
from receivables.credit.rules import Standing
from receivables.dunning import facts
from receivables.dunning.facts import Vetoes, Written
from receivables.dunning.holding import holds_of
from receivables.dunning.house import house_of
from receivables.dunning.items import AGAIN, Account, Item, Stop, Verdict
from receivables.dunning.limits import House
from receivables.dunning.presence import PERHAPS_ALL, Presence, present
from receivables.dunning.reasons import Reason
from receivables.dunning.rules import DEMAND, decide
from receivables.dunning.scenarios import scenarios_of
from receivables.dunning.steps import OURS, Audience, Scenario, Step, scenario_for
from receivables.dunning.tables import Reminder, ReminderItem
from receivables.dunning.taken import Taken, taken_steps
from receivables.ids import ContactId, DebtorId, InvoiceId, ReminderId, SupplierId
from receivables.interest.laws import wants_first_reminder
from receivables.interest.notices import first_notices
from receivables.invoices.tables import Invoice
from receivables.ledger.holds import Hold, by_invoice
from receivables.ledger.queries import OpenItem, open_items_of
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.phones import is_mobile
from receivables.parties.presentation import language_for
from receivables.parties.tables import Contact, Debtor, Supplier
from receivables.ports.channels import Channel
from receivables.promises.breaking import broken
from receivables.promises.rules import BrokenPromise
from receivables.workdays import WEEKDAYS, Calendar, region_of

#: How many debtors are read and decided at a time: memory does not grow with their number.
CHUNK = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One debtor in one currency: what is decided from, and whom the message would go to."""

    account: Account
    debtor: Debtor
    contact: Contact | None
    language: str
    last_reminded_on: date | None
    scenario: Scenario
    #: All who may be written to, the primary one first.
    contacts: Sequence[Contact] = ()

    def contact_for(self, step: Step) -> Contact | None:
        """Who a step is for; the primary contact where nobody has that role."""
        wanted = step.audience
        if wanted is Audience.PRIMARY:
            return self.contact
        found = (one for one in self.contacts if one.role == wanted and one.bounced_at is None)
        return next(found, self.contact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A case and what a run does about it."""

    case: Case
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What holds for every debtor of one supplier on one day."""

    supplier: Supplier
    today: date
    scenarios: tuple[Scenario, ...]
    house: House
    holds: Mapping[InvoiceId, Sequence[Hold]]
    broken: Mapping[InvoiceId, BrokenPromise]
    vetoes: Vetoes
    closed: Mapping[ContactId, frozenset[Channel]]
    closed_to_post: frozenset[DebtorId]
    calendar: Calendar
    own: ReminderId | None = None
    #: Invoices that may take a step; None: all.
    only: Collection[InvoiceId] | None = None
    levels: Mapping[str, int] = field(default_factory=dict)
    #: What there is to read about the one debtor it is for, or about any.
    known: Presence = PERHAPS_ALL


def frame_of(
    session: Session,
    supplier_id: SupplierId,
    today: date,
    *,
    calendar: Calendar = WEEKDAYS,
    debtor_id: DebtorId | None = None,
    scenarios: tuple[Scenario, ...] | None = None,
    own: ReminderId | None = None,
    only: Collection[InvoiceId] | None = None,
) -> Frame:
    """What is read once for a whole run, or for one debtor."""
    known = present(session, supplier_id, debtor_id, today)
    chosen = scenarios or (scenarios_of(session, supplier_id) if known.scenarios else OURS)
    found = broken(session, supplier_id, debtor_id) if known.promises else {}
    closed_to = known.suppressions or known.bounced
    return Frame(
        supplier=parties.supplier(session, supplier_id),
        today=today,
        scenarios=chosen,
        house=house_of(session, supplier_id, today, known=known),
        holds=by_invoice(holds_of(session, supplier_id, debtor_id, known=known)),
        broken=facts.followed_up(session, supplier_id, found, own),
        vetoes=facts.vetoes(session, supplier_id, today) if known.vetoes else Vetoes(),
        closed=closed_channels(session, supplier_id, debtor_id) if closed_to else {},
        closed_to_post=closed_to_post(session, supplier_id, debtor_id)
        if known.suppressions
        else frozenset(),
        calendar=calendar,
        own=own,
        only=only,
        levels={step.name: step.level for scenario in chosen for step in scenario},
        known=known,
    )


def plan(
    session: Session,
    supplier_id: SupplierId,
    today: date,
    *,
    calendar: Calendar = WEEKDAYS,
    debtor_id: DebtorId | None = None,
) -> list[Planned]:
    """What a run on `today` would do about each debtor with something open; writes nothing.

    With tomorrow's date it says what will be sent tomorrow, and why, if nothing changes.
    """
    frame = frame_of(session, supplier_id, today, calendar=calendar, debtor_id=debtor_id)
    return [one for chunk in in_chunks(session, frame, debtor_id=debtor_id) for one in chunk]


def in_chunks(
    session: Session, frame: Frame, *, debtor_id: DebtorId | None = None
) -> Iterator[list[Planned]]:
    """The same a chunk of debtors at a time, in a stable order."""
    if debtor_id is not None:
        yield decided_of(session, frame, [debtor_id])
        return
    after: DebtorId | None = None
    while page := debtor_page(session, frame.supplier.id, after):
        yield decided_of(session, frame, page)
        after = page[-1]


def decided_of(session: Session, frame: Frame, page: Collection[DebtorId]) -> list[Planned]:
    """What is decided about the debtors of one page."""
    return [decided(case, frame) for case in cases(session, frame, page)]


def decided(case: Case, frame: Frame, *, released: bool = False) -> Planned:
    verdict = decide(
        case.scenario, case.account, frame.today, calendar=frame.calendar, house=frame.house,
        released=released,
    )  # fmt: skip
    return Planned(case=case, verdict=verdict)


def debtor_page(
    session: Session, supplier_id: SupplierId, after: DebtorId | None
) -> list[DebtorId]:
    """The next debtors with invoices, by id; none when there are no more."""
    statement = (
        select(Debtor.id)
        .where(
            Debtor.supplier_id == supplier_id,
            select(Invoice.id)
            .where(Invoice.supplier_id == supplier_id, Invoice.debtor_id == Debtor.id)
            .exists(),
        )
        .order_by(Debtor.id)
        .limit(CHUNK)
    )
    if after is not None:
        statement = statement.where(Debtor.id > after)
    return list(session.scalars(statement))


_ITEM = ReminderItem.__table__.c
_TAKEN_BY = select(_ITEM.invoice_id).where(
    _ITEM.supplier_id == bindparam("supplier"),
    _ITEM.reminder_id == bindparam("execution"),
    _ITEM.released_at.is_(None),
)


def taken_by(session: Session, reminder: Reminder) -> set[InvoiceId]:
    """The invoices whose steps a message took, or the one that it stands beside."""
    asked = {"supplier": reminder.supplier_id, "execution": reminder.beside or reminder.id}
    return set(session.scalars(_TAKEN_BY, asked))


def plan_again(
    session: Session,
    reminder: Reminder,
    today: date,
    *,
    only: Collection[InvoiceId],
    calendar: Calendar = WEEKDAYS,
) -> Planned | None:
    """The decision of a planned message, taken anew from what is true now.

    Only the invoices it was planned for (`taken_by`) may take a step; others are listed. None
    when nothing is open any more. What a person let out is not held back by limits.
    """
    frame = frame_of(
        session, reminder.supplier_id, today, calendar=calendar, debtor_id=reminder.debtor_id,
        own=reminder.beside or reminder.id, only=only,
    )  # fmt: skip
    for case in cases(session, frame, [reminder.debtor_id]):
        if case.account.currency == reminder.amount.currency:
            again = decided(case, frame, released=reminder.let_out_at is not None)
            return again if reminder.purpose == DEMAND else _as_message(again, reminder.purpose)
    return None


def _as_message(planned: Planned, purpose: str) -> Planned | None:
    """A person's step as the message it is; None when nothing of it is left to ask for."""
    verdict = planned.verdict
    task = next((one for one in verdict.tasks if one.step.name == purpose), None)
    if task is None:
        return replace(planned, verdict=replace(verdict, step=None, lines=(), tasks=()))
    message = Verdict(
        account=verdict.account, reason=Reason.STEP_DUE, step=task.step, lines=task.lines,
        channel=task.channel or Channel.EMAIL,
    )  # fmt: skip
    return replace(planned, verdict=message)


def cases(session: Session, frame: Frame, chunk: Collection[DebtorId]) -> list[Case]:
    """The debtors of a chunk with something open, per currency, in a stable order.

    The steps that the frame's own message took count as not taken; invoices that are not in
    its `only` as having no step left.
    """
    supplier_id = frame.supplier.id
    items = open_items_of(session, supplier_id, chunk)
    if not items:
        return []
    owing = {item.debtor_id for item in items}
    reader = _Reader(session, frame, owing, [item.invoice_id for item in items])
    grouped: dict[tuple[DebtorId, str], list[Item]] = defaultdict(list)
    for item in items:
        grouped[item.debtor_id, item.outstanding.currency].append(reader.item(item))
    return [
        reader.case(debtor_id, currency, of_debtor)
        for (debtor_id, currency), of_debtor in sorted(grouped.items())
    ]


class _Reader:
    """The rows of one chunk, and the values made of them."""

    def __init__(
        self,
        session: Session,
        frame: Frame,
        owing: Collection[DebtorId],
        invoices: Collection[InvoiceId],
    ) -> None:
        supplier_id, zone, today = frame.supplier.id, frame.supplier.zone, frame.today
        asked = (session, supplier_id, owing)
        self.frame = frame
        known = frame.known
        self.processing = facts.processing(*asked) if known.payments else {}
        self.taken = taken_steps(session, supplier_id, invoices, frame.levels, frame.own)
        self.unapplied = facts.unapplied(*asked)
        self.written = facts.written(*asked, zone, today)
        self.waiting = facts.waiting(*asked, frame.own)
        self.heard = facts.heard(*asked, zone, today)
        self.debtor_stops, self.item_stops = facts.stops(*asked) if known.stops else ({}, {})
        self.standings = facts.standings_of(*asked) if known.standings else {}
        self.contacts = facts.contacts_of(*asked)
        self.debtors = facts.debtors_of(*asked)
        wanted = any(wants_first_reminder(one.country, one.kind) for one in self.debtors.values())
        self.notices = first_notices(session, supplier_id, invoices) if wanted else {}

    def item(self, item: OpenItem) -> Item:
        frame, own = self.frame, item.invoice_id
        taken = self.taken.get(own, Taken())
        if frame.only is not None and own not in frame.only:
            names = frozenset(frame.levels)
            taken = Taken(names | {name + AGAIN for name in names})
        return Item(
            invoice_id=own,
            number=item.number,
            issued_on=item.issued_on,
            due_on=item.due_on,
            outstanding=item.outstanding,
            processing=self.processing.get(own, Money.zero(item.outstanding.currency)),
            taken=taken.steps,
            lagging=taken.lagging,
            declined=taken.declined,
            taken_on=taken.last_on,
            holds=tuple(frame.holds.get(own, ())),
            stops=tuple(self.item_stops.get(own, ())),
            broken=frame.broken.get(own),
            notice=self.notices.get(own),
        )

    def case(self, debtor_id: DebtorId, currency: str, items: Sequence[Item]) -> Case:
        frame, debtor = self.frame, self.debtors[debtor_id]
        contacts = self.contacts.get(debtor_id, [])
        contact = contacts[0] if contacts and contacts[0].is_primary else None
        standing = self.standings.get(debtor_id, Standing())
        written = self.written.get(debtor_id, Written())
        scenario = scenario_for(
            frame.scenarios, kind=debtor.kind, country=debtor.country,
            payer=standing.payer_class, solvency=standing.solvency_class,
        )  # fmt: skip
        account = Account(
            debtor_id=debtor_id,
            currency=currency,
            country=debtor.country,
            region=region_of(debtor.country, debtor.postcode or ""),
            kind=debtor.kind,
            items=items,
            unapplied=Money(self.unapplied.get((debtor_id, currency), 0), currency),
            last_level=written.level,
            unreachable=_unreachable(contact, self._closed(contact)),
            reachable=self._reachable(debtor, contact),
            standing=standing,
            stops=self._stops(debtor_id),
            made=written.made,
            heard_on=self.heard.get(debtor_id),
            waiting=frozenset(self.waiting.get((debtor_id, currency), ())),
            vetoed=frame.vetoes.cover(debtor_id, currency),
        )
        language = language_for(
            contact=contact.language if contact else None,
            debtor=debtor.language,
            country=debtor.country,
            supplier=frame.supplier.language,
        )
        return Case(
            account=account, debtor=debtor, contact=contact, language=language,
            last_reminded_on=written.last_on, scenario=scenario, contacts=contacts,
        )  # fmt: skip

    def _stops(self, debtor_id: DebtorId) -> tuple[Stop, ...]:
        return tuple(self.debtor_stops.get(debtor_id, ()))

    def _closed(self, contact: Contact | None) -> frozenset[Channel]:
        if contact is None:
            return frozenset()
        return self.frame.closed.get(contact.id, frozenset())

    def _reachable(self, debtor: Debtor, contact: Contact | None) -> frozenset[Channel]:
        ways: set[Channel] = set()
        if contact is not None and contact.phone:
            ways.add(Channel.CALL)
            if is_mobile(contact.phone):
                ways.add(Channel.SMS)
        has_address = debtor.street and debtor.postcode and debtor.city
        if has_address and debtor.id not in self.frame.closed_to_post:
            ways |= {Channel.LETTER, Channel.REGISTERED}
        return frozenset(ways) - self._closed(contact)


def _unreachable(contact: Contact | None, closed: frozenset[Channel]) -> Reason | None:
    if contact is None:
        return Reason.NO_CONTACT
    if contact.bounced_at is not None or Channel.EMAIL in closed:
        return Reason.ADDRESS_DEAD
    return None
