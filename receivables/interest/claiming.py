"""Claiming late interest: what was reckoned becomes a note that the debtor can pay.

The note is a debit note: an invoice like any other to the ledger, the portal and the reminders,
with a number of its own series. It is never added to another amount, and bears no interest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.credit.queries import standing as standing_of
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import InvoiceId, SupplierId, new_id
from receivables.interest.events import InterestClaimed, InterestCredited
from receivables.interest.note_letter import NoteLetter, locale_of, print_note, wordings
from receivables.interest.notes import note_called
from receivables.interest.owed import Spell
from receivables.interest.policies import decide
from receivables.interest.queries import Claim, ClaimState, claim_for
from receivables.interest.reckoning import Reckoning
from receivables.interest.rules import Notice
from receivables.interest.tables import InterestClaim
from receivables.invoices.actions import NewInvoice
from receivables.invoices.debit_notes import debit_note
from receivables.invoices.queries import NoSuchInvoice, by_number, of_supplier
from receivables.invoices.tables import Invoice
from receivables.ledger.actions import lock_debtor_invoices
from receivables.ledger.holds import Hold
from receivables.ledger.issuing import issue
from receivables.ledger.revenue import Revenue, given_back, standing
from receivables.ledger.tables import Account
from receivables.money import Money
from receivables.parties.queries import debtor as debtor_of
from receivables.parties.queries import hold_supplier
from receivables.parties.queries import supplier as supplier_of
from receivables.workdays import WEEKDAYS, Calendar

#: How long a debtor has to pay a note. The law asks for no time: what it claims is owed already.
DAYS_TO_PAY = 14
#: Before year and place in the year: "DN-2026-0001".
SERIES = "DN"
#: UNTDID 1001: a credit note.
_CREDIT_NOTE = "381"

_DAY = timedelta(days=1)


class NothingToClaim(ReceivablesError):
    """What lateness has come to by `until` is claimed already, or nothing, or not to be claimed:
    `state` says why.
    """

    def __init__(self, invoice_id: InvoiceId, until: date, state: ClaimState) -> None:
        self.invoice_id, self.until, self.state = invoice_id, until, state
        super().__init__(f"nothing to claim for invoice {invoice_id} until {until}: {state}")


class DayToCome(ReceivablesError):
    """Interest is claimed for days that have been."""

    def __init__(self, until: date, today: date) -> None:
        self.until, self.today = until, today
        super().__init__(f"{until} is after {today}")


class NothingToCredit(ReceivablesError):
    """Nothing of the note is open, or nothing was claimed too much."""

    def __init__(self, invoice_id: InvoiceId) -> None:
        self.invoice_id = invoice_id
        super().__init__(f"nothing to credit on {invoice_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one note claims; one for each currency."""

    reckoning: Reckoning
    interest: Money
    compensation: Money | None

    @property
    def total(self) -> Money:
        return self.interest if self.compensation is None else self.interest + self.compensation

    @property
    def revenue(self) -> Revenue:
        nothing = Money.zero(self.interest.currency)
        return {
            Account.LATE_INTEREST: self.interest,
            Account.RECOVERY_COSTS: self.compensation or nothing,
        }


def claim_interest(
    session: Session,
    *,
    supplier_id: SupplierId,
    invoice_id: InvoiceId,
    until: date,
    holds: Iterable[Hold],
    spells: Sequence[Spell] = (),
    notice: Notice | None = None,
    calendar: Calendar = WEEKDAYS,
    by: str,
    clock: Clock,
) -> list[InvoiceId]:
    """Claim what lateness has come to by `until` and was not claimed before: one note, or two
    where the law grants its fixed sum in another currency than the invoice's.

    `holds`, `spells`, `notice` as in `queries.claim_for`. Where the invoice is paid and nobody has
    said what becomes of its interest, this keeps it. Raises NoSuchInvoice, NothingToClaim (also
    where the law or the supplier's choice claims nothing) and DayToCome.
    """
    today = local_date(clock.now(), supplier_of(session, supplier_id).zone)
    if until > today:
        raise DayToCome(until, today)
    _hold(session, supplier_id, invoice_id)
    if _is_insolvent(session, supplier_id, invoice_id):
        raise NothingToClaim(invoice_id, until, ClaimState.INSOLVENT)
    claim = claim_for(
        session, supplier_id, invoice_id, until,
        holds=holds, spells=spells, notice=notice, calendar=calendar,
    )  # fmt: skip
    found = claim.reckoning
    if claim.state not in (ClaimState.CLAIMED, ClaimState.UNDECIDED) or found is None:
        raise NothingToClaim(invoice_id, until, claim.state)
    if not found.totals or until <= (found.claimed_to or date.min):
        raise NothingToClaim(invoice_id, until, ClaimState.NOT_LATE)
    if claim.state is ClaimState.UNDECIDED:
        decide(session, supplier_id=supplier_id, invoice_id=invoice_id, keep=True, by=by,
               clock=clock)  # fmt: skip
    return [_issue(session, supplier_id, claim, part, today, by, clock) for part in _parts(found)]


def _hold(session: Session, supplier_id: SupplierId, invoice_id: InvoiceId) -> None:
    """Nobody else claims, pays or credits anything of the debtor until the transaction ends: all
    their invoices at once, since issuing takes all of them, too, in its order.
    """
    debtor_id = of_supplier(session, supplier_id, invoice_id).debtor_id
    lock_debtor_invoices(session, supplier_id, debtor_id)


def _is_insolvent(session: Session, supplier_id: SupplierId, invoice_id: InvoiceId) -> bool:
    debtor_id = of_supplier(session, supplier_id, invoice_id).debtor_id
    return standing_of(session, supplier_id, debtor_id).insolvent_on is not None


def _parts(found: Reckoning) -> list[_Part]:
    interest, extra = found.run_up, found.compensation
    if extra is None or extra.currency == interest.currency:
        return [_Part(reckoning=found, interest=interest, compensation=extra)]
    alone = _Part(reckoning=found, interest=Money.zero(extra.currency), compensation=extra)
    if not interest:
        return [alone]
    return [_Part(reckoning=found, interest=interest, compensation=None), alone]


def _issue(
    session: Session,
    supplier_id: SupplierId,
    claim: Claim,
    part: _Part,
    today: date,
    by: str,
    clock: Clock,
) -> InvoiceId:
    invoice = of_supplier(session, supplier_id, claim.invoice_id)
    serial, number = _next_number(session, supplier_id, today.year)
    supplier = supplier_of(session, supplier_id)
    debtor = debtor_of(session, supplier_id, claim.debtor_id)
    letter = NoteLetter.of(
        part.reckoning,
        supplier=supplier,
        debtor=debtor,
        invoice=invoice,
        number=number,
        due_on=today + timedelta(days=DAYS_TO_PAY),
        interest=part.interest,
        compensation=part.compensation,
    )
    # Set within the transaction: the note and its document are taken whole or not at all, and a
    # page takes 20 ms.
    pdf = print_note(letter, locale=locale_of(supplier, debtor), now=clock.now())
    note_id = issue(
        session,
        supplier_id=supplier_id,
        debtor_id=claim.debtor_id,
        new=_new_note(letter, wordings(letter, locale_of(supplier, debtor)), pdf, today),
        clock=clock,
        revenue=part.revenue,
    )
    last = part.reckoning.claimed_to
    first_day = part.reckoning.begins_on if last is None else last + _DAY
    _write(
        session, supplier_id, claim.invoice_id, note_id, by, clock,
        first_day=first_day if part.interest else None,
        last_day=part.reckoning.until if part.interest else None,
        interest=part.interest, compensation=part.compensation, year=today.year, serial=serial,
    )  # fmt: skip
    claimed = InterestClaimed(
        supplier_id=supplier_id,
        debtor_id=claim.debtor_id,
        invoice_id=claim.invoice_id,
        number=number,
        amount=part.total,
        until=part.reckoning.until,
    )
    record(session, claimed, clock=clock)
    return note_id


def _new_note(letter: NoteLetter, words: Sequence[str], pdf: bytes, today: date) -> NewInvoice:
    return debit_note(
        letter.number,
        ((said, row.amount) for row, said in zip(letter.rows, words, strict=True)),
        issued_on=today,
        due_on=letter.due_on,
        total=letter.total,
        pdf=pdf,
    )


def _write(
    session: Session,
    supplier_id: SupplierId,
    invoice_id: InvoiceId,
    note_id: InvoiceId,
    by: str,
    clock: Clock,
    *,
    interest: Money,
    compensation: Money | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    year: int | None = None,
    serial: int | None = None,
) -> None:
    row = {
        "id": new_id(), "supplier_id": supplier_id, "invoice_id": invoice_id, "note_id": note_id,
        "first_day": first_day, "last_day": last_day, "interest_minor": interest.minor,
        "compensation_minor": None if compensation is None else compensation.minor,
        "currency": interest.currency, "year": year, "serial": serial,
        "claimed_by": by, "claimed_at": clock.now(),
    }  # fmt: skip
    session.execute(insert(InterestClaim), row)


def _next_number(session: Session, supplier_id: SupplierId, year: int) -> tuple[int, str]:
    """The next of the supplier's series; whoever else numbers one waits until this is done.

    A number that an invoice of theirs bears already is passed over.
    """
    hold_supplier(session, supplier_id)
    serial = session.scalar(
        select(func.coalesce(func.max(InterestClaim.serial), 0)).where(
            InterestClaim.supplier_id == supplier_id, InterestClaim.year == year
        )
    )
    assert serial is not None, "coalesce"
    while True:
        serial += 1
        number = f"{SERIES}-{year}-{serial:04}"
        if by_number(session, supplier_id, number) is None:
            return serial, number


def waive_note(
    session: Session, *, supplier_id: SupplierId, note_id: InvoiceId, clock: Clock
) -> InvoiceId:
    """Waive what of a note is still open: a credit note takes it back. It stays claimed, so nobody
    asks for it again. Raises NoSuchInvoice where it is no such note, and NothingToCredit.
    """
    _hold(session, supplier_id, note_id)
    found = note_called(session, supplier_id, note_id)
    if found is None:
        raise NoSuchInvoice(str(note_id))
    if not found.outstanding:
        raise NothingToCredit(note_id)
    note = of_supplier(session, supplier_id, note_id)
    return _credit(session, note, found.invoice_id, found.outstanding, clock)


def credit_overclaimed(
    session: Session,
    *,
    supplier_id: SupplierId,
    invoice_id: InvoiceId,
    holds: Iterable[Hold],
    spells: Sequence[Spell] = (),
    notice: Notice | None = None,
    calendar: Calendar = WEEKDAYS,
    by: str,
    clock: Clock,
) -> InvoiceId:
    """Give back by a credit note what was claimed and turned out not to be owed: a credit note
    or an older payment lowered what bears interest. Raises NoSuchInvoice and NothingToCredit.
    """
    _hold(session, supplier_id, invoice_id)
    today = local_date(clock.now(), supplier_of(session, supplier_id).zone)
    claim = claim_for(
        session, supplier_id, invoice_id, today,
        holds=holds, spells=spells, notice=notice, calendar=calendar,
    )  # fmt: skip
    if claim.reckoning is None or not claim.reckoning.overclaimed:
        raise NothingToCredit(invoice_id)
    too_much = claim.reckoning.overclaimed
    latest = [one for one in claim.notes if one.interest][-1]
    note = of_supplier(session, supplier_id, latest.note_id)
    stands = standing(session, supplier_id, [one.note_id for one in claim.notes], too_much.currency)
    # No cost is given back with it, whichever note bore one.
    revenue = given_back(too_much, stands, (Account.LATE_INTEREST,))
    credit_id = _credit(session, note, invoice_id, too_much, clock, revenue)
    _write(session, supplier_id, invoice_id, credit_id, by, clock, interest=-too_much)
    return credit_id


def _credit(
    session: Session,
    note: Invoice,
    invoice_id: InvoiceId,
    amount: Money,
    clock: Clock,
    revenue: Revenue | None = None,
) -> InvoiceId:
    """A credit note against a debit note; its number is the note's with how many there were."""
    place = 1
    while by_number(session, note.supplier_id, f"{note.number}-C{place}") is not None:
        place += 1
    number = f"{note.number}-C{place}"
    today = local_date(clock.now(), supplier_of(session, note.supplier_id).zone)
    new = NewInvoice(
        number=number,
        issued_on=today,
        due_on=today,
        total=amount,
        content_hash=hashlib.sha256(f"{number} {amount}".encode()).hexdigest(),
        is_credit_note=True,
        type_code=_CREDIT_NOTE,
        preceding_number=note.number,
    )
    credit_id = issue(
        session, supplier_id=note.supplier_id, debtor_id=note.debtor_id, new=new, clock=clock,
        revenue=revenue,
    )  # fmt: skip
    credited = InterestCredited(
        supplier_id=note.supplier_id,
        debtor_id=note.debtor_id,
        invoice_id=invoice_id,
        number=note.number,
        amount=amount,
    )
    record(session, credited, clock=clock)
    return credit_id
