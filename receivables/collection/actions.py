"""Asking for a collection file, concluding it, noting who took it; handing invoices over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.collection.events import (
    CollectionFileAsked,
    CollectionFileMade,
    CollectionFileTaken,
)
from receivables.collection.making import Made
from receivables.collection.queries import What, of_supplier, takes_long
from receivables.collection.tables import CollectionFile, CollectionFilePart
from receivables.disputes.queries import holds as disputed
from receivables.dunning.letting_out import close_overtaken
from receivables.handover import actions as handover
from receivables.history import record
from receivables.i18n import locale_for
from receivables.ids import CollectionFileId, DebtorId, InvoiceId, SupplierId, new_id
from receivables.jobs import enqueue
from receivables.ledger.holds import HoldReason
from receivables.parties import queries as parties
from receivables.plans.queries import holds as planned

#: The actor that makes a large file (`tasks`), by name: tasks call actions.
MAKE = "collection.make_file"

#: A file is kept for so long: it can be made again at any time, and is full of people's data.
#: Our proposal.
KEPT = timedelta(days=30)
#: Parts of a making that nobody concluded.
_ABANDONED = timedelta(days=2)


def ask_for(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    language: str,
    clock: Clock,
) -> tuple[CollectionFileId, bool]:
    """Put on record that the file of a debtor is wanted, in a language we speak.

    The second value says that a job makes it; otherwise whoever asked has it made at once
    (`making.make`, then `conclude`). Raises NoSuchDebtor.
    """
    debtor = parties.debtor(session, supplier_id, debtor_id)
    now = clock.now()
    file_id = CollectionFileId(new_id())
    session.add(
        CollectionFile(
            id=file_id,
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            locale=locale_for(language, debtor.country),
            state="asked",
            asked_by=session.info.get("by", "system"),
            asked_at=now,
            making_id=None,
            made_at=None,
            file_count=0,
            zip_bytes=0,
            zip_sha256="",
            pdf_bytes=0,
            pdf_sha256="",
        )
    )
    happened = CollectionFileAsked(supplier_id=supplier_id, debtor_id=debtor_id, language=language)
    record(session, happened, clock=clock)
    by_job = takes_long(session, supplier_id, debtor_id)
    if by_job:
        args = {"of_supplier": str(supplier_id), "file_id": str(file_id)}
        enqueue(session, MAKE, args, now=now, supplier_id=supplier_id)
    return file_id, by_job


def conclude(
    session: Session,
    supplier_id: SupplierId,
    file_id: CollectionFileId,
    made: Made,
    *,
    clock: Clock,
) -> None:
    """The file is ready; the debtor's former ones are gone. Raises NoSuchFile."""
    file = of_supplier(session, supplier_id, file_id)
    former = session.scalars(
        select(CollectionFile).where(
            CollectionFile.supplier_id == supplier_id,
            CollectionFile.debtor_id == file.debtor_id,
            CollectionFile.id != file_id,
            CollectionFile.state == "ready",
        )
    )
    for one in former:
        one.state = "expired"
    file.state, file.making_id, file.made_at = "ready", made.making_id, clock.now()
    file.file_count = made.file_count
    file.zip_bytes, file.zip_sha256 = made.zip.size_bytes, made.zip.sha256
    file.pdf_bytes, file.pdf_sha256 = made.pdf.size_bytes, made.pdf.sha256
    session.flush()
    # What is still being made of another file stays.
    _forget_parts(
        session,
        CollectionFile.supplier_id == supplier_id,
        CollectionFile.debtor_id == file.debtor_id,
        CollectionFile.state != "asked",
    )
    happened = CollectionFileMade(
        supplier_id=supplier_id,
        debtor_id=file.debtor_id,
        file_count=made.file_count,
        zip_sha256=made.zip.sha256,
    )
    record(session, happened, clock=clock)


def note_taken(session: Session, file: CollectionFile, what: What, *, clock: Clock) -> None:
    """Somebody of the supplier's downloads it."""
    happened = CollectionFileTaken(
        supplier_id=file.supplier_id,
        debtor_id=file.debtor_id,
        what=what,
        sha256=file.zip_sha256 if what == "zip" else file.pdf_sha256,
    )
    record(session, happened, clock=clock)


def expire(session: Session, *, clock: Clock) -> None:
    """Forget files that were kept long enough, and what nobody concluded; needs a system
    transaction.
    """
    now = clock.now()
    session.execute(
        update(CollectionFile)
        .where(CollectionFile.state == "ready", CollectionFile.made_at < now - KEPT)
        .values(state="expired")
        .execution_options(synchronize_session=False)
    )
    _forget_parts(session, CollectionFile.asked_at < now - _ABANDONED)


def _forget_parts(session: Session, *where: ColumnElement[bool]) -> None:
    """Delete what belongs to no file that can be taken away, of the files named."""
    standing = exists().where(
        CollectionFile.supplier_id == CollectionFilePart.supplier_id,
        CollectionFile.id == CollectionFilePart.file_id,
        CollectionFile.state == "ready",
        CollectionFile.making_id == CollectionFilePart.making_id,
    )
    ours = exists().where(
        CollectionFile.supplier_id == CollectionFilePart.supplier_id,
        CollectionFile.id == CollectionFilePart.file_id,
        *where,
    )
    session.execute(
        delete(CollectionFilePart)
        .where(~standing, ours)
        .execution_options(synchronize_session=False)
    )


def hand_over(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    invoice_ids: Collection[InvoiceId],
    recipient: str,
    note: str = "",
    disputed_confirmed: bool = False,
    clock: Clock,
) -> None:
    """Leave invoices to somebody who collects them; contested ones only when that is confirmed,
    and none for which a plan stands.

    Raises NoSuchDebtor, RecipientMissing, NothingToHandOver, OnPlan and DisputedInvoices.
    """
    parties.debtor(session, supplier_id, debtor_id)
    contested = {
        hold.invoice_id
        for hold in disputed(session, supplier_id, debtor_id)
        if hold.reason is HoldReason.DISPUTED
    }
    agreed = {
        hold.invoice_id
        for hold in planned(session, supplier_id, debtor_id)
        if hold.reason is HoldReason.ON_PLAN
    }
    handover.hand_over(
        session,
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        invoice_ids=invoice_ids,
        recipient=recipient,
        note=note,
        disputed=contested,
        disputed_confirmed=disputed_confirmed,
        on_plan=agreed,
        clock=clock,
    )
    # The step that asked for it is done.
    close_overtaken(session, supplier_id, debtor_id, clock=clock)
