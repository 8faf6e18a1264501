"""Ways to pay that an account offers on its hosted page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OfferedMethod:
    """A way to pay that is switched on for an account: the gateway's word for it, and people's."""

    kind: str
    name: str


class Methods(Protocol):
    """Knows what an account offers."""

    def methods(self, account: str) -> tuple[OfferedMethod, ...]:
        """What is switched on for an account, whatever the currency and amount.

        May be some minutes old. Being refused says nothing about whether payments are taken:
        a key may be good for those and not for asking this.
        """
        ...
