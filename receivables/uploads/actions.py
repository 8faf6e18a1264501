"""Keeping what was looked into; letting out of quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.ids import DebtorId, SupplierId, UploadId, new_id
from receivables.jobs import enqueue
from receivables.settings import UploadSettings
from receivables.uploads.faults import Fault, FilesRefused
from receivables.uploads.reading import SafeFile, look_into
from receivables.uploads.scanning import Verdict, scan
from receivables.uploads.tables import Upload, UploadState

#: The actor that asks the scanner again (`tasks`), by name: tasks call actions.
SCAN_AGAIN = "uploads.scan_again"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was looked into and scanned; one that nobody scanned goes into quarantine."""

    file: SafeFile
    is_scanned: bool


def check(files: Sequence[tuple[str, bytes]], settings: UploadSettings) -> tuple[CheckedFile, ...]:
    """Files, given as name and content, ready to be kept. Raises FilesRefused.

    Starts a process and may ask the scanner: never inside a transaction.
    """
    if not files:
        return ()
    checked, faults = [], []
    for file in look_into(files):
        verdict = scan(file.content, settings.clamd_url)
        if verdict is Verdict.INFECTED:
            faults.append(Fault(file.name, "malware"))
        checked.append(CheckedFile(file, verdict is Verdict.CLEAN))
    if faults:
        raise FilesRefused(tuple(faults))
    return tuple(checked)


def keep(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    files: Sequence[CheckedFile],
    clock: Clock,
) -> tuple[UploadId, ...]:
    """Put files on record; whoever calls says what they belong to."""
    kept = []
    for one in files:
        upload_id = UploadId(new_id())
        session.add(
            Upload(
                id=upload_id,
                supplier_id=supplier_id,
                debtor_id=debtor_id,
                name=one.file.name,
                media_type=one.file.media_type,
                sha256=one.file.sha256,
                size_bytes=len(one.file.content),
                state=UploadState.TAKEN if one.is_scanned else UploadState.QUARANTINED,
                content=one.file.content,
                created_at=clock.now(),
            )
        )
        if not one.is_scanned:
            args = {"of_supplier": str(supplier_id), "upload_id": str(upload_id)}
            enqueue(session, SCAN_AGAIN, args, now=clock.now(), supplier_id=supplier_id)
        kept.append(upload_id)
    session.flush()
    return tuple(kept)


def conclude(
    session: Session, supplier_id: SupplierId, upload_id: UploadId, verdict: Verdict
) -> None:
    """Let a file out of quarantine, or do away with its content."""
    assert verdict is not Verdict.UNKNOWN, "then it stays where it is"
    infected = {
        "state": UploadState.REFUSED,
        "content": b"",
        "size_bytes": 0,
        "sha256": hashlib.sha256().hexdigest(),
    }
    session.execute(
        update(Upload)
        .where(
            Upload.supplier_id == supplier_id,
            Upload.id == upload_id,
            Upload.state == UploadState.QUARANTINED,
        )
        .values(infected if verdict is Verdict.INFECTED else {"state": UploadState.TAKEN})
        .execution_options(synchronize_session=False)
    )
