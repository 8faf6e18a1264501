"""A supplier may choose any colour; debtors can read it all the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.web.brand import NoSuchColour, brand_css, contrast

#: What words in the accent stand on, by day and by night: `static/app.css`.
SURFACES = (
    ((0xFA, 0xF9, 0xF6), (0xFF, 0xFF, 0xFF), (0xF3, 0xF1, 0xEC)),
    ((0x0F, 0x15, 0x1C), (0x16, 0x1E, 0x27), (0x1C, 0x25, 0x30)),
)


def colours(css: str, name: str) -> list[tuple[int, int, int]]:
    """By day and by night."""
    found = re.search(rf"--{name}: light-dark\(#(\w+), #(\w+)\)", css)
    assert found, css
    return [(int(one[:2], 16), int(one[2:4], 16), int(one[4:], 16)) for one in found.groups()]


@given(st.from_regex(r"[0-9a-f]{6}", fullmatch=True))
def test_any_accent_can_be_read_wherever_it_stands(colour: str) -> None:
    css = brand_css(colour)
    washes, buttons = colours(css, "accent-wash"), colours(css, "on-accent")
    for place, accent in enumerate(colours(css, "accent")):
        for ground in (*SURFACES[place], washes[place], buttons[place]):
            assert contrast(accent, ground) >= 4.5, (colour, accent, ground)


@pytest.mark.parametrize("name", ["", "12345", "1234567", "0f766g", "0f766e\n", "}*{color:red"])
def test_what_is_no_colour_is_no_style_sheet(name: str) -> None:
    with pytest.raises(NoSuchColour):
        brand_css(name)
