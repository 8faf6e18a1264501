"""Collection files of a debtor, and their bytes part by part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from receivables.collection.errors import NoSuchFile
from receivables.collection.rules import is_large
from receivables.collection.tables import CollectionFile, CollectionFilePart
from receivables.database import Scope
from receivables.ids import CollectionFileId, DebtorId, SupplierId
from receivables.invoices.tables import Document
from receivables.ledger.queries import open_items
from receivables.runtime import Runtime

What = Literal["zip", "pdf"]


def latest(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> CollectionFile | None:
    """The file that was asked for last."""
    return session.scalar(
        select(CollectionFile)
        .where(CollectionFile.supplier_id == supplier_id, CollectionFile.debtor_id == debtor_id)
        .order_by(CollectionFile.asked_at.desc(), CollectionFile.id.desc())
        .limit(1)
    )


def ready(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> CollectionFile:
    """The file that can be taken away. Raises NoSuchFile."""
    found = session.scalar(
        select(CollectionFile)
        .where(
            CollectionFile.supplier_id == supplier_id,
            CollectionFile.debtor_id == debtor_id,
            CollectionFile.state == "ready",
        )
        .order_by(CollectionFile.made_at.desc(), CollectionFile.id.desc())
        .limit(1)
    )
    if found is None:
        raise NoSuchFile(str(debtor_id))
    return found


def of_supplier(
    session: Session, supplier_id: SupplierId, file_id: CollectionFileId
) -> CollectionFile:
    """Raises NoSuchFile."""
    found = session.scalar(
        select(CollectionFile).where(
            CollectionFile.supplier_id == supplier_id, CollectionFile.id == file_id
        )
    )
    if found is None:
        raise NoSuchFile(str(file_id))
    return found


def takes_long(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> bool:
    """Whether making the debtor's file is a job's work."""
    ids = [item.invoice_id for item in open_items(session, supplier_id, debtor_id)]
    if is_large(0, len(ids)):
        return True
    size = session.scalar(
        select(func.coalesce(func.sum(Document.size_bytes), 0)).where(
            Document.supplier_id == supplier_id, Document.invoice_id.in_(ids)
        )
    )
    return is_large(int(size or 0), len(ids))


def read_parts(runtime: Runtime, file: CollectionFile, what: What) -> Iterator[bytes]:
    """The bytes of a file that is ready, each part in a transaction of its own."""
    place = 0
    while True:
        with runtime.reading(Scope(file.supplier_id)) as session:
            content = session.scalar(
                select(CollectionFilePart.content).where(
                    CollectionFilePart.supplier_id == file.supplier_id,
                    CollectionFilePart.making_id == file.making_id,
                    CollectionFilePart.kind == what,
                    CollectionFilePart.place == place,
                )
            )
        if content is None:
            return
        yield content
        place += 1
