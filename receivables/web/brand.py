"""A supplier's accent as a style sheet, since pages carry no inline style.

The colour is moved until it can be read on paper and on ink (WCAG 2.2, 1.4.3: 4.5 to 1).
"""

from __future__ import annotations

import re
from functools import lru_cache

from litestar import MediaType, Response, get
from litestar.params import FromPath

from receivables.errors import NoSuch

_COLOUR = re.compile(r"[0-9a-f]{6}\Z")

Rgb = tuple[int, int, int]

#: Paper and ink of `static/app.css`, by day and by night, and the surface furthest from each.
_PAPER, _DAY_WELL = (0xFA, 0xF9, 0xF6), (0xF3, 0xF1, 0xEC)
_NIGHT, _NIGHT_WELL = (0x0F, 0x15, 0x1C), (0x1C, 0x25, 0x30)
_WHITE = (0xFF, 0xFF, 0xFF)
#: How far a wash of the accent is from the accent, in percent of the way to the paper.
_DAY_WASH, _NIGHT_WASH = 90, 85
#: A little more than the standard asks.
_CONTRAST = 4.6


class NoSuchColour(NoSuch):
    """Not a colour."""


def luminance(colour: Rgb) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, definitions)."""

    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """1 to 21 (WCAG 2.2, definitions)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: Rgb, paper: Rgb, well: Rgb, wash: int) -> Rgb:
    """The colour, moved away from `paper` only as far as reading needs: on `well`, too, and on a
    wash of the colour itself.
    """
    target = (0, 0, 0) if luminance(paper) > 0.5 else _WHITE
    moved = colour
    for step in range(0, 101, 4):
        moved = _mix(colour, target, step)
        if all(contrast(moved, one) >= _CONTRAST for one in (well, _mix(moved, paper, wash))):
            break
    return moved


@lru_cache(maxsize=256)  # anybody may ask for any of sixteen million colours
def brand_css(colour: str) -> str:
    """The style sheet for an accent, six hexadecimal digits. Raises NoSuchColour."""
    if not _COLOUR.match(colour):
        raise NoSuchColour(colour)
    rgb = (int(colour[0:2], 16), int(colour[2:4], 16), int(colour[4:6], 16))
    day = readable(rgb, _PAPER, _DAY_WELL, _DAY_WASH)
    night = readable(rgb, _NIGHT, _NIGHT_WELL, _NIGHT_WASH)
    pairs = {
        "accent": (day, night),
        "accent-strong": (_mix(day, _NIGHT, 25), _mix(night, _WHITE, 25)),
        "accent-wash": (_mix(day, _PAPER, _DAY_WASH), _mix(night, _NIGHT, _NIGHT_WASH)),
        "on-accent": (_WHITE, _NIGHT),
    }
    rules = "".join(
        f"  --{name}: light-dark({_hex(by_day)}, {_hex(by_night)});\n"
        for name, (by_day, by_night) in pairs.items()
    )
    return f":root {{\n{rules}}}\n"


def _mix(colour: Rgb, other: Rgb, percent: int) -> Rgb:
    """`percent` of the way from one colour to another."""
    red, green, blue = (
        round(a + (b - a) * percent / 100) for a, b in zip(colour, other, strict=True)
    )
    return red, green, blue


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in colour)


@get("/brand/{name:str}", media_type=MediaType.CSS, sync_to_thread=False)
def show_brand(name: FromPath[str]) -> Response[str]:
    return Response(
        brand_css(name.removesuffix(".css")),
        media_type=MediaType.CSS,
        headers={"Cache-Control": "public, max-age=86400"},
    )
