"""How often somebody may try: counted per rule and subject, in Redis or in this process."""

from __future__ import annotations

import structlog
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from receivables.errors import ReceivablesError

log = structlog.get_logger(__name__)


class TooManyTries(ReceivablesError):
    """The rule's figure was reached; the same request may be made again later."""

    def __init__(self, rule: str, retry_after_seconds: int) -> None:
        self.rule, self.retry_after_seconds = rule, retry_after_seconds
        super().__init__(f"{rule}: again in {retry_after_seconds} s")


#: Figures after the limits of PyPI and of other payment portals; several may share a name.
RULES: dict[str, tuple[RateLimitItem, ...]] = {
    "sign-in by person": (parse("10 per 5 minutes"),),
    "sign-in by address": (parse("30 per 5 minutes"),),
    "sign-in": (parse("1000 per 5 minutes"),),
    "unknown link": (parse("20 per minute"),),
    "new link by address": (parse("100 per hour"),),
    "pay": (parse("12 per minute"), parse("60 per hour")),
    "upload": (parse("60 per hour"),),
}


class Limiter:
    """Counts tries; when the shared store is away it counts in this process and goes on."""

    def __init__(self, storage_uri: str) -> None:
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared = (
            self._own
            if storage_uri.startswith("memory:")
            else FixedWindowRateLimiter(storage_from_string(storage_uri, wrap_exceptions=True))
        )

    def count(self, rule: str, subject: str) -> None:
        """Count one try. Raises TooManyTries when that was one too many."""
        for item in RULES[rule]:
            if not self._hit(item, rule, subject):
                raise TooManyTries(rule, max(1, item.get_expiry()))

    def check(self, rule: str, subject: str) -> None:
        """Raises TooManyTries when the figure is reached, without counting."""
        for item in RULES[rule]:
            try:
                free = self._shared.test(item, rule, subject)
            except StorageError:
                free = self._own.test(item, rule, subject)
            if not free:
                raise TooManyTries(rule, max(1, item.get_expiry()))

    def _hit(self, item: RateLimitItem, rule: str, subject: str) -> bool:
        try:
            return self._shared.hit(item, rule, subject)
        except StorageError as error:
            log.warning("limits.store_away", error=type(error).__name__)
            return self._own.hit(item, rule, subject)


def subject_of(address: str) -> str:
    """Whose tries these are: an IPv4 address, or the /64 an IPv6 address lies in."""
    if ":" in address:
        return ":".join(address.split(":")[:4])
    return address
