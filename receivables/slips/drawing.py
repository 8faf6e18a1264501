"""The code as an image: SVG for pages and letters, PNG for mails."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from receivables.slips.rules import Scheme, Slip

#: Modules of white around the code. Source: ISO/IEC 18004.
_QUIET = 4
#: Pixels of one module in a PNG.
_SCALE = 6

#: The Swiss cross in parts of its field: a white frame, the black field, two white bars.
#: Source: guidelines QR-bill, section 6.4.2: 7 mm in a code of 46 mm.
_CROSS = 7 / 46
_FRAME = 1 / 14
_BAR_LONG, _BAR_SHORT = 20 / 32, 6 / 32

#: The checkerboard, which breaks up long runs of equal modules: as good as any for payloads like
#: these, and the best of eight takes four times as long. Source: ISO/IEC 18004, table 10.
_MASK = "0"
#: Modules of a side: 21 in version 1, four more in each. Source: ISO/IEC 18004.
_LEAST_SIDE, _WIDER = 17, 4
#: The largest version. Source: guidelines QR-bill (25) and EPC069-12 (13).
_LARGEST = {Scheme.SWISS: 25, Scheme.EPC: 13}

_Box = tuple[float, float, float, float, bool]


def _modules(slip: Slip) -> NDArray[np.uint8]:
    """The code: 0 where a module is black."""
    code = zxingcpp.create_barcode(
        slip.payload.encode(), zxingcpp.BarcodeFormat.QRCode, ec_level="M", eci="no",
        data_mask=_MASK,
    )  # fmt: skip
    drawn = np.asarray(zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False))
    assert (len(drawn) - _LEAST_SIDE) // _WIDER <= _LARGEST[slip.scheme], len(drawn)
    return drawn


def _black_runs(modules: NDArray[np.uint8]) -> list[tuple[int, int, int]]:
    """Left, top and length of each run of black modules, row by row."""
    black = np.pad(modules == 0, ((0, 0), (1, 1))).astype(np.int8)
    steps = np.diff(black, axis=1)
    (tops, begins), (_, ends) = np.nonzero(steps == 1), np.nonzero(steps == -1)
    return list(zip(begins.tolist(), tops.tolist(), (ends - begins).tolist(), strict=True))


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
def as_svg(slip: Slip, quiet: int = _QUIET) -> bytes:
    """A drawing that scales, with so many white modules around the code; it refers to nothing and
    holds no script and no style.
    """
    modules = _modules(slip)
    side = len(modules)
    # A stroke as wide as a module takes two points where a filled box takes five.
    path = "".join([f"M{x} {y}.5h{length}" for x, y, length in _black_runs(modules)])
    boxes = _cross(side) if slip.scheme is Scheme.SWISS else []
    drawn = "".join(
        f'<rect x="{left:.3f}" y="{top:.3f}" width="{width:.3f}"'
        f' height="{height:.3f}" fill="{"#000" if black else "#fff"}"/>'
        for left, top, width, height, black in boxes
    )
    whole, edge = side + 2 * quiet, -quiet
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{edge} {edge} {whole} {whole}"'
        f' width="{whole * 4}" height="{whole * 4}" shape-rendering="crispEdges">'
        f'<rect x="{edge}" y="{edge}" width="{whole}" height="{whole}" fill="#fff"/>'
        f'<path stroke="#000" d="{path}"/>{drawn}</svg>'
    ).encode()


@lru_cache(256)
def as_png(slip: Slip) -> bytes:
    """A picture that every mail reader shows.

    Eight pixels a byte. Source: PNG (third edition), sections 9 and 11: the first line of pixels
    of a row of modules stands as it is (filter 0), those below are like the one above: all zeros
    under the filter 2, "up".
    """
    modules = _modules(slip)
    side = len(modules) + 2 * _QUIET
    whole = np.ones((side, side), np.bool_)
    whole[_QUIET:-_QUIET, _QUIET:-_QUIET] = modules
    rows = np.packbits(whole.repeat(_SCALE, 1), axis=1)
    lines = np.zeros((side, _SCALE, 1 + rows.shape[1]), np.uint8)
    lines[:, 0, 1:] = rows
    lines[:, 1:, 0] = 2
    if slip.scheme is Scheme.SWISS:
        where, kept, drawn = _cross_lines(len(modules))
        lines[where, :, 0] = 0
        lines[where, :, 1:] = rows[where, np.newaxis] & kept | drawn
    return _png(lines.tobytes(), side * _SCALE)


@lru_cache(_LARGEST[Scheme.SWISS])
def _cross_lines(side: int) -> tuple[slice, NDArray[np.uint8], NDArray[np.uint8]]:
    """The cross over a code of `side` modules: the rows of modules it touches, which pixels of
    theirs stay, and which of the others are white.
    """
    boxes, whole = _cross(side), side + 2 * _QUIET
    top = int(boxes[0][1] + _QUIET)
    bottom = whole - top
    kept = np.ones((whole * _SCALE, whole * _SCALE), np.bool_)
    white = ~kept
    for left, upper, width, height, black in boxes:
        begins_x, begins_y = round((left + _QUIET) * _SCALE), round((upper + _QUIET) * _SCALE)
        ends_x, ends_y = round(begins_x + width * _SCALE), round(begins_y + height * _SCALE)
        kept[begins_y:ends_y, begins_x:ends_x] = False
        white[begins_y:ends_y, begins_x:ends_x] = not black

    def packed(pixels: NDArray[np.bool_]) -> NDArray[np.uint8]:
        lines = np.packbits(pixels[top * _SCALE : bottom * _SCALE], axis=1)
        return lines.reshape(bottom - top, _SCALE, -1)

    return slice(top, bottom), packed(kept), packed(white)


def _png(lines: bytes, width: int) -> bytes:
    """A square picture in black and white, of its filtered lines."""
    header = struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 2)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
