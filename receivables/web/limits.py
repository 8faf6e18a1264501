"""How often somebody may try: counted per rule and subject, in Redis or in this process."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

import structlog
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
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
    "step-up code": (parse("5 per 5 minutes"), parse("20 per hour"), parse("50 per day")),
    "step-up mail by address": (parse("5 per hour"),),
    "pay": (parse("12 per minute"), parse("60 per hour")),
    "contacts": (parse("10 per minute"), parse("30 per hour")),
    "promise": (parse("6 per minute"), parse("20 per hour")),
    "upload": (parse("60 per hour"),),
    "upload by debtor": (parse("20 per hour"),),
    "dispute": (parse("12 per minute"), parse("60 per hour")),
}


#: Waited for the shared store before counting here.
_PATIENCE_SECONDS = 1.0


class Limiter:
    """Counts tries; when the shared store is away it counts in this process and goes on."""

    def __init__(self, storage_uri: str) -> None:
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared = (
            self._own
            if storage_uri.startswith("memory:")
            else FixedWindowRateLimiter(_shared_storage(storage_uri))
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


def _shared_storage(uri: str) -> Storage:
    """A store that is asked once and briefly: a silent one must not keep people waiting."""
    if not uri.startswith(("redis:", "rediss:")):
        storage = storage_from_string(uri, wrap_exceptions=True)
        assert isinstance(storage, Storage), "threads of ours ask it, not an event loop"
        return storage
    # Only an installation that has a Redis loads its client.
    from limits.storage import RedisStorage
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return RedisStorage(
        uri,
        wrap_exceptions=True,
        socket_timeout=_PATIENCE_SECONDS,
        socket_connect_timeout=_PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # handed on to redis.Redis
    )


def subject_of(address: str) -> str:
    """Whose tries these are: an IPv4 address, or the /64 an IPv6 address lies in."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)
