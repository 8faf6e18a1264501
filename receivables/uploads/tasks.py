"""Asking the virus scanner again about what it has not answered."""

from __future__ import annotations

from datetime import timedelta

from receivables.broker import Work, actor
from receivables.errors import TemporarilyUnavailable
from receivables.ids import SupplierId, UploadId
from receivables.uploads import actions, queries
from receivables.uploads.scanning import Verdict, scan

#: A scanner may be away over a weekend; the file is still worth reading.
_DAYS_OF_RETRIES = 100


class ScannerSilent(TemporarilyUnavailable):
    """The scanner did not answer: the file stays in quarantine."""


@actor(max_retries=_DAYS_OF_RETRIES, time_limit=timedelta(minutes=2))
def scan_again(work: Work, of_supplier: SupplierId, upload_id: UploadId) -> None:
    """Ask about one file in quarantine. Raises ScannerSilent, and is tried again."""
    with work.reading() as session:
        content = queries.in_quarantine(session, of_supplier, upload_id)
    if content is None:
        return
    verdict = scan(content, work.runtime.settings.uploads.clamd_url)
    if verdict is Verdict.UNKNOWN:
        raise ScannerSilent(str(upload_id))
    with work.finish() as session:
        actions.conclude(session, of_supplier, upload_id, verdict)


assert scan_again.name == actions.SCAN_AGAIN
