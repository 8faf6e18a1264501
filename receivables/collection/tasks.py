"""Making large collection files, and forgetting old ones."""

from __future__ import annotations

from datetime import timedelta

from receivables.broker import Work, actor, scheduled
from receivables.collection import actions
from receivables.collection.errors import DocumentChanged, NoSuchFile
from receivables.collection.making import make
from receivables.ids import CollectionFileId, SupplierId
from receivables.letters.rendering import LetterTooLong


@actor(
    time_limit=timedelta(minutes=15),
    max_retries=3,
    throws=(NoSuchFile, LetterTooLong, DocumentChanged),
)
def make_file(work: Work, of_supplier: SupplierId, file_id: CollectionFileId) -> None:
    """Make a file that somebody asked for and did not wait for."""
    made = make(work.runtime, of_supplier, file_id)
    with work.finish() as session:
        actions.conclude(session, of_supplier, file_id, made, clock=work.runtime.clock)


assert make_file.name == actions.MAKE


@scheduled("47 3 * * *")
def forget_files(work: Work) -> None:
    """Files that were kept long enough."""
    with work.finish() as session:
        actions.expire(session, clock=work.runtime.clock)
