"""Which of our words still fit into one text message beside the link."""

from __future__ import annotations

from collections.abc import Iterable

from receivables.errors import ReceivablesError
from receivables.segments import GSM_BASIC, Measured, in_gsm7, measure


class NoRoom(ReceivablesError):
    """Not even the barest text fits into one message with its link."""

    def __init__(self, link_length: int) -> None:
        self.link_length = link_length
        super().__init__(f"no text fits beside a link of {link_length} characters")


def first_that_fits(candidates: Iterable[str], link: str) -> str:
    """The first text that is one message in the default alphabet. Each ends with `link`, which is
    never changed. Raises NoRoom.
    """
    assert all(one in GSM_BASIC for one in link), "links are plain letters"
    for candidate in candidates:
        assert candidate.endswith(link), candidate
        words = " ".join(in_gsm7(candidate.removesuffix(link)).split())
        text = f"{words} {link}" if words else link
        if measure(text) == Measured("gsm7", measure(text).places, 1):
            return text
    raise NoRoom(len(link))
