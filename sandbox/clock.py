"""The sandbox's time: the machine's, unless somebody passes another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Now = Callable[[], datetime]


def system_now() -> datetime:
    """The instant, aware, in UTC."""
    return datetime.now(UTC)
