"""How an event becomes a sentence; `timeline.py` has the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from receivables.history import Event
from receivables.i18n import money


@dataclass(frozen=True, slots=True)
class Wording:
    """How an event is told; `detail` is for staff alone, and empty when there is none."""

    icon: str
    sentence: Callable[[Any], str]
    detail: Callable[[Any], str]


Wordings = Mapping[type[Event], Wording]


def _nothing(_event: Event) -> str:
    return ""


def wording(
    icon: str, sentence: Callable[[Any], str], detail: Callable[[Any], str] = _nothing
) -> Wording:
    return Wording(icon, sentence, detail)


def with_amount(text: str, event: Any) -> str:
    return text % {"amount": money(event.amount)}
