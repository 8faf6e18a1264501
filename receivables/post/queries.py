"""What waits to be printed, what is in a batch, and what became of a letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, ExecutionId, LetterBatchId, LetterId, SupplierId
from receivables.ledger.queries import outstanding_of
from receivables.letters.piles import cut_out
from receivables.money import Money
from receivables.parties.tables import Debtor
from receivables.post.actions import NoSuchBatch, NoSuchLetter
from receivables.post.batches import letters_of
from receivables.post.composing import read_kept
from receivables.post.rules import Registered
from receivables.post.tables import Letter, LetterBatch, LetterPrint, LetterState


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterView:
    """One letter, for a list. `overtaken`: it is printed, and less is owed than it says."""

    id: LetterId
    debtor_id: DebtorId
    debtor_name: str
    level: int
    formal_notice: bool
    registered: bool
    amount: Money
    state: LetterState
    reason: str
    sent_to: str
    tracking: str
    place: int
    first_page: int
    pages: int
    since: datetime
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many letters wait, plain and registered."""

    plain: int
    registered: int


def waiting(session: Session, supplier_id: SupplierId) -> Waiting:
    rows = session.execute(
        select(Letter.registered, func.count())
        .where(Letter.supplier_id == supplier_id, Letter.state == LetterState.DUE)
        .group_by(Letter.registered)
    ).all()
    counts = {bool(registered): count for registered, count in rows}
    return Waiting(counts.get(False, 0), counts.get(True, 0))


def letters(
    session: Session,
    supplier_id: SupplierId,
    *,
    states: Sequence[LetterState] = (),
    debtor_id: DebtorId | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[LetterView]:
    """The supplier's letters, the newest first."""
    statement = (
        select(Letter, Debtor.name)
        .join(Debtor, (Debtor.supplier_id == Letter.supplier_id) & (Debtor.id == Letter.debtor_id))
        .where(Letter.supplier_id == supplier_id)
    )
    if states:
        statement = statement.where(Letter.state.in_(states))
    if debtor_id is not None:
        statement = statement.where(Letter.debtor_id == debtor_id)
    statement = statement.order_by(Letter.id.desc()).limit(limit).offset(offset)
    return [_view(row, name) for row, name in session.execute(statement)]


def count_letters(
    session: Session, supplier_id: SupplierId, *, states: Sequence[LetterState] = ()
) -> int:
    statement = select(func.count()).where(Letter.supplier_id == supplier_id)
    if states:
        statement = statement.where(Letter.state.in_(states))
    return session.scalar(statement) or 0


def state_of(
    session: Session, supplier_id: SupplierId, execution_id: ExecutionId
) -> LetterState | None:
    """How the letter of an execution stands; None when there is none."""
    state = session.scalar(
        select(Letter.state).where(
            Letter.supplier_id == supplier_id, Letter.execution_id == execution_id
        )
    )
    return None if state is None else LetterState(state)


def _view(row: Letter, name: str, *, overtaken: bool = False) -> LetterView:
    return LetterView(
        id=row.id,
        debtor_id=row.debtor_id,
        debtor_name=name,
        level=row.level,
        formal_notice=row.formal_notice,
        registered=row.registered,
        amount=row.amount,
        state=LetterState(row.state),
        reason=row.reason,
        sent_to=row.sent_to,
        tracking=row.tracking,
        place=row.place,
        first_page=row.first_page,
        pages=row.pages,
        since=row.state_since,
        overtaken=overtaken,
    )


def batches(
    session: Session, supplier_id: SupplierId, *, limit: int = 50, offset: int = 0
) -> Sequence[LetterBatch]:
    """The print batches, the newest first."""
    return session.scalars(
        select(LetterBatch)
        .where(LetterBatch.supplier_id == supplier_id)
        .order_by(LetterBatch.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def count_batches(session: Session, supplier_id: SupplierId) -> int:
    counted = select(func.count()).where(LetterBatch.supplier_id == supplier_id)
    return session.scalar(counted) or 0


def batch(session: Session, supplier_id: SupplierId, batch_id: LetterBatchId) -> LetterBatch:
    """Raises NoSuchBatch."""
    found = session.scalar(
        select(LetterBatch).where(
            LetterBatch.supplier_id == supplier_id, LetterBatch.id == batch_id
        )
    )
    if found is None:
        raise NoSuchBatch(str(batch_id))
    return found


def in_batch(
    session: Session, supplier_id: SupplierId, batch_id: LetterBatchId
) -> list[LetterView]:
    """A batch's letters in the order of its pages, each with whether a payment overtook it: such
    a letter is better taken out of the pile.
    """
    rows = letters_of(session, supplier_id, batch_id)
    names = session.execute(
        select(Debtor.id, Debtor.name).where(
            Debtor.supplier_id == supplier_id, Debtor.id.in_({row.debtor_id for row in rows})
        )
    ).all()
    known = {row.id: row.name for row in names}
    return [
        _view(row, known[row.debtor_id], overtaken=_is_overtaken(session, supplier_id, row))
        for row in rows
    ]


def _is_overtaken(session: Session, supplier_id: SupplierId, row: Letter) -> bool:
    if row.state not in (LetterState.IN_BATCH, LetterState.PRINTED):
        return False
    asked = read_kept(row.about).lines
    owed = outstanding_of(session, supplier_id, [line.invoice_id for line in asked])
    return any(owed[line.invoice_id] < line.amount for line in asked)


def registered_in(
    session: Session, supplier_id: SupplierId, batch_id: LetterBatchId
) -> list[Registered]:
    """A batch's letters as manifests and the posts' lists name them."""
    rows = letters_of(session, supplier_id, batch_id)
    debtors = {
        one.id: one
        for one in session.scalars(
            select(Debtor).where(
                Debtor.supplier_id == supplier_id, Debtor.id.in_({row.debtor_id for row in rows})
            )
        )
    }
    return [
        Registered(
            place=row.place,
            reference=f"{debtors[row.debtor_id].number}/{row.place}",
            name=debtors[row.debtor_id].name,
            attention=read_kept(row.about).contact_name,
            street=debtors[row.debtor_id].street or "",
            postcode=debtors[row.debtor_id].postcode or "",
            city=debtors[row.debtor_id].city or "",
            country=debtors[row.debtor_id].country,
            tracking=row.tracking,
            pages=row.pages,
        )
        for row in rows
    ]


def pages_of_batch(session: Session, supplier_id: SupplierId, batch_id: LetterBatchId) -> bytes:
    """The file to print. Raises NoSuchBatch while its pages are being set, too."""
    content = session.scalar(
        select(LetterPrint.content).where(
            LetterPrint.supplier_id == supplier_id, LetterPrint.batch_id == batch_id
        )
    )
    if content is None:
        raise NoSuchBatch(str(batch_id))
    return content


def pages_of_letter(session: Session, supplier_id: SupplierId, letter_id: LetterId) -> bytes:
    """One letter as it was printed. Raises NoSuchLetter for one that never was."""
    row = session.scalar(
        select(Letter).where(Letter.supplier_id == supplier_id, Letter.id == letter_id)
    )
    if row is None or row.batch_id is None or not row.pages:
        raise NoSuchLetter(str(letter_id))
    pile = pages_of_batch(session, supplier_id, row.batch_id)
    return cut_out(pile, row.first_page, row.pages)
