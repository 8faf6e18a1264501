"""What was said and shown in a dispute, and who may read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.disputes.queries import names_of
from receivables.disputes.tables import Dispute, DisputeFile, DisputeMessage
from receivables.ids import DebtorId, DisputeId, SupplierId, UploadId
from receivables.parties.tables import Contact, Staff
from receivables.uploads import queries as uploads
from receivables.uploads.queries import NoSuchUpload
from receivables.uploads.tables import Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """What somebody wrote. `author` is the person's name, empty where nobody's is known."""

    id: UUID
    side: str
    is_internal: bool
    author: str
    body: str
    at: datetime
    files: tuple[Upload, ...]


def conversation(
    session: Session, supplier_id: SupplierId, dispute_id: DisputeId, *, with_notes: bool
) -> tuple[MessageView, ...]:
    """Everything that was written, the oldest first; a message without words or files is left
    out. Notes are for staff alone.
    """
    statement = select(DisputeMessage).where(
        DisputeMessage.supplier_id == supplier_id, DisputeMessage.dispute_id == dispute_id
    )
    if not with_notes:
        statement = statement.where(DisputeMessage.is_internal.is_(False))
    rows = session.scalars(statement.order_by(DisputeMessage.at, DisputeMessage.id)).all()
    files = _files(session, supplier_id, [row.id for row in rows])
    authors = _authors(session, supplier_id, {row.by for row in rows})
    return tuple(
        MessageView(
            id=row.id,
            side=row.side,
            is_internal=row.is_internal,
            author=authors.get(row.by, ""),
            body=row.body,
            at=row.at,
            files=tuple(files[row.id]),
        )
        for row in rows
        if row.body or files[row.id]
    )


def _files(
    session: Session, supplier_id: SupplierId, message_ids: Sequence[UUID]
) -> dict[UUID, list[Upload]]:
    rows = session.execute(
        select(DisputeFile.message_id, DisputeFile.upload_id)
        .where(DisputeFile.supplier_id == supplier_id, DisputeFile.message_id.in_(message_ids))
        .order_by(DisputeFile.upload_id)
    ).all()
    described = uploads.described(session, supplier_id, [row.upload_id for row in rows])
    found: dict[UUID, list[Upload]] = defaultdict(list)
    for row in rows:
        found[row.message_id].append(described[row.upload_id])
    return found


def _authors(session: Session, supplier_id: SupplierId, doers: set[str]) -> dict[str, str]:
    """Names by "staff:<id>" and "contact:<id>"."""
    found: dict[str, str] = {}
    tables: tuple[tuple[str, type[Staff] | type[Contact]], ...] = (
        ("staff", Staff),
        ("contact", Contact),
    )
    for prefix, table in tables:
        ids = [UUID(one.partition(":")[2]) for one in doers if one.startswith(f"{prefix}:")]
        names = names_of(session, table, supplier_id, ids)
        found.update({f"{prefix}:{key}": name for key, name in names.items()})
    return found


def file(
    session: Session,
    supplier_id: SupplierId,
    upload_id: UploadId,
    *,
    debtor_id: DebtorId | None = None,
) -> Upload:
    """One file of a dispute with its content; for a debtor, of a dispute of theirs and no note's.

    Raises NoSuchUpload.
    """
    statement = (
        select(DisputeFile.upload_id)
        .join(
            DisputeMessage,
            (DisputeMessage.supplier_id == DisputeFile.supplier_id)
            & (DisputeMessage.id == DisputeFile.message_id),
        )
        .join(
            Dispute,
            (Dispute.supplier_id == DisputeMessage.supplier_id)
            & (Dispute.id == DisputeMessage.dispute_id),
        )
        .where(DisputeFile.supplier_id == supplier_id, DisputeFile.upload_id == upload_id)
    )
    if debtor_id is not None:
        statement = statement.where(
            Dispute.debtor_id == debtor_id, DisputeMessage.is_internal.is_(False)
        )
    if session.scalar(statement) is None:
        raise NoSuchUpload(str(upload_id))
    return uploads.with_content(session, supplier_id, upload_id)
