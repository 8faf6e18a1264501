"""Files whose every line holds two names to be compared: name1 and name2, left and right ..."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from monitoring.portfolio import shapes, sheets
from monitoring.portfolio.columns import field_of
from monitoring.portfolio.customers import Customer
from receivables.i18n import translate as _

_SIDES: Final = (
    ("1", "2"), ("a", "b"), ("l", "r"), ("left", "right"), ("x", "y"), ("source", "target"),
    ("query", "match"), ("gt", ""), ("", "other"), ("from", "to"), ("old", "new"),
)  # fmt: skip
_MARK: Final = r"1|2|a|b|l|r|left|right|x|y|source|target|query|match|gt|other|from|to|old|new"
_LAST: Final = re.compile(rf"(.*?)[ _.-]*({_MARK})\Z")
_FIRST: Final = re.compile(rf"({_MARK})[ _.-]+(.*)\Z")


@dataclass(frozen=True, slots=True)
class NamePair:
    """Two names of one line."""

    line: int
    left: str
    right: str

    def as_customers(self) -> tuple[Customer, Customer]:
        key = str(self.line)
        return (
            Customer(line=self.line, key=key, name=self.left),
            Customer(line=self.line, key=key, name=self.right),
        )


def read_pairs(content: bytes) -> list[NamePair]:
    """The two names of each line that has both. Raises CustomersRefused for any other table."""
    rows = list(sheets.rows_of(content))
    if not rows:
        raise sheets.refusal(1, _("The file is empty."), _("Export it again."))
    headers = rows[0][1]
    sides = _sides(headers, [cells for _line, cells in rows[1:400]])
    if sides is None:
        raise sheets.refusal(
            rows[0][0],
            _("The file has no two columns of names to compare."),
            _("Call them left and right, or give two files."),
        )
    one, other = sides
    found = [
        NamePair(line, cells[one], cells[other])
        for line, cells in rows[1:]
        if len(cells) > max(one, other) and cells[one] and cells[other]
    ]
    if not found:
        raise sheets.refusal(
            2, _("No line of the file has two names."), _("Fill in both names of each line.")
        )
    return found


def _sides(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """The places of the two columns of names: those of headers that differ by a side alone, the
    ones called names first; else the only two columns of words.
    """
    wordy = [at for at in range(len(headers)) if _is_wordy(at, rows)]
    readings = {at: _readings(headers[at]) for at in wordy}
    found: list[tuple[bool, int, int]] = []
    for one in wordy:
        for other in wordy:
            bases = [
                base
                for base, side in readings[one]
                for base_too, side_too in readings[other]
                if base == base_too and (side, side_too) in _SIDES
            ]
            if one != other and bases:
                is_name = any(_means_name(base) for base in bases)
                found.append((not is_name, one, other))
    if found:
        return min(found)[1:]
    return (wordy[0], wordy[1]) if len(wordy) == 2 else None


def _readings(header: str) -> list[tuple[str, str]]:
    """What a header can be without the side it may name, and that side."""
    plain = header.strip().lower()
    result = [(plain, "")]
    if match := _LAST.match(plain):
        result.append((match[1], match[2]))
    if match := _FIRST.match(plain):
        result.append((match[2], match[1]))
    return result


def _means_name(base: str) -> bool:
    known = field_of(base)
    return not base or (known is not None and known[0] in ("name", "trade_name"))


def _is_wordy(at: int, rows: Sequence[Sequence[str]]) -> bool:
    values = [cells[at] for cells in rows if at < len(cells)]
    return (
        shapes.share(values, shapes.is_wordy) > 0.6
        and len(set(values)) > 0.05 * len(values)
        and len(set(values)) > min(3, len(rows) - 1)
    )
