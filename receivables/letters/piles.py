"""Many letters as one file to be printed: set together, some in each run of the typesetter."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import typst
from pypdf import PdfWriter

from receivables.letters.rendering import (
    Sheet,
    compiler,
    each_text,
    file_of,
    is_about_a_character,
    plain,
    printable,
)

#: Letters in one run. The typesetter remembers more than a megabyte of each for ten runs, so this
#: bounds its memory: a thousand letters at once take 1.3 GB, ten at a time 0.4 and no longer.
_IN_ONE_RUN = 10


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
    assert sheets, "there is something to print"
    writer = PdfWriter()
    ranges: list[tuple[int, int]] = []
    before = 0
    for first in range(0, len(sheets), _IN_ONE_RUN):
        pdf, found = _set_run(sheets[first : first + _IN_ONE_RUN], title, written_at)
        writer.append(BytesIO(pdf), import_outline=False)
        ranges += [(before + begins, ends - begins + 1) for begins, ends in found]
        before += found[-1][1]
    writer.add_metadata({"/Title": title})
    written = BytesIO()
    writer.write(written)
    return Pile(written.getvalue(), tuple(ranges))


def _set_run(
    sheets: Sequence[Sheet], title: str, written_at: datetime
) -> tuple[bytes, list[tuple[int, int]]]:
    """A second try for characters that the fonts do not have."""
    data = file_of([_with_printable_words(sheet) for sheet in sheets], title)
    try:
        return _compiled(data, written_at)
    except typst.TypstError as error:
        if not is_about_a_character(error):
            raise
        return _compiled(each_text(data, plain), written_at)


def _with_printable_words(sheet: Sheet) -> Sheet:
    """All but the code of the slip, which is thousands of numbers and no words."""
    slip = sheet["slip"]
    if slip is None:
        return each_text(sheet, printable)  # type: ignore[no-any-return]  # a sheet, again
    words = each_text({**sheet, "slip": {**slip, "code": None}}, printable)
    words["slip"]["code"] = slip["code"]
    return words  # type: ignore[no-any-return]


def _compiled(data: dict[str, Any], written_at: datetime) -> tuple[bytes, list[tuple[int, int]]]:
    setter = compiler(data)
    # The standard is for its check that every character can be printed.
    pdf = setter.compile(
        format="pdf", pdf_standards=["a-2b"], pdf_tags=False,
        timestamp=int(written_at.timestamp()),
    )  # fmt: skip
    assert isinstance(pdf, bytes)
    return pdf, list(_ranges(setter, len(data["letters"])))


def _ranges(setter: typst.Compiler, letters: int) -> Iterator[tuple[int, int]]:
    """On which page each letter begins and ends, as the page itself says."""
    marks = {one["label"]: one["value"] for one in json.loads(setter.query("metadata"))}
    for place in range(letters):
        yield marks[f"<begins-{place}>"], marks[f"<ends-{place}>"]
