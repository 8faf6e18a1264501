"""Many letters as one file to be printed: set together, some in each run of the typesetter."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import typst

from receivables.letters import markup
from receivables.letters.rendering import (
    Sheet,
    compiler,
    each_text,
    file_of,
    is_about_a_character,
    plain,
    printable,
)

if TYPE_CHECKING:
    # Loaded when a pile is made: no page needs it.
    from pypdf import PdfReader

#: Letters in one run. The typesetter remembers about a megabyte of each for ten runs, so this
#: bounds its memory: a thousand letters take no more than two hundred.
_IN_ONE_RUN = 20

#: What fits on one page with any letterhead, in lines, and how many characters one has. A guess:
#: of a letter taken for shorter than it is, the pages are set twice.
_LINES, _LINES_OVER_A_PAYMENT_PART, _LINE = 34, 26, 90


@dataclass(frozen=True, slots=True)
class Pile:
    """Letters in one file, and which of its pages each has: its first, from 1, and how many."""

    pdf: bytes
    ranges: tuple[tuple[int, int], ...]

    @property
    def pages(self) -> int:
        return sum(count for _, count in self.ranges)


def set_pile(sheets: Sequence[Sheet], *, title: str, written_at: datetime) -> Pile:
    """Letters made by `rendering.prepare_letter`, in their order; each numbers its own pages.

    Nobody reads a pile aloud, so it goes without the tags of a letter that stands alone.
    Characters that no font has are printed as there.
    """
    from pypdf import PdfWriter

    assert sheets, "there is something to print"
    writer = PdfWriter()
    ranges: list[tuple[int, int]] = []
    before = 0
    for first in range(0, len(sheets), _IN_ONE_RUN):
        pages, found = _set_run(sheets[first : first + _IN_ONE_RUN], title, written_at)
        writer.append(pages, import_outline=False)
        ranges += [(before + begins, ends - begins + 1) for begins, ends in found]
        before += found[-1][1]
    writer.add_metadata({"/Title": title})
    written = BytesIO()
    writer.write(written)
    return Pile(written.getvalue(), tuple(ranges))


def cut_out(pile: bytes, first: int, count: int) -> bytes:
    """Some pages of a pile, the first counted from 1, as a file of their own."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    for page in PdfReader(BytesIO(pile)).pages[first - 1 : first - 1 + count]:
        writer.add_page(page)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _set_run(
    sheets: Sequence[Sheet], title: str, written_at: datetime
) -> tuple[PdfReader, list[tuple[int, int]]]:
    """A second try for characters that the fonts do not have."""
    data = file_of([_with_printable_words(sheet) for sheet in sheets], title)
    try:
        return _compiled(data, written_at)
    except typst.TypstError as error:
        if not is_about_a_character(error):
            raise
        return _compiled(each_text(data, plain), written_at)


def _with_printable_words(sheet: Sheet) -> Sheet:
    slip = sheet["slip"]
    room = _LINES if slip is None or slip["kind"] != "swiss" else _LINES_OVER_A_PAYMENT_PART
    is_short = sum(map(_lines_of, sheet["blocks"])) <= room
    return {**each_text(sheet, printable), "alone": is_short}


def _lines_of(block: markup.Block) -> float:
    """How much of a page a block takes, with the space below it."""
    if "runs" in block:
        return 1 + math.ceil(len(markup.plain(block["runs"])) / _LINE)
    if block["kind"] == "table":
        return 1 + 1.7 * len([block["head"], *block["body"], *block["foot"]])
    return 1 + len(block.get("pairs", ())) + len(block.get("items", ()))


def _compiled(
    data: dict[str, Any], written_at: datetime
) -> tuple[PdfReader, list[tuple[int, int]]]:
    """The pages, and which of them each letter has. Where a letter that was taken to be alone on
    one page has more, all are set again.
    """
    from pypdf import PdfReader

    setter = compiler(data)
    # The standard is for its check that every character can be printed.
    pdf = setter.compile(
        format="pdf", pdf_standards=["a-2b"], pdf_tags=False,
        timestamp=int(written_at.timestamp()),
    )  # fmt: skip
    assert isinstance(pdf, bytes)
    pages = PdfReader(BytesIO(pdf))
    ranges = _ranges(setter, data["letters"], len(pages.pages))
    if ranges is None:
        asked = [{**letter, "alone": False} for letter in data["letters"]]
        return _compiled({**data, "letters": asked}, written_at)
    return pages, ranges


def _ranges(
    setter: typst.Compiler, letters: Sequence[Sheet], pages: int
) -> list[tuple[int, int]] | None:
    """On which page each letter begins and ends, as the page itself says or as it must be; None
    where one that should be alone on its page is not.
    """
    marks: dict[str, int] = {}
    if not all(letter["alone"] for letter in letters):
        marks = {one["label"]: one["value"] for one in json.loads(setter.query("metadata"))}
    ranges: list[tuple[int, int]] = []
    before = 0
    for place, letter in enumerate(letters):
        begins = ends = before + 1
        if not letter["alone"]:
            begins, ends = marks[f"<begins-{place}>"], marks[f"<ends-{place}>"]
        if begins != before + 1:
            return None
        ranges.append((begins, ends))
        before = ends
    return ranges if before == pages else None
