"""What the columns of a bank's CSV mean: told by its headers, by data per bank.

The banks' headers stand in `csv_banks/*.toml`; a supplier may have explained others
(`tables.CsvMapping`).
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from receivables.bank.parsing import KNOWN_CURRENCIES
from receivables.intake.csv_columns import plain

#: What a column may be. Several columns of one meaning are joined, or the first that says
#: something is taken.
FIELDS: Final = (
    "account",
    "amount",
    "balance",
    "bank_reference",
    "booked_on",
    "booking_text",
    "counterparty",
    "counterparty_account",
    "credit",
    "currency",
    "debit",
    "detail",
    "end_to_end_id",
    "ignored",
    "structured_reference",
    "text",
    "traded_on",
    "value_on",
)
_DAYS: Final = ("booked_on", "traded_on", "value_on")
_AMOUNTS: Final = ("amount", "credit", "debit")

#: Of a bank's headers so many may be new: one in four. They are left out.
_KNOWN_SHARE: Final = 3 / 4

_FOLDER: Final = Path(__file__).parent / "csv_banks"
#: A currency at the end of a header: "Saldo CHF", "Addebiti (USD)", "Crédit en CHF".
_IN_CURRENCY: Final = re.compile(
    r"(.*?)[\s(]*(?:\b(?:in|en)\s+)?\(?\b([A-Z]{3})\)?\s*\Z", re.DOTALL
)
#: What stands for a character that was lost before the file came to us.
_LOST: Final = "\ufffd"


@dataclass(frozen=True, slots=True)
class Layout:
    """The meaning of the columns of one file, by their places."""

    name: str
    places: Mapping[str, tuple[int, ...]]
    #: The currency that the headers of amounts name, or somebody told us; "" for none.
    currency: str = ""
    account: str = ""
    #: Whether quotation marks hold cells together; some banks write texts with marks as they are.
    quoted: bool = True
    #: "day-first" or "month-first" for dates with slashes; "" where the file must show it.
    slashes: str = ""

    def has(self, name: str) -> bool:
        return name in self.places


@dataclass(frozen=True, slots=True)
class Bank:
    """One way of one bank: what its headers mean, by their plain form."""

    name: str
    meanings: Mapping[str, tuple[str, ...]]
    quoted: bool = True
    #: The columns of an export that has no header.
    headerless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldLayout:
    """What somebody said of a layout: header -> meaning, and what the file itself does not say."""

    name: str
    columns: Mapping[str, str]
    account: str = ""
    currency: str = ""
    slashes: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "columns": dict(self.columns),
            "account": self.account,
            "currency": self.currency,
            "slashes": self.slashes,
        }

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> ToldLayout:
        return cls(
            name=str(said["name"]),
            columns={str(header): str(meaning) for header, meaning in said["columns"].items()},
            account=str(said.get("account", "")),
            currency=str(said.get("currency", "")),
            slashes=str(said.get("slashes", "")),
        )


@cache
def banks() -> tuple[Bank, ...]:
    """Every bank of the data, in alphabetical order."""
    found: list[Bank] = []
    for file in sorted(_FOLDER.glob("*.toml")):
        said = tomllib.loads(file.read_text(encoding="utf-8"))
        found.extend(_bank(each) for each in (said, *said.get("also", ())))
    return tuple(found)


def _bank(said: Mapping[str, Any]) -> Bank:
    meanings: dict[str, list[str]] = {}
    for name, headers in said["columns"].items():
        assert name in FIELDS, name
        for header in headers:
            meanings.setdefault(plain(header), []).append(name)
    return Bank(
        name=said["name"],
        meanings={header: tuple(names) for header, names in meanings.items()},
        quoted=said.get("quoted", True),
        headerless=tuple(said.get("headerless", ())),
    )


def header_key(headers: Sequence[str]) -> str:
    """What a layout is recognised by: its headers in their order, each once, in plain letters."""
    said = dict.fromkeys(plain(each) for each in headers)
    return hashlib.sha256("\n".join(filter(None, said)).encode()).hexdigest()


def split_currency(header: str) -> tuple[str, str]:
    """The header without the currency at its end, and the currency ("" for none)."""
    match = _IN_CURRENCY.match(header)
    if match and match[1].strip() and match[2] in KNOWN_CURRENCIES:
        return match[1], match[2]
    return header, ""


def told_layout(told: ToldLayout, headers: Sequence[str]) -> Layout:
    """The layout that somebody has explained."""
    places: dict[str, list[int]] = {}
    for place, header in enumerate(headers):
        meaning = told.columns.get(header.strip(), "ignored")
        places.setdefault(meaning, []).append(place)
    return Layout(
        told.name,
        {name: tuple(at) for name, at in places.items()},
        currency=told.currency,
        account=told.account,
        slashes=told.slashes,
    )


def known_layout(headers: Sequence[str]) -> tuple[int, Layout] | None:
    """The layout of the bank that knows most of the headers, and how many it knows.

    None when no bank knows enough of them, or a day or an amount would be missing.
    """
    candidates = (_layout_of(bank, headers) for bank in banks())
    found = [each for each in candidates if each is not None]
    return max(found, key=lambda each: each[0], default=None)


def _layout_of(bank: Bank, headers: Sequence[str]) -> tuple[int, Layout] | None:
    places: dict[str, list[int]] = {}
    known = named = 0
    currencies: set[str] = set()
    for place, header in enumerate(headers):
        if not header.strip():
            continue
        named += 1
        bare, currency = split_currency(header.strip())
        meanings = _meanings(bank, header) or _meanings(bank, bare)
        known += bool(meanings)
        if meanings and currency:
            currencies.add(currency)
        for meaning in meanings:
            places.setdefault(meaning, []).append(place)
    if known < named * _KNOWN_SHARE or not is_enough(places):
        return None
    layout = Layout(
        bank.name,
        {name: tuple(at) for name, at in places.items()},
        currency=currencies.pop() if len(currencies) == 1 else "",
        quoted=bank.quoted,
    )
    return known, layout


def is_enough(fields: Iterable[str]) -> bool:
    """Whether the fields hold a day, an amount, and something more to tell entries by."""
    names = set(fields)
    has_text = names & {"text", "booking_text", "counterparty", "structured_reference"}
    return bool(names.intersection(_DAYS) and names.intersection(_AMOUNTS) and has_text)


def _meanings(bank: Bank, header: str) -> tuple[str, ...]:
    if _LOST not in header:
        return bank.meanings.get(plain(header), ())
    pattern = ".{0,2}".join(re.escape(plain(part)) for part in header.split(_LOST))
    for known, meanings in bank.meanings.items():
        if re.fullmatch(pattern, known):
            return meanings
    return ()


def guessed_meaning(header: str) -> str:
    """What some bank means by a header; "ignored" when none has it, or several differ."""
    bare, _ = split_currency(header.strip())
    found = {
        meaning for bank in banks() for meaning in _meanings(bank, header) or _meanings(bank, bare)
    }
    return found.pop() if len(found) == 1 else "ignored"


def headerless_layout(cells: Sequence[str], kinds: Sequence[str]) -> Layout | None:
    """The layout of an export without a header, by the `kinds` of its first line's cells: "day",
    "amount", "text" or "" for an empty one.
    """
    for bank in banks():
        wanted = bank.headerless
        if wanted and len(cells) == len(wanted) and all(map(_fits, wanted, kinds)):
            places = {name: (place,) for place, name in enumerate(wanted)}
            return Layout(bank.name, places, quoted=bank.quoted)
    return None


def _fits(name: str, kind: str) -> bool:
    if name in _DAYS:
        return kind == "day"
    return kind in ("amount", "") if name in (*_AMOUNTS, "balance") else kind == "text"
