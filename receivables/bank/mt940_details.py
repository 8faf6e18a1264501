"""Field 86 of MT940: who paid and what for, in the three ways banks write it.

German and Austrian banks number subfields (``?20 ... ?32``), with the words of SEPA inside
(``EREF+``, ``SVWZ+``); Dutch and other banks name them (``/EREF/.../REMI/...``); all others write
plain text. Source: Deutsche Kreditwirtschaft, DFÜ-Abkommen annex 3, chapter 8 (MT 940); SWIFT
MT 940 usage of Rabobank, ING and ABN AMRO.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from receivables.bank.parsing import compact_account, cut
from receivables.bank.references import find_in

#: A line that is full goes on in the next without a blank; the first has the tag before it.
_FULL_LINE: Final = 65
_FULL_FIRST_LINE: Final = _FULL_LINE - len(":86:")
_FULL_SUBFIELD: Final = 27

_NUMBERED: Final = re.compile(r"\s*\d{3}([?~<^>])(?=\d\d)", re.ASCII)
_SEPA: Final = re.compile(
    r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|RREF|RTRN)\+"
)
_NAMED: Final = re.compile(
    r"/(EREF|REMI|BENM|ORDP|NAME|IBAN|ACCT|BIC|MARF|CSID|ISDT|TRTP|PREF|RTRN|TRCD|CNTP|PURP|ID|"
    r"ADDR|ULTC|ULTD|SVCL|CHGS|EXCH|OCMT|INIT|BUSP|KREF|SVWZ)/"
)
_ACCOUNT_AND_NAME: Final = re.compile(r"REK: ?([A-Z]{2}[0-9]{2}[A-Z0-9]{8,30})/NAAM: ?(.+)")
_NOTHING: Final = ("", "NOTPROVIDED")


@dataclass(frozen=True, slots=True)
class Details:
    end_to_end_id: str | None = None
    structured_reference: str | None = None
    unstructured: str | None = None
    booking_text: str | None = None
    counterparty: str | None = None
    counterparty_account: str | None = None
    return_reason: str | None = None


def details_of(lines: Sequence[str]) -> Details:
    """What the lines of a field 86 say."""
    if not lines:
        return Details()
    unbroken = "".join(each.rstrip("\r\n") for each in lines)
    if match := _NUMBERED.match(unbroken):
        return _numbered(unbroken, match[1])
    text = _joined(lines)
    if len(_NAMED.findall(text)) >= 2 or text.startswith(("/EREF/", "/REMI/", "/TRTP/", "/BENM/")):
        return _named(text)
    dutch = _ACCOUNT_AND_NAME.search(text)
    return Details(
        structured_reference=references_in(text),
        unstructured=cut(text),
        counterparty=cut(dutch[2], 200) if dutch else None,
        counterparty_account=dutch[1] if dutch else None,
    )


def references_in(text: str | None) -> str | None:
    """The structured references inside a text, compact, as one text."""
    return ", ".join(each.value for each in find_in(text)) or None if text else None


def _joined(lines: Sequence[str]) -> str:
    text = ""
    for number, line in enumerate(lines):
        full = _FULL_LINE if number else _FULL_FIRST_LINE
        text += line if len(line) >= full else f"{line} "
    return text


def _numbered(text: str, mark: str) -> Details:
    parts: dict[str, str] = {}
    for piece in text.split(mark)[1:]:
        number, words = piece[:2], piece[2:]
        parts[number] = parts.get(number, "") + words
    purpose = ""
    for place in range(20, 30):
        words = parts.get(str(place), "")
        purpose += words if len(words) >= _FULL_SUBFIELD else f"{words} " if words else ""
    name = cut(f"{parts.get('32', '')}{parts.get('33', '')}", 200)
    said = _keyed(_SEPA.split(purpose))
    more = [parts[each] for each in ("60", "61", "62", "63") if each in parts]
    words = " ".join([said["SVWZ"] if "SVWZ" in said else said[""], *more])
    return Details(
        end_to_end_id=_id(said.get("EREF")),
        structured_reference=references_in(words),
        unstructured=cut(words),
        booking_text=cut(parts.get("00")),
        counterparty=name or cut(said.get("ABWA"), 200),
        counterparty_account=compact_account(parts.get("31") or said.get("IBAN")),
        return_reason=cut(said.get("RTRN"), 140),
    )


def _named(text: str) -> Details:
    said = _keyed(_NAMED.split(text))
    remittance = said.get("REMI", "") or said.get("SVWZ", "")
    structured = re.match(r"/?STRD/(?:[A-Z]{3}/)?(?P<reference>[^/]+)", remittance)
    words = re.sub(r"^/?USTD/{1,2}", "", remittance).strip("/ ")
    account, name = said.get("IBAN") or said.get("ACCT"), said.get("NAME", "").strip("/ ")
    if counter := said.get("CNTP"):
        pieces = counter.split("/")
        account = account or pieces[0]
        name = name or (pieces[2] if len(pieces) > 2 else "")
    return Details(
        end_to_end_id=_id(said.get("EREF")),
        structured_reference=(
            cut(structured["reference"], 140) if structured else references_in(words)
        ),
        unstructured=None if structured else cut(words),
        booking_text=cut(said.get("", "").strip("/ ")),
        counterparty=cut(name, 200),
        counterparty_account=compact_account((account or "").strip("/ ") or None),
        return_reason=cut(said.get("RTRN", "").strip("/ "), 140),
    )


def _keyed(pieces: Sequence[str]) -> dict[str, str]:
    """Words before the first key under "", then key and words by turns; the first of each."""
    said = {"": pieces[0]}
    for key, words in zip(pieces[1::2], pieces[2::2], strict=True):
        said.setdefault(key, words.strip())
    return said


def _id(text: str | None) -> str | None:
    said = cut((text or "").strip("/ "), 140)
    return None if said in _NOTHING else said
