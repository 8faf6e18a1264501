"""How long a busy service wants us to wait."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def retry_after(text: str, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110, section 10.2.3), at most a day; None when it says nothing."""
    day = timedelta(days=1)
    if re.fullmatch(r"\d{1,9}", text):
        return min(timedelta(seconds=int(text)), day)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(aware - now, timedelta(0)), day)
