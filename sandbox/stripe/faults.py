"""What goes wrong on purpose, for the next calls that match."""

import threading
from dataclasses import asdict, dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from sandbox.stripe.problems import Json


class Trouble(StrEnum):
    #: Nothing happened, and Stripe stores and replays the 500.
    ERROR = "500"
    #: It happened, and Stripe stores and replays a 500 nonetheless.
    ERROR_AFTER_EFFECT = "500_after_effect"
    RATE_LIMITED = "429"
    CONFLICT = "409"
    KEY_REVOKED = "401"
    #: The connection closes and nothing happened.
    DROP_BEFORE = "drop_before"
    #: The connection closes after it happened.
    DROP_AFTER = "drop_after"
    #: It happened, and the answer takes its time.
    SLOW = "slow"


@dataclass(slots=True)
class Fault:
    """`path` is a pattern as in a shell: `/v1/payment_intents*`. `method` "*" is any."""

    trouble: Trouble
    method: str = "POST"
    path: str = "/v1/*"
    times: int = 1
    seconds: float = 0.0

    def matches(self, method: str, path: str) -> bool:
        return self.method in ("*", method) and fnmatchcase(path, self.path)


class Faults:
    """Faults waiting for their call, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def inject(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault this call meets, counted down."""
        with self._lock:
            for fault in self._waiting:
                if fault.matches(method, path):
                    fault.times -= 1
                    if fault.times < 1:
                        self._waiting.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Json]:
        with self._lock:
            return [asdict(fault) for fault in self._waiting]
