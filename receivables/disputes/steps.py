"""What every action on a dispute is made of: take hold of it, move it, say what happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.disputes.errors import NoSuchDispute
from receivables.disputes.states import State, Step, after
from receivables.disputes.tables import (
    Dispute,
    DisputeFile,
    DisputeItem,
    DisputeMessage,
    DisputeStep,
)
from receivables.history import Event, record
from receivables.ids import DebtorId, DisputeId, SupplierId, UploadId, new_id
from receivables.jobs import enqueue

#: The actors that send mails (`tasks`), by name: tasks call actions.
TELL_DEBTOR, TELL_STAFF = "disputes.tell_debtor", "disputes.tell_staff"

#: What a debtor is told, one mail for each.
Letter = Literal[
    "opened",
    "acknowledged",
    "questioned",
    "wrote",
    "reminded",
    "proposed",
    "decided",
    "withdrawn",
    "expired",
    "reopened",
    "closed",
]
#: What staff are told.
Memo = Literal["opened", "answered", "agreed", "withdrawn", "expired", "reopened", "warning"]


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody writes, and the files with it (kept already: `uploads.actions.keep`)."""

    body: str = ""
    files: Sequence[UploadId] = ()

    def __bool__(self) -> bool:
        return bool(self.body or self.files)


NO_WORDS = Words()


def hold(
    session: Session,
    supplier_id: SupplierId,
    dispute_id: DisputeId,
    *,
    debtor_id: DebtorId | None = None,
) -> Dispute:
    """One dispute, for this transaction alone; of a debtor's where that is given.

    Raises NoSuchDispute.
    """
    statement = select(Dispute).where(Dispute.supplier_id == supplier_id, Dispute.id == dispute_id)
    if debtor_id is not None:
        statement = statement.where(Dispute.debtor_id == debtor_id)
    found = session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NoSuchDispute(str(dispute_id))
    return found


class _Said(TypedDict):
    supplier_id: SupplierId
    debtor_id: DebtorId
    dispute_id: DisputeId
    reference: str


def said_of(dispute: Dispute) -> _Said:
    """What every event of a dispute says."""
    return {
        "supplier_id": dispute.supplier_id,
        "debtor_id": dispute.debtor_id,
        "dispute_id": dispute.id,
        "reference": dispute.reference,
    }


def items_of(session: Session, dispute: Dispute) -> Sequence[DisputeItem]:
    return session.scalars(
        select(DisputeItem)
        .where(DisputeItem.supplier_id == dispute.supplier_id, DisputeItem.dispute_id == dispute.id)
        .order_by(DisputeItem.invoice_id)
    ).all()


def move(session: Session, dispute: Dispute, steps: Iterable[Step], *, clock: Clock) -> None:
    """Take the steps one after another. Raises StepNotPossible."""
    now = clock.now()
    for step in steps:
        before = State(dispute.state)
        reached = after(before, step)
        session.add(
            DisputeStep(
                id=new_id(),
                supplier_id=dispute.supplier_id,
                dispute_id=dispute.id,
                step=step,
                state_before=before,
                state_after=reached,
                by=session.info.get("by", "system"),
                at=now,
            )
        )
        dispute.state, dispute.state_since = reached, now
        if step is Step.ACKNOWLEDGE:
            dispute.acknowledged_at = now
    session.flush()


def write(
    session: Session,
    dispute: Dispute,
    words: Words,
    *,
    side: Literal["debtor", "supplier"],
    clock: Clock,
    is_internal: bool = False,
) -> UUID:
    """Put what somebody wrote into the conversation."""
    message_id = new_id()
    session.add(
        DisputeMessage(
            id=message_id,
            supplier_id=dispute.supplier_id,
            dispute_id=dispute.id,
            side=side,
            is_internal=is_internal,
            body=words.body,
            by=session.info.get("by", "system"),
            at=clock.now(),
        )
    )
    session.flush()
    session.add_all(
        DisputeFile(upload_id=upload_id, supplier_id=dispute.supplier_id, message_id=message_id)
        for upload_id in words.files
    )
    session.flush()
    return message_id


def tell(
    session: Session,
    dispute: Dispute,
    happened: Event,
    *,
    clock: Clock,
    letter: Letter | None = None,
    memo: Memo | None = None,
    quoting: UUID | None = None,
    term: str = "",
    percent: int = 0,
) -> None:
    """Record what happened, and have mails about it sent: `letter` to the debtor, `memo` to staff.

    `quoting` is the message whose words the mail brings along; `term` and `percent` go with a
    warning.
    """
    event_id = record(session, happened, clock=clock)
    common: dict[str, str | int | None] = {
        "of_supplier": str(dispute.supplier_id),
        "dispute_id": str(dispute.id),
        "event_id": str(event_id),
        "quoting": str(quoting) if quoting else None,
    }
    now, supplier_id = clock.now(), dispute.supplier_id
    if letter is not None:
        args = {**common, "letter": letter}
        enqueue(session, TELL_DEBTOR, args, now=now, supplier_id=supplier_id)
    if memo is not None:
        args = {**common, "memo": memo, "term": term, "percent": percent}
        enqueue(session, TELL_STAFF, args, now=now, supplier_id=supplier_id)
