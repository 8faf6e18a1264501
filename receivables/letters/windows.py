"""Where the address of a letter has to stand, so that an envelope's window shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One country's habit; lengths in millimetres from the top left corner of an A4 sheet.

    `field` is the part of the sheet that is seen through every usual window however the sheet has
    slipped in its envelope: x, y, width, height. Left-hand windows also show the sender's line
    above the address; behind the others nothing may be seen that could be taken for an address.
    """

    side: Literal["left", "right"]
    field: tuple[float, float, float, float]
    folds: tuple[float, ...]
    #: Where to put the perforator.
    middle: float | None


#: Source: DIN 5008:2020, form B: address field 85 × 45 mm at 20/45 mm, the address itself from
#: 62.7 mm on, fold marks at 105 and 210 mm. Its text begins 5 mm into the field.
_DIN = Window(side="left", field=(25, 62.7, 80, 27.3), folds=(105, 210), middle=148.5)

#: Source: SN 010130:2016 takes both sides, the right one being the usual one; windows as in the
#: table "Fensternormen" of the Swiss envelope makers: C5 90 × 40 mm (17 mm from the right, 77 mm
#: from the bottom) and 100 × 45 mm (12, 65), C6/5 (15, 30). A sheet has 19 mm of play across and
#: 13.5 (folded once, C5) or 9 mm (folded twice, C6/5) down: all of them show 122-193 × 52-72 mm.
_SWISS = Window(side="right", field=(122, 52, 70, 19.5), folds=(105, 210), middle=148.5)

#: Source: AFNOR NF Z 11-001 as it is taught (addressee on the right from 5 cm, sheet folded into
#: thirds); DL envelope 220 × 110 mm, windows 100 × 35 mm 20 mm from the right and the bottom, and
#: 100 × 45 mm 15 mm from the bottom. With 10 mm of play both ways they show 110-190 × 55-79 mm.
_FRENCH = Window(side="right", field=(110, 55, 80, 24), folds=(99, 198), middle=148.5)

#: The German field also lies within the left-hand windows of Belgium, the Netherlands, Austria
#: (ÖNORM A 1080 was withdrawn for DIN 5008) and Britain (DL 90 × 35 mm, 20 mm from the left). NBN
#: Z 01-002 has the address begin at 6 cm. Belgian envelopes come with both windows, and bpost reads
#: most surely what ends within 140 mm of the right edge (its page on positioning an address).
_OF_COUNTRY: Mapping[str, Window] = {
    **dict.fromkeys(("CH", "LI"), _SWISS),
    **dict.fromkeys(("FR", "MC", "LU", "IT", "ES"), _FRENCH),
    **dict.fromkeys(("DE", "AT", "BE", "NL", "GB", "IE"), _DIN),
}


def window_of(country: str) -> Window:
    """The window of the envelopes that are sold where the letter is sent from."""
    return _OF_COUNTRY.get(country, _DIN)
