"""When an undelivered message is tried again, and when an address is left alone: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from receivables.ports import HookAnswer


class Kind(StrEnum):
    """What an address can be told of."""

    RAISED = "alert.raised"
    ACKNOWLEDGED = "alert.acknowledged"
    RETRACTED = "alert.retracted"
    RECORDED = "solvency.recorded"
    TEST = "webhook.test"
    """Sent at a person's wish alone."""


#: What somebody can choose for an address.
CHOOSABLE = (Kind.RAISED, Kind.ACKNOWLEDGED, Kind.RETRACTED, Kind.RECORDED)

#: How long to wait before each further try: ten tries within three days.
#: Source: the schedule that Standard Webhooks recommends, cut to three days.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=18),
    timedelta(hours=22),
)
MOST_TRIES = len(WAITS) + 1
#: Both secrets sign for so long after one was exchanged.
SECRETS_OVERLAP = timedelta(hours=24)
#: More addresses than this are no ERP.
MOST_ENDPOINTS = 10


@dataclass(frozen=True, slots=True)
class Next:
    """What follows from an answer: the message's state, and when it is tried again.

    `pause` says why nothing more is sent to the address until a person says so.
    """

    state: str
    wait: timedelta | None = None
    pause: str = ""


def next_step(answer: HookAnswer, attempts: int) -> Next:
    """What follows from the answer to the n-th attempt."""
    if answer.is_taken:
        return Next("delivered")
    if answer.is_gone:
        return Next("failed", pause="answered 410")
    if answer.is_refused:
        return Next("failed", pause=answer.text)
    if attempts >= MOST_TRIES:
        said = f"answered {answer.status}" if answer.status is not None else answer.text
        return Next("failed", pause=said)
    wait = WAITS[attempts - 1]
    if answer.retry_after is not None:
        wait = max(wait, answer.retry_after)
    return Next("pending", wait)
