"""One text message: its alphabet, how many places and messages a text takes, names cut to fit."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

#: The default alphabet, in the order of its codes; the code 0x1B leads into the extension table.
#: Source: 3GPP TS 23.038, section 6.2.1.
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: What takes two places. Source: 3GPP TS 23.038, section 6.2.1.1.
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")

#: Places of a message in the default alphabet.
ONE_MESSAGE = 160

#: Places in one message of 140 octets, and in each part of a longer one, which loses six octets to
#: its header. Source: 3GPP TS 23.040, section 9.2.3.24.1.
_ROOM = {"gsm7": (160, 153), "ucs2": (70, 67)}

#: Signs of our own texts, amounts and days that the alphabet lacks, as people type them there.
_TYPED = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "–": "-", "—": "-", "‑": "-", "−": "-", "…": "...", "·": "-", "•": "-",
        "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\t": " ",
        "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ẞ": "ß",
        "ð": "d", "þ": "th", "Þ": "Th",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """How a text travels: in which alphabet, in how many places, in how many messages."""

    alphabet: Literal["gsm7", "ucs2"]
    places: int
    segments: int


def measure(text: str) -> Measured:
    """How many messages a text takes. In UCS-2 a character beyond the basic plane takes two
    places; no part of a longer text ends in the middle of a character.
    """
    if all(one in GSM_BASIC or one in GSM_EXTENSION for one in text):
        sizes = [2 if one in GSM_EXTENSION else 1 for one in text]
        return _measured("gsm7", sizes)
    return _measured("ucs2", [2 if ord(one) > 0xFFFF else 1 for one in text])


def _measured(alphabet: Literal["gsm7", "ucs2"], sizes: list[int]) -> Measured:
    alone, part = _ROOM[alphabet]
    places = sum(sizes)
    if places <= alone:
        return Measured(alphabet, places, 1)
    segments, used = 1, 0
    for size in sizes:
        if used + size > part:
            segments, used = segments + 1, 0
        used += size
    return Measured(alphabet, places, segments)


def in_gsm7(text: str) -> str:
    """`text` in the default alphabet: without the accents it lacks, its signs as they are typed,
    and without what cannot be written in it at all. One stray letter would otherwise halve the
    room of the whole message.
    """
    return "".join(_letter(one) for one in text.translate(_TYPED))


def _letter(one: str) -> str:
    if one in GSM_BASIC or one in GSM_EXTENSION:
        return one
    plain = unicodedata.normalize("NFKD", one)
    return "".join(part for part in plain if part in GSM_BASIC)


def short_name(name: str, most: int) -> str:
    """Whole words of a name, as many as fit; at least the beginning of the first."""
    words = in_gsm7(name).split()
    kept = ""
    for word in words:
        longer = f"{kept} {word}".strip()
        if len(longer) > most:
            break
        kept = longer
    return kept or "".join(words[:1])[:most]


def unwritable(text: str) -> str:
    """The characters that `in_gsm7` has nothing for, each once: what they say would be lost."""
    lost = (one for one in dict.fromkeys(text.translate(_TYPED)) if not one.isspace())
    return "".join(one for one in lost if not _letter(one))


def rewritten(text: str) -> str:
    """The characters that go out as others, each once: with them as they are, the message would
    have 70 places.
    """
    return "".join(one for one in dict.fromkeys(text) if in_gsm7(one) not in ("", one))
