"""The code as an image: SVG for pages and letters, PNG for mails."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import Any

import segno
from PIL import Image, ImageDraw

from receivables.slips.rules import Scheme, Slip

#: Modules of white around the code. Source: ISO/IEC 18004.
_QUIET = 4
#: Pixels of one module in a PNG.
_SCALE = 6

#: The checkerboard, which breaks up long runs of equal modules. Source: ISO/IEC 18004, table 10.
_MASK = 0

#: The Swiss cross in parts of its field: a white frame, the black field, two white bars.
#: Source: guidelines QR-bill, section 6.4.2: 7 mm in a code of 46 mm.
_CROSS = 7 / 46
_FRAME = 1 / 14
_BAR_LONG, _BAR_SHORT = 20 / 32, 6 / 32

#: The largest version. Source: guidelines QR-bill (25) and EPC069-12 (13).
_LARGEST = {Scheme.SWISS: 25, Scheme.EPC: 13}

_Box = tuple[float, float, float, float, bool]


def _matrix(slip: Slip, *, quickly: bool = False) -> list[list[bool]]:
    """`quickly`: under a mask that is as good as any for payloads like these, instead of under
    the best of eight, which takes four times as long. Every reader takes every mask.
    """
    code = segno.make_qr(
        slip.payload, error="m", encoding="utf-8", boost_error=False, eci=False,
        mask=_MASK if quickly else None,
    )  # fmt: skip
    assert int(code.version) <= _LARGEST[slip.scheme], code.version
    return [[bool(module) for module in row] for row in code.matrix]


def _cross(side: int) -> list[_Box]:
    """Boxes over a code of `side` modules: left, top, width, height, whether black."""
    whole = side * _CROSS
    frame = whole * _FRAME
    field = whole - 2 * frame
    long, short = field * _BAR_LONG, field * _BAR_SHORT

    def centred(width: float, height: float, black: bool) -> _Box:
        return ((side - width) / 2, (side - height) / 2, width, height, black)

    return [
        centred(whole, whole, False),
        centred(field, field, True),
        centred(long, short, False),
        centred(short, long, False),
    ]


@lru_cache(256)
def as_svg(slip: Slip) -> bytes:
    """A drawing that scales; it refers to nothing and holds no script and no style."""
    rows = _matrix(slip)
    side = len(rows)
    path = "".join(
        f"M{x + _QUIET} {y + _QUIET}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for x, length in _black_runs(row)
    )
    boxes = _cross(side) if slip.scheme is Scheme.SWISS else []
    drawn = "".join(
        f'<rect x="{left + _QUIET:.3f}" y="{top + _QUIET:.3f}" width="{width:.3f}"'
        f' height="{height:.3f}" fill="{"#000" if black else "#fff"}"/>'
        for left, top, width, height, black in boxes
    )
    whole = side + 2 * _QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}"'
        f' width="{whole * 4}" height="{whole * 4}" shape-rendering="crispEdges">'
        f'<rect width="{whole}" height="{whole}" fill="#fff"/><path d="{path}"/>{drawn}</svg>'
    ).encode()


def as_boxes(slip: Slip, *, quickly: bool = False) -> dict[str, Any]:
    """The code for a typesetter: how many modules a side has, black runs of them (left, top,
    length), and boxes over these (left, top, width, height, whether black). `quickly`: for one of
    a thousand letters.
    """
    rows = _matrix(slip, quickly=quickly)
    runs = [(x, y, length) for y, row in enumerate(rows) for x, length in _black_runs(row)]
    boxes = _cross(len(rows)) if slip.scheme is Scheme.SWISS else []
    return {"side": len(rows), "runs": runs, "boxes": boxes}


def _black_runs(row: list[bool]) -> Iterator[tuple[int, int]]:
    """Where black begins in a row, and how far it goes."""
    place = 0
    for black, run in groupby(row):
        length = len(list(run))
        if black:
            yield place, length
        place += length


@lru_cache(256)
def as_png(slip: Slip) -> bytes:
    """A picture that every mail reader shows."""
    rows = _matrix(slip)
    side = len(rows)
    modules = Image.new("L", (side, side))
    modules.putdata([0 if black else 255 for row in rows for black in row])
    whole = (side + 2 * _QUIET) * _SCALE
    picture = Image.new("L", (whole, whole), 255)
    large = modules.resize((side * _SCALE, side * _SCALE), Image.Resampling.NEAREST)
    picture.paste(large, (_QUIET * _SCALE, _QUIET * _SCALE))
    draw = ImageDraw.Draw(picture)
    for left, top, width, height, black in _cross(side) if slip.scheme is Scheme.SWISS else ():
        first = ((left + _QUIET) * _SCALE, (top + _QUIET) * _SCALE)
        last = (first[0] + width * _SCALE - 1, first[1] + height * _SCALE - 1)
        draw.rectangle((*map(round, first), *map(round, last)), fill=0 if black else 255)
    written = BytesIO()
    picture.convert("1").save(written, "PNG", optimize=True)
    return written.getvalue()
