"""Putting bank entries against invoices, and undoing it: by itself where a match is certain, by a
person where it is not. An entry is taken for one thing at a time; the database sees to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from receivables.bank.clues import Match
from receivables.bank.errors import (
    CameBack,
    EntryTaken,
    NoSuchBankEntry,
    NoSuchMatch,
    NotEnoughCame,
    NotOneDebtors,
)
from receivables.bank.events import (
    BankEntryMatched,
    BankEntrySetAside,
    BankMatchUndone,
    BankPaymentCameBack,
)
from receivables.bank.matching_tables import BankMatch, BankPayer, stands
from receivables.bank.naming import likeness, words_of
from receivables.bank.references import recognise
from receivables.bank.tables import BankEntry
from receivables.clock import Clock
from receivables.history import record
from receivables.ids import BankEntryId, BankMatchId, DebtorId, InvoiceId, SupplierId, new_id
from receivables.invoices.tables import Invoice
from receivables.jobs import add_unless_known
from receivables.ledger.actions import Overpaid, lock_debtor_invoices
from receivables.ledger.queries import outstanding_of
from receivables.ledger.receiving import receive_transfer, reverse_transfer
from receivables.ledger.tables import Entry, Reason
from receivables.ledger.writing_off import reverse_write_off, write_off
from receivables.money import Money
from receivables.parties import queries as parties

#: Why the rest of an invoice is given up when the payer's banks kept a little of it.
BANK_CHARGES = "bank charges"
#: An account is learnt by itself only from somebody whose name is at least so alike.
ALIKE = 0.6


# Made once: a statement of a hundred thousand lines needs each as often.
_ENTRY = select(BankEntry).where(
    BankEntry.supplier_id == bindparam("supplier"), BankEntry.id == bindparam("entry")
)
_MATCH = (
    select(BankMatch)
    .where(
        BankMatch.supplier_id == bindparam("supplier"),
        BankMatch.id == bindparam("match"),
        stands(),
    )
    .with_for_update()
)
_DETAILS = select(BankEntry.id).where(
    BankEntry.supplier_id == bindparam("supplier"), BankEntry.details_of == bindparam("entry")
)
_TAKEN = select(BankMatch.id).where(BankMatch.supplier_id == bindparam("supplier"), stands())
_TAKEN_BY_DETAILS = _TAKEN.where(BankMatch.entry_id.in_(_DETAILS)).limit(1)
_TAKEN_BY_WHOLE = _TAKEN.where(BankMatch.entry_id == bindparam("whole")).limit(1)


def entry_of(session: Session, supplier_id: SupplierId, entry_id: BankEntryId) -> BankEntry:
    """Raises NoSuchBankEntry."""
    entry: BankEntry | None = session.scalar(_ENTRY, {"supplier": supplier_id, "entry": entry_id})
    if entry is None:
        raise NoSuchBankEntry(str(entry_id))
    return entry


def post_match(
    session: Session, supplier_id: SupplierId, entry_id: BankEntryId, match: Match, *, clock: Clock
) -> bool:
    """Post a certain match; False when the books have changed so that it does not hold any more
    (somebody paid by card meanwhile), or the entry is taken.
    """
    assert match.certain, "what is not certain is a person's to say"
    entry = entry_of(session, supplier_id, entry_id)
    lock_debtor_invoices(session, supplier_id, match.debtor_id)
    owed = outstanding_of(session, supplier_id, list(match.parts))
    if any(part > owed[invoice_id] for invoice_id, part in match.parts.items()):
        return False
    clues = [str(clue) for clue in match.clues]
    row = _take(session, entry, "receipt", match.debtor_id, clues, by_person=False, clock=clock)
    if row is None:
        return False
    _receive(session, entry, row, match.parts, clock=clock, only_parts=False)
    if match.short is not None:
        (invoice_id,) = match.parts
        write_off(
            session, supplier_id=supplier_id, debtor_id=match.debtor_id, invoice_id=invoice_id,
            amount=match.short, why=BANK_CHARGES, source=f"{row.source}/{invoice_id}",
            booked_on=entry.booked_on, clock=clock,
        )  # fmt: skip
    debtor = parties.debtor(session, supplier_id, match.debtor_id)
    if likeness(words_of(entry.counterparty or ""), words_of(debtor.name)) >= ALIKE:
        _learn(session, entry, match.debtor_id, clock=clock)
    return True


def choose(
    session: Session,
    supplier_id: SupplierId,
    entry_id: BankEntryId,
    *,
    debtor_id: DebtorId,
    parts: Mapping[InvoiceId, Money],
    clues: Sequence[str] = (),
    clock: Clock,
) -> BankMatchId:
    """A person says whose money it is and what of it is for which invoice; the rest waits as
    unapplied cash. From then on the account and the name are known to be that debtor's.

    Raises NoSuchBankEntry, NoSuchDebtor, NotOneDebtors, Overpaid, NotEnoughCame and EntryTaken.
    """
    entry = entry_of(session, supplier_id, entry_id)
    parties.debtor(session, supplier_id, debtor_id)
    lock_debtor_invoices(session, supplier_id, debtor_id)
    _check_parts(session, supplier_id, debtor_id, parts, entry.amount)
    row = None
    if entry.credit_debit == "CRDT" and entry.may_be_posted:
        row = _take(session, entry, "receipt", debtor_id, list(clues), by_person=True, clock=clock)
    if row is None:
        raise EntryTaken(str(entry_id))
    _receive(session, entry, row, parts, clock=clock, only_parts=True)
    _learn(session, entry, debtor_id, clock=clock)
    return row.id


def _check_parts(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    parts: Mapping[InvoiceId, Money],
    came: Money,
) -> None:
    own = session.scalars(
        select(Invoice.id).where(
            Invoice.supplier_id == supplier_id,
            Invoice.debtor_id == debtor_id,
            Invoice.id.in_(list(parts)),
        )
    ).all()
    if set(own) != set(parts):
        raise NotOneDebtors(str(debtor_id))
    owed = outstanding_of(session, supplier_id, list(parts))
    for invoice_id, part in parts.items():
        if part.minor <= 0 or part > owed[invoice_id]:
            raise Overpaid(invoice_id, part, owed[invoice_id])
    total = Money.total(parts.values(), came.currency)
    if total > came:
        raise NotEnoughCame(total, came)


def _take(
    session: Session,
    entry: BankEntry,
    kind: str,
    debtor_id: DebtorId | None,
    clues: list[str],
    *,
    by_person: bool,
    clock: Clock,
    undoes: BankMatchId | None = None,
) -> BankMatch | None:
    """Take an entry for something; None when it, or the booking it is a detail of, is taken."""
    if _is_told_elsewhere(session, entry):
        return None
    match_id, now = BankMatchId(new_id()), clock.now()
    row = {
        "id": match_id,
        "supplier_id": entry.supplier_id,
        "entry_id": entry.id,
        "kind": kind,
        "state": "stands",
        "state_since": now,
        "debtor_id": debtor_id,
        "undoes": undoes,
        "clues": clues,
        "by_person": by_person,
        "source": source_of(_called(entry), match_id),
        "created_at": now,
    }
    if not add_unless_known(session, BankMatch, row):
        return None
    return match_of(session, entry.supplier_id, match_id)


def _is_told_elsewhere(session: Session, entry: BankEntry) -> bool:
    """Whether the booking that this is a detail of is posted, or a detail of this booking is."""
    whose = {"supplier": entry.supplier_id}
    if entry.details_of is not None:
        by_whole = session.scalar(_TAKEN_BY_WHOLE, {**whose, "whole": entry.details_of})
        if by_whole is not None:
            return True
    return session.scalar(_TAKEN_BY_DETAILS, {**whose, "entry": entry.id}) is not None


def _called(entry: BankEntry) -> str:
    return known_as(entry.structured_reference or "", entry.bank_reference, entry.booked_on)


def known_as(structured: str, bank_reference: str | None, booked_on: date) -> str:
    """What people know a transfer by: its reference, the bank's, or its day."""
    reference = recognise(structured)
    shown = reference.printed if reference is not None else bank_reference
    return (shown or booked_on.isoformat()).replace("/", " ").replace("~", " ").strip()


def source_of(called: str, match_id: BankMatchId) -> str:
    """What the sources of a match's ledger entries begin with."""
    return f"{called[:24]}~{match_id}"


def _receive(
    session: Session,
    entry: BankEntry,
    row: BankMatch,
    parts: Mapping[InvoiceId, Money],
    *,
    clock: Clock,
    only_parts: bool,
) -> None:
    assert row.debtor_id is not None, "a receipt is a debtor's"
    receive_transfer(
        session, supplier_id=row.supplier_id, debtor_id=row.debtor_id, source=row.source,
        parts=list(parts.items()), amount=entry.amount, reference=_called(entry),
        booked_on=entry.booked_on, clock=clock, only_parts=only_parts,
    )  # fmt: skip
    matched = BankEntryMatched(
        supplier_id=row.supplier_id, debtor_id=row.debtor_id, match_id=row.id, entry_id=entry.id,
        amount=entry.amount, by_person=row.by_person,
    )  # fmt: skip
    record(session, matched, clock=clock)


def match_of(session: Session, supplier_id: SupplierId, match_id: BankMatchId) -> BankMatch:
    """The match, nobody else's until the transaction ends. Raises NoSuchMatch, also when it is
    undone.
    """
    row: BankMatch | None = session.scalar(_MATCH, {"supplier": supplier_id, "match": match_id})
    if row is None:
        raise NoSuchMatch(str(match_id))
    return row


def set_aside(
    session: Session, supplier_id: SupplierId, entry_id: BankEntryId, *, clock: Clock
) -> BankMatchId:
    """A person says that an entry is no debtor's payment. Raises NoSuchBankEntry, EntryTaken."""
    entry = entry_of(session, supplier_id, entry_id)
    row = _take(session, entry, "set_aside", None, [], by_person=True, clock=clock)
    if row is None:
        raise EntryTaken(str(entry_id))
    aside = BankEntrySetAside(
        supplier_id=supplier_id, match_id=row.id, entry_id=entry_id, amount=entry.amount
    )
    record(session, aside, clock=clock)
    return row.id


def give_back(
    session: Session,
    supplier_id: SupplierId,
    entry_id: BankEntryId,
    receipt_id: BankMatchId,
    *,
    by_person: bool,
    clock: Clock,
) -> bool:
    """The money of a receipt went out again with this entry: what it paid is owed again. False
    when the entry is taken. Raises NoSuchMatch, CameBack and TransferSpent.
    """
    entry = entry_of(session, supplier_id, entry_id)
    receipt = match_of(session, supplier_id, receipt_id)
    if receipt.debtor_id is None or receipt.kind != "receipt":
        raise NoSuchMatch(str(receipt_id))
    if _return_of(session, receipt) is not None:
        raise CameBack(str(receipt_id))
    row = _take(
        session, entry, "return", receipt.debtor_id, [], by_person=by_person, clock=clock,
        undoes=receipt_id,
    )  # fmt: skip
    if row is None:
        return False
    _reverse(session, receipt, entry, clock=clock)
    back = BankPaymentCameBack(
        supplier_id=supplier_id, debtor_id=receipt.debtor_id, match_id=row.id, entry_id=entry_id,
        amount=entry.amount,
    )  # fmt: skip
    record(session, back, clock=clock)
    return True


def _return_of(session: Session, receipt: BankMatch) -> BankMatchId | None:
    return session.scalar(
        select(BankMatch.id).where(
            BankMatch.supplier_id == receipt.supplier_id,
            BankMatch.undoes == receipt.id,
            stands(),
        )
    )


def undo(session: Session, supplier_id: SupplierId, match_id: BankMatchId, *, clock: Clock) -> None:
    """Undo what an entry was taken for, by reversing entries; then it waits for a person again.
    What was learnt from a receipt is forgotten. With a return, its receipt waits again, too.

    Raises NoSuchMatch, CameBack and TransferSpent.
    """
    row = match_of(session, supplier_id, match_id)
    entry = entry_of(session, supplier_id, row.entry_id)
    if row.kind == "receipt":
        if _return_of(session, row) is not None:
            raise CameBack(str(match_id))
        _reverse(session, row, entry, clock=clock)
        _forget(session, entry, row.debtor_id)
    _end(session, row, entry, clock=clock)
    if row.undoes is not None:
        receipt = match_of(session, supplier_id, row.undoes)
        _end(session, receipt, entry_of(session, supplier_id, receipt.entry_id), clock=clock)


def _end(session: Session, row: BankMatch, entry: BankEntry, *, clock: Clock) -> None:
    row.state, row.state_since = "undone", clock.now()
    session.flush()
    undone = BankMatchUndone(
        supplier_id=row.supplier_id, debtor_id=row.debtor_id, match_id=row.id, entry_id=entry.id,
        amount=entry.amount,
    )  # fmt: skip
    record(session, undone, clock=clock)


def _reverse(session: Session, receipt: BankMatch, entry: BankEntry, *, clock: Clock) -> None:
    """Take a receipt's money off again, and what was given up with it; booked on `entry`'s day."""
    supplier_id, debtor_id = receipt.supplier_id, receipt.debtor_id
    assert debtor_id is not None, "a receipt is a debtor's"
    reverse_transfer(
        session, supplier_id=supplier_id, debtor_id=debtor_id, source=receipt.source,
        reference=receipt.source.partition("~")[0], booked_on=entry.booked_on, clock=clock,
    )  # fmt: skip
    given_up = session.scalars(
        select(Entry).where(
            Entry.supplier_id == supplier_id,
            Entry.reason == Reason.WRITTEN_OFF,
            Entry.source.startswith(f"{receipt.source}/", autoescape=True),
        )
    ).all()
    for loss in given_up:
        reverse_write_off(
            session, supplier_id=supplier_id, debtor_id=debtor_id,
            invoice_id=InvoiceId(loss.credit_subject), entry_id=loss.id,
            booked_on=entry.booked_on, clock=clock,
        )  # fmt: skip


def _learn(session: Session, entry: BankEntry, debtor_id: DebtorId, *, clock: Clock) -> None:
    for kind, value in _known_by(entry):
        row = {
            "supplier_id": entry.supplier_id,
            "kind": kind,
            "value": value,
            "debtor_id": debtor_id,
            "created_at": clock.now(),
        }
        add_unless_known(session, BankPayer, row)


def _forget(session: Session, entry: BankEntry, debtor_id: DebtorId | None) -> None:
    for kind, value in _known_by(entry):
        session.execute(
            delete(BankPayer).where(
                BankPayer.supplier_id == entry.supplier_id,
                BankPayer.kind == kind,
                BankPayer.value == value,
                BankPayer.debtor_id == debtor_id,
            )
        )


def _known_by(entry: BankEntry) -> list[tuple[str, str]]:
    both = (("account", entry.counterparty_account), ("name", entry.counterparty))
    return [(kind, value[:200]) for kind, value in both if value]
