"""What can have happened to a supplier's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TextChanged(Event):
    """Messages of a step are worded otherwise from now on; `own` says by whose words."""

    kind: ClassVar[str] = "wording.text_changed"

    step: str
    channel: str
    language: str
    own: bool
