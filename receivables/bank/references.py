"""Structured payment references and account numbers: recognised, checked, written, made.

Three kinds of reference carry their own check digits, so a payer's mistyping shows:

- QRR, Switzerland: 26 digits and one by modulo 10, recursive (Swiss Implementation Guidelines
  QR-bill, annex B; the ISR reference of old is the same number).
- SCOR: ISO 11649, ``RF``, two check digits by modulo 97, up to 21 letters and digits.
- OGM, Belgium: ten digits and two by modulo 97, where 0 is written 97 (Febelfin, "gestructureerde
  mededeling / communication structurée").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from stdnum import iban
from stdnum.exceptions import ValidationError

from receivables.errors import ReceivablesError


class ReferenceKind(StrEnum):
    QRR = "QRR"
    SCOR = "SCOR"
    OGM = "OGM"


class NoReference(ReceivablesError):
    """A number from which no reference of its kind can be made."""

    def __init__(self, kind: ReferenceKind, text: str) -> None:
        self.kind, self.text = kind, text
        super().__init__(f"no {kind} can be made of {text!r}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference whose check digits are right; `value` is compact, as machines exchange it."""

    kind: ReferenceKind
    value: str

    @property
    def printed(self) -> str:
        """As people read it: ``21 00000 00003 13947 14300 09017``, ``RF18 5390 0754 7034`` or
        ``+++010/8068/17183+++``.
        """
        value = self.value
        if self.kind is ReferenceKind.QRR:
            return " ".join([value[:2], *(value[at : at + 5] for at in range(2, 27, 5))])
        if self.kind is ReferenceKind.SCOR:
            return " ".join(value[at : at + 4] for at in range(0, len(value), 4))
        return f"+++{value[:3]}/{value[3:7]}/{value[7:]}+++"


_QRR: Final = re.compile(r"[0-9]{27}\Z")
_SCOR: Final = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}\Z")
_OGM: Final = re.compile(r"[0-9]{12}\Z")
_BLANKS: Final = re.compile(r"[\s\u00a0\u2009\u202f]+")
_OGM_MARKS: Final = re.compile(r"[+*/\s]+")

#: The carries of modulo 10, recursive. Source: Swiss Implementation Guidelines QR-bill, annex B.
_CARRIES: Final = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)


def qrr_check_digit(digits: str) -> str:
    """The check digit of `digits` by modulo 10, recursive."""
    carry = 0
    for digit in digits:
        carry = _CARRIES[(carry + int(digit)) % 10]
    return str((10 - carry) % 10)


def scor_check_digits(body: str) -> str:
    """The two check digits of an ISO 11649 reference with that body (capitals and digits)."""
    return f"{98 - _modulo_97(body + 'RF00'):02d}"


def ogm_check_digits(digits: str) -> str:
    """The two check digits of a Belgian communication of ten digits: 01 to 97."""
    return f"{int(digits) % 97 or 97:02d}"


def _modulo_97(text: str) -> int:
    return int("".join(str(int(each, 36)) for each in text)) % 97


def qrr(text: str) -> Reference | None:
    """The QR reference that `text` is, blanks apart; None when it is none.

    Nothing but zeros is no reference, though its check digit is right.
    """
    value = _BLANKS.sub("", text)
    if not _QRR.match(value) or not value.strip("0"):
        return None
    right = qrr_check_digit(value[:-1]) == value[-1]
    return Reference(ReferenceKind.QRR, value) if right else None


def scor(text: str) -> Reference | None:
    """The ISO 11649 reference that `text` is, blanks apart, in capitals; None when it is none."""
    value = _BLANKS.sub("", text).upper()
    if not _SCOR.match(value):
        return None
    return Reference(ReferenceKind.SCOR, value) if _modulo_97(value[4:] + value[:4]) == 1 else None


def ogm(text: str) -> Reference | None:
    """The Belgian communication that `text` is, its marks apart; None when it is none."""
    value = _OGM_MARKS.sub("", text)
    if not _OGM.match(value) or not value.strip("0"):
        return None
    right = ogm_check_digits(value[:10]) == value[10:]
    return Reference(ReferenceKind.OGM, value) if right else None


@lru_cache(maxsize=1024)
def recognise(text: str) -> Reference | None:
    """The reference that the whole of `text` is; None when it is none.

    The kinds cannot be taken for one another: their lengths and letters differ.
    """
    return qrr(text) or scor(text) or ogm(text)


def make_qrr(digits: str) -> Reference:
    """The QR reference of up to 26 digits, filled up with zeros in front.

    Raises NoReference for anything else, and for zero.
    """
    if not re.fullmatch(r"[0-9]{1,26}", digits) or not digits.strip("0"):
        raise NoReference(ReferenceKind.QRR, digits)
    body = digits.zfill(26)
    return Reference(ReferenceKind.QRR, body + qrr_check_digit(body))


def make_scor(body: str) -> Reference:
    """The ISO 11649 reference of 1 to 21 letters and digits.

    Raises NoReference for anything else.
    """
    if not re.fullmatch(r"[0-9A-Za-z]{1,21}", body):
        raise NoReference(ReferenceKind.SCOR, body)
    return Reference(ReferenceKind.SCOR, f"RF{scor_check_digits(body.upper())}{body.upper()}")


def make_ogm(digits: str) -> Reference:
    """The Belgian communication of up to ten digits, filled up with zeros in front.

    Raises NoReference for anything else, and for zero.
    """
    if not re.fullmatch(r"[0-9]{1,10}", digits) or not digits.strip("0"):
        raise NoReference(ReferenceKind.OGM, digits)
    body = digits.zfill(10)
    return Reference(ReferenceKind.OGM, body + ogm_check_digits(body))


#: 27 digits, in one or in the printed groups (2, then 5 by 5), with no digit before or after.
_QRR_INSIDE: Final = re.compile(r"(?<![0-9])(?:[0-9]{27}|[0-9]{2}(?: [0-9]{5}){5})(?![0-9])")
_SCOR_INSIDE: Final = re.compile(r"(?<![0-9A-Za-z])[Rr][Ff][0-9]{2}[0-9A-Za-z ]{1,30}")
#: In free text twelve digits are an OGM only in its own dress: a telephone number has as many.
_OGM_INSIDE: Final = re.compile(
    r"(?<![0-9/])(?:[+*]{3} ?)?[0-9]{3}/[0-9]{4}/[0-9]{5}(?: ?[+*]{3})?(?![0-9/])"
    r"|[+*]{3} ?[0-9]{12} ?[+*]{3}"
)


def find_in(text: str) -> list[Reference]:
    """Every reference inside a free text, in no order but without repeats."""
    plain = _BLANKS.sub(" ", text)
    found = [
        *(qrr(match[0]) for match in _QRR_INSIDE.finditer(plain)),
        *(_scor_in(match[0]) for match in _SCOR_INSIDE.finditer(plain)),
        *(ogm(match[0]) for match in _OGM_INSIDE.finditer(plain)),
    ]
    return list(dict.fromkeys(each for each in found if each is not None))


def _scor_in(text: str) -> Reference | None:
    """The reference at the beginning of `text`: in one piece, or in groups of four, which are
    read as far as the check digits allow.
    """
    whole, *more = text.split()
    return scor(whole) or next(filter(None, map(scor, _grouped(whole, more))), None)


def _grouped(first: str, more: list[str]) -> Iterator[str]:
    """The readings of groups of four, the longest first; the last group may be shorter."""
    if len(first) != 4:
        return
    count = 0
    while count < len(more) and len(more[count]) == 4:
        count += 1
    if count < len(more) and len(more[count]) < 4:
        count += 1
    for length in range(count, 0, -1):
        yield "".join([first, *more[:length]])


@lru_cache(maxsize=8192)
def iban_of(text: str) -> str | None:
    """The IBAN that `text` is, compact; None when it is none (ISO 13616, the country's own check
    included).
    """
    compact = _BLANKS.sub("", text).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}", compact):
        return None
    try:
        return str(iban.validate(compact))
    except ValidationError:
        return None


def is_qr_iban(account: str) -> bool:
    """Whether a compact IBAN is one for payments with a QRR alone.

    Source: Swiss Implementation Guidelines QR-bill: the institution's number is 30000 to 31999.
    """
    return (
        account[:2] in ("CH", "LI")
        and account[4:9].isdecimal()
        and 30000 <= int(account[4:9]) <= 31999
    )


def printed_iban(account: str) -> str:
    """An IBAN in groups of four."""
    return " ".join(account[at : at + 4] for at in range(0, len(account), 4))


def printed_account(account: str) -> str:
    """An account as people read it: an IBAN in groups of four, any other as the bank wrote it."""
    found = iban_of(account)
    return account if found is None else printed_iban(found)
