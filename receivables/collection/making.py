"""Making a collection file: gather, print, put into a ZIP, keep in parts.

It touches the database in short transactions, and holds one document at a time in memory.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from sqlalchemy import insert, select

from receivables import i18n
from receivables.collection import listing
from receivables.collection.bundle import Bundle
from receivables.collection.dossier import Dossier, Enclosure
from receivables.collection.errors import DocumentChanged
from receivables.collection.gathering import gather
from receivables.collection.printing import print_file
from receivables.collection.queries import What, of_supplier
from receivables.collection.tables import CollectionFilePart
from receivables.database import Scope
from receivables.i18n import translate as _
from receivables.ids import CollectionFileId, SupplierId, new_id
from receivables.invoices.tables import Document
from receivables.parties import queries as parties
from receivables.post.queries import pages_of_letter
from receivables.runtime import Runtime
from receivables.uploads.tables import Upload

#: How much of a file one row keeps, and one process holds.
PART_BYTES = 512 * 1024

PDF = "file.pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The bytes of a file, in parts on record."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One making of a file, to be concluded: until then nobody sees it."""

    making_id: UUID
    zip: Kept
    pdf: Kept
    file_count: int


def make(runtime: Runtime, supplier_id: SupplierId, file_id: CollectionFileId) -> Made:
    """Make the file that was asked for. Twice makes two, of which one is concluded.

    Raises NoSuchFile, NoSuchDebtor, LetterTooLong and DocumentChanged.
    """
    now = runtime.clock.now()
    with runtime.reading(Scope(supplier_id)) as session:
        file = of_supplier(session, supplier_id, file_id)
        zone = parties.supplier(session, supplier_id).zone
        with i18n.reading_as(file.locale, zone):
            dossier = gather(session, supplier_id, file.debtor_id, now=now)
    keeper = _Keeper(runtime, supplier_id, file_id, new_id())
    with i18n.reading_as(file.locale, zone):
        pdf = print_file(dossier, locale=file.locale)
        with TemporaryFile(prefix="quittance-collection-") as target:
            count = _fill(runtime, supplier_id, dossier, pdf, target)
            target.seek(0)
            zipped = keeper.keep("zip", target)
    printed = keeper.keep("pdf", io.BytesIO(pdf))
    return Made(making_id=keeper.making_id, zip=zipped, pdf=printed, file_count=count)


def _fill(
    runtime: Runtime, supplier_id: SupplierId, dossier: Dossier, pdf: bytes, target: IO[bytes]
) -> int:
    """Write the ZIP; how many files are in it."""
    bundle = Bundle(target, made_at=dossier.made_at, zone=dossier.zone)
    bundle.add(PDF, _("The whole, to be read"), [pdf])
    for path, what, content in (
        ("account.csv", _("Every movement on the account"), listing.account_csv(dossier)),
        ("interest.csv", _("Late interest, item by item"), listing.interest_csv(dossier)),
        ("messages.csv", _("Messages, with the proofs of sending"), listing.messages_csv(dossier)),
        ("timeline.txt", _("What has happened"), listing.timeline_txt(dossier)),
    ):
        bundle.add(path, what, [content])
    for letter in dossier.letters:
        with runtime.reading(Scope(supplier_id)) as session:
            pages = pages_of_letter(session, supplier_id, letter.letter_id)
        bundle.add(letter.path, _("A letter as it was printed"), [pages])
    for plan in dossier.plans:
        if plan.agreement is not None:
            bundle.add(plan.agreement_path, _("The agreement that was signed"), [plan.agreement])
        for consent in plan.consents:
            # Byte for byte what the fingerprint is of.
            bundle.add(consent.path, _("The words that were signed"), [consent.text.encode()])
    for dispute in dossier.disputes:
        words = listing.conversation_txt(dispute)
        bundle.add(dispute.path, _("What both sides wrote"), [words])
    for enclosure in dossier.enclosures:
        written = bundle.add(
            enclosure.path, enclosure.what, _content(runtime, supplier_id, enclosure)
        )
        if written.sha256 != enclosure.sha256:
            raise DocumentChanged(enclosure.path, enclosure.sha256, written.sha256)
    manifest = listing.manifest_json(dossier, [one.as_json() for one in bundle.files])
    bundle.add("manifest.json", _("What is in this file"), [manifest])
    bundle.add("SHA256SUMS", _("Fingerprints of all files"), [bundle.sums()])
    bundle.close()
    return len(bundle.files)


def _content(runtime: Runtime, supplier_id: SupplierId, enclosure: Enclosure) -> Iterator[bytes]:
    """One document, alone in memory."""
    kept: tuple[type[Document] | type[Upload], UUID | None] = (
        (Document, enclosure.document_id)
        if enclosure.document_id is not None
        else (Upload, enclosure.upload_id)
    )
    table, row_id = kept
    with runtime.reading(Scope(supplier_id)) as session:
        content = session.scalar(
            select(table.content).where(table.supplier_id == supplier_id, table.id == row_id)
        )
    yield content or b""


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Puts bytes on record, each part in a transaction of its own."""

    runtime: Runtime
    supplier_id: SupplierId
    file_id: CollectionFileId
    making_id: UUID

    def keep(self, what: What, source: IO[bytes]) -> Kept:
        digest, size, place = hashlib.sha256(), 0, 0
        while chunk := source.read(PART_BYTES):
            with self.runtime.transaction(Scope(self.supplier_id)) as session:
                session.execute(
                    insert(CollectionFilePart).values(
                        making_id=self.making_id,
                        kind=what,
                        place=place,
                        supplier_id=self.supplier_id,
                        file_id=self.file_id,
                        content=chunk,
                    )
                )
            digest.update(chunk)
            size, place = size + len(chunk), place + 1
        return Kept(size_bytes=size, sha256=digest.hexdigest())
