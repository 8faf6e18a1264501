"""The references we make ourselves, from an id: the same on every page, mail and letter, for ever,
and recognised again without being kept anywhere.
"""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from receivables.bank.references import Reference, ReferenceKind, make_ogm, make_qrr, make_scor
from receivables.ids import DebtorId, InvoiceId

#: Of what a reference was made: its first digit, so that one kind never meets the other.
_OF_INVOICE, _OF_DEBTOR = 1, 2


def reference_of_invoice(kind: ReferenceKind, invoice_id: InvoiceId) -> Reference:
    """The reference of an invoice that brings none of this kind along."""
    return _made(kind, _OF_INVOICE, invoice_id)


def reference_of_debtor(kind: ReferenceKind, debtor_id: DebtorId) -> Reference:
    """The reference of a debtor's whole account: what is paid under it is theirs."""
    return _made(kind, _OF_DEBTOR, debtor_id)


def _made(kind: ReferenceKind, of: int, made_from: UUID) -> Reference:
    """Fourteen drawn digits are as good as unique: of a million invoices two meet with a chance
    of one in two hundred. The nine of an OGM are not: of ten thousand invoices two meet with a
    chance of one in twenty. Whoever finds two things under one reference chooses neither by it.
    """
    drawn = int.from_bytes(sha256(made_from.bytes).digest())
    if kind is ReferenceKind.OGM:
        return make_ogm(f"{of}{drawn % 10**9:09d}")
    body = f"{of}{drawn % 10**14:014d}"
    return make_qrr(body) if kind is ReferenceKind.QRR else make_scor(body)
