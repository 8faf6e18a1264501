"""Files that were handed in. Whose eyes they are for is decided by the subject they belong to."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from receivables.errors import NoSuch
from receivables.ids import SupplierId, UploadId
from receivables.uploads.tables import Upload, UploadState


class NoSuchUpload(NoSuch):
    """Whoever asks has no such file, or it is in quarantine."""


def described(
    session: Session, supplier_id: SupplierId, upload_ids: Iterable[UploadId]
) -> dict[UploadId, Upload]:
    """These files without their content; unknown ids are left out."""
    rows = session.scalars(
        select(Upload).where(Upload.supplier_id == supplier_id, Upload.id.in_(list(upload_ids)))
    )
    return {row.id: row for row in rows}


def with_content(session: Session, supplier_id: SupplierId, upload_id: UploadId) -> Upload:
    """One file that may be given out. Raises NoSuchUpload."""
    found = session.scalar(
        select(Upload)
        .options(undefer(Upload.content))
        .where(
            Upload.supplier_id == supplier_id,
            Upload.id == upload_id,
            Upload.state == UploadState.TAKEN,
        )
    )
    if found is None:
        raise NoSuchUpload(str(upload_id))
    return found


def in_quarantine(session: Session, supplier_id: SupplierId, upload_id: UploadId) -> bytes | None:
    """The content of a file that waits for the scanner; None when it does not any more."""
    return session.scalar(
        select(Upload.content).where(
            Upload.supplier_id == supplier_id,
            Upload.id == upload_id,
            Upload.state == UploadState.QUARANTINED,
        )
    )
