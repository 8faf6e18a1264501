"""The references we make ourselves, from an id: the same on every page, mail and letter, for ever,
and recognised again without being kept anywhere.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from hashlib import sha256
from uuid import UUID

from receivables.bank.references import (
    Reference,
    ReferenceKind,
    make_ogm,
    make_qrr,
    make_scor,
    recognise,
)
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
    drawn = _drawn(made_from)
    if kind is ReferenceKind.OGM:
        return make_ogm(f"{of}{drawn % 10**_SHORT:0{_SHORT}d}")
    body = f"{of}{drawn % 10**_LONG:0{_LONG}d}"
    return make_qrr(body) if kind is ReferenceKind.QRR else make_scor(body)


#: The digits that are drawn, of an OGM and of the others.
_SHORT, _LONG = 9, 14
#: How long each kind of ours is, compact.
_QRR, _SCOR, _OGM = OWN_LENGTHS = (27, 19, 12)


def _drawn(made_from: UUID) -> int:
    return int.from_bytes(sha256(made_from.bytes).digest())


class OwnReferences:
    """The references made of many ids of one kind, found again: of each only the drawn digits
    are kept. The first id that is added has place 0, the next 1, and so on.
    """

    def __init__(self, of: int) -> None:
        self._of = of
        self._digits = array("q")
        self._sorted: dict[int, tuple[array[int], array[int]]] = {}

    @classmethod
    def of_invoices(cls) -> OwnReferences:
        return cls(_OF_INVOICE)

    @classmethod
    def of_debtors(cls) -> OwnReferences:
        return cls(_OF_DEBTOR)

    def add(self, made_from: UUID) -> None:
        self._digits.append(_drawn(made_from) % 10**_LONG)
        self._sorted.clear()

    def places(self, value: str) -> list[int]:
        """Where the ids are whose reference `value` (compact) is; mostly none or one."""
        body = _body(value)
        if body is None:
            return []
        length = _SHORT if len(value) == _OGM else _LONG
        of, drawn = divmod(body, 10**length)
        if of != self._of:
            return []
        keys, places = self._by_digits(length)
        at = bisect_left(keys, drawn)
        found: list[int] = []
        while at < len(keys) and keys[at] == drawn:
            found.append(places[at])
            at += 1
        return found if found and recognise(value) is not None else []

    def _by_digits(self, length: int) -> tuple[array[int], array[int]]:
        if length not in self._sorted:
            digits = [one % 10**length for one in self._digits]
            order = sorted(range(len(digits)), key=digits.__getitem__)
            keys = array("q", (digits[place] for place in order))
            self._sorted[length] = keys, array("I", order)
        return self._sorted[length]


def _body(value: str) -> int | None:
    """What stands between the zeros in front and the check digits, where it could be ours."""
    length = len(value)
    if length == _QRR and value.isdecimal():
        return int(value[:-1])
    if length == _SCOR and value.startswith("RF") and value[4:].isdecimal():
        return int(value[4:])
    return int(value[:10]) if length == _OGM and value.isdecimal() else None
